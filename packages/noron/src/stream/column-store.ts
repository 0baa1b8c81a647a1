import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";

/** Rows that are added together, and where in the file their columns begin. */
interface Piece {
  rows: number;
  offset: number;
}

/** Columns of numbers in a file: for each piece of rows its columns, one behind the other. */
export class ColumnStore {
  rows = 0;
  readonly #file: number;
  readonly #pieces: Piece[] = [];
  #length = 0;

  /** @param width how many columns there are */
  constructor(
    path: string,
    readonly width: number,
  ) {
    this.#file = openNameless(path);
  }

  /** Adds rows: one array a column, all of one length. */
  append(columns: readonly Float64Array[]): void {
    const rows = columns[0].length;
    if (rows === 0) return;
    this.#pieces.push({ rows, offset: this.#length });
    for (const column of columns) writeAll(this.#file, column);
    this.#length += 8 * rows * this.width;
    this.rows += rows;
  }

  /** One column, a piece of rows at a time, as often as it is gone through. */
  column(index: number): Iterable<Float64Array> {
    const pieces = this.#pieces;
    const file = this.#file;
    return {
      *[Symbol.iterator]() {
        for (const { rows, offset } of pieces) {
          const values = new Float64Array(rows);
          readAll(file, values, offset + 8 * rows * index);
          yield values;
        }
      },
    };
  }

  /** All columns, a piece of rows at a time. */
  *pieces(): Generator<Float64Array[]> {
    for (const { rows, offset } of this.#pieces) {
      const values = new Float64Array(rows * this.width);
      readAll(this.#file, values, offset);
      yield Array.from({ length: this.width }, (_, column) => values.subarray(column * rows, (column + 1) * rows));
    }
  }

  remove(): void {
    closeSync(this.#file);
  }
}

/** A file without a name where the system knows such: even after a kill -9 nothing of it stays. */
export function openNameless(path: string): number {
  const file = openSync(path, "wx+");
  if (process.platform !== "win32") rmSync(path);
  return file;
}

/** Writes numbers to the end of a file. */
export function writeAll(file: number, values: Float64Array): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

/** Fills numbers from a place in a file. */
export function readAll(file: number, values: Float64Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new Error("a temporary file of rows has been cut off");
    done += read;
  }
}
