import type { CommanderError } from "commander";
import { UsageError } from "../errors.ts";

/** What commander throws as an error of the command's, with a code and the nearest name; null for help that was asked for. */
export function usageErrorOf({ code, message, exitCode }: CommanderError): UsageError | null {
  const [first = "", second = ""] = Array.from(message.matchAll(/'([^']*)'/g), ([, text]) => text);
  const option = longName(first);
  const suggestion = /\(Did you mean (?:one of )?([^,?]+)/.exec(message)?.[1];
  switch (code) {
    case "commander.unknownOption":
      return new UsageError("unknown-option", { value: first }, { suggestion });
    case "commander.unknownCommand":
      return new UsageError("unknown-command", { value: first }, { suggestion });
    case "commander.missingArgument":
      return new UsageError("missing-argument", { name: first });
    case "commander.optionMissingArgument":
      return new UsageError("missing-value", { option });
    case "commander.missingMandatoryOptionValue":
      return new UsageError("missing-option", { option });
    case "commander.conflictingOption":
      return new UsageError("options-exclude-each-other", { option, other: longName(second) });
    case "commander.excessArguments": {
      const [, expected = ""] = /Expected (\d+)/.exec(message) ?? [];
      return new UsageError("too-many-arguments", { expected });
    }
    case "commander.invalidArgument": {
      const [, value = "", problem = message] = /argument '(.*)' is invalid\. (.*)$/s.exec(message) ?? [];
      return new UsageError("bad-value", { option, value, problem });
    }
    default:
      return exitCode === 0 ? null : new UsageError("no-command");
  }
}

/** "--lr" of "-l, --lr <rate>". */
export function longName(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}
