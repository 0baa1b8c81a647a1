import { expect, test } from "vitest";
import { fixed } from "./fixed.ts";

test.each<[number, number, string]>([
  [-0.00001, 1, "0.0"],
  [-0, 2, "0.00"],
  [-0.06, 1, "-0.1"],
  [2.345, 2, "2.35"],
])("%d with %d decimals", (value, decimals, written) => {
  expect(fixed(value, decimals)).toBe(written);
});
