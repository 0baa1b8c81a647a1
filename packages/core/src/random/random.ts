import { threefry } from "./threefry.ts";

/**
 * A stream of random numbers on the host, drawn from Threefry by a counter: the same seed gives the same numbers on
 * every machine. Used for what is decided outside kernels: permutations, splits, sample data.
 */
export class RandomStream {
  private counter = 0;

  /** @param seed any integer up to 2^53. @param stream keeps the draws of different purposes apart. */
  constructor(
    readonly seed: number,
    readonly stream = 0,
  ) {}

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const counter = this.counter++;
    return threefry(
      this.seed >>> 0,
      Math.floor(this.seed / 2 ** 32) ^ (this.stream << 16),
      counter >>> 0,
      // A stream's bits above 16 find no room beside the seed's; no counter comes so far.
      Math.floor(counter / 2 ** 32) ^ (Math.floor(this.stream / 2 ** 16) << 16),
    );
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  /** A standard normal number (Box and Muller, 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** An integer in [0, bound), without modulo bias. */
  integer(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const bits = this.bits();
      if (bits < limit) return bits % bound;
    }
  }

  /** The numbers 0 … length − 1 in random order (Fisher and Yates). */
  permutation(length: number): Int32Array {
    const order = Int32Array.from({ length }, (_, index) => index);
    for (let index = length - 1; index > 0; index--) {
      const other = this.integer(index + 1);
      const kept = order[index];
      order[index] = order[other];
      order[other] = kept;
    }
    return order;
  }
}
