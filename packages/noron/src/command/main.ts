import { getThreads } from "@noron/core";
import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { noronVersion } from "../run/version.ts";
import { doctorCommand } from "./doctor.ts";
import { evaluateCommand } from "./evaluate.ts";
import { EXIT, explainError } from "./exit.ts";
import { explainCommand } from "./explain.ts";
import { EXPORT_FORMATS, exportCommand } from "./export.ts";
import { handleInterrupts } from "./interrupt.ts";
import { choice, number, trainOptions } from "./options.ts";
import { predictCommand } from "./predict.ts";
import { trainCommand } from "./train.ts";

/** Runs the command line and gives the exit code: 0, 2 for one that makes no sense, 3 for bad data, 4 for a training that diverged, 1 for a mistake of ours, 130 after Ctrl-C. */
export async function main(argv: readonly string[]): Promise<number> {
  endQuietly();
  try {
    checkEnvironment();
    await makeProgram().parseAsync(argv);
    return EXIT.done;
  } catch (error) {
    const { exitCode, text } = explainError(error);
    process.stderr.write(text);
    return exitCode;
  }
}

/** @throws UsageError where the environment asks for a number of threads that is none */
function checkEnvironment(): void {
  try {
    getThreads();
  } catch (error) {
    throw new UsageError(`${(error as Error).message}.`);
  }
}

/** Ctrl-C where nothing is to be saved, and a reader that has read enough (`| head`), end the program without a word. */
function endQuietly(): void {
  handleInterrupts();
  process.once("SIGTERM", () => process.exit(143));
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.internal);
  });
}

function makeProgram(): Command {
  const program = new Command("noron")
    .description("Trains neural networks on tables and images, measures them and uses them.")
    .version(noronVersion())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "noron: ")) })
    .showHelpAfterError("(noron --help and noron train --help show what there is)")
    .addHelpText("after", EXIT_CODES);
  const train = program
    .command("train")
    .description("train a network on data and save it")
    .argument("[data...]", DATA)
    .action(trainCommand);
  for (const option of trainOptions()) train.addOption(option);
  program
    .command("evaluate")
    .description("measure a saved run on labelled data")
    .argument("<run>", RUN)
    .argument("<data...>", DATA)
    .option("--model <file>", MODEL)
    .addOption(choice("--log <format>", "how results are written", ["text", "json"]))
    .action(evaluateCommand);
  program
    .command("predict")
    .description("write what a saved run says of data, as CSV")
    .argument("<run>", RUN)
    .argument("<data...>", DATA)
    .option("--model <file>", MODEL)
    .option("--out <file>", "where to write it (standard output)")
    .action(predictCommand);
  program
    .command("explain")
    .description("take the prediction for one row apart: layer by layer with formulas and numbers, and back again")
    .argument("<run>", RUN)
    .argument("[data...]", `${DATA} (what the run was trained on)`)
    .addOption(
      number("--row <number>", "which row, as a spreadsheet counts: the header is row 1; of images the first is 0", {
        least: 0,
        most: 1e12,
        whole: true,
      }).makeOptionMandatory(),
    )
    .option("--layer <path>", "only this layer, such as 0")
    .addOption(
      number("--neuron <number>", "the neuron to write out, from 1 (the one that matters most)", {
        least: 1,
        most: 1e9,
        whole: true,
      }),
    )
    .option("--full", "all numbers, not the first of many")
    .option("--model <file>", MODEL)
    .addOption(choice("--log <format>", "how it is written", ["text", "json"]))
    .addHelpText("after", EXPLAIN_HELP)
    .action(explainCommand);
  program
    .command("export")
    .description("write a saved run for other programs: its weights, or a TypeScript module that predicts")
    .argument("<run>", RUN)
    .addOption(choice("--to <form>", "the form, unless the name of the file ends in it", EXPORT_FORMATS))
    .option("--out <file>", "where to write it (standard output)")
    .option("--model <file>", MODEL)
    .option("--force", "replace a file that is there")
    .addHelpText("after", EXPORT_HELP)
    .action(exportCommand);
  program
    .command("doctor")
    .description("say what the engine found on this machine, and what would make it faster")
    .addOption(choice("--log <format>", "how results are written", ["text", "json"]))
    .action(doctorCommand);
  return program;
}

const EXIT_CODES = `
Exit codes:
  0    done
  1    something in noron itself went wrong
  2    the command line asks for something that cannot be
  3    the data, or a run folder, are not what they should be
  4    training diverged: the layer that went first, and a lower --lr to try, are told
  130  interrupted by Ctrl-C: train saves its best epoch so far, a second Ctrl-C quits at once`;
const EXPLAIN_HELP = `
Examples:
  noron explain runs/penguins-20250131-093015 --row 2
  noron explain runs/penguins-20250131-093015 --row 7 new-penguins.csv --layer 0 --full
  noron explain runs/penguins-20250131-093015 --row 2 --log json`;
const EXPORT_HELP = `
Forms:
  ts           one module without imports: predict(row), typed by the columns
  safetensors  the weights under PyTorch's names, with the preprocessing as metadata
  json         network, weights and preprocessing as text

Examples:
  noron export runs/penguins-20250131-093015 --out src/penguins.ts
  noron export runs/penguins-20250131-093015 --to safetensors > penguins.safetensors`;
const MODEL = "the file of the network, where the run was trained with --model FILE";
const RUN = "folder of a saved run";
const DATA =
  "tables with the same columns (CSV, JSON Lines, Parquet), IDX files or their folder, sample:NAME, or - for standard input";
