import { EXIT } from "./exit.ts";

/** What Ctrl-C does instead of ending the program, once. */
let ending: (() => void) | null = null;

/** Ctrl-C ends the program without a word, but for what has said how it ends. */
export function handleInterrupts(): void {
  process.on("SIGINT", () => {
    if (ending === null) process.exit(EXIT.interrupted);
    const end = ending;
    ending = null;
    end();
  });
}

/** Has the first Ctrl-C from now on abort the signal and `tell`; the next ends the program. */
export function interruptible(tell: () => void): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  ending = () => {
    controller.abort();
    tell();
  };
  return {
    signal: controller.signal,
    end() {
      ending = null;
    },
  };
}
