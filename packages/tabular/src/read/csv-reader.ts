import Papa from "papaparse";
import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note, type NoteCode } from "../notes/note.ts";
import { parseNumber } from "../types/number-format.ts";
import { type CsvLayout, checkQuotes } from "./check-quotes.ts";
import { maximumColumns, nameColumns } from "./column-names.ts";
import { noteMissingWords } from "./missing.ts";
import { notText } from "./not-text.ts";
import type { CsvOptions } from "./parse-csv.ts";
import { isSecondHeader, joinHeaders, secondHeaderRows } from "./second-header.ts";
import type { Table, TableColumn, WrittenRows } from "./table.ts";
import { holdsTotals, totalsRow } from "./totals-row.ts";

const delimiters = [",", ";", "\t", "|"];
/** Text that is looked at to find the delimiter. */
const sampleLength = 64 * 1024;
/** Notes of how columns are called. */
const namingCodes: readonly NoteCode[] = ["unnamed-column", "duplicate-header"];
/** Longer rows of a file that is read in pieces have a quote that is never closed. */
const longestRow = 2 ** 24;

/** A record of the file: its cells, and how it was written, with its line end; "" where that is not kept. */
interface CsvRecord {
  cells: string[];
  line: string;
}

/** Reads CSV piece by piece. The first row that is not blank is the header. */
export class CsvReader {
  readonly #file: string;
  #layout: CsvLayout | undefined;
  readonly #asked: string | undefined;
  #rest = "";
  #started = false;
  #columns: TableColumn[] = [];
  /** The names as they stand in the file. */
  #header: string[] = [];
  #rowNumbers: number[] = [];
  /** Records so far, and line breaks within their cells. */
  #records = 0;
  #innerLines = 0;
  /** Blank records that count only if another one follows. */
  #blank: { cells: number; line: string; number: number }[] = [];
  #blankRows = 0;
  /** Lines in front of the header that begin with "#": comments, but the last may be the header. */
  #hashed: CsvRecord[] = [];
  #comments = 0;
  /** Lines in front of the header with nothing but a first cell. */
  #titles: CsvRecord[] = [];
  /** Rows that end with a separator, one more than the header. */
  #trailing = 0;
  #notes: Note[] = [];
  /** Rows of tables that were taken. */
  #taken = 0;
  /** The byte order mark. */
  #mark = "";
  #written: WrittenRows | undefined;

  constructor(file: string, { delimiter, keepText = false }: Omit<CsvOptions, "name"> = {}) {
    this.#file = file;
    this.#asked = delimiter;
    if (keepText) this.#written = { header: "", rows: [] };
  }

  /** Rows that can be taken. */
  get rowCount(): number {
    return this.#rowNumbers.length;
  }

  /**
   * Reads on.
   * @param last whether no text follows
   * @throws DataError
   */
  add(text: string, last: boolean): void {
    if (!this.#started && text !== "") {
      this.#started = true;
      if (text.charCodeAt(0) === 0xfeff) {
        this.#mark = text[0];
        text = text.slice(1);
      }
    }
    if (text.includes("\0")) throw notText(this.#rest + text, { file: this.#file, row: this.#records + 1 });
    if (this.#rest !== "") text = this.#rest + text;
    if (this.#layout === undefined) {
      if (!last && text.trimStart().length < sampleLength) {
        this.#rest = text;
        return;
      }
      // A line for Excel alone, which shows none of it.
      const separator = /^sep=(.)\r?\n/i.exec(text);
      if (separator !== null) text = text.slice(separator[0].length);
      this.#layout = findLayout(text, this.#asked ?? separator?.[1]);
    }
    const layout = this.#layout;
    // Of "\r\n" the carriage return is white space at the end of a cell, and goes with it.
    const end = checkQuotes(text, layout, this.#file, this.#records + 1, last);
    this.#rest = text.slice(end);
    if (this.#rest.length > longestRow) {
      const problem = `a row of more than ${count(longestRow, "character")} begins here: look for a quote that is never closed.`;
      throw new DataError("bad-quotes", problem, { file: this.#file, row: this.#records + 1 });
    }
    if (end === 0) return;
    // The parser takes a quote for the closing one only where the line ends behind it; the record behind that is none.
    const rows = text[end - 1] === layout.newline ? text.slice(0, end) : text.slice(0, end) + layout.newline;
    // Nearly all texts are ASCII, where there is nothing to compose.
    const compose = /[^\0-\x7f]/.test(rows);
    const broken = rows.includes('"');
    for (const record of this.#written === undefined ? records(rows, layout) : writtenRecords(rows, layout, end))
      this.#addRecord(record, compose, broken);
  }

  /**
   * The rows since the last call as a table; undefined without any, and before there are as many as a second row of names
   * is told by.
   * @param last whether none follow
   * @throws DataError "empty-file", "no-rows" where there were none at all
   */
  take(last: boolean): Table | undefined {
    if (last && this.#hashed.length > 0) this.#addHeader(this.#hashed.pop()!);
    if (last && this.#columns.length === 0 && this.#titles.length > 0) this.#addHeader(this.#titles.pop()!);
    if (last && this.#columns.length === 0)
      throw new DataError("empty-file", "the file is empty.", { file: this.#file });
    if (this.rowCount === 0) {
      if (!last || this.#taken > 0) return undefined;
      throw new DataError("no-rows", "there is a header but no row of data below it.", { file: this.#file });
    }
    if (this.#taken === 0 && !last && this.rowCount < secondHeaderRows) return undefined;
    if (this.#taken === 0) this.#readSecondHeader();
    if (this.#taken === 0 && isLikeRows(this.#columns)) this.#notes.push(makeNote("header-looks-like-data", {}));
    if (this.#taken === 0 && last) this.#leaveOutTotals();
    if (this.#blankRows > 0) this.#notes.push(makeNote("blank-rows", { count: this.#blankRows }));
    if (this.#comments > 0) this.#notes.push(makeNote("comment-lines", { count: this.#comments }));
    if (this.#trailing > 0) this.#notes.push(makeNote("trailing-separators", { count: this.#trailing }));
    noteMissingWords(this.#columns, this.#notes);
    const table: Table = {
      name: this.#file,
      columns: this.#columns,
      rowCount: this.rowCount,
      rowNumbers: Int32Array.from(this.#rowNumbers),
      delimiter: this.#layout?.delimiter ?? ",",
      notes: this.#notes,
    };
    if (this.#written !== undefined) {
      table.written = this.#written;
      this.#written = { header: this.#written.header, rows: [] };
    }
    this.#columns = this.#columns.map(({ name }) => ({ name, cells: [] }));
    this.#taken += this.rowCount;
    this.#rowNumbers = [];
    this.#notes = [];
    this.#blankRows = 0;
    this.#comments = 0;
    this.#trailing = 0;
    return table;
  }

  #addRecord(csvRecord: CsvRecord, compose: boolean, broken: boolean, number = ++this.#records): void {
    const { cells: record, line } = csvRecord;
    if (isBlank(record)) {
      if (this.#columns.length > 0) this.#blank.push({ cells: record.length, line, number });
      return;
    }
    if (this.#columns.length === 0) {
      if (record[0].startsWith("#")) this.#hashed.push(csvRecord);
      else if (isTitle(record)) this.#titles.push(csvRecord);
      else if (this.#titles.length > 0 && !areNames(record)) {
        // What stood above gives names, if only to one column.
        this.#addHeader(this.#titles.pop()!);
        this.#addRecord(csvRecord, compose, broken, number);
      } else if (this.#beginsBelowHash(csvRecord)) this.#addRecord(csvRecord, compose, broken, number);
      return;
    }
    let width = this.#columns.length;
    if (record.length !== width && record[0].startsWith("#")) {
      this.#comments++;
      return;
    }
    const trailing = record.length === width + 1 && record[width].trim() === "";
    if (trailing) {
      this.#trailing++;
      record.pop();
    }
    // Of a decimal comma between commas it would look the same.
    if (record.length === width + 1 && !trailing && this.#mayHaveRowNames()) {
      this.#takeRowNames();
      width++;
    }
    for (const { cells, line, number } of this.#blank.splice(0)) {
      if (cells === width || cells === width + 1) {
        this.#keepLine(line, cells === width + 1);
        this.#rowNumbers.push(number);
        for (const column of this.#columns) column.cells.push("");
      } else if (cells === 1) this.#blankRows++;
      else throw this.#raggedRow(new Array(cells).fill(""), number);
    }
    const columns = this.#columns;
    if (record.length !== width) throw this.#raggedRow(record, number);
    this.#rowNumbers.push(number);
    this.#keepLine(line, trailing);
    for (let position = 0; position < record.length; position++) {
      const cell = textOf(record[position].trim());
      columns[position].cells.push(compose ? cell.normalize("NFC") : cell);
    }
    if (broken) for (const cell of record) if (cell.includes("\n")) this.#innerLines += cell.split("\n").length - 1;
  }

  /** Whether all rows so far may lack the last of their cells below one name more, for which they end with a separator. */
  #mayHaveRowNames(): boolean {
    const few = this.#taken === 0 && this.rowCount < secondHeaderRows;
    return few && this.#trailing === this.rowCount && this.#layout?.delimiter !== ",";
  }

  #takeRowNames(): void {
    const cells = [...this.#columns.map((column) => column.cells), this.#rowNumbers.map(() => "")];
    this.#notes = this.#notes.filter(({ code }) => !namingCodes.includes(code));
    this.#notes.push(makeNote("row-names", {}));
    this.#nameColumns(["", ...this.#header]);
    this.#columns.forEach((column, index) => {
      column.cells = cells[index];
    });
    this.#trailing = 0;
    if (this.#written === undefined) return;
    const { delimiter } = this.#layout!;
    this.#written.rows = this.#written.rows.map((line) => {
      const end = lineEnd(line);
      return line.slice(0, line.length - end.length) + delimiter + end;
    });
  }

  /** @param trailing whether a separator ends it that no column follows */
  #keepLine(line: string, trailing: boolean): void {
    const kept = trailing ? line.slice(0, line.lastIndexOf(this.#layout?.delimiter ?? ",")) + lineEnd(line) : line;
    this.#written?.rows.push(kept);
  }

  /**
   * The first line that does not begin with "#": the header, or the first row of data below a header that does
   * ("#CHROM", "POS"), which has as many cells and above numbers.
   * @returns whether it is a row
   */
  #beginsBelowHash(record: CsvRecord): boolean {
    const hashed = this.#hashed.splice(0);
    const above = hashed.at(-1);
    const { cells } = record;
    const isRow = above?.cells.length === cells.length && cells.some(isNumber);
    this.#comments += hashed.length - (isRow ? 1 : 0);
    this.#addHeader(isRow ? above! : record);
    return isRow;
  }

  #addHeader({ cells: record, line }: CsvRecord): void {
    if (record.length > maximumColumns) {
      const problem = `the header has ${count(record.length, "column")}, more than ${count(maximumColumns, "column")}.`;
      throw new DataError("too-large", problem, { file: this.#file, row: this.#records });
    }
    const title = this.#titles[0]?.cells[0].trim();
    if (title !== undefined) {
      this.#notes.push(makeNote("title-lines", { count: this.#titles.length, value: title }));
      this.#written = undefined;
    }
    if (this.#written !== undefined) this.#written.header = this.#mark + line;
    const header = record.map((cell) => cell.trim().normalize("NFC"));
    this.#nameColumns(header);
    for (const cell of record) if (cell.includes("\n")) this.#innerLines += cell.split("\n").length - 1;
  }

  #nameColumns(header: string[]): void {
    this.#header = header;
    this.#columns = nameColumns(header, this.#notes).map((name) => ({ name, cells: [] }));
  }

  /** A row of units is left out; one of names gives them, where the row above does not give each column its own. */
  #readSecondHeader(): void {
    const columns = this.#columns;
    if (!isSecondHeader(columns)) return;
    const cells = columns.map(({ cells }) => cells.shift()!);
    const row = this.#rowNumbers.shift()!;
    this.#written?.rows.shift();
    const names = this.#header.includes("") || new Set(this.#header).size < this.#header.length;
    this.#notes = this.#notes.filter(({ code }) => !names || !namingCodes.includes(code));
    const shown = cells.filter((cell) => cell !== "").slice(0, 5);
    this.#notes.push(makeNote("second-header", { row, cells: shown, names }));
    if (!names) return;
    // No line of the file gives the columns these names.
    this.#written = undefined;
    this.#nameColumns(joinHeaders(this.#header, cells));
    this.#columns.forEach((column, index) => {
      column.cells = columns[index].cells;
    });
  }

  #leaveOutTotals(): void {
    const found = totalsRow(this.#columns);
    if (found === undefined) return;
    const { value, column } = found;
    if (holdsTotals(this.#columns)) {
      for (const { cells } of this.#columns) cells.pop();
      this.#written?.rows.pop();
      this.#notes.push(makeNote("totals-row", { row: this.#rowNumbers.pop()!, value }));
      return;
    }
    const { cells } = this.#columns.find(({ name }) => name === column)!;
    if (cells.indexOf(value) < cells.length - 1) return;
    this.#notes.push(makeNote("totals-kept", { row: this.#rowNumbers.at(-1)!, value }));
  }

  #raggedRow(record: string[], row: number): DataError {
    const delimiter = this.#layout?.delimiter ?? ",";
    const expected = this.#columns.length;
    // Quoted line breaks make the line in an editor differ from the row.
    const where = this.#innerLines === 0 ? "" : ` (line ${row + this.#innerLines} of the file)`;
    const mend = record.length > expected ? "quote cells that contain the separator" : "fill in the row";
    const names = this.#header.filter((name) => name !== "").slice(0, 3);
    const isFirst = this.#taken === 0 && this.#columns.every(({ cells }) => cells.every((cell) => cell === ""));
    const title = isFirst
      ? ` The names of the columns were taken from the first line, ${names.map(quote).join(", ")}: should that be a title, remove what stands above the names.`
      : "";
    const problem =
      `this row${where} has ${count(record.length, "cell")} and the header ${expected}, ` +
      `separated by ${delimiter === "\t" ? "tabs" : quote(delimiter)}: ${mend}, or remove it.${title}`;
    return new DataError("ragged-row", problem, {
      file: this.#file,
      row,
      value: record.join(delimiter).slice(0, 200),
    });
  }
}

function* records(rows: string, layout: CsvLayout): Generator<CsvRecord> {
  const found = Papa.parse<string[]>(rows, layout).data;
  found.pop();
  for (const cells of found) yield { cells, line: "" };
}

/**
 * The same with how each was written.
 * @param length of what is in the file: a line end behind it is not
 */
function writtenRecords(rows: string, layout: CsvLayout, length: number): CsvRecord[] {
  const found: CsvRecord[] = [];
  let begin = 0;
  Papa.parse<string[]>(rows, {
    ...layout,
    step({ data, meta }) {
      if (meta.cursor > begin) found.push({ cells: data, line: rows.slice(begin, Math.min(meta.cursor, length)) });
      begin = meta.cursor;
    },
  });
  return found;
}

/** @internal What ends a line; "" at the end of a file without one. */
export function lineEnd(line: string): string {
  return /\r?\n$|\r$/.exec(line)?.[0] ?? "";
}

/** Whether the names of columns may be a row of data: all are numbers, or else texts that their columns hold as well. */
function isLikeRows(columns: readonly TableColumn[]): boolean {
  const isNumber = ({ name }: TableColumn) => !Number.isNaN(parseNumber(name, "."));
  return (
    columns.some(isNumber) &&
    columns.every((column) => isNumber(column) || column.cells.slice(0, secondHeaderRows).includes(column.name))
  );
}

/** Of ="00123", which tells Excel that a cell is text, what is in it. */
function textOf(cell: string): string {
  if (cell.charCodeAt(0) !== 0x3d) return cell;
  return /^="([^"]*)"$/.exec(cell)?.[1].trim() ?? cell;
}

/** A title as Excel saves it above a table: one cell, and a separator for each column of the table. */
function isTitle(record: string[]): boolean {
  return record.length > 2 && record[0].trim() !== "" && isBlank(record.slice(1));
}

/** Whether a name stands in every cell, and not in all of them a number. */
function areNames(record: string[]): boolean {
  return record.every((cell) => cell.trim() !== "") && !record.every(isNumber);
}

function isNumber(cell: string): boolean {
  return !Number.isNaN(parseNumber(cell.trim(), "."));
}

function isBlank(record: string[]): boolean {
  for (const cell of record) if (cell !== "" && cell.trim() !== "") return false;
  return true;
}

function findLayout(text: string, delimiter: string | undefined): CsvLayout {
  const newline = text.includes("\n") ? "\n" : "\r";
  return { newline, delimiter: delimiter ?? findDelimiter(text, newline) };
}

/** The delimiter that gives the first rows most evenly many cells; a comma when there is one column. */
function findDelimiter(text: string, newline: "\n" | "\r"): string {
  let sample = text.trimStart().slice(0, sampleLength);
  if (sample.length < text.length) sample = sample.slice(0, sample.lastIndexOf(newline) + 1) || sample;
  const found = Papa.parse<string[]>(sample, {
    preview: 10,
    newline,
    delimitersToGuess: delimiters,
    skipEmptyLines: true,
    comments: "#",
  });
  return delimiters.includes(found.meta.delimiter) ? found.meta.delimiter : ",";
}
