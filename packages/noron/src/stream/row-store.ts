import { TemporaryFile } from "./temporary-file.ts";

/** Numbers that are written together. */
const WRITE_NUMBERS = 2 ** 17;
/** Numbers that are read together at most. */
const READ_NUMBERS = 2 ** 19;
/** Where wanted rows are nearer to each other than this, what is between them is read as well: that is faster than two reads. */
const GAP_NUMBERS = 2 ** 13;

/** Rows of numbers, all of one width, in a file that holds nothing else. */
export class RowStore {
  count = 0;
  readonly #file: TemporaryFile;
  readonly #waiting = new Float64Array(WRITE_NUMBERS);
  #waits = 0;

  constructor(
    path: string,
    readonly width: number,
  ) {
    this.#file = new TemporaryFile(path);
  }

  /** Adds a row: the numbers at `row` of each column. */
  append(columns: readonly Float64Array[], row: number): void {
    if (this.#waits + this.width > this.#waiting.length) this.flush();
    if (this.width > this.#waiting.length) this.#file.append(Float64Array.from(columns, (column) => column[row]));
    else for (const column of columns) this.#waiting[this.#waits++] = column[row];
    this.count++;
  }

  /** Writes what waits: before anything is read. */
  flush(): void {
    this.#file.append(this.#waiting.subarray(0, this.#waits));
    this.#waits = 0;
  }

  /**
   * Some rows, in the order in which they are asked for, read in that of the file.
   * @param into room for them
   */
  read(rows: ArrayLike<number>, into: Float64Array): void {
    const { width } = this;
    const places = new Float64Array(rows.length);
    // Sorted by row; the place among those asked for goes along in the lower digits.
    for (let place = 0; place < rows.length; place++) places[place] = rows[place] * rows.length + place;
    places.sort();
    const rowAt = (index: number) => Math.floor(places[index] / rows.length);
    const gap = Math.max(1, Math.floor(GAP_NUMBERS / width));
    const most = Math.max(1, Math.floor(READ_NUMBERS / width));
    for (let start = 0; start < places.length; ) {
      const first = rowAt(start);
      let end = start + 1;
      let last = first;
      for (; end < places.length; end++) {
        const next = rowAt(end);
        if (next - last > gap || next - first >= most) break;
        last = next;
      }
      const block = new Float64Array((last - first + 1) * width);
      this.#file.read(block, 8 * first * width);
      for (let index = start; index < end; index++) {
        const row = rowAt(index);
        const from = (row - first) * width;
        const to = (places[index] - row * rows.length) * width;
        for (let column = 0; column < width; column++) into[to + column] = block[from + column];
      }
      start = end;
    }
  }

  remove(): void {
    this.#file.remove();
  }
}
