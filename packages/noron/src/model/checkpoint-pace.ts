/** Writing checkpoints takes at most this share of the time. */
const SHARE = 1 / 20;
/** In an epoch that takes longer, one is written this often, in milliseconds. */
const LONGEST = 5 * 60_000;

/**
 * When checkpoints are written: after every epoch, and every five minutes within one; but where epochs are so short that
 * writing would take more than a twentieth of the time, only as often as that allows. The first epoch always has one.
 */
export class CheckpointPace {
  #last: number;
  /** What the last one took. */
  #took = 0;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.#last = now();
  }

  /** Whether it is time for one at the end of an epoch. */
  dueAfterEpoch(): boolean {
    return this.now() - this.#last >= this.#took * (1 / SHARE - 1);
  }

  /** Whether it is time for one within an epoch. */
  dueAfterBatch(): boolean {
    return this.now() - this.#last >= LONGEST && this.dueAfterEpoch();
  }

  /** Writes one, and notes what it took. */
  write(action: () => void): void {
    const start = this.now();
    action();
    this.#last = this.now();
    this.#took = this.#last - start;
  }
}
