import type { Command, HelpConfiguration } from "commander";
import { t } from "../language/current.ts";
import { EXIT } from "./exit.ts";

/** Commander's own words in the language that the command speaks. */
export function helpTexts(): HelpConfiguration {
  const titles: Readonly<Record<string, string>> = {
    "Usage:": t("help.usage"),
    "Arguments:": t("help.arguments"),
    "Options:": t("help.options"),
    "Global Options:": t("help.globalOptions"),
    "Commands:": t("help.commands"),
  };
  const translate = (usage: string) =>
    usage.replace("[options]", t("help.someOptions")).replace("[command]", t("help.someCommand"));
  return {
    showGlobalOptions: true,
    styleTitle: (title) => titles[title] ?? title,
    styleUsage: translate,
    styleSubcommandTerm: translate,
  };
}

/** A command with examples below its help: what follows "noron " on each line. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  noron ${example}`);
  return command.addHelpText("after", ["", t("help.examples"), ...lines].join("\n"));
}

/** What the command can end with, for its help. */
export function exitCodes(): string {
  const meanings = [
    [EXIT.done, t("help.exitDone")],
    [EXIT.internal, t("help.exitInternal")],
    [EXIT.usage, t("help.exitUsage")],
    [EXIT.data, t("help.exitData")],
    [EXIT.diverged, t("help.exitDiverged")],
    [EXIT.interrupted, t("help.exitInterrupted")],
  ] as const;
  return ["", t("help.exitCodes"), ...meanings.map(([code, text]) => `  ${String(code).padEnd(3)}  ${text}`)].join(
    "\n",
  );
}

/** The forms of noron export, for its help. */
export function exportForms(): string {
  const forms = [
    ["ts", t("help.formTs")],
    ["safetensors", t("help.formSafetensors")],
    ["json", t("help.formJson")],
  ];
  return ["", t("help.forms"), ...forms.map(([name, text]) => `  ${name.padEnd(11)}  ${text}`)].join("\n");
}
