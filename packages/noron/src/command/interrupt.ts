import { EXIT } from "./exit.ts";

/** What ends the program: Ctrl-C, and being told to. */
const ENDINGS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
type Ending = keyof typeof ENDINGS;
const SIGNALS = Object.keys(ENDINGS) as Ending[];

/** Ctrl-C, and being told to end, end the program without a word, but for what has said how it ends. */
export function handleInterrupts(): void {
  for (const signal of SIGNALS) process.on(signal, quit);
}

/**
 * Has the first Ctrl-C, or SIGTERM, from now on abort the signal and `tell`; the next ends the program at once, in the middle
 * of whatever it computes.
 */
export function interruptible(tell: () => void): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = () => {
    // Without a listener the system ends the program, which a listener could only do after the present batch.
    for (const signal of SIGNALS) process.off(signal, abort);
    controller.abort();
    tell();
  };
  for (const signal of SIGNALS) {
    process.off(signal, quit);
    process.on(signal, abort);
  }
  return {
    signal: controller.signal,
    end() {
      for (const signal of SIGNALS) {
        process.off(signal, abort);
        process.off(signal, quit);
        process.on(signal, quit);
      }
    },
  };
}

function quit(signal: Ending): void {
  process.exit(ENDINGS[signal]);
}
