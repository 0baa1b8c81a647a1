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

  it("gives zeros where something was written before, and where nothing was", () => {
    const memory = new Memory();
    const [kept, returned] = [memory.allocate(64), memory.allocate(2000)];
    new Uint8Array(memory.buffer, kept, 64).fill(7);
    new Uint8Array(memory.buffer, returned, 2000).fill(9);
    memory.release(returned, 2000);
    const again = memory.allocateZeros(5000);
    expect(again).toBe(returned);
    expect(new Set(new Uint8Array(memory.buffer, again, 5000))).toEqual(new Set([0]));
    const grown = memory.allocateZeros(2 ** 21);
    expect(new Set(new Uint8Array(memory.buffer, grown, 2 ** 21))).toEqual(new Set([0]));
    expect(new Set(new Uint8Array(memory.buffer, kept, 64))).toEqual(new Set([7]));
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
