import Papa from "papaparse";

/**
 * A table as CSV: commas, quotes where they are needed, "\n" at the end of every line.
 * @param headers names of the columns
 * @param rows one array a row, as long as the headers
 */
export function writeCsv(headers: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = { fields: [...headers], data: rows.map((row) => [...row]) };
  return `${Papa.unparse(table, { newline: "\n" })}\n`;
}
