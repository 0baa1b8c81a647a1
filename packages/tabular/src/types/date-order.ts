import type { ColumnFacts } from "./column-facts.ts";
import { beginsWithDayOrMonth, type DateOrder, parseDate } from "./date.ts";

/**
 * In which order a column writes its dates: with the year first, or with what some dates can only begin with (27/9/2024
 * has the day first); undefined where none says so, or some say one and some the other.
 */
export function dateOrderOf({ dayFirst, monthFirst, dates }: ColumnFacts): DateOrder | undefined {
  if (dayFirst !== monthFirst) return dayFirst ? "day-first" : "month-first";
  return dates["day-first"].cells > dates["year-first"].cells ? undefined : "year-first";
}

/** Whether some dates can only begin with the day, or with the month. */
export type DateEvidence = Pick<ColumnFacts, "dayFirst" | "monthFirst">;

/** What the cells of a column say of the order of their dates. */
export function dateEvidence(cells: readonly string[]): DateEvidence {
  const found = { dayFirst: false, monthFirst: false };
  for (const cell of cells) {
    if (!beginsWithDayOrMonth(cell)) continue;
    const day = !Number.isNaN(parseDate(cell, "day-first"));
    const month = !Number.isNaN(parseDate(cell, "month-first"));
    if (day && !month) found.dayFirst = true;
    if (month && !day) found.monthFirst = true;
  }
  return found;
}
