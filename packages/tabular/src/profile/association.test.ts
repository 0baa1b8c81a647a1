import { expect, test } from "vitest";
import { associate } from "./association.ts";
import type { ColumnValues } from "./values.ts";

const numbers = (...values: number[]): ColumnValues => ({ kind: "numbers", values: Float64Array.from(values) });
const groups = (...list: number[]): ColumnValues => ({
  kind: "groups",
  groups: Int32Array.from(list),
  count: Math.max(...list) + 1,
});

test("Pearson's correlation, pair by pair", () => {
  // Anscombe's first set.
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  const found = associate(numbers(...x, 99, Number.NaN), numbers(...y, Number.NaN, 99));
  expect(found).toMatchObject({ measure: "correlation", rows: 11 });
  expect(found?.value).toBeCloseTo(0.81642, 5);
  expect(associate(numbers(1e9 + 1, 1e9 + 2, 1e9 + 3), numbers(3, 2, 1))?.value).toBeCloseTo(-1, 9);
  // Squares of such numbers are no float64.
  const plain = associate(numbers(1, 2, 3), numbers(1, 2, 4))?.value;
  expect(associate(numbers(1e-300, 2e-300, 3e-300), numbers(1e307, 2e307, 4e307))?.value).toBeCloseTo(plain!, 12);
});

test("the correlation ratio is corrected for the number of groups", () => {
  // Groups 1, 2, 3 and 2, 3, 4 and 6, 7, 8: variance within 6 / 6, in all 48 / 8, so ε² = 1 − 1 / 6.
  const found = associate(groups(0, 0, 0, 1, 1, 1, 2, 2, 2), numbers(1, 2, 3, 2, 3, 4, 6, 7, 8));
  expect(found).toMatchObject({ measure: "correlation-ratio", rows: 9 });
  expect(found?.value).toBeCloseTo(Math.sqrt(5 / 6), 9);
  expect(associate(numbers(1, 2, 3, 2, 3, 4, 6, 7, 8), groups(0, 0, 0, 1, 1, 1, 2, 2, 2))).toEqual(found);
  const huge = associate(groups(0, 0, 1, 1), numbers(1e300, 2e300, 4e300, 6e300))?.value;
  expect(huge).toBeCloseTo(associate(groups(0, 0, 1, 1), numbers(1, 2, 4, 6))!.value, 12);
  expect(associate(groups(0, 1, 2, 3), numbers(1, 2, 3, 4))).toBeNull();
});

test("Cramér's V with Bergsma's correction", () => {
  // Rows [30, 10], [10, 30]: χ² / n = 0.25; corrected (0.25 − 1/79) / (2 − 1/79 − 1).
  const a = groups(...Array(40).fill(0), ...Array(40).fill(1));
  const b = groups(...Array(30).fill(0), ...Array(10).fill(1), ...Array(10).fill(0), ...Array(30).fill(1));
  expect(associate(a, b)?.value).toBeCloseTo(Math.sqrt((0.25 - 1 / 79) / (1 - 1 / 79)), 9);
  expect(associate(a, a)?.value).toBeCloseTo(1, 9);
});

test("nothing is said of what does not vary, or of two rows", () => {
  for (const other of [numbers(1, 2, 3, 4), groups(0, 1, 0, 1)]) {
    expect(associate(numbers(5, 5, 5, 5), other)).toBeNull();
    expect(associate(groups(0, 0, 0, 0), other)).toBeNull();
  }
  expect(associate(numbers(1, 2), numbers(1, 2))).toBeNull();
});
