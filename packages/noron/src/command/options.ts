import { nearestName } from "@noron/tabular";
import { InvalidArgumentError, Option } from "commander";
import { ACTIVATIONS, LOSSES, NORMS, OPTIMIZERS } from "../model/choices.ts";
import { MODULE_FILE } from "../model/module-file.ts";

/** Options of the command line: each is checked as it is read, with the nearest name where one was mistyped. */

/** An option that takes one of several names. */
export function choice(flags: string, description: string, names: readonly string[]): Option {
  return new Option(flags, `${description}: ${names.join(", ")}`).argParser((text: string) => {
    if (names.includes(text)) return text;
    const nearest = nearestName(text, names);
    const help = nearest === undefined ? `It is one of ${names.join(", ")}.` : `Did you mean ${nearest}?`;
    throw new InvalidArgumentError(help);
  });
}

/** An option that takes a number between two bounds. */
export function number(
  flags: string,
  description: string,
  { least, most, whole = false, open = false }: { least: number; most: number; whole?: boolean; open?: boolean },
): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
    const inside = open ? value > least && value < most : value >= least && value <= most;
    if (inside && (!whole || Number.isSafeInteger(value))) return value;
    const bounds = open ? `above ${least} and below ${most}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It is a ${whole ? "whole number" : "number"} ${bounds}.`);
  });
}

/** Sizes of hidden layers: "64,32", or "none" for a linear model; or the file of a network of one's own. */
function parseModel(text: string): number[] | string {
  if (MODULE_FILE.test(text.trim())) return text;
  if (text.trim() === "none") return [];
  const sizes = text.split(",").map((size) => (/^\s*\d+\s*$/.test(size) ? Number(size) : Number.NaN));
  if (sizes.every((size) => Number.isSafeInteger(size) && size > 0) && sizes.length <= 100) return sizes;
  throw new InvalidArgumentError(
    "It is the sizes of the hidden layers, such as 64,32, or none, or a file such as net.ts.",
  );
}

/** The options of train, in the order of its help. */
export function trainOptions(): Option[] {
  return [
    new Option("-t, --target <name>", "the column to be learned"),
    choice("--task <task>", "what the target is, where it is guessed wrong", ["classification", "regression"]),
    new Option(
      "--model <sizes|file>",
      "sizes of the hidden layers, or none for a linear model (64,32; images: 256,128), or a file such as net.ts that makes it",
    ).argParser(parseModel),
    choice("--activation <name>", "after every hidden layer (relu)", Object.keys(ACTIVATIONS)),
    choice("--norm <name>", "before every activation (none; images: batch)", Object.keys(NORMS)),
    number("--dropout <share>", "share of every hidden layer that is dropped (0; images: 0.4)", {
      least: 0,
      most: 0.99,
    }),
    choice("--loss <name>", "what is made small (cross-entropy; regression: mse)", Object.keys(LOSSES)),
    choice("--optimizer <name>", "how (adamw)", Object.keys(OPTIMIZERS)),
    number("--lr <rate>", "learning rate (by optimizer)", { least: 0, most: 1e30, open: true }),
    number("--batch <rows>", "rows a step (by the number of rows)", { least: 1, most: 1e7, whole: true }),
    number("--epochs <count>", "passes over the training rows at most (by the number of rows)", {
      least: 1,
      most: 1e6,
      whole: true,
    }),
    number("--patience <epochs>", "stop after so many epochs without a better validation loss; 0 for never", {
      least: 0,
      most: 1e6,
      whole: true,
    }),
    number("--seed <number>", "fixes split, weights and order (0)", {
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
      whole: true,
    }),
    new Option("--out <folder>", "where the run is saved (runs/<data>-<time>)"),
    new Option("--eject <file>", "also write the same training as a program that uses the library"),
    choice("--log <format>", "how progress and results are written", ["text", "json"]),
  ];
}
