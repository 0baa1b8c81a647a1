import { decimalMarks, parseNumber } from "../types/number-format.ts";
import { isMissing } from "./missing.ts";
import type { TableColumn } from "./table.ts";

/** How rows of totals begin, in the languages whose tables people have. */
const totals =
  /^(?:(?:grand |sub)?totals?|sums?|overall|summe|gesamt(?:summe)?|somme|suma|totale|tổng(?: cộng| số)?|cộng|итого|всего|合计|总计|合計|総計):?$/iu;

/**
 * The word that says so, where the last row holds the totals of the others: it begins with such a word, and a column of at
 * least three numbers adds up to what stands there. undefined where it does not.
 */
export function totalsWord(columns: readonly TableColumn[]): string | undefined {
  const row = columns[0].cells.length - 1;
  if (row < 3) return undefined;
  const word = columns.find(({ cells }) => cells[row] !== "")?.cells[row];
  if (word === undefined || !totals.test(word)) return undefined;
  return columns.some(({ cells }) => addsUp(cells)) ? word : undefined;
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
