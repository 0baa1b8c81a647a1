import { decimalMarks, parseNumber } from "../types/number-format.ts";
import { isMissing } from "./missing.ts";
import type { TableColumn } from "./table.ts";

/** How rows of totals begin, in the languages whose tables people have. */
const totals =
  /^(?:(?:grand |sub)?totals?|sums?|overall|summe|gesamt(?:summe)?|somme|suma|totale|tổng(?: cộng| số)?|cộng|итого|всего|合计|总计|合計|総計):?$/iu;

/** A last row that begins with a word for totals. */
export interface TotalsRow {
  value: string;
  /** The column that it stands in. */
  column: string;
}

/** The last row, where it begins with such a word. */
export function totalsRow(columns: readonly TableColumn[]): TotalsRow | undefined {
  const row = columns[0].cells.length - 1;
  const first = columns.find(({ cells }) => cells[row] !== "");
  if (first === undefined || !totals.test(first.cells[row])) return undefined;
  return { value: first.cells[row], column: first.name };
}

/** Whether the last row holds the totals of the others: a column of at least three numbers adds up to what stands there. */
export function holdsTotals(columns: readonly TableColumn[]): boolean {
  return columns.some(({ cells }) => addsUp(cells));
}

function addsUp(cells: readonly string[]): boolean {
  const above = cells.slice(0, -1).filter((cell) => !isMissing(cell));
  if (above.length < 3 || isMissing(cells[cells.length - 1])) return false;
  return decimalMarks.some((mark) => {
    const total = parseNumber(cells[cells.length - 1], mark);
    const sum = above.reduce((all, cell) => all + parseNumber(cell, mark), 0);
    return total !== 0 && Math.abs(sum - total) <= 1e-6 * Math.abs(total);
  });
}
