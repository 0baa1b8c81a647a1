import { HashNumbers } from "../hash/hash-numbers.ts";
import { TextHash } from "../hash/text-hash.ts";
import { makeNote, type Note } from "../notes/note.ts";
import type { Table } from "../read/table.ts";

/** What is known of a column's cells so far. */
interface ColumnHash {
  name: string;
  first: string;
  /** Whether a cell is another than the first. */
  varies: boolean;
  high: number;
  low: number;
}

/**
 * Finds rows that are there more than once, and columns that hold the same cells as one before them, piece by piece: by 64
 * bits of hash of each, some 20 bytes a row.
 */
export class DuplicateFinder {
  readonly #hash = new TextHash();
  readonly #known = new HashNumbers();
  #columns: ColumnHash[] = [];
  #rows = 0;

  add({ columns, rowCount }: Table): void {
    if (rowCount === 0) return;
    if (this.#rows === 0)
      this.#columns = columns.map(({ name, cells }) => ({ name, first: cells[0], varies: false, high: 0, low: 0 }));
    const highs = new Int32Array(rowCount);
    const lows = new Int32Array(rowCount);
    columns.forEach(({ cells }, index) => {
      const column = this.#columns[index];
      let { varies, high, low } = column;
      for (let row = 0; row < rowCount; row++) {
        const cell = cells[row];
        const hash = this.#hash.of(cell);
        high = mixHigh(high, hash.high);
        low = mixLow(low, hash.low);
        highs[row] = mixHigh(highs[row], hash.high);
        lows[row] = mixLow(lows[row], hash.low);
        varies ||= cell !== column.first;
      }
      Object.assign(column, { varies, high, low });
    });
    for (let row = 0; row < rowCount; row++) this.#known.numberOf({ high: highs[row] >>> 0, low: lows[row] >>> 0 });
    this.#rows += rowCount;
  }

  notes(): Note[] {
    const notes: Note[] = [];
    const repeated = this.#rows - this.#known.size;
    if (repeated > 0) notes.push(makeNote("duplicate-rows", { count: repeated, share: repeated / this.#rows }));
    const seen = new Map<string, string>();
    for (const { name, varies, high, low } of this.#columns) {
      const key = `${high} ${low}`;
      const other = seen.get(key);
      if (other === undefined) seen.set(key, name);
      // Columns of one value are told elsewhere.
      else if (varies) notes.push(makeNote("duplicate-column", { column: name, other }));
    }
    return notes;
  }
}

/** Warns of rows that are there more than once. */
export function findRepeatedRows(table: Table): Note[] {
  const finder = new DuplicateFinder();
  finder.add(table);
  return finder.notes().filter(({ code }) => code === "duplicate-rows");
}

function mixHigh(hash: number, next: number): number {
  return Math.imul((hash << 5) ^ (hash >>> 27) ^ next, 0x9e3779b1);
}

function mixLow(hash: number, next: number): number {
  return Math.imul((hash << 11) ^ (hash >>> 21) ^ next, 0x85ebca6b);
}
