import { inputErrors } from "./language/en/input-errors.ts";
import { usageErrors } from "./language/en/usage-errors.ts";
import { fill } from "./language/fill.ts";
import type { Names } from "./language/names.ts";
import type { Problem } from "./language/problem.ts";

const TEXTS = { ...usageErrors, ...inputErrors };

/** What went wrong, for programs: stable, while texts may change. docs/errors.md lists them all. */
export type ErrorCode = keyof typeof TEXTS;
export type UsageErrorCode = keyof typeof usageErrors;
export type InputErrorCode = keyof typeof inputErrors;

/** What the text of an error is made of: the file, the value that was seen and the like. */
export type ErrorParameters<Code extends ErrorCode> = {
  readonly [Name in Names<(typeof TEXTS)[Code]>]: string | number | Problem;
};

/** What helps to mend it. */
export interface ErrorHelp {
  /** The nearest name, where one was mistyped. */
  suggestion?: string;
  /** A command that does it right. */
  command?: string;
  cause?: unknown;
}

type Arguments<Code extends ErrorCode> = [Names<(typeof TEXTS)[Code]>] extends [never]
  ? [parameters?: Readonly<Record<string, never>>, help?: ErrorHelp]
  : [parameters: ErrorParameters<Code>, help?: ErrorHelp];

/** An error that is not a mistake of noron: a code, what its text is made of, and the text in English. */
export abstract class CodedError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly parameters: Readonly<Record<string, string | number | Problem>>;
  readonly suggestion?: string;
  readonly command?: string;

  constructor(
    readonly code: Code,
    ...[parameters = {}, help = {}]: Arguments<Code>
  ) {
    const hint = help.suggestion === undefined ? "" : ` Did you mean ${help.suggestion}?`;
    super(fill(TEXTS[code], parameters, "en") + hint, { cause: help.cause });
    this.parameters = parameters;
    this.suggestion = help.suggestion;
    this.command = help.command;
  }
}

/** A command line that makes no sense, or asks for more than there is. */
export class UsageError<Code extends UsageErrorCode = UsageErrorCode> extends CodedError<Code> {
  override name = "UsageError";
}

/** A file or folder that is not there, not readable or not what it should be. */
export class InputError<Code extends InputErrorCode = InputErrorCode> extends CodedError<Code> {
  override name = "InputError";
}

/** Ctrl-C ended a training; the message says what was saved, and `parameters` say it to programs. */
export class InterruptedError extends Error {
  override name = "InterruptedError";
  readonly code = "interrupted";

  /** @param command goes on with it */
  constructor(
    message: string,
    readonly parameters: Readonly<Record<string, unknown>>,
    readonly command: string,
  ) {
    super(message);
  }
}

/**
 * The loss of a training became NaN or infinite, or exploded; the message says where it began and what to try, and
 * `parameters` say it to programs.
 */
export class DivergedError extends Error {
  override name = "DivergedError";
  readonly code = "diverged";

  /** @param command tries a lower rate */
  constructor(
    message: string,
    readonly parameters: Readonly<Record<string, unknown>>,
    readonly command?: string,
  ) {
    super(message);
  }
}
