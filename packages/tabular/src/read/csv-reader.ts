import Papa from "papaparse";
import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { parseNumber } from "../types/number-format.ts";
import { type CsvLayout, checkQuotes } from "./check-quotes.ts";
import { maximumColumns, nameColumns } from "./column-names.ts";
import { noteMissingWords } from "./missing.ts";
import { notText } from "./not-text.ts";
import type { Table, TableColumn } from "./table.ts";

const delimiters = [",", ";", "\t", "|"];
/** Text that is looked at to find the delimiter. */
const sampleLength = 64 * 1024;
/** Longer rows of a file that is read in pieces have a quote that is never closed. */
const longestRow = 2 ** 24;

/** Reads CSV piece by piece. The first row that is not blank is the header. */
export class CsvReader {
  readonly #file: string;
  #layout: CsvLayout | undefined;
  readonly #asked: string | undefined;
  #rest = "";
  #started = false;
  #columns: TableColumn[] = [];
  #rowNumbers: number[] = [];
  /** Records so far, and line breaks within their cells. */
  #records = 0;
  #innerLines = 0;
  /** Blank records that count only if another one follows. */
  #blank: { cells: number; number: number }[] = [];
  #blankRows = 0;
  /** Lines in front of the header that begin with "#": comments, but the last may be the header. */
  #hashed: string[][] = [];
  #comments = 0;
  /** Rows that end with a separator, one more than the header. */
  #trailing = 0;
  #notes: Note[] = [];
  /** Rows of tables that were taken. */
  #taken = 0;

  constructor(file: string, delimiter?: string) {
    this.#file = file;
    this.#asked = delimiter;
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
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    if (text.includes("\0")) throw notText(this.#rest + text, { file: this.#file, row: this.#records + 1 });
    if (this.#rest !== "") text = this.#rest + text;
    if (this.#layout === undefined) {
      if (!last && text.trimStart().length < sampleLength) {
        this.#rest = text;
        return;
      }
      this.#layout = findLayout(text, this.#asked);
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
    const records = Papa.parse<string[]>(rows, layout).data;
    records.pop();
    for (const record of records) this.#addRecord(record, compose, broken);
  }

  /**
   * The rows since the last call as a table; undefined without any.
   * @param last whether none follow
   * @throws DataError "empty-file", "no-rows" where there were none at all
   */
  take(last: boolean): Table | undefined {
    if (last && this.#hashed.length > 0) this.#addHeader(this.#hashed.pop()!);
    if (last && this.#columns.length === 0)
      throw new DataError("empty-file", "the file is empty.", { file: this.#file });
    if (this.rowCount === 0) {
      if (!last || this.#taken > 0) return undefined;
      throw new DataError("no-rows", "there is a header but no row of data below it.", { file: this.#file });
    }
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
    this.#columns = this.#columns.map(({ name }) => ({ name, cells: [] }));
    this.#taken += this.rowCount;
    this.#rowNumbers = [];
    this.#notes = [];
    this.#blankRows = 0;
    this.#comments = 0;
    this.#trailing = 0;
    return table;
  }

  #addRecord(record: string[], compose: boolean, broken: boolean, number = ++this.#records): void {
    if (isBlank(record)) {
      if (this.#columns.length > 0) this.#blank.push({ cells: record.length, number });
      return;
    }
    if (this.#columns.length === 0) {
      if (record[0].startsWith("#")) this.#hashed.push(record);
      else if (this.#beginsBelowHash(record)) this.#addRecord(record, compose, broken, number);
      return;
    }
    const width = this.#columns.length;
    if (record.length !== width && record[0].startsWith("#")) {
      this.#comments++;
      return;
    }
    if (record.length === width + 1 && record[width].trim() === "") {
      this.#trailing++;
      record.pop();
    }
    for (const { cells, number } of this.#blank.splice(0)) {
      if (cells === width || cells === width + 1) {
        this.#rowNumbers.push(number);
        for (const column of this.#columns) column.cells.push("");
      } else if (cells === 1) this.#blankRows++;
      else throw this.#raggedRow(new Array(cells).fill(""), number);
    }
    const columns = this.#columns;
    if (record.length !== width) throw this.#raggedRow(record, number);
    this.#rowNumbers.push(number);
    for (let position = 0; position < record.length; position++) {
      const cell = record[position].trim();
      columns[position].cells.push(compose ? cell.normalize("NFC") : cell);
    }
    if (broken) for (const cell of record) if (cell.includes("\n")) this.#innerLines += cell.split("\n").length - 1;
  }

  /**
   * The first line that does not begin with "#": the header, or the first row of data below a header that does
   * ("#CHROM", "POS"), which has as many cells and above numbers.
   * @returns whether it is a row
   */
  #beginsBelowHash(record: string[]): boolean {
    const hashed = this.#hashed.splice(0);
    const above = hashed.at(-1);
    const isRow =
      above?.length === record.length && record.some((cell) => !Number.isNaN(parseNumber(cell.trim(), ".")));
    this.#comments += hashed.length - (isRow ? 1 : 0);
    this.#addHeader(isRow ? above! : record);
    return isRow;
  }

  #addHeader(record: string[]): void {
    if (record.length > maximumColumns) {
      const problem = `the header has ${count(record.length, "column")}, more than ${count(maximumColumns, "column")}.`;
      throw new DataError("too-large", problem, { file: this.#file, row: this.#records });
    }
    const header = record.map((cell) => cell.trim().normalize("NFC"));
    this.#columns = nameColumns(header, this.#notes).map((name) => ({ name, cells: [] }));
    if (header.every((name) => !Number.isNaN(parseNumber(name, ".")))) {
      this.#notes.push(makeNote("header-looks-like-data", {}));
    }
    for (const cell of record) if (cell.includes("\n")) this.#innerLines += cell.split("\n").length - 1;
  }

  #raggedRow(record: string[], row: number): DataError {
    const delimiter = this.#layout?.delimiter ?? ",";
    const expected = this.#columns.length;
    // Quoted line breaks make the line in an editor differ from the row.
    const where = this.#innerLines === 0 ? "" : ` (line ${row + this.#innerLines} of the file)`;
    const problem =
      `this row${where} has ${count(record.length, "cell")} and the header ${expected}, ` +
      `separated by ${delimiter === "\t" ? "tabs" : quote(delimiter)}: ` +
      `${record.length > expected ? "quote cells that contain the separator" : "fill in the row"}, or remove it.`;
    return new DataError("ragged-row", problem, {
      file: this.#file,
      row,
      value: record.join(delimiter).slice(0, 200),
    });
  }
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
