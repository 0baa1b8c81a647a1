import Papa from "papaparse";
import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { parseNumber } from "../types/number-format.ts";
import { checkQuotes } from "./check-quotes.ts";
import { decodeText, maximumTextBytes, tooLarge } from "./decode-text.ts";
import { gunzip, isGzip } from "./gunzip.ts";
import { isMissing } from "./missing.ts";
import type { Table, TableColumn } from "./table.ts";

export interface ReadTableOptions {
  /** Name of the file for messages. Default "table". */
  name?: string;
  /** What separates the cells. Default: found out from the first rows (comma, semicolon, tab or |). */
  delimiter?: string;
}

/** More columns than this are taken for a mistake in the delimiter. */
const maximumColumns = 100_000;
const delimiters = [",", ";", "\t", "|"];

/**
 * Reads a CSV file: text, or its bytes (UTF-8 or UTF-16, gzip or not, told by the first bytes). The first row is the
 * header. Delimiter, quotes (with line breaks in them), byte order marks and every kind of line end are taken care of.
 * @throws DataError "empty-file", "no-rows", "ragged-row", "bad-quotes", "not-text", "truncated-gzip", "too-large"
 */
export async function readTable(data: Uint8Array | string, options: ReadTableOptions = {}): Promise<Table> {
  if (typeof data === "string") return parseTable(data, options);
  const file = options.name ?? "table";
  const notes: Note[] = [];
  let bytes = data;
  if (isGzip(bytes)) {
    bytes = await gunzip(bytes, file, (_, length) => {
      if (length > maximumTextBytes) throw tooLarge(file);
    });
  }
  const table = parseTable(decodeText(bytes, file, notes), options);
  table.notes.unshift(...notes);
  return table;
}

/**
 * Reads a table from text at once; see readTable.
 * @throws DataError as readTable does
 */
export function parseTable(text: string, options: ReadTableOptions = {}): Table {
  const file = options.name ?? "table";
  const notes: Note[] = [];
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  if (text.trim() === "") throw new DataError("empty-file", "the file is empty.", { file });
  if (text.includes("\0")) {
    throw new DataError("not-text", "this is a binary file, not a table of text: give a CSV file.", { file });
  }

  const newline = text.includes("\n") ? "\n" : "\r";
  const delimiter = options.delimiter ?? findDelimiter(text, newline);
  // Of "\r\n" the carriage return is white space at the end of a cell, and goes with it.
  checkQuotes(text, delimiter, newline, file);
  const records = Papa.parse<string[]>(text, { delimiter, newline }).data;

  let first = 0;
  while (first < records.length && isBlank(records[first])) first++;
  let end = records.length;
  while (end > first && isBlank(records[end - 1])) end--;
  if (first === end) throw new DataError("empty-file", "the file is empty.", { file });

  const header = records[first];
  if (header.length > maximumColumns) {
    const problem = `the header has ${count(header.length, "column")}, more than ${count(maximumColumns, "column")}.`;
    throw new DataError("too-large", problem, { file, row: first + 1 });
  }
  const columns: TableColumn[] = nameColumns(header.map(clean), notes).map((name) => ({ name, cells: [] }));
  const rowNumbers: number[] = [];
  let blankRows = 0;
  for (let index = first + 1; index < end; index++) {
    const record = records[index];
    if (record.length !== columns.length) {
      if (record.length === 1 && record[0].trim() === "") {
        blankRows++;
        continue;
      }
      throw raggedRow(record, columns.length, index + 1, { file, records, delimiter });
    }
    rowNumbers.push(index + 1);
    for (let position = 0; position < record.length; position++) columns[position].cells.push(clean(record[position]));
  }
  if (rowNumbers.length === 0) {
    throw new DataError("no-rows", "there is a header but no row of data below it.", { file });
  }
  if (blankRows > 0) notes.push(makeNote("blank-rows", { count: blankRows }));
  if (header.every((name) => !Number.isNaN(parseNumber(clean(name), ".")))) {
    notes.push(makeNote("header-looks-like-data", {}));
  }
  noteMissingWords(columns, notes);
  return {
    name: file,
    columns,
    rowCount: rowNumbers.length,
    rowNumbers: Int32Array.from(rowNumbers),
    delimiter,
    notes,
  };
}

/** The delimiter that gives the first rows most evenly many cells; a comma when there is one column. */
function findDelimiter(text: string, newline: "\n" | "\r"): string {
  let sample = text.trimStart().slice(0, 64 * 1024);
  if (sample.length < text.length) sample = sample.slice(0, sample.lastIndexOf(newline) + 1) || sample;
  const found = Papa.parse<string[]>(sample, {
    preview: 10,
    newline,
    delimitersToGuess: delimiters,
    skipEmptyLines: true,
  });
  return delimiters.includes(found.meta.delimiter) ? found.meta.delimiter : ",";
}

function isBlank(record: string[]): boolean {
  return record.every((cell) => cell.trim() === "");
}

function clean(cell: string): string {
  const trimmed = cell.trim();
  return /^[\0-\x7f]*$/.test(trimmed) ? trimmed : trimmed.normalize("NFC");
}

/** Every column gets a name, and no two the same. */
function nameColumns(header: string[], notes: Note[]): string[] {
  const taken = new Set(header);
  const seen = new Set<string>();
  // The next number to try for each name: a header of a hundred thousand equal names must not take for ever.
  const next = new Map<string, number>();
  const free = (base: string): string => {
    let suffix = next.get(base) ?? 2;
    while (taken.has(`${base}_${suffix}`)) suffix++;
    next.set(base, suffix + 1);
    return `${base}_${suffix}`;
  };
  return header.map((original, index) => {
    let name = original;
    if (original === "") {
      name = `column_${index + 1}`;
      if (taken.has(name)) name = free(name);
      notes.push(makeNote("unnamed-column", { column: name, position: index + 1 }));
    } else if (seen.has(original)) {
      name = free(original);
      notes.push(makeNote("duplicate-header", { column: name, name: original, position: index + 1 }));
    }
    seen.add(name);
    taken.add(name);
    return name;
  });
}

function raggedRow(
  record: string[],
  expected: number,
  row: number,
  { file, records, delimiter }: { file: string; records: string[][]; delimiter: string },
): DataError {
  // Quoted line breaks make the line in an editor differ from the row.
  let line = row;
  for (let index = 0; index < row - 1; index++) {
    for (const cell of records[index]) if (cell.includes("\n")) line += cell.split("\n").length - 1;
  }
  const where = line === row ? "" : ` (line ${line} of the file)`;
  const problem =
    `this row${where} has ${count(record.length, "cell")} and the header ${expected}, ` +
    `separated by ${delimiter === "\t" ? "tabs" : quote(delimiter)}: ` +
    `${record.length > expected ? "quote cells that contain the separator" : "fill in the row"}, or remove it.`;
  return new DataError("ragged-row", problem, { file, row, value: record.join(delimiter).slice(0, 200) });
}

/** Words such as NA and None may be meant as text, so each column's are told. */
function noteMissingWords(columns: TableColumn[], notes: Note[]): void {
  for (const { name, cells } of columns) {
    const words = new Map<string, number>();
    for (const cell of cells) if (cell !== "" && isMissing(cell)) words.set(cell, (words.get(cell) ?? 0) + 1);
    if (words.size === 0) continue;
    const list = [...words].map(([word, times]) => `${quote(word)} (${times} ×)`);
    notes.push(makeNote("missing-words", { column: name, words: list }));
  }
}
