import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { cellText } from "./cell-text.ts";
import { maximumColumns, nameColumns } from "./column-names.ts";
import { noteMissingWords } from "./missing.ts";
import type { Table } from "./table.ts";

/** Objects within objects become columns called "a.b" down to this depth; deeper ones and lists are kept as JSON. */
const deepest = 8;
/** Cells that a byte of input may become, beyond which a table is refused: one key a line makes as many columns as rows. */
const cellsPerByte = 64;
const alwaysAllowed = 2 ** 20;

/** Collects records, each with names of its own, into a table: what a record lacks is missing. */
export class RecordTable {
  readonly #file: string;
  readonly #cells = new Map<string, string[]>();
  readonly #rowNumbers: number[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  get rowCount(): number {
    return this.#rowNumbers.length;
  }

  /** The names that the records have, as they were met. */
  get keys(): Iterable<string> {
    return this.#cells.keys();
  }

  /** @throws DataError "not-records" for what is no object, "too-large" for too many columns */
  add(record: unknown, row: number): void {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      const what = Array.isArray(record) ? "a list" : quote(String(record));
      const problem = `a row must be an object such as {"name": "value"}, and this is ${what}.`;
      throw new DataError("not-records", problem, { file: this.#file, row });
    }
    this.#rowNumbers.push(row);
    this.#addMembers(record as Record<string, unknown>, "", 1);
  }

  #addMembers(record: Record<string, unknown>, prefix: string, depth: number): void {
    for (const [key, value] of Object.entries(record)) {
      const name = prefix + key;
      if (isPlainObject(value) && depth < deepest && Object.keys(value).length > 0) {
        this.#addMembers(value, `${name}.`, depth + 1);
      } else this.#set(name, cellText(value));
    }
  }

  #set(name: string, cell: string): void {
    let cells = this.#cells.get(name);
    if (cells === undefined) {
      if (this.#cells.size === maximumColumns) {
        const problem = `there are more than ${count(maximumColumns, "column")}.`;
        throw new DataError("too-large", problem, { file: this.#file });
      }
      cells = [];
      this.#cells.set(name, cells);
    }
    const row = this.rowCount - 1;
    // The columns are filled up later: most of a sparse table is never written.
    cells[row] = cell;
  }

  /**
   * The table of all records.
   * @param names columns that there are in any case, in this order
   * @param bytes size of the input, which bounds the table's
   * @throws DataError "no-rows", "too-large"
   */
  finish(bytes: number, names: readonly string[] = []): Table {
    const { rowCount } = this;
    if (rowCount === 0) throw new DataError("no-rows", "there is no row of data.", { file: this.#file });
    for (const name of names) if (!this.#cells.has(name)) this.#cells.set(name, []);
    if (this.#cells.size === 0) throw new DataError("no-rows", "the rows are empty.", { file: this.#file });
    if (rowCount * this.#cells.size > Math.max(alwaysAllowed, cellsPerByte * bytes)) {
      const problem =
        `${count(rowCount, "row")} with ${count(this.#cells.size, "column")} in all, nearly all of them empty: ` +
        "the rows have too many different names to be a table.";
      throw new DataError("too-large", problem, { file: this.#file });
    }
    const notes: Table["notes"] = [];
    const keys = [...names, ...[...this.#cells.keys()].filter((key) => !names.includes(key))];
    const called = nameColumns(
      keys.map((key) => key.trim().normalize("NFC")),
      notes,
    );
    const columns = called.map((name, index) => {
      const given = this.#cells.get(keys[index])!;
      return { name, cells: Array.from({ length: rowCount }, (_, row) => given[row] ?? "") };
    });
    noteMissingWords(columns, notes);
    const rowNumbers = Int32Array.from(this.#rowNumbers);
    return { name: this.#file, columns, rowCount, rowNumbers, delimiter: ",", notes };
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}
