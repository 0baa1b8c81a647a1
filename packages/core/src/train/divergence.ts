import type { Finding } from "../inspect/diagnose.ts";

/** The loss became NaN or infinite, or exploded. */
export class DivergenceError extends Error {
  override name = "DivergenceError";

  constructor(
    readonly epoch: number,
    /** The batch in its epoch; null where it was the epoch's loss, or that of validation. */
    readonly batch: number | null,
    readonly loss: number,
    /** What went wrong first, and in which layer; null where fit() was not told to watch, or it cannot be said. */
    readonly finding: Finding | null = null,
  ) {
    const at = batch === null ? `epoch ${epoch}` : `epoch ${epoch}, batch ${batch}`;
    const first =
      finding === null
        ? ""
        : finding.path === ""
          ? ", from inputs that are not finite"
          : `, and layer "${finding.path}" (${finding.layer}) went first`;
    super(
      `the loss became ${loss} in ${at}: training diverged${first}. Lower the learning rate, clip gradients ` +
        "(clipNorm), scale the inputs, or look for NaN in the data",
    );
  }
}

/**
 * How many times the first batch's loss, or the reference, a loss may be before a watched training counts as diverged.
 * Our choice: batches of a
 * healthy training differ by tens, and what explodes gains as much in every step.
 */
export const EXPLOSION = 1e4;

/** So many batches in a row must be above it: one alone may hold a strange row. */
const IN_A_ROW = 3;

/** The first batch's loss, and how many batches in a row were far above it. */
export interface ExplosionState {
  first: number | null;
  count: number;
}

/** Notices a loss that explodes. */
export class Explosion {
  #first: number | null;
  #count = 0;

  /** @param reference what losses are measured against; the first one where it is 0 or not there. */
  constructor(reference?: number) {
    this.#first = reference === undefined || reference === 0 ? null : Math.abs(reference);
  }

  /** Whether the loss has exploded with this batch. */
  batch(loss: number): boolean {
    this.#first ??= Math.abs(loss);
    this.#count = this.#above(loss) ? this.#count + 1 : 0;
    return this.#count >= IN_A_ROW;
  }

  /** Whether an epoch's mean says so. */
  epoch(loss: number | undefined): boolean {
    return loss !== undefined && (!Number.isFinite(loss) || this.#above(loss));
  }

  stateDict(): ExplosionState {
    return { first: this.#first, count: this.#count };
  }

  /** @throws Error for what is no such state */
  loadStateDict({ first, count }: ExplosionState): void {
    if ((first !== null && typeof first !== "number") || !Number.isSafeInteger(count))
      throw new Error("what watches over it remembers a loss and a count");
    this.#first = first;
    this.#count = count;
  }

  #above(loss: number): boolean {
    return this.#first !== null && this.#first > 0 && Math.abs(loss) > EXPLOSION * this.#first;
  }
}
