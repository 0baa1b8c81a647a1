import type { train } from "@noron/core";

/** More points than this no chart can tell apart. */
const MOST = 1200;

/**
 * Epochs of a training that may go on for hours, in bounded memory: once full, every second one is let go, but for the last
 * one and the one with the least validation loss, which what comes after it is compared with.
 */
export class CurveHistory {
  #kept: train.EpochLog[] = [];
  #last: train.EpochLog | null = null;
  #best: train.EpochLog | null = null;
  #every = 1;

  /** Those that are kept now, in their order; the last one is always the last that was added. */
  get epochs(): readonly train.EpochLog[] {
    const all = new Set(this.#kept);
    for (const each of [this.#best, this.#last]) if (each !== null) all.add(each);
    return [...all].sort((a, b) => a.epoch - b.epoch);
  }

  add(logs: readonly train.EpochLog[]): void {
    for (const log of logs) {
      this.#last = log;
      if (log.validationLoss < (this.#best?.validationLoss ?? Number.POSITIVE_INFINITY)) this.#best = log;
      if ((log.epoch - 1) % this.#every !== 0) continue;
      this.#kept.push(log);
      if (this.#kept.length <= MOST) continue;
      this.#every *= 2;
      this.#kept = this.#kept.filter(({ epoch }) => (epoch - 1) % this.#every === 0);
    }
  }
}
