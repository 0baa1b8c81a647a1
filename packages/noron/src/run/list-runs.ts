import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "@noron/tabular";
import { readBytes } from "../data/files.ts";
import type { HeldOut } from "../data/preparation.ts";
import { InputError } from "../errors.ts";
import type { KnownConfig } from "./config.ts";
import { Field } from "./field.ts";
import { RUN_FILES } from "./files.ts";
import { checkRunFiles, readConfig, requireInside } from "./read.ts";

/** An epoch as metrics.jsonl has it. */
export interface EpochNumbers {
  epoch: number;
  loss: number;
  validationLoss: number | null;
  validationAccuracy: number | null;
  lr: number | null;
  seconds: number | null;
}

/** All that a run folder says of its run, but for the weights. */
export interface RunSummary {
  folder: string;
  name: string;
  config: KnownConfig;
  /** When training began, and when it ended: ISO dates. */
  created: string | null;
  finished: string | null;
  backend: string | null;
  /** How many rows each part has. */
  split: { training: number; validation: number; test: number };
  /** Every setting that is a number, a text or a list of them. */
  settings: Readonly<Record<string, Setting>>;
  epochs: EpochNumbers[];
  bestEpoch: number | null;
  stopped: string | null;
  /** By name; empty while it is not finished. */
  test: Readonly<Record<string, number>>;
  testBaseline: Readonly<Record<string, number>>;
}

export type Setting = string | number | boolean | null | readonly (string | number)[];

/** A folder that looks like a run and is none that can be read. */
export interface UnreadableRun {
  folder: string;
  problem: InputError | DataError;
}

/**
 * What a run folder says of its run, without its weights.
 * @throws InputError
 */
export function summarizeRun(folder: string): RunSummary {
  const config = readConfig(folder);
  const file = requireInside(folder, RUN_FILES.config);
  const root = new Field(
    JSON.parse(new TextDecoder().decode(readBytes(file).bytes)),
    "",
    join(folder, RUN_FILES.config),
  );
  const split = root.field("split");
  const result = root.field("result");
  const epochs = readEpochs(folder);
  const finished = optionalText(root.field("finished"));
  return {
    folder,
    name: basename(folder),
    config,
    created: optionalText(root.field("created")),
    finished: config.finished ? (finished ?? optionalText(root.field("created"))) : null,
    backend: optionalText(root.field("backend")),
    split: {
      training: split.field("training").whole(0, 2 ** 31),
      validation: split.field("validation").whole(0, 2 ** 31),
      test: split.field("test").whole(0, 2 ** 31),
    },
    settings: { ...preparationSettings(config), ...networkSettings(config), ...scalars(root.field("settings")) },
    epochs,
    bestEpoch: bestOf(epochs),
    stopped: optionalText(result.field("stopped")),
    test: config.finished ? numbersOf(result.field("test")) : {},
    testBaseline: config.finished ? numbersOf(result.field("testBaseline")) : {},
  };
}

/** What a run folder whose files are whole says of its run. @throws InputError, DataError */
export function summarizeWholeRun(folder: string): RunSummary {
  checkRunFiles(folder);
  return summarizeRun(folder);
}

/**
 * The runs in a folder, or the one that it is; those with files that are missing, cut off or of another run are told apart.
 * @throws InputError, DataError for the one that the folder is
 */
export function listRuns(folder: string): { runs: RunSummary[]; unreadable: UnreadableRun[] } {
  if (existsSync(join(folder, RUN_FILES.config))) return { runs: [summarizeWholeRun(folder)], unreadable: [] };
  const runs: RunSummary[] = [];
  const unreadable: UnreadableRun[] = [];
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (!isDirectory(path) || !existsSync(join(path, RUN_FILES.config))) continue;
    try {
      runs.push(summarizeWholeRun(path));
    } catch (error) {
      if (!(error instanceof InputError || error instanceof DataError)) throw error;
      unreadable.push({ folder: path, problem: error });
    }
  }
  return { runs, unreadable };
}

/** The score that runs of a task are compared by: macro F1, since accuracy praises who always says the commonest class. */
export function mainScore(task: KnownConfig["task"]): { name: "f1" | "rmse"; higher: boolean } {
  return task === "classification" ? { name: "f1", higher: true } : { name: "rmse", higher: false };
}

/** What decides which rows a run was tested on: the scores of runs that have the same here can be compared. */
export function testRows({ config, split, settings }: RunSummary): string {
  const { data, target, task, preparation } = config;
  const test = preparation?.test ?? null;
  if (test !== null && typeof test === "object") return JSON.stringify([target, task, test.hash]);
  return JSON.stringify([target, task, data.hash, preparation?.split ?? null, test, settings.seed ?? null, split.test]);
}

/** The best finished run of those that were tested on the same rows, by its main score. */
export function bestRuns(runs: readonly RunSummary[]): Set<RunSummary> {
  const best = new Map<string, RunSummary>();
  for (const run of runs) {
    const { config } = run;
    const { name, higher } = mainScore(config.task);
    const score = run.test[name];
    if (score === undefined) continue;
    const key = testRows(run);
    const before = best.get(key);
    if (before === undefined || (higher ? score > before.test[name] : score < before.test[name])) best.set(key, run);
  }
  return new Set(best.values());
}

function readEpochs(folder: string): EpochNumbers[] {
  if (!existsSync(join(folder, RUN_FILES.metrics))) return [];
  const text = new TextDecoder().decode(readBytes(requireInside(folder, RUN_FILES.metrics)).bytes);
  return text.split("\n").flatMap((line) => {
    const value = parseLine(line);
    if (typeof value.epoch !== "number" || typeof value.loss !== "number") return [];
    const number = (name: string) => (typeof value[name] === "number" ? (value[name] as number) : null);
    return [
      {
        epoch: value.epoch,
        loss: value.loss,
        validationLoss: number("validationLoss"),
        validationAccuracy: number("validationAccuracy"),
        lr: number("lr"),
        seconds: number("seconds"),
      },
    ];
  });
}

/** An object of a line; an empty one for what is none, as the last line of a training that is being written. */
function parseLine(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function bestOf(epochs: readonly EpochNumbers[]): number | null {
  let best: EpochNumbers | null = null;
  for (const each of epochs)
    if (each.validationLoss !== null && (best === null || each.validationLoss < best.validationLoss!)) best = each;
  return best?.epoch ?? null;
}

function preparationSettings({ preparation }: KnownConfig): Record<string, Setting> {
  if (preparation === null) return {};
  const { kinds, keep, split, validation, test } = preparation;
  const heldOut = (part: HeldOut | null): Setting => (part !== null && typeof part === "object" ? part.source : part);
  const columns = Object.entries(kinds).map(([column, kind]) => `${column}=${kind}`);
  return {
    columns: columns.length > 0 ? columns.sort() : null,
    keep,
    split,
    val: heldOut(validation),
    test: heldOut(test),
  };
}

function networkSettings({ network }: KnownConfig): Record<string, Setting> {
  if ("module" in network) return { model: network.module.path };
  const { hidden, activation, norm, dropout } = network;
  return { model: hidden.length === 0 ? "none" : hidden.join(","), activation, norm, dropout };
}

function scalars(field: Field): Record<string, Setting> {
  const found: Record<string, Setting> = {};
  for (const [name, { value }] of field.entries()) {
    const plain = (each: unknown) => typeof each === "string" || typeof each === "number";
    if (plain(value) || typeof value === "boolean" || value === null || (Array.isArray(value) && value.every(plain)))
      found[name] = value as Setting;
  }
  return found;
}

function numbersOf(field: Field): Record<string, number> {
  if (field.value === undefined) return {};
  // JSON has no NaN: a score that so few rows do not have is null.
  const known = field.entries().filter(([, { value }]) => value !== null);
  return Object.fromEntries(known.map(([name, value]) => [name, value.number()]));
}

function optionalText(field: Field): string | null {
  return typeof field.value === "string" ? field.value : null;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
