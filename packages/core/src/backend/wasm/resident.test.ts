import { describe, expect, it } from "vitest";
import { compile, type Tensor, tensor } from "../../index.ts";
import { engineMemory } from "../memory.ts";

const LENGTH = 64 * 1024;
const ramp = (start: number): Tensor =>
  tensor(Float32Array.from({ length: LENGTH }, (_, index) => start + (index % 5)));
const total = (x: Tensor): number => x.mul(2).sum().itemSync();
const expected = (start: number): number =>
  Array.from({ length: LENGTH }, (_, index) => 2 * (start + (index % 5))).reduce((sum, value) => sum + value, 0);

describe("values in engine memory", () => {
  it("are copied there once where they are read again and again, and not where each is read once", () => {
    total(ramp(0));
    const before = engineMemory().used;
    for (let step = 0; step < 20; step++) expect(total(ramp(step))).toBe(expected(step));
    expect(engineMemory().used).toBe(before);
    const kept = [ramp(1), ramp(2)];
    for (let step = 0; step < 20; step++) expect(total(kept[step % 2])).toBe(expected(1 + (step % 2)));
    expect(engineMemory().used).toBe(before + 2 * 4 * LENGTH);
  });

  it("serve plans that read parts of them, and compiled functions", () => {
    const x = ramp(3);
    const part = compile((x: Tensor) => x.slice(0, 5, 12).mul(1).sum());
    const [first, ...rest] = Array.from({ length: 6 }, () => part(x).itemSync());
    expect(first).toBe(3 + 4 + 5 + 6 + 7 + 3 + 4);
    for (const again of rest) expect(again).toBe(first);
    expect(total(x)).toBe(expected(3));
  });
});
