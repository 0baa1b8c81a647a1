import { OutOfMemoryError } from "@noron/core";
import { DataError, type DataErrorCode, describeDataError } from "@noron/tabular";
import { CommanderError } from "commander";
import { CodedError, DivergedError, InterruptedError, UsageError } from "../errors.ts";
import { spoken, t } from "../language/current.ts";
import { describeError } from "../language/describe-error.ts";
import { optionOf } from "../language/language.ts";
import { EXIT } from "./exit.ts";
import { findInOptionsFile } from "./find-in-options-file.ts";
import { mendCommand } from "./retry.ts";
import { usageErrorOf } from "./usage-error.ts";

/** An error as the command tells it. */
export interface ExplainedError {
  exitCode: number;
  /** For people, in the language that the command speaks; empty where all has been said. */
  text: string;
  /** For programs, the same in every language; null where the command has done what it was asked for. */
  fields: { code: string; exitCode: number; message: string; [name: string]: unknown } | null;
}

/**
 * The exit code that an error stands for, and what to say of it: no stack, but for NORON_DEBUG.
 * @param argv the command line, without the program
 */
export function explainError(thrown: unknown, argv: readonly string[]): ExplainedError {
  const error = thrown instanceof CommanderError ? usageErrorOf(thrown) : outOfMemory(thrown);
  // Help that was asked for has been written.
  if (error === null) return { exitCode: EXIT.done, text: "", fields: null };
  const { exitCode, code, message, said, parameters, suggestion, wrong, command } = classify(error);
  const file = optionOf(argv, "--config");
  const place = file === undefined || wrong === undefined ? null : findInOptionsFile(file, wrong);
  const mended =
    command ??
    (wrong === undefined || suggestion === undefined || place !== null ? null : mendCommand(argv, wrong, suggestion));
  const lines = [`noron: ${said}`];
  if (place !== null && suggestion !== undefined && wrong !== undefined) {
    const right = { ...place, right: JSON.stringify(suggestion), wrong: JSON.stringify(wrong) };
    lines.push(`  ${t(place.isName ? "words.mendNameInFile" : "words.mendValueInFile", right)}`);
  }
  if (mended !== null) lines.push(`  ${mended}`);
  else if (thrown instanceof CommanderError) lines.push(t("help.seeHelp"));
  if (process.env.NORON_DEBUG && error instanceof Error) lines.push(String(error.stack));
  const fields = {
    code,
    exitCode,
    message,
    suggestion,
    command: mended ?? undefined,
    ...parameters,
    place: place ?? undefined,
  };
  return { exitCode, text: `${lines.join("\n")}\n`, fields };
}

interface Classified {
  exitCode: number;
  code: string;
  /** In English. */
  message: string;
  /** In the language that the command speaks. */
  said: string;
  parameters?: Readonly<Record<string, unknown>>;
  /** The nearest name, and the word that it should take the place of. */
  suggestion?: string;
  wrong?: string;
  command?: string;
}

/** What data are refused for because of what was asked of them. */
const ASKED: ReadonlySet<DataErrorCode> = new Set(["bad-choice", "bad-split", "bad-ratio"]);

function classify(error: unknown): Classified {
  if (error instanceof CodedError) return coded(error);
  if (error instanceof DataError) {
    const { code, message, file, row, column, value, suggestion } = error;
    const parameters = { file, row, column, value };
    const said = describeDataError(error, spoken());
    const exitCode = ASKED.has(code) ? EXIT.usage : EXIT.data;
    return { exitCode, code, message, said, parameters, suggestion, wrong: value };
  }
  if (error instanceof InterruptedError || error instanceof DivergedError) {
    const { code, message, parameters, command } = error;
    return { exitCode: EXIT[code], code, message, said: message, parameters, command };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = process.env.NORON_DEBUG ? "" : ` ${t("words.debugHint")}`;
  const said = t("words.internal", { problem: message }) + hint;
  return { exitCode: EXIT.internal, code: "internal", message, said };
}

function coded(error: CodedError): Classified {
  const { code, message, parameters, suggestion, command } = error;
  const said = describeError(error, spoken());
  // In a file of options a name is at fault, and not the file.
  const inFile = error.code === "unknown-option-in-file" ? parameters.option : undefined;
  const wrong = inFile ?? parameters.value ?? parameters.file ?? parameters.folder;
  const exitCode = error instanceof UsageError ? EXIT.usage : EXIT.data;
  return { exitCode, code, message, said, parameters, suggestion, wrong: String(wrong), command };
}

/** What engines throw where there is too little memory, as an error of the command's. */
function outOfMemory(error: unknown): unknown {
  const ofEngine = /allocation failed|Invalid (typed array|array buffer) length/i;
  if (error instanceof OutOfMemoryError || (error instanceof RangeError && ofEngine.test(error.message)))
    return new UsageError("out-of-memory", {}, { cause: error });
  return error;
}
