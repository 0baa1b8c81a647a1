import { DataError } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { CsvReader } from "../read/csv-reader.ts";
import { parseValue } from "../read/json.ts";
import type { CsvOptions } from "../read/parse-csv.ts";
import { RecordTable } from "../read/record-table.ts";
import type { Table } from "../read/table.ts";

/** Longer lines of JSON are refused: they would have to be in memory at once. */
const longestLine = 2 ** 24;

/**
 * Reads CSV from pieces of its text, cut anywhere.
 * @throws DataError as parseTable does, as the pieces come
 */
export async function* csvPieces(texts: AsyncIterable<string>, options: CsvOptions = {}): AsyncGenerator<Table> {
  const reader = new CsvReader(options.name ?? "table", options);
  for await (const text of texts) {
    reader.add(text, false);
    const piece = reader.take(false);
    if (piece !== undefined) yield piece;
  }
  reader.add("", true);
  const piece = reader.take(true);
  if (piece !== undefined) yield piece;
}

/**
 * The names that the objects of JSON Lines have, in the order in which they are met.
 * @throws DataError as parseJsonTable does
 */
export async function jsonLinesKeys(texts: AsyncIterable<string>, name = "table"): Promise<string[]> {
  const keys = new Set<string>();
  let rows = 0;
  for await (const records of recordPieces(texts, name)) {
    rows += records.table.rowCount;
    for (const key of records.table.keys) keys.add(key);
  }
  if (rows === 0) throw new DataError("empty-file", "the file is empty.", { file: name });
  return [...keys];
}

/**
 * Reads JSON Lines from pieces of its text, cut anywhere.
 * @param keys what jsonLinesKeys found: every piece has these columns
 * @throws DataError as parseJsonTable does, as the pieces come
 */
export async function* jsonLinesPieces(
  texts: AsyncIterable<string>,
  keys: readonly string[],
  name = "table",
): AsyncGenerator<Table> {
  for await (const { table, length } of recordPieces(texts, name)) yield table.finish(length, keys);
}

async function* recordPieces(
  texts: AsyncIterable<string>,
  file: string,
): AsyncGenerator<{ table: RecordTable; length: number }> {
  let rest = "";
  let row = 0;
  let started = false;
  const readLines = (lines: readonly string[]): RecordTable => {
    const table = new RecordTable(file);
    for (const line of lines) {
      row++;
      if (line.trim() !== "") table.add(parseValue(line, file, row), row);
    }
    return table;
  };
  for await (let text of texts) {
    if (!started && text !== "") {
      started = true;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    // A carriage return at the end may be the first half of a line's end.
    const whole = rest + text;
    const lines = whole.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    if (rest.length > longestLine) {
      const problem = `a line of more than ${count(longestLine, "character")} begins here; JSON that is read in pieces has one object a line.`;
      throw new DataError("bad-json", problem, { file, row: row + 1 });
    }
    const table = readLines(lines);
    if (table.rowCount > 0) yield { table, length: whole.length };
  }
  const table = readLines([rest.replace(/\r$/, "")]);
  if (table.rowCount > 0) yield { table, length: rest.length };
}
