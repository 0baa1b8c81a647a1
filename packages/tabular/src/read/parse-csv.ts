import { CsvReader } from "./csv-reader.ts";
import type { Table } from "./table.ts";

export interface CsvOptions {
  /** Name of the file for messages. Default "table". */
  name?: string;
  /** What separates the cells. Default: found out from the first rows (comma, semicolon, tab or |). */
  delimiter?: string;
  /** Whether the table keeps how its rows were written. Default false. */
  keepText?: boolean;
}

/**
 * Reads a table from the text of a CSV file at once. The first row is the header. Delimiter, quotes (with line breaks
 * in them), byte order marks and every kind of line end are taken care of.
 * @throws DataError "empty-file", "no-rows", "ragged-row", "bad-quotes", "not-text", "too-large"
 */
export function parseTable(text: string, options: CsvOptions = {}): Table {
  const reader = new CsvReader(options.name ?? "table", options);
  reader.add(text, true);
  const table = reader.take(true);
  if (table === undefined) throw new Error("a file without rows was not refused");
  return table;
}
