import type { EventEmitter } from "node:events";
import { getThreads } from "@noron/core";
import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { speak, t } from "../language/current.ts";
import { chooseLanguage, LANGUAGES, optionOf } from "../language/language.ts";
import { systemProblem } from "../language/problem.ts";
import { noronVersion } from "../run/version.ts";
import { EXIT } from "./exit.ts";
import { explainError } from "./explain-error.ts";
import { EXPORT_FORMATS, exportCommand } from "./export.ts";
import { exitCodes, exportForms, helpTexts, withExamples } from "./help.ts";
import { handleInterrupts } from "./interrupt.ts";
import { Log } from "./log.ts";
import { choice, columnOptions, number, PORTS, parseRow, streamOptions, trainOptions } from "./options.ts";
import { RUN_ORDERS, runsCommand } from "./runs.ts";
import { STUDIO_PORT, studioCommand } from "./studio.ts";

/** Runs the command line and gives the exit code: 0, 2 for one that makes no sense, 3 for bad data, 4 for a training that diverged, 1 for a mistake of ours, 130 after Ctrl-C. */
export async function main(argv: readonly string[]): Promise<number> {
  const words = argv.slice(2);
  endInOrder(words);
  speak(chooseLanguage(words, process.env));
  try {
    checkEnvironment();
    await makeProgram(words).parseAsync(argv);
    return EXIT.done;
  } catch (error) {
    const { exitCode, text, fields } = explainError(error, words);
    const log = new Log(optionOf(words, "--log") === "json");
    if (fields !== null) log.event("error", fields);
    if (!log.json) process.stderr.write(text);
    return exitCode;
  }
}

/** A command whose code, with the packages that it alone needs, is loaded when it is asked for. */
function later<Given extends unknown[]>(
  load: () => Promise<(...given: Given) => Promise<void>>,
): (...given: Given) => Promise<void> {
  return async (...given) => (await load())(...given);
}

/** @throws UsageError where the environment asks for a number of threads that is none */
function checkEnvironment(): void {
  try {
    getThreads();
  } catch (error) {
    throw new UsageError("bad-environment", { problem: (error as Error).message });
  }
}

/**
 * Ctrl-C where nothing is to be saved, and a reader that has read enough (`| head`), end the program without a word; output
 * that cannot be written ends it with one. Notes that nobody reads, on standard error, are no reason to end.
 */
function endInOrder(words: readonly string[]): void {
  handleInterrupts();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.done);
    const { exitCode, text } = explainError(
      new UsageError("cannot-write-output", { problem: systemProblem(error) }),
      words,
    );
    process.stderr.write(text);
    process.exit(exitCode);
  });
  process.stderr.on("error", () => {});
}

function makeProgram(words: readonly string[]): Command {
  const program = new Command("noron")
    .description(t("help.noron"))
    .version(noronVersion(), "-V, --version", t("help.version"))
    .helpOption("-h, --help", t("help.helpOption"))
    .helpCommand(`help ${t("help.someCommand")}`, t("help.helpCommand"))
    .addOption(choice(`--lang <${t("options.language")}>`, t("options.langText"), LANGUAGES))
    .exitOverride()
    .configureHelp(helpTexts())
    // Errors are told by those who catch them.
    .configureOutput({ outputError() {} })
    .addHelpText("after", exitCodes());
  const command = (name: string, description: string, examples: readonly string[]) =>
    withExamples(
      program.command(name).description(description).helpOption("-h, --help", t("help.helpOption")),
      examples,
    );
  const run = [`<${t("options.run")}>`, t("help.run")] as const;
  const data = (form: "required" | "optional", text: string) => {
    const name = `${t("options.data")}...`;
    return [form === "required" ? `<${name}>` : `[${name}]`, text] as const;
  };
  const model = () => new Option(`--model <${t("options.file")}>`, t("options.ownModelText"));
  const out = () => new Option(`--out <${t("options.file")}>`, t("options.outText"));
  const log = () => choice(`--log <${t("options.format")}>`, t("options.logText"), ["text", "json"]);

  const train = command("train", t("help.train"), [
    "train",
    "train customers.csv --target churned",
    "train mpg.csv -t mpg --model 32,16 --activation gelu --epochs 200 --out runs/mpg",
    "train train-images-idx3-ubyte.gz --log json",
    "train mpg.csv -t mpg --lr auto --schedule cosine --dry-run",
    "train --resume runs/mpg --epochs 300",
  ])
    .argument(...data("optional", t("help.data")))
    .action(later(async () => (await import("./train.ts")).trainCommand));
  for (const option of trainOptions()) train.addOption(option);
  const inspect = command("inspect", t("help.inspect"), [
    "inspect customers.csv",
    "inspect customers.csv --target churned",
    "inspect customers.csv --target churned --drop id --log json",
  ])
    .argument(...data("optional", t("help.data")))
    .addOption(new Option(`-t, --target <${t("options.name")}>`, t("options.targetText")))
    .addOption(choice(`--task <${t("options.task")}>`, t("options.taskText"), ["classification", "regression"]))
    .option("--full", t("options.fullColumnsText"))
    .addOption(log())
    .action(later(async () => (await import("./inspect.ts")).inspectCommand));
  for (const option of [...columnOptions(), ...streamOptions()]) inspect.addOption(option);
  command("evaluate", t("help.evaluate"), [
    "evaluate runs/customers-20250131-093015 more-customers.csv",
    "evaluate runs/customers-20250131-093015 more-customers.csv --log json",
  ])
    .argument(...run)
    .argument(...data("required", t("help.data")))
    .addOption(model())
    .addOption(streamOptions()[0])
    .addOption(streamOptions()[1])
    .addOption(log())
    .action(later(async () => (await import("./evaluate.ts")).evaluateCommand));
  command("predict", t("help.predict"), [
    "predict runs/customers-20250131-093015 new-customers.csv --out predictions.csv",
    "predict runs/customers-20250131-093015 - < new-customers.csv | head",
    "predict runs/customers-20250131-093015 new-customers.csv --log json",
  ])
    .argument(...run)
    .argument(...data("required", t("help.data")))
    .addOption(model())
    .addOption(streamOptions()[0])
    .addOption(streamOptions()[1])
    .addOption(out())
    .option("--only", t("options.onlyText"))
    .option("--no-proba", t("options.noProbaText"))
    .option("--force", t("options.forceText"))
    .addOption(log())
    .action(later(async () => (await import("./predict.ts")).predictCommand));
  command("explain", t("help.explain"), [
    "explain runs/penguins-20250131-093015 --row 2",
    "explain runs/penguins-20250131-093015 --row 7 new-penguins.csv --layer 0 --full",
    "explain runs/penguins-20250131-093015 --row 2 --log json",
  ])
    .argument(...run)
    .argument(...data("optional", t("help.dataOfRun", { data: t("help.data") })))
    .addOption(
      new Option(`--row <${t("options.number")}>`, t("options.rowText")).argParser(parseRow).makeOptionMandatory(),
    )
    .option(`--layer <${t("options.path")}>`, t("options.layerText"))
    .addOption(
      number(`--neuron <${t("options.number")}>`, t("options.neuronText"), { least: 1, most: 1e9, whole: true }),
    )
    .option("--full", t("options.fullText"))
    .addOption(model())
    .addOption(streamOptions()[0])
    .addOption(streamOptions()[1])
    .addOption(log())
    .action(later(async () => (await import("./explain.ts")).explainCommand));
  command("report", t("help.report"), [
    "report runs/penguins-20250131-093015",
    "report runs/penguins-20250131-093015 more-penguins.csv --out more-penguins.html",
    "report runs/penguins-20250131-093015 --lang vi --force",
  ])
    .argument(...run)
    .argument(...data("optional", t("help.dataOfRun", { data: t("help.data") })))
    .addOption(new Option(`--out <${t("options.file")}>`, t("options.reportText")))
    .addOption(model())
    .addOption(streamOptions()[0])
    .addOption(streamOptions()[1])
    .option("--force", t("options.forceText"))
    .addOption(log())
    .action(later(async () => (await import("./report.ts")).reportCommand));
  command("runs", t("help.runs"), [
    "runs",
    "runs experiments --sort score",
    "runs --compare runs/customers-20250131-093015 runs/customers-20250131-101502",
  ])
    .argument(`[${t("options.folder")}]`, t("help.runsFolder"))
    .addOption(choice(`--sort <${t("options.order")}>`, t("options.sortText"), RUN_ORDERS))
    .option(`--compare <${t("options.run")}...>`, t("options.compareText"))
    .addOption(log())
    .action(runsCommand);
  command("export", t("help.export"), [
    "export runs/penguins-20250131-093015 --out src/penguins.ts",
    "export runs/penguins-20250131-093015 --to safetensors > penguins.safetensors",
  ])
    .argument(...run)
    .addOption(choice(`--to <${t("options.form")}>`, t("options.toText"), EXPORT_FORMATS))
    .addOption(out())
    .addOption(model())
    .option("--force", t("options.forceText"))
    .addOption(log())
    .addHelpText("after", exportForms())
    .action(exportCommand);
  command("studio", t("help.studio"), ["studio --open", "studio runs/penguins-20250131-093015"])
    .argument(`[${t("options.run")}]`, t("help.run"))
    .addOption(number(`--port <${t("options.port")}>`, t("options.portText", { port: STUDIO_PORT }), PORTS))
    .option("--open", t("options.openText"))
    .action(studioCommand);
  command("doctor", t("help.doctor"), ["doctor", "doctor --log json"])
    .addOption(log())
    .action(later(async () => (await import("./doctor.ts")).doctorCommand));
  for (const each of program.commands) refuseOptionsAsValues(each, words);
  return program;
}

/**
 * Has an option that stands where the value of another is due be an error, one that there is not too: commander takes it for
 * the value. What is written behind "=" is a value, whatever it looks like.
 */
function refuseOptionsAsValues(command: Command, words: readonly string[]): void {
  // Its types leave out that it is one. The value is looked at before it is read.
  const events = command as Command & EventEmitter;
  for (const option of command.options.filter(({ required }) => required))
    events.prependListener(`option:${option.name()}`, (value: string | null) => {
      const text = String(value);
      if (words.includes(`${option.long}=${text}`)) return;
      const [flag] = text.split("=");
      if (/^--./.test(text) || command.options.some(({ short }) => short === flag))
        throw new UsageError("missing-value", { option: option.long! });
    });
}
