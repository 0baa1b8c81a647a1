import { type ColumnChoice, columnChoices, nearestName, parseSplitMethod } from "@noron/tabular";
import { Option } from "commander";
import { UsageError } from "../errors.ts";
import { t } from "../language/current.ts";
import { ACTIVATIONS, LOSSES, NORMS, OPTIMIZERS } from "../model/choices.ts";
import { MODULE_FILE } from "../model/module-file.ts";
import { SCHEDULE_NAMES } from "../model/schedules.ts";
import { longName } from "./usage-error.ts";

/** Options of the command line: each is checked as it is read, with the nearest name where one was mistyped. */

/** An option that takes one of several names. */
export function choice(flags: string, description: string, names: readonly string[]): Option {
  const list = names.join(", ");
  return new Option(flags, t("options.choices", { description, names: list })).argParser((text: string) =>
    oneOf(longName(flags), text, names),
  );
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  const wrong = { option, value: text, names: names.join(", ") };
  throw new UsageError("not-a-choice", wrong, { suggestion: nearestName(text, names) });
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
    const code = open ? "not-a-number-between" : whole ? "not-a-whole-number" : "not-a-number-from-to";
    throw new UsageError(code, { option: longName(flags), value: text, least, most });
  });
}

/** Sizes of hidden layers: "64,32", or "none" for a linear model; or the file of a network of one's own. */
function parseModel(text: string): number[] | string {
  if (MODULE_FILE.test(text.trim())) return text;
  if (text.trim() === "none") return [];
  const sizes = text.split(",").map((size) => (/^\s*\d+\s*$/.test(size) ? Number(size) : Number.NaN));
  if (sizes.every((size) => Number.isSafeInteger(size) && size > 0) && sizes.length <= 100) return sizes;
  throw new UsageError("not-a-model", { value: text });
}

/** "zip=category", added to those before it. A name may hold the sign itself: the last one counts. */
function parseType(text: string, before: Record<string, ColumnChoice> = {}): Record<string, ColumnChoice> {
  const at = text.lastIndexOf("=");
  if (at < 1) throw new UsageError("not-a-type", { value: text });
  const name = text.slice(0, at).trim();
  const kind = oneOf<ColumnChoice>("--type", text.slice(at + 1).trim(), columnChoices);
  return Object.fromEntries([...Object.entries(before), [name, kind]]);
}

/** One list more, from an option that may be repeated. */
function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function parseSplit(text: string): string {
  parseSplitMethod(text);
  return text;
}

/** A share of the rows, or the file that has them. */
function heldOut(option: string): (text: string) => number | string {
  return (text) => {
    if (!/^[+-]?[\d.]+(e[+-]?\d+)?%?$/i.test(text.trim())) return text;
    const share = Number(text);
    if (share > 0 && share < 1) return share;
    throw new UsageError("not-held-out", { option, value: text });
  };
}

/** Numbers of ports; 0 is one that is free. */
export const PORTS = { least: 0, most: 65_535, whole: true } as const;

/** The options that say what the columns of the data are. */
export function columnOptions(): Option[] {
  const names = `<${t("options.columns")}>`;
  const kinds = columnChoices.slice(0, -1).join(", ");
  return [
    new Option(`--type <${t("options.columnKind")}>`, t("options.typeText", { kinds })).argParser(parseType),
    new Option(`--drop ${names}`, t("options.dropText")).argParser(collect),
    new Option(`--keep ${names}`, t("options.keepText")).argParser(collect),
  ];
}

/** A learning rate, or "auto" to find one. */
function rateOption(): Option {
  const option = number(`--lr <${t("options.rateOrAuto")}>`, t("options.lrText"), { least: 0, most: 1e30, open: true });
  const parse = option.parseArg!;
  return option.argParser((text: string) => (text.trim() === "auto" ? "auto" : parse(text, undefined)));
}

/** "32", or "48x32" of height and width. */
export function parseImageSize(text: string): { height: number; width: number } {
  const [, height, width = height] = /^\s*(\d{1,5})(?:\s*[x×]\s*(\d{1,5}))?\s*$/i.exec(text) ?? [];
  const size = { height: Number(height), width: Number(width) };
  if (size.height > 0 && size.width > 0 && size.height * size.width <= 2 ** 22) return size;
  throw new UsageError("not-an-image-size", { value: text });
}

/** The number of a row, or of an image. */
export function parseRow(text: string): number {
  const row = /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(row)) throw new UsageError("not-a-row", { value: text });
  return row;
}

function parseChannels(text: string): 1 | 3 {
  if (text.trim() === "1") return 1;
  if (text.trim() === "3") return 3;
  throw new UsageError("not-channels", { value: text });
}

/** The options that say whether a table is in memory; without either its size decides. */
export function streamOptions(): Option[] {
  return [new Option("--stream", t("options.streamText")), new Option("--no-stream", t("options.noStreamText"))];
}

/** The options of train, in the order of its help. */
export function trainOptions(): Option[] {
  const name = `<${t("options.name")}>`;
  return [
    new Option(`-t, --target ${name}`, t("options.targetText")),
    choice(`--task <${t("options.task")}>`, t("options.taskText"), ["classification", "regression"]),
    ...columnOptions(),
    new Option(`--split <${t("options.way")}>`, t("options.splitText")).argParser(parseSplit),
    new Option(`--val <${t("options.shareOrFile")}>`, t("options.valText")).argParser(heldOut("--val")),
    new Option(`--test <${t("options.shareOrFile")}>`, t("options.testText")).argParser(heldOut("--test")),
    new Option(`--model <${t("options.sizesOrFile")}>`, t("options.modelText")).argParser(parseModel),
    choice(`--activation ${name}`, t("options.activationText"), Object.keys(ACTIVATIONS)),
    choice(`--norm ${name}`, t("options.normText"), Object.keys(NORMS)),
    number(`--dropout <${t("options.share")}>`, t("options.dropoutText"), { least: 0, most: 0.99 }),
    choice(`--loss ${name}`, t("options.lossText"), Object.keys(LOSSES)),
    new Option(`--class-weights <${t("options.weights")}>`, t("options.classWeightsText")).argParser(collect),
    choice(`--optimizer ${name}`, t("options.optimizerText"), Object.keys(OPTIMIZERS)),
    rateOption(),
    number(`--weight-decay <${t("options.number")}>`, t("options.weightDecayText"), { least: 0, most: 1e6 }),
    number(`--momentum <${t("options.share")}>`, t("options.momentumText"), { least: 0, most: 0.99999 }),
    new Option("--nesterov", t("options.nesterovText")),
    number(`--beta1 <${t("options.share")}>`, t("options.beta1Text"), { least: 0, most: 0.99999 }),
    number(`--beta2 <${t("options.share")}>`, t("options.beta2Text"), { least: 0, most: 0.9999999 }),
    number(`--alpha <${t("options.share")}>`, t("options.alphaText"), { least: 0, most: 0.9999999 }),
    number(`--clip-norm <${t("options.number")}>`, t("options.clipNormText"), { least: 0, most: 1e30, open: true }),
    choice(`--schedule ${name}`, t("options.scheduleText"), SCHEDULE_NAMES),
    number(`--gamma <${t("options.number")}>`, t("options.gammaText"), { least: 0, most: 10, open: true }),
    number(`--step-size <${t("options.epochs")}>`, t("options.stepSizeText"), { least: 1, most: 1e6, whole: true }),
    number(`--batch <${t("options.rows")}>`, t("options.batchText"), { least: 1, most: 1e7, whole: true }),
    number(`--epochs <${t("options.count")}>`, t("options.epochsText"), { least: 1, most: 1e6, whole: true }),
    number(`--patience <${t("options.epochs")}>`, t("options.patienceText"), { least: 0, most: 1e6, whole: true }),
    number(`--seed <${t("options.number")}>`, t("options.seedText"), {
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
      whole: true,
    }),
    new Option(`--image-size <${t("options.pixels")}>`, t("options.imageSizeText")).argParser(parseImageSize),
    new Option(`--channels <${t("options.number")}>`, t("options.channelsText")).argParser(parseChannels),
    ...streamOptions(),
    new Option(`--config <${t("options.file")}>`, t("options.configText")),
    new Option("--dry-run", t("options.dryRunText")),
    new Option(`--out <${t("options.folder")}>`, t("options.outRunText")),
    new Option(`--resume <${t("options.run")}>`, t("options.resumeText")),
    new Option(`--eject <${t("options.file")}>`, t("options.ejectText")),
    number(`--studio [${t("options.port")}]`, t("options.studioText"), PORTS),
    choice(`--log <${t("options.format")}>`, t("options.logTrainText"), ["text", "json"]),
  ];
}
