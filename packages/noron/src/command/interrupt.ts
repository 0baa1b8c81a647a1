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
  // Never without a listener in between: a signal that is on its way would be lost.
  for (const signal of SIGNALS) {
    process.on(signal, abort);
    process.off(signal, quit);
  }
  return {
    signal: controller.signal,
    end() {
      for (const signal of SIGNALS) {
        if (!process.listeners(signal).includes(quit)) process.on(signal, quit);
        process.off(signal, abort);
      }
    },
  };
}

function quit(signal: NodeJS.Signals): void {
  process.exit(ENDINGS[signal as Ending]);
}
