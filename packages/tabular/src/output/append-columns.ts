import Papa from "papaparse";
import { lineEnd } from "../read/csv-reader.ts";
import type { WrittenRows } from "../read/table.ts";
import type { WriteCsvOptions } from "./write-csv.ts";

/**
 * Lines of CSV as they were, to the byte, with cells behind the last of each: quotes where they are needed. A last line without a line
 * end gets that of the header.
 * @param headers names of the columns that are added
 * @param cells one array a line, as long as these
 */
export function appendColumns(
  written: WrittenRows,
  headers: readonly string[],
  cells: readonly (readonly string[])[],
  { delimiter = ",", header = true }: WriteCsvOptions = {},
): string {
  const newline = lineEnd(written.header) || "\n";
  const append = (line: string, added: readonly string[]) => {
    const end = lineEnd(line);
    const behind = Papa.unparse([[...added]], { delimiter });
    return `${line.slice(0, line.length - end.length)}${delimiter}${behind}${end || newline}`;
  };
  const lines = written.rows.map((line, row) => append(line, cells[row]));
  return (header ? append(written.header, headers) : "") + lines.join("");
}
