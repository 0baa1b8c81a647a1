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

/** Where a loader stands, and what its orders depend on. */
export interface DataLoaderState {
  seed: number;
  /** The number of the next pass. */
  epoch: number;
  /** Examples of the data set. */
  length: number;
  batchSize: number;
  shuffle: boolean;
  dropLast: boolean;
  mergeLastOfOne: boolean;
}

export interface PassOptions {
  /** Whether a last batch of one example joins the one before it; as the loader says by default. */
  mergeLastOfOne?: boolean;
  /** How many batches of the pass are left out, without their examples being read. */
  skip?: number;
}

/**
 * Goes through a dataset in batches: `for await (const [x, y] of loader)`, or `for (const …)` where no page or signal
 * waits for its turn. Every loop is a pass in an order of its own; seed and pass determine it.
 * @throws RangeError for a batch size below 1.
 */
export class DataLoader<Batch extends Tensor[] = [Tensor, Tensor]> {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly mergeLastOfOne: boolean;
  /** The number of the next pass. */
  epoch = 0;
  #seed: number;

  constructor(
    readonly dataset: Dataset<Batch>,
    options: DataLoaderOptions = {},
  ) {
    this.batchSize = options.batchSize ?? 1;
    if (!Number.isInteger(this.batchSize) || this.batchSize < 1)
      throw new RangeError(`a batch has one example at least, not ${this.batchSize}`);
    this.shuffle = options.shuffle ?? false;
    this.#seed = options.seed ?? (this.shuffle ? randomStream().bits() : 0);
    this.dropLast = options.dropLast ?? false;
    this.mergeLastOfOne = options.mergeLastOfOne ?? false;
  }

  /** What the orders follow from. */
  get seed(): number {
    return this.#seed;
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
  *batches({ mergeLastOfOne = this.mergeLastOfOne, skip = 0 }: PassOptions = {}): Generator<Batch> {
    const order = this.order(this.epoch++);
    let start = 0;
    for (const [number, size] of this.sizes(mergeLastOfOne).entries()) {
      if (number === skip) this.dataset.expect?.(order.subarray(start));
      if (number >= skip) yield this.dataset.batch(order.subarray(start, start + size));
      start += size;
    }
  }

  /** Where the loader stands: with it another over the same data goes through the same orders. */
  stateDict(): DataLoaderState {
    const { seed, epoch, batchSize, shuffle, dropLast, mergeLastOfOne } = this;
    return { seed, epoch, length: this.dataset.length, batchSize, shuffle, dropLast, mergeLastOfOne };
  }

  /**
   * Takes up where another loader stood.
   * @throws Error, with nothing changed, if it had other data or options, so that its orders mean nothing here
   */
  loadStateDict(state: unknown): void {
    const own = this.stateDict();
    const given = (state ?? {}) as Partial<DataLoaderState>;
    for (const name of ["length", "batchSize", "shuffle", "dropLast", "mergeLastOfOne"] as const)
      if (given[name] !== own[name])
        throw new Error(`the loader has ${name} ${own[name]}, but the state is of one with ${name} ${given[name]}`);
    const { seed, epoch } = given;
    if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(epoch) || epoch! < 0)
      throw new Error(`a loader cannot stand before pass ${epoch} of seed ${seed}`);
    this.#seed = seed!;
    this.epoch = epoch!;
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
