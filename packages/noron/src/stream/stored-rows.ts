import { columnFeatureNames, type FeatureWriter, featureWriter, type Preprocessing } from "@noron/tabular";
import type { RowStore } from "./row-store.ts";

/** Bytes of rows that are read ahead of a training. */
const WINDOW_BYTES = 2 ** 26;

/**
 * Examples whose features are made of numbers in a file as they are asked for. Rows that are told beforehand are read
 * many at a time, in the order of the file.
 */
export class StoredRows {
  readonly count: number;
  /** Features of a row. */
  readonly width: number;
  readonly #writers: { write: FeatureWriter; offset: number }[];
  #order: Int32Array = new Int32Array();
  #window = new Float64Array();
  /** The part of the order that is in the window, and how much of it was asked for. */
  #start = 0;
  #end = 0;
  #next = 0;

  /**
   * @param store for each row one number a column of the preprocessing, as featureWriter takes it
   * @param ahead bytes of rows that are read ahead
   */
  constructor(
    private readonly store: RowStore,
    { columns, clip }: Preprocessing,
    private readonly ahead = WINDOW_BYTES,
  ) {
    this.count = store.count;
    let offset = 0;
    this.#writers = columns.map((column) => {
      const writer = { write: featureWriter(column, clip), offset };
      offset += columnFeatureNames(column).length;
      return writer;
    });
    this.width = offset;
  }

  /** Told which rows will be asked for, one after another. */
  expect(order: Int32Array): void {
    this.#order = order;
    this.#start = 0;
    this.#end = 0;
    this.#next = 0;
  }

  /** The features of some rows, [rows × width]. */
  features(rows: ArrayLike<number>): Float32Array {
    const numbers = this.#take(rows);
    const features = new Float32Array(rows.length * this.width);
    const { width } = this.store;
    this.#writers.forEach(({ write, offset }, column) => {
      for (let row = 0; row < rows.length; row++)
        write(numbers[row * width + column], features, row * this.width + offset);
    });
    return features;
  }

  #take(rows: ArrayLike<number>): Float64Array {
    const { width } = this.store;
    if (!this.#isNext(rows)) {
      const numbers = new Float64Array(rows.length * width);
      this.store.read(rows, numbers);
      return numbers;
    }
    if (this.#next + rows.length > this.#end) this.#fill(rows.length);
    const from = (this.#next - this.#start) * width;
    this.#next += rows.length;
    return this.#window.subarray(from, from + rows.length * width);
  }

  #isNext(rows: ArrayLike<number>): boolean {
    for (let index = 0; index < rows.length; index++) if (this.#order[this.#next + index] !== rows[index]) return false;
    return rows.length > 0;
  }

  #fill(least: number): void {
    const { width } = this.store;
    const rows = Math.max(least, Math.floor(this.ahead / (8 * width)));
    this.#start = this.#next;
    this.#end = Math.min(this.#order.length, this.#start + rows);
    const length = (this.#end - this.#start) * width;
    if (this.#window.length < length) this.#window = new Float64Array(length);
    this.store.read(this.#order.subarray(this.#start, this.#end), this.#window);
  }
}
