/**
 * What the worker answers to a question that depends on the page's state: asked again when that changes; while an answer is
 * under way only the last question waits, so that a slider piles nothing up.
 */
export class Live<T> {
  value = $state.raw<T | null>(null);
  #busy = false;
  #waiting: (() => Promise<T>) | null = null;

  /** @param question reads the state that it depends on, and gives what asks. Called while a component is made. */
  constructor(question: () => () => Promise<T>) {
    $effect(() => {
      this.#waiting = question();
      if (!this.#busy) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#waiting !== null) {
        const ask = this.#waiting;
        this.#waiting = null;
        this.value = await ask();
      }
    } finally {
      this.#busy = false;
    }
  }
}
