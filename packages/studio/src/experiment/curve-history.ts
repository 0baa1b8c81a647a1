import type { train } from "@noron/core";

/** More points than this no chart can tell apart. */
const MOST = 1200;

/** Epochs of a training that may go on for hours, in bounded memory: once full, every second one is let go. */
export class CurveHistory {
  readonly epochs: train.EpochLog[] = [];
  #every = 1;

  add(logs: readonly train.EpochLog[]): void {
    for (const log of logs) {
      if ((log.epoch - 1) % this.#every !== 0) continue;
      this.epochs.push(log);
      if (this.epochs.length <= MOST) continue;
      this.#every *= 2;
      const kept = this.epochs.filter(({ epoch }) => (epoch - 1) % this.#every === 0);
      this.epochs.splice(0, this.epochs.length, ...kept);
    }
  }
}
