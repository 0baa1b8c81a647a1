import { expect, test } from "vitest";
import { beginsWithDayOrMonth, type DateOrder, datePart, dateParts, parseDate, zoneOf } from "./date.ts";

test.each<[string, number]>([
  ["1970-01-01", 0],
  ["1970/1/2", 1],
  ["1969-12-31T12:00:00Z", -0.5],
  ["2000-02-29 06:00", 11_016.25],
  ["2001-02-29", Number.NaN],
  ["2001-13-01", Number.NaN],
  ["2001-01-01 25:00", Number.NaN],
  ["31/12/2001", Number.NaN],
  ["2 Jan 1970", 1],
  ["02-JAN-70 06:00", 1.25],
  ["January 2, 1970 6:00 pm", 1.75],
  ["Sept 1, 1970", 243],
  ["31 Feb 2001", Number.NaN],
  ["2 Janvier 1970", Number.NaN],
])("%s is day %d", (text, expected) => {
  expect(parseDate(text)).toBe(expected);
});

test("zones are those of times", () => {
  expect(["2024-05-31T10:00:00.5+02:00", "31/5/2024 6:00 PM-0500", "2024-05-31 10:00Z"].map(zoneOf)).toEqual([
    "+0200",
    "-0500",
    "Z",
  ]);
  expect(["2024-05-31", "31-05-2024", "2024-05-31 10:00", "1:30Z"].map(zoneOf)).toEqual(["", "", "", ""]);
});

test("parts of a date before and after 1970", () => {
  // 31 May 2024 was a Friday, 31 December 1969 a Wednesday.
  expect(dateParts.map((part) => datePart(parseDate("2024-05-31T18:30"), part))).toEqual([
    19_874.770833333332, 5, 31, 4, 18.5,
  ]);
  expect(dateParts.map((part) => datePart(parseDate("1969-12-31"), part))).toEqual([-1, 12, 31, 2, 0]);
});

test("dates that begin with the day or the month", () => {
  expect(["31/12/2001", "1-2-99", "1.2.2003 10:00"].every(beginsWithDayOrMonth)).toBe(true);
  expect(["2001-12-31", "1/2", "1/2-2003", "x"].some(beginsWithDayOrMonth)).toBe(false);
});

test.each<[string, DateOrder, string]>([
  ["27/09/2024", "day-first", "2024-09-27"],
  ["27.9.24", "day-first", "2024-09-27"],
  ["3-4-1999 18:30", "day-first", "1999-04-03 18:30"],
  ["3/4/1999", "month-first", "1999-03-04"],
  ["9/27/2024 6:05:30 PM", "month-first", "2024-09-27 18:05:30"],
  ["9/27/2024, 12:05 am", "month-first", "2024-09-27 00:05"],
  ["1/1/68", "day-first", "2068-01-01"],
  ["1/1/69", "day-first", "1969-01-01"],
  ["2024-09-27", "day-first", "2024-09-27"],
])("%s with the %s is %s", (text, order, expected) => {
  expect(parseDate(text, order)).toBe(parseDate(expected));
  expect(parseDate(expected)).not.toBeNaN();
});

test.each<[string, DateOrder]>([
  ["27/09/2024", "month-first"],
  ["9/27/2024", "day-first"],
  ["29/02/2023", "day-first"],
  ["27/09/2024", "year-first"],
  ["1/2-2024", "day-first"],
  ["1/2/2024 13:00 PM", "day-first"],
  ["1/2/2024 0:30 AM", "day-first"],
])("%s with the %s is no date", (text, order) => {
  expect(parseDate(text, order)).toBeNaN();
});
