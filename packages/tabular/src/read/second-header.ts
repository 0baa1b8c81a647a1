import { parseDate } from "../types/date.ts";
import { decimalMarks, parseNumber } from "../types/number-format.ts";
import { isMissing } from "./missing.ts";
import type { TableColumn } from "./table.ts";

/** Rows that are looked at, the first among them: no table is taken in pieces before they are there. */
export const secondHeaderRows = 100;
/** At least this share of a column of numbers is numbers. */
const mostly = 0.9;

/**
 * Whether the first row below the header belongs to it: a row of units, or a second row of names. In two columns or more it
 * has texts, or in one a text in brackets, "(kg)", and nearly all that is below is numbers; in no column of numbers it has one.
 */
export function isSecondHeader(columns: readonly TableColumn[]): boolean {
  let texts = 0;
  let brackets = 0;
  for (const { cells } of columns) {
    const below = cells.slice(1, secondHeaderRows).filter((cell) => !isMissing(cell));
    if (below.length < 3 || below.filter(isNumber).length < mostly * below.length) continue;
    const [first] = cells;
    if (isMissing(first)) continue;
    if (isNumber(first)) return false;
    texts++;
    if (/^[([].*[)\]]$/.test(first)) brackets++;
  }
  return texts >= 2 || brackets === 1;
}

function isNumber(cell: string): boolean {
  return decimalMarks.some((mark) => !Number.isNaN(parseNumber(cell, mark))) || !Number.isNaN(parseDate(cell));
}

/**
 * The names of two rows: those of the second where each is there and no two are the same, or else both, "price.mean". A name
 * of the first stands for the columns behind it that have none, as cells do that were merged.
 */
export function joinHeaders(first: readonly string[], second: readonly string[]): string[] {
  if (!second.includes("") && new Set(second).size === second.length) return [...second];
  let above = "";
  return first.map((name, index) => {
    if (name !== "") above = name;
    return [above, second[index]].filter((part) => part !== "").join(".");
  });
}
