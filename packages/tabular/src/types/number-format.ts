import { isMissing } from "../read/missing.ts";

/** What stands between whole and fraction. */
export type DecimalMark = "." | ",";

const pointNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const commaNumber = /^[+-]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?$/;
/** 1,234 may be a thousand or a little more than one. */
const ambiguousComma = /^[+-]?[1-9]\d{0,2},\d{3}$/;
const groupedNumber = /^[+-]?\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+(?:[.,]\d+)?$/;

/**
 * The number that a cell holds, NaN when it holds none. With a decimal comma, cells with a point are read as well.
 * Thousands are never guessed: "1,234.5" is no number. Nor is what does not fit into a float64 ("inf", "1e999").
 */
export function parseNumber(cell: string, decimal: DecimalMark): number {
  if (cell.charCodeAt(0) === 0x2212) cell = `-${cell.slice(1)}`;
  let value = Number.NaN;
  if (pointNumber.test(cell)) value = Number(cell);
  else if (decimal === "," && commaNumber.test(cell)) value = Number(cell.replace(",", "."));
  return Number.isFinite(value) ? value : Number.NaN;
}

/** How a column writes its numbers. */
export interface NumberFormat {
  decimal: DecimalMark;
  /** Every comma stands in front of exactly three digits, so that it may separate thousands. */
  ambiguous: boolean;
  /** Cells such as "1,234.50" or "1 234" that look like numbers with separated thousands. */
  grouped: boolean;
}

/**
 * Finds out whether a column writes "1,5" for one and a half: some cells do and none uses a point. Where all of them
 * could be thousands ("1,234") the comma is decimal only in a file whose cells are not separated by commas.
 */
export function detectNumberFormat(cells: readonly string[], delimiter: string): NumberFormat {
  let commas = 0;
  let clearCommas = 0;
  let points = 0;
  let grouped = 0;
  let present = 0;
  for (const cell of cells) {
    if (isMissing(cell)) continue;
    present++;
    if (groupedNumber.test(cell)) grouped++;
    if (cell.includes(".")) {
      if (pointNumber.test(cell)) points++;
    } else if (cell.includes(",") && commaNumber.test(cell)) {
      commas++;
      if (!ambiguousComma.test(cell)) clearCommas++;
    }
  }
  const ambiguous = commas > 0 && points === 0 && clearCommas === 0;
  const decimal = commas > 0 && points === 0 && (!ambiguous || delimiter !== ",") ? "," : ".";
  return { decimal, ambiguous, grouped: grouped > present / 2 };
}
