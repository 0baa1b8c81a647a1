import type { ColumnFacts } from "./column-facts.ts";
import type { DateOrder } from "./date.ts";

/**
 * In which order a column writes its dates: with the year first, or with what some dates can only begin with (27/9/2024
 * has the day first); undefined where none says so, or some say one and some the other.
 */
export function dateOrderOf({ dayFirst, monthFirst, dates }: ColumnFacts): DateOrder | undefined {
  if (dayFirst !== monthFirst) return dayFirst ? "day-first" : "month-first";
  return dates["day-first"].cells > dates["year-first"].cells ? undefined : "year-first";
}
