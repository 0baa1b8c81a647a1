import { TemporaryFile } from "./temporary-file.ts";

/** Rows that are added together, and where in the file their columns begin. */
interface Piece {
  rows: number;
  offset: number;
}

/** Columns of numbers in a file: for each piece of rows its columns, one behind the other. */
export class ColumnStore {
  rows = 0;
  readonly #file: TemporaryFile;
  readonly #pieces: Piece[] = [];
  #length = 0;

  /** @param width how many columns there are */
  constructor(
    path: string,
    readonly width: number,
  ) {
    this.#file = new TemporaryFile(path);
  }

  /** Adds rows: one array a column, all of one length. */
  append(columns: readonly Float64Array[]): void {
    const rows = columns[0].length;
    if (rows === 0) return;
    this.#pieces.push({ rows, offset: this.#length });
    for (const column of columns) this.#file.append(column);
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
          file.read(values, offset + 8 * rows * index);
          yield values;
        }
      },
    };
  }

  /** All columns, a piece of rows at a time. */
  *pieces(): Generator<Float64Array[]> {
    for (const { rows, offset } of this.#pieces) {
      const values = new Float64Array(rows * this.width);
      this.#file.read(values, offset);
      yield Array.from({ length: this.width }, (_, column) => values.subarray(column * rows, (column + 1) * rows));
    }
  }

  remove(): void {
    this.#file.remove();
  }
}
