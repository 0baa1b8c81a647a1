import { describe, expect, it } from "vitest";
import { OutOfMemoryError } from "../tensor/errors.ts";
import { Memory } from "./memory.ts";

describe("engine memory", () => {
  it("gives ranges that do not overlap, and takes them back in any order", () => {
    const memory = new Memory();
    const sizes = [100, 64, 1000, 8, 5000, 64];
    const places = sizes.map((bytes) => ({ address: memory.allocate(bytes), bytes }));
    const sorted = [...places].sort((a, b) => a.address - b.address);
    for (let index = 1; index < sorted.length; index++)
      expect(sorted[index].address).toBeGreaterThanOrEqual(sorted[index - 1].address + sorted[index - 1].bytes);
    for (const { address } of places) expect(address % 64).toBe(0);
    for (const which of [1, 4, 0, 5, 3, 2]) memory.release(places[which].address, places[which].bytes);
    expect(memory.used).toBe(0);
    expect(memory.allocate(6000)).toBe(sorted[0].address);
  });

  it("says what is asked for and what is in use when there is no more, and stays as it was", () => {
    const memory = new Memory();
    memory.allocate(2 ** 20);
    expect(() => memory.allocate(2 ** 33)).toThrow(OutOfMemoryError);
    expect(() => memory.allocate(2 ** 33)).toThrow(/8192\.0 MiB more are needed beside the 1\.0 MiB in use.*4 GiB/);
    expect(memory.used).toBe(2 ** 20);
    memory.allocate(64);
  });
});
