import { valueOf } from "../graph/evaluate.ts";
import { dataNode } from "../graph/node.ts";
import { RandomStream } from "../random/random.ts";
import { allocate, type DType, dtypeOfArray, type TypedArray } from "../tensor/dtype.ts";
import { ShapeError } from "../tensor/errors.ts";
import { formatShape, type Shape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Examples that can be taken by number. */
export interface Dataset<Batch extends Tensor[] = [Tensor, Tensor]> {
  /** How many examples there are. */
  readonly length: number;
  /** Some of them, one a row of each tensor. */
  batch(indices: ArrayLike<number>): Batch;
  /** Told the order in which a pass of a loader is about to ask for examples, so that they can be read ahead. */
  expect?(order: Int32Array): void;
}

/** Values, row-major, with their shape; the first dimension counts the examples. */
export interface Column {
  readonly data: TypedArray;
  readonly shape: Shape;
}

export interface SplitOptions {
  /** What the parts are drawn by; 0 if it is left out. */
  seed?: number;
  /** Whether the examples are drawn at random, not taken in their order. */
  shuffle?: boolean;
}

/** Keeps the draws of splits apart from others of the same seed. */
const SPLITS = 13;

/** A tensor for each column. */
export type Batch<Columns extends readonly unknown[]> = { -readonly [Index in keyof Columns]: Tensor };

/**
 * Examples in memory: columns whose first dimension counts them, as inputs and targets. Tensors are copied, typed arrays
 * are used as they are.
 * @throws ShapeError unless all columns have as many rows, and their values fill their shapes.
 */
export class TensorDataset<const Columns extends readonly (Tensor | Column)[] = [Column, Column]>
  implements Dataset<Batch<Columns>>
{
  readonly length: number;
  readonly columns: readonly Column[];

  constructor(...columns: Columns) {
    this.columns = columns.map((column) =>
      column instanceof Tensor ? { data: valueOf(column).slice(), shape: column.shape } : column,
    );
    if (this.columns.length === 0) throw new RangeError("a dataset needs a column at least");
    this.length = this.columns[0].shape[0] ?? 0;
    this.columns.forEach(({ data, shape }, index) => {
      if (shape.length === 0)
        throw new ShapeError(`column ${index} is one number; its first dimension counts examples`);
      if (sizeOf(shape) !== data.length)
        throw new ShapeError(`column ${index} has ${data.length} values, which do not fill ${formatShape(shape)}`);
      if (shape[0] !== this.length)
        throw new ShapeError(`column 0 has ${this.length} examples, but column ${index} has ${shape[0]}`);
    });
  }

  /** The dtype of a column. */
  dtype(column: number): DType {
    return dtypeOfArray(this.columns[column].data);
  }

  /** The examples as tensors of their own. @throws RangeError for a number outside. */
  batch(indices: ArrayLike<number>): Batch<Columns> {
    return this.columns.map(({ data, shape }) => {
      const width = sizeOf(shape.slice(1));
      const dtype = dtypeOfArray(data);
      const rows = allocate(dtype, indices.length * width);
      for (let row = 0; row < indices.length; row++) {
        const index = indices[row];
        if (!(index >= 0 && index < this.length))
          throw new RangeError(`there is no example ${index} among ${this.length}`);
        if (width === 1) rows[row] = data[index];
        else rows.set(data.subarray(index * width, (index + 1) * width), row * width);
      }
      return dataNode(rows, [indices.length, ...shape.slice(1)], dtype);
    }) as Tensor[] as Batch<Columns>;
  }

  /** Some of the examples as a dataset of their own. */
  subset(indices: ArrayLike<number>): TensorDataset<Columns> {
    const columns = (this.batch(indices) as Tensor[]).map((column) => ({ data: column.value!, shape: column.shape }));
    return new TensorDataset(...columns) as TensorDataset as unknown as TensorDataset<Columns>;
  }

  /**
   * A share of the examples and the rest, as two datasets: drawn at random by a seed (the same seed, 0 if none is given,
   * gives the same parts), in their order with `{ shuffle: false }`, or in an order that is given.
   * @throws RangeError for a share outside 0 to 1; TypeError for a bare number as the seed.
   */
  split(
    share: number,
    options: SplitOptions | ArrayLike<number> = {},
  ): [TensorDataset<Columns>, TensorDataset<Columns>] {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is between 0 and 1, not ${share}`);
    if (typeof options !== "object" || options === null)
      throw new TypeError(`split takes options, not ${options}; a seed is split(${share}, { seed: 42 })`);
    const all = "length" in options ? Array.from(options) : this.#order(options);
    const cut = Math.round(share * all.length);
    return [this.subset(all.slice(0, cut)), this.subset(all.slice(cut))];
  }

  #order({ seed = 0, shuffle = true }: SplitOptions): number[] {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is an integer, not ${seed}`);
    if (shuffle) return Array.from(new RandomStream(seed, SPLITS).permutation(this.length));
    return Array.from({ length: this.length }, (_, index) => index);
  }
}
