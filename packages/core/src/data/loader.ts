import { takeTurn } from "../graph/turn.ts";
import { randomStream } from "../ops/random.ts";
import { RandomStream } from "../random/random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Dataset } from "./dataset.ts";

export interface DataLoaderOptions {
  /** Examples a batch. */
  batchSize?: number;
  /** Whether each pass takes the examples in another random order. */
  shuffle?: boolean;
  /** Fixes the orders; without it they come from the process's random numbers (manualSeed). */
  seed?: number;
  /** Whether a last batch that is not full is left out. */
  dropLast?: boolean;
  /** Whether a last batch of one example joins the one before it, for batch norm. */
  mergeLastOfOne?: boolean;
}

/**
 * Goes through a dataset in batches: `for await (const [x, y] of loader)`, or `for (const …)` where no page or signal
 * waits for its turn. Every loop is a pass in an order of its own; seed and pass determine it.
 * @throws RangeError for a batch size below 1.
 */
export class DataLoader<Batch extends Tensor[] = [Tensor, Tensor]> {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly dropLast: boolean;
  readonly mergeLastOfOne: boolean;
  /** The number of the next pass. */
  epoch = 0;

  constructor(
    readonly dataset: Dataset<Batch>,
    options: DataLoaderOptions = {},
  ) {
    this.batchSize = options.batchSize ?? 1;
    if (!Number.isInteger(this.batchSize) || this.batchSize < 1)
      throw new RangeError(`a batch has one example at least, not ${this.batchSize}`);
    this.shuffle = options.shuffle ?? false;
    this.seed = options.seed ?? (this.shuffle ? randomStream().bits() : 0);
    this.dropLast = options.dropLast ?? false;
    this.mergeLastOfOne = options.mergeLastOfOne ?? false;
  }

  /** Batches a pass. */
  get length(): number {
    return this.sizes(this.mergeLastOfOne).length;
  }

  /** How large the batches of a pass are. */
  private sizes(merge: boolean): number[] {
    const { batchSize } = this;
    const { length } = this.dataset;
    const sizes = new Array<number>(Math.floor(length / batchSize)).fill(batchSize);
    const rest = length % batchSize;
    if (rest === 0 || this.dropLast) return sizes;
    if (rest === 1 && merge && sizes.length > 0) sizes[sizes.length - 1]++;
    else sizes.push(rest);
    return sizes;
  }

  /** The order of a pass. */
  order(epoch: number): Int32Array {
    const { length } = this.dataset;
    if (this.shuffle) return new RandomStream(this.seed, epoch).permutation(length);
    return Int32Array.from({ length }, (_, index) => index);
  }

  /** The batches of the next pass, one after another. */
  *batches(options: { mergeLastOfOne?: boolean } = {}): Generator<Batch> {
    const order = this.order(this.epoch++);
    let start = 0;
    for (const size of this.sizes(options.mergeLastOfOne ?? this.mergeLastOfOne)) {
      yield this.dataset.batch(order.subarray(start, start + size));
      start += size;
    }
  }

  [Symbol.iterator](): Generator<Batch> {
    return this.batches();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    for (const batch of this.batches()) {
      await takeTurn();
      yield batch;
    }
  }
}
