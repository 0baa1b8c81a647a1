import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { meanAndDeviation, median, selectNumber, skewness } from "./statistics.ts";

test("mean and deviation, small and huge", () => {
  expect(meanAndDeviation([Float64Array.of(1, 2, 3, 4)])).toEqual({ mean: 2.5, standardDeviation: Math.sqrt(1.25) });
  const huge = meanAndDeviation([Float64Array.of(1e308, -1e308)]);
  expect(huge).toEqual({ mean: 0, standardDeviation: 1e308 });
  expect(meanAndDeviation([Float64Array.of(0.1, 0.1, 0.1)]).standardDeviation).toBe(0);
  expect(meanAndDeviation([Float64Array.of(0, 0)])).toEqual({ mean: 0, standardDeviation: 0 });
});

test("median and skewness", () => {
  expect(median([Float64Array.of(5, 1, 3)])).toBe(3);
  expect(median([Float64Array.of(4, 1, 3, 2)])).toBe(2.5);
  expect(skewness([Float64Array.of(-1, 0, 1)])).toBeCloseTo(0);
  expect(skewness([Float64Array.of(0, 0, 0, 10)])).toBeCloseTo(1.1547, 4);
});

test("a number is selected as from sorted numbers, whatever the blocks", () => {
  const numbers = fc.float64Array({ noNaN: true, minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(numbers, fc.nat(), fc.nat(), (values, at, cut) => {
      const rank = at % values.length;
      const blocks = [values.subarray(0, cut % values.length), values.subarray(cut % values.length)];
      expect(Object.is(selectNumber(blocks, rank), values.slice().sort()[rank])).toBe(true);
    }),
    runs(2000),
  );
});

test("the median of many numbers is that of sorted ones", () => {
  const values = Float64Array.from({ length: 2 ** 20 + 2 }, (_, index) => Math.sin(index) * 10 ** (index % 7));
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  const blocks = [values.subarray(0, 1000), values.subarray(1000)];
  expect(median(blocks)).toBe(sorted[middle - 1] / 2 + sorted[middle] / 2);
});
