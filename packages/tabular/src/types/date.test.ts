import { expect, test } from "vitest";
import { datePart, dateParts, isAmbiguousDate, parseDate } from "./date.ts";

test.each<[string, number]>([
  ["1970-01-01", 0],
  ["1970/1/2", 1],
  ["1969-12-31T12:00:00Z", -0.5],
  ["2000-02-29 06:00", 11_016.25],
  ["2001-02-29", Number.NaN],
  ["2001-13-01", Number.NaN],
  ["2001-01-01 25:00", Number.NaN],
  ["31/12/2001", Number.NaN],
])("%s is day %d", (text, expected) => {
  expect(parseDate(text)).toBe(expected);
});

test("parts of a date before and after 1970", () => {
  // 31 May 2024 was a Friday, 31 December 1969 a Wednesday.
  expect(dateParts.map((part) => datePart(parseDate("2024-05-31T18:30"), part))).toEqual([
    19_874.770833333332, 5, 31, 4, 18.5,
  ]);
  expect(dateParts.map((part) => datePart(parseDate("1969-12-31"), part))).toEqual([-1, 12, 31, 2, 0]);
});

test("dates whose order is in doubt", () => {
  expect(["31/12/2001", "1-2-99", "1.2.2003 10:00"].every(isAmbiguousDate)).toBe(true);
  expect(["2001-12-31", "1/2", "x"].some(isAmbiguousDate)).toBe(false);
});
