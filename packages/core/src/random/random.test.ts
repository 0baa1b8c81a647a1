import { describe, expect, it } from "vitest";
import { RandomStream } from "./random.ts";
import { threefry } from "./threefry.ts";

describe("threefry", () => {
  // Known answers of the Random123 distribution for threefry2x32 with 20 rounds (first word).
  it("gives the published answers", () => {
    expect(threefry(0, 0, 0, 0)).toBe(0x6b200159);
    expect(threefry(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toBe(0x1cb996fc);
    expect(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toBe(0xc4923a9c);
  });

  it("gives permutations that hold every index once and depend on the seed", () => {
    const first = new RandomStream(1).permutation(100);
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(new RandomStream(1).permutation(100)).toEqual(first);
    expect(new RandomStream(2).permutation(100)).not.toEqual(first);
  });

  it("gives every stream numbers of its own, and those below 65,536 the ones that they always had", () => {
    const first = (stream: number): number => new RandomStream(5, stream).bits();
    const streams = [0, 1, 2, 65_535, 65_536, 65_537, 131_072, 2 ** 20, 2 ** 31];
    expect(new Set(streams.map(first)).size).toBe(streams.length);
    expect(first(3)).toBe(threefry(5, 3 << 16, 0, 0));
  });
});
