import { nn, zeros } from "@noron/core";
import { columnChoices, DataError, parseSplitMethod, type SplitMethod, type Task } from "@noron/tabular";
import type { HeldOut, Preparation } from "../data/preparation.ts";
import { InputError } from "../errors.ts";
import {
  ACTIVATIONS,
  LOSSES,
  type LossName,
  makeOptimizer,
  NORMS,
  OPTIMIZERS,
  type OptimizerName,
  type OptimizerOptions,
} from "../model/choices.ts";
import type { RateTest } from "../model/find-rate.ts";
import type { NetworkShape } from "../model/network.ts";
import type { NetworkConfig, OwnNetwork } from "../model/own-network.ts";
import { SCHEDULES, type Schedule, type ScheduleName } from "../model/schedules.ts";
import type { Scores } from "../model/scores.ts";
import { lossFits, type Settings } from "../model/settings.ts";
import { Field } from "./field.ts";

/** config.json of a run folder: how the network came about. */
export interface RunConfig {
  format: "noron-run";
  version: 1;
  /** The version of noron that trained it. */
  noron: string;
  /** When training began, as an ISO date. */
  created: string;
  /** When it ended; null while it goes on, or where it was interrupted: its weights are then those of the checkpoint. */
  finished: string | null;
  /** What computed it. */
  backend: string;
  /** `fileHashes` of the files that have each their own. */
  data: { name: string; source: string[]; hash: string; fileHashes?: string[]; rows: number };
  task: Task;
  target: string;
  /** How many rows each part has. */
  split: { training: number; validation: number; test: number };
  preparation: Preparation;
  network: NetworkConfig;
  settings: TrainingSettings;
  /** The range test that found the learning rate, where one did. */
  rateTest?: RateTest;
  result: RunResult | RunOutlook;
}

/** The settings without those of the network, which are a part of it. */
export type TrainingSettings = Omit<Settings, "hidden" | "activation" | "norm" | "dropout">;

/** What is known before training has ended. */
export interface RunOutlook {
  /** What the do-nothing baseline says: a class's number, or a number in the target's unit. */
  baseline: number;
}

export interface RunResult extends RunOutlook {
  epochs: number;
  bestEpoch: number;
  stopped: string | null;
  test: Scores;
  testBaseline: Scores;
}

/** What other commands need of it. */
export interface KnownConfig {
  noron: string;
  /** Whether training has ended. */
  finished: boolean;
  data: { name: string; hash: string; fileHashes?: string[]; source: string[] };
  task: Task;
  target: string;
  /** Null in runs of versions that kept none: all was left to the data. */
  preparation: Preparation | null;
  network: NetworkConfig;
  loss: LossName;
  /** Whether classes have weights in it. */
  weighted: boolean;
  optimizer: OptimizerName;
  optimizerOptions: OptimizerOptions;
  lr: number;
  baseline: number;
}

/** Wider layers are a mistake, whatever the machine. */
const WIDEST = 2 ** 26;

/**
 * Reads a config from JSON, trusting nothing.
 * @throws InputError that names the member which is wrong
 */
export function parseConfig(text: string, file: string): KnownConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError("not-json", { file });
  }
  const root = new Field(value, "", file);
  root.field("format").oneOf(["noron-run"]);
  const version = root.field("version");
  if (version.value !== 1) version.refuse("not-version-1");
  const task = root.field("task").oneOf(["classification", "regression"]);
  const loss = root.field("settings").field("loss");
  const lossName = loss.oneOf(Object.keys(LOSSES) as LossName[]);
  if (!lossFits(lossName, task)) loss.refuse("not-for-task", { task });
  const optimizer = root
    .field("settings")
    .field("optimizer")
    .oneOf(Object.keys(OPTIMIZERS) as OptimizerName[]);
  const rate = root.field("settings").field("lr");
  const data = root.field("data");
  const hashes = data.field("fileHashes");
  const finished = root.field("finished");
  return {
    noron: root.field("noron").text(),
    // Earlier versions wrote finished runs only, and did not say so.
    finished: finished.value === undefined || (finished.value !== null && finished.text() !== ""),
    data: {
      name: data.field("name").text(),
      hash: data.field("hash").text(),
      ...(hashes.value !== undefined && { fileHashes: hashes.list().map((each) => each.text()) }),
      source: data
        .field("source")
        .list()
        .map((each) => each.text()),
    },
    task,
    target: root.field("target").text(),
    preparation: parsePreparation(root.field("preparation")),
    network: parseNetwork(root.field("network")),
    loss: lossName,
    weighted: (root.field("settings").field("classWeights").value ?? null) !== null,
    optimizer,
    optimizerOptions: parseOptimizerOptions(root.field("settings").field("optimizerOptions"), optimizer),
    lr: rate.number() > 0 ? rate.number() : rate.refuse("not-above-0"),
    baseline: root.field("result").field("baseline").number(),
  };
}

function parseOptimizerOptions(field: Field, name: OptimizerName): OptimizerOptions {
  // Earlier versions had one form of each optimizer, and did not write it out.
  if (field.value === undefined) return { ...OPTIMIZERS[name].options };
  const options: OptimizerOptions = {};
  for (const [option, value] of field.entries()) {
    if (option === "nesterov") options.nesterov = value.truth();
    else if (option === "betas") options.betas = parseBetas(value);
    else if (option === "weightDecay" || option === "momentum" || option === "alpha") options[option] = value.number();
    else value.refuse("not-an-option");
  }
  try {
    makeOptimizer({ optimizer: name, optimizerOptions: options, lr: 1 }, [new nn.Parameter(zeros([1]))]);
  } catch (error) {
    field.refuse("no-optimizer", { detail: (error as Error).message });
  }
  return options;
}

function parseBetas(field: Field): [number, number] {
  const betas = field.list().map((beta) => beta.number());
  return betas.length === 2 ? [betas[0], betas[1]] : field.refuse("not-a-pair");
}

/** The schedule of a run's settings; null where the rate stays. */
export function parseSchedule(field: Field): Schedule | null {
  if (field.value === undefined || field.value === null) return null;
  const name = field.field("name").oneOf(Object.keys(SCHEDULES) as ScheduleName[]);
  const options = field.field("options").entries();
  const known = Object.keys(SCHEDULES[name].options({ epochs: 1, patience: 0, batches: 1 }, {})).sort();
  if (
    options
      .map(([option]) => option)
      .sort()
      .join() !== known.join()
  )
    field.field("options").refuse("other-options", { name, known: known.join(", ") });
  return { name, options: Object.fromEntries(options.map(([option, value]) => [option, value.number()])) };
}

function parsePreparation(field: Field): Preparation | null {
  if (field.value === undefined) return null;
  const keep = field.field("keep");
  const test = field.field("test");
  return {
    kinds: Object.fromEntries(
      field
        .field("kinds")
        .entries()
        .map(([name, kind]) => [name, kind.oneOf(columnChoices)]),
    ),
    keep: keep.value === null ? null : keep.list().map((name) => name.text()),
    split: parseSplit(field.field("split")),
    validation: parseHeldOut(field.field("validation")),
    test: test.value === null ? null : parseHeldOut(test),
  };
}

function parseSplit(field: Field): SplitMethod {
  try {
    parseSplitMethod(field.text());
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    field.refuse("no-split");
  }
  return field.text() as SplitMethod;
}

function parseHeldOut(field: Field): HeldOut {
  if (typeof field.value === "number") {
    if (!(field.value > 0 && field.value < 1)) field.refuse("not-a-share");
    return field.value;
  }
  const source = field.field("source").list();
  return { source: source.map((each) => each.text()), hash: field.field("hash").text() };
}

function parseNetwork(field: Field): NetworkConfig {
  const own = field.field("module");
  return own.value === undefined ? parseShape(field) : parseOwn(field, own);
}

function parseOwn(field: Field, own: Field): OwnNetwork {
  return {
    inputs: field.field("inputs").whole(1, WIDEST),
    outputs: field.field("outputs").whole(1, WIDEST),
    module: { path: own.field("path").text(), hash: own.field("hash").text() },
  };
}

function parseShape(field: Field): NetworkShape {
  const hidden = field.field("hidden").list();
  if (hidden.length > 1000) field.field("hidden").refuse("too-many-layers");
  const dropout = field.field("dropout");
  const share = dropout.number();
  if (share < 0 || share >= 1) dropout.refuse("not-a-share");
  return {
    inputs: field.field("inputs").whole(1, WIDEST),
    hidden: hidden.map((layer) => layer.whole(1, WIDEST)),
    outputs: field.field("outputs").whole(1, WIDEST),
    activation: field.field("activation").oneOf(Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[]),
    norm: field.field("norm").oneOf(Object.keys(NORMS) as (keyof typeof NORMS)[]),
    dropout: share,
  };
}
