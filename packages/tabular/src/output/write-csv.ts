import Papa from "papaparse";

/**
 * A table as CSV: quotes where they are needed, "\n" at the end of every line.
 * @param headers names of the columns
 * @param rows one array a row, as long as the headers
 * @param delimiter what separates the cells
 */
export function writeCsv(
  headers: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  delimiter = ",",
): string {
  const table = { fields: [...headers], data: rows.map((row) => [...row]) };
  return `${Papa.unparse(table, { newline: "\n", delimiter })}\n`;
}
