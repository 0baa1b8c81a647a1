import Papa from "papaparse";

export interface WriteCsvOptions {
  /** What separates the cells. Default: a comma. */
  delimiter?: string;
  /** Whether the names are written, and not rows alone that follow others. Default true. */
  header?: boolean;
}

/**
 * A table as CSV: quotes where they are needed, "\n" at the end of every line.
 * @param headers names of the columns
 * @param rows one array a row, as long as the headers
 */
export function writeCsv(
  headers: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  { delimiter = ",", header = true }: WriteCsvOptions = {},
): string {
  const table = { fields: [...headers], data: rows.map((row) => [...row]) };
  return `${Papa.unparse(table, { newline: "\n", delimiter, header })}\n`;
}
