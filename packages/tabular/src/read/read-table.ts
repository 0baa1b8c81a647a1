import type { Note } from "../notes/note.ts";
import { decodeText, maximumTextBytes, tooLarge } from "./decode-text.ts";
import { gunzip, isGzip, requireJustified } from "./gunzip.ts";
import { parseJsonTable } from "./json.ts";
import { isParquet, readParquet } from "./parquet/parquet.ts";
import { type CsvOptions, parseTable } from "./parse-csv.ts";
import type { Table } from "./table.ts";

export type ReadTableOptions = CsvOptions;

/**
 * Reads a table: CSV, JSON Lines, a JSON list of objects or Parquet; text, or its bytes (UTF-8 or UTF-16, gzip or not, told
 * by the first bytes, as Parquet is). Of text the file's name says which, and where it does not, the first character does.
 * @throws DataError as parseTable, parseJsonTable and readParquet do; "not-text", "truncated-gzip", "too-large"
 */
export async function readTable(data: Uint8Array | string, options: ReadTableOptions = {}): Promise<Table> {
  if (typeof data === "string") return parseText(data, options);
  const file = options.name ?? "table";
  const notes: Note[] = [];
  let bytes = data;
  if (isParquet(bytes)) return readParquet(bytes, options);
  if (isGzip(bytes)) {
    bytes = await gunzip(bytes, file, (_, length) => {
      if (length > maximumTextBytes) throw tooLarge(file);
      requireJustified(length, data.length, file);
    });
    if (isParquet(bytes)) return readParquet(bytes, options);
  }
  const table = parseText(decodeText(bytes, file, notes), options);
  table.notes.unshift(...notes);
  return table;
}

function parseText(text: string, options: ReadTableOptions): Table {
  return looksLikeJson(text, options.name ?? "") ? parseJsonTable(text, options) : parseTable(text, options);
}

/** Whether text is JSON: its file's name says so, or else its first character. */
export function looksLikeJson(text: string, name: string): boolean {
  if (/\.(jsonl|ndjson|json)(\.gz)?$/i.test(name)) return true;
  if (/\.(csv|tsv|txt)(\.gz)?$/i.test(name)) return false;
  return /^\ufeff?\s*(\{\s*["}]|\[\s*[{\]])/.test(text.slice(0, 1000));
}
