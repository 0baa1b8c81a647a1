import { describe, expect, it } from "vitest";
import { histogram } from "./histogram.ts";

describe("a histogram", () => {
  it("counts every finite value once, the largest in the last bin", () => {
    const { low, high, counts, nonFinite } = histogram(
      [0, 0.24, 0.25, 0.6, 1, 1, Number.NaN, Number.POSITIVE_INFINITY],
      {
        bins: 4,
      },
    );
    expect([low, high, nonFinite]).toEqual([0, 1, 2]);
    expect(counts).toEqual([2, 1, 1, 2]);
  });

  it("has a place for values that are all equal, and for none", () => {
    expect(histogram([3, 3, 3], { bins: 3 })).toEqual({ low: 2.5, high: 3.5, counts: [0, 3, 0], nonFinite: 0 });
    expect(histogram([], { bins: 2 })).toEqual({ low: 0, high: 1, counts: [0, 0], nonFinite: 0 });
  });

  it("refuses a number of bins that is none", () => {
    expect(() => histogram([1], { bins: 0 })).toThrow("a histogram has one bin at least, not 0");
  });
});
