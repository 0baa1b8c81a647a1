/** Thrown where a training that nobody wants any more waits for its next batch. */
export class Ended extends Error {}

/** Milliseconds that a training may be behind its pace and still make up for. */
const LATE = 50;

/** What a training passes before every batch: open, closed, open for some batches, or open now and then. */
export class Gate {
  #allowed = 0;
  #interval = 0;
  #paced = true;
  #ended = false;
  #wake: (() => void) | null = null;
  #last = 0;

  get open(): boolean {
    return this.#allowed > 0;
  }

  /** Lets batches through: some, or Infinity until close(); without the pace where they are to be made up for. */
  allow(batches: number, paced = true): void {
    this.#allowed = batches;
    this.#paced = paced;
    this.#wake?.();
  }

  /** Lets some batches through at once, beside those that are let through already and are not all. */
  add(batches: number): void {
    this.allow(batches + (Number.isFinite(this.#allowed) ? this.#allowed : 0), false);
  }

  close(): void {
    this.#allowed = 0;
  }

  /** How many milliseconds lie between two batches at least. */
  pace(interval: number): void {
    this.#interval = interval;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Resolves when a batch may be learned. @throws Ended */
  async pass(waiting: () => void): Promise<void> {
    while (!this.#ended) {
      const left = this.#paced ? this.#last + this.#interval - performance.now() : 0;
      if (this.#allowed <= 0) {
        waiting();
        await this.#sleep(null);
      } else if (left > 0) await this.#sleep(left);
      else break;
    }
    if (this.#ended) throw new Ended();
    // Late batches are made up for, but for those of a longer stop.
    this.#last = Math.max(this.#last + this.#interval, performance.now() - LATE);
    this.#allowed--;
  }

  #sleep(milliseconds: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === null ? undefined : setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }
}
