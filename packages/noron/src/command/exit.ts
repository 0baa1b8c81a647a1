import { OutOfMemoryError } from "@noron/core";
import { DataError } from "@noron/tabular";
import { CommanderError } from "commander";
import { DivergedError, InputError, InterruptedError, UsageError } from "../errors.ts";

/** What the command ends with. */
export const EXIT = {
  done: 0,
  /** Something in noron itself went wrong. */
  internal: 1,
  /** The command line asks for something that cannot be. */
  usage: 2,
  /** The data, or a run folder, are not what they should be. */
  data: 3,
  /** The loss of a training became NaN or infinite, or exploded. */
  diverged: 4,
  /** Ctrl-C; or SIGTERM, where a training was saved first. */
  interrupted: 130,
  /** SIGTERM, with nothing saved. */
  terminated: 143,
} as const;

/** The exit code that an error stands for, and what to print of it: no stack, but for NORON_DEBUG. */
export function explainError(error: unknown): { exitCode: number; text: string } {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage, text: "" };
  const { exitCode, message } = classify(error);
  const stack = process.env.NORON_DEBUG && error instanceof Error ? `${error.stack}\n` : "";
  return { exitCode, text: `noron: ${message}\n${stack}` };
}

/** What data are refused for because of what was asked of them. */
const ASKED: ReadonlySet<string> = new Set(["bad-choice", "bad-split", "bad-ratio"]);

function classify(error: unknown): { exitCode: number; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof InterruptedError) return { exitCode: EXIT.interrupted, message };
  if (error instanceof UsageError || (error instanceof DataError && ASKED.has(error.code)))
    return { exitCode: EXIT.usage, message };
  if (error instanceof InputError || error instanceof DataError) return { exitCode: EXIT.data, message };
  if (error instanceof DivergedError) return { exitCode: EXIT.diverged, message };
  if (error instanceof OutOfMemoryError)
    return { exitCode: EXIT.usage, message: `there is too little memory for this: ${message}` };
  if (error instanceof RangeError && /allocation failed|Invalid (typed array|array buffer) length/i.test(message)) {
    const what = "there is too little memory for this: give a smaller --model or --batch, or fewer rows.";
    return { exitCode: EXIT.usage, message: what };
  }
  const hint = process.env.NORON_DEBUG ? "" : " Set NORON_DEBUG=1 to see where.";
  return { exitCode: EXIT.internal, message: `something went wrong inside noron: ${message}.${hint}` };
}
