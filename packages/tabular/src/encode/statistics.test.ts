import { expect, test } from "vitest";
import { meanAndDeviation, median, skewness } from "./statistics.ts";

test("mean and deviation, small and huge", () => {
  expect(meanAndDeviation(Float64Array.of(1, 2, 3, 4))).toEqual({ mean: 2.5, standardDeviation: Math.sqrt(1.25) });
  const huge = meanAndDeviation(Float64Array.of(1e308, -1e308));
  expect(huge).toEqual({ mean: 0, standardDeviation: 1e308 });
  expect(meanAndDeviation(Float64Array.of(0.1, 0.1, 0.1)).standardDeviation).toBe(0);
  expect(meanAndDeviation(Float64Array.of(0, 0))).toEqual({ mean: 0, standardDeviation: 0 });
});

test("median and skewness", () => {
  expect(median(Float64Array.of(5, 1, 3))).toBe(3);
  expect(median(Float64Array.of(4, 1, 3, 2))).toBe(2.5);
  expect(skewness(Float64Array.of(-1, 0, 1))).toBeCloseTo(0);
  expect(skewness(Float64Array.of(0, 0, 0, 10))).toBeCloseTo(1.1547, 4);
});
