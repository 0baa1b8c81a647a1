import { getBackend } from "@noron/core";
import { findLeaks, findRepeatedRows, type Note } from "@noron/tabular";
import type { PreparedData, PrepareOptions } from "../data/prepare.ts";
import { UsageError } from "../errors.ts";
import { LOSSES } from "../model/choices.ts";
import { notesUnderWeights } from "../model/class-weights.ts";
import { findRate, type RateTest } from "../model/find-rate.ts";
import { requireMemory } from "../model/memory.ts";
import type { OwnModule } from "../model/own-network.ts";
import { type NetworkPlan, planNetwork } from "../model/plan-network.ts";
import { type Baseline, findBaseline } from "../model/scores.ts";
import { chooseSettings, lossFits, type Settings, type SettingsRequest } from "../model/settings.ts";
import type { RunConfig } from "../run/config.ts";
import { noronVersion } from "../run/version.ts";
import { type AnyData, prepareAny, rowsOf } from "../stream/open-data.ts";
import type { Log } from "./log.ts";
import { tellData, tellNetwork } from "./tell-plan.ts";

/** A training that is decided on, down to its last setting; nothing has been trained or written. */
export interface TrainingPlan {
  loaded: AnyData;
  prepared: PreparedData;
  settings: Settings;
  network: NetworkPlan;
  /** The code of the network, where it is the user's own. */
  own?: OwnModule;
  baseline: Baseline;
  /** How the learning rate is found; null where it was given. */
  rate: RateTest | "to be found" | null;
  /** What the run's folder says of it before it has ended. */
  config: RunConfig;
}

/** What is asked of a training. */
export interface TrainingRequest {
  loaded: AnyData;
  prepare: PrepareOptions<AnyData>;
  /** The code of the network, where it is the user's own. */
  own?: OwnModule;
  /** Whether rows of some classes are to count more than others. */
  weighted: boolean;
  /** The settings that are not left to the data. */
  choose(prepared: PreparedData): SettingsRequest;
  /** Whether the learning rate is to be found: now, or later where nothing is to be trained. */
  rate?: "find" | "leave";
}

/**
 * Decides everything that was not asked for, and tells it.
 * @throws UsageError for what cannot be, InputError and DataError for data that are not what they should be
 */
export async function planTraining(log: Log, request: TrainingRequest): Promise<TrainingPlan> {
  const { loaded, prepare, own, weighted, choose } = request;
  const read = await prepareAny(loaded, prepare);
  const notes = [...read.notes, ...warningsOf(loaded, read)];
  const prepared = { ...read, notes: weighted ? notesUnderWeights(notes) : notes };
  tellData(log, loaded, prepared, prepare.seed);
  const facts = { task: prepared.task, images: loaded.kind === "images", trainingRows: prepared.training.count };
  let settings = chooseSettings({ ...choose(prepared), seed: prepare.seed }, facts);
  requireSense(settings, prepared);
  const network = planNetwork(settings, prepared.training.width, prepared.outputs, own);
  requireMemory(network.parameters, network.widths, settings.batch);
  const found = request.rate === "find" ? await findRate(network.build, settings, prepared.training) : null;
  if (found !== null) settings = { ...settings, lr: found.lr };
  const baseline = findBaseline(prepared.training);
  const { hidden: _hidden, activation: _activation, norm: _norm, dropout: _dropout, ...training } = settings;
  const config: RunConfig = {
    format: "noron-run",
    version: 1,
    noron: noronVersion(),
    created: new Date().toISOString(),
    finished: null,
    backend: getBackend(),
    data: {
      name: loaded.name,
      source: loaded.source,
      hash: loaded.hash,
      ...(loaded.fileHashes !== undefined && { fileHashes: loaded.fileHashes }),
      rows: rowsOf(loaded),
    },
    task: prepared.task,
    target: prepared.target,
    split: { training: prepared.training.count, validation: prepared.validation.count, test: prepared.test.count },
    preparation: prepared.preparation,
    network: network.config,
    settings: training,
    ...(found !== null && { rateTest: found }),
    result: { baseline: baseline.value },
  };
  const rate = request.rate === "leave" ? ("to be found" as const) : found;
  const plan = { loaded, prepared, settings, network, own, baseline, rate, config };
  tellNetwork(log, plan);
  return plan;
}

/** The share of repeated rows from which on they are told of before a training. */
const MANY_REPEATED = 0.05;

/** What makes scores look better than they are: a column that gives the target away, and rows on both sides of the split. */
function warningsOf(loaded: AnyData, { columns, preprocessing, task }: PreparedData): Note[] {
  if (loaded.kind !== "table" || preprocessing.input !== "table") return [];
  const { target } = preprocessing;
  const classes = target.kind === "classes" ? target : { classes: [], match: "text" as const };
  const repeated = findRepeatedRows(loaded.table);
  return [
    ...findLeaks(loaded.table, columns, { name: target.name, decimal: target.decimal, task, ...classes }),
    ...repeated.filter(({ parameters }) => Number(parameters.share) >= MANY_REPEATED),
  ];
}

/** @throws UsageError for settings that do not fit the data, or each other. */
function requireSense(settings: Settings, { task, training }: PreparedData): void {
  if (!lossFits(settings.loss, task)) {
    const fitting = Object.keys(LOSSES).filter((name) => lossFits(name as keyof typeof LOSSES, task));
    throw new UsageError("loss-not-for-task", { loss: settings.loss, task, fitting: fitting.join(", ") });
  }
  if (settings.norm === "batch" && settings.batch === 1 && settings.hidden.length > 0) {
    throw new UsageError(training.count === 1 ? "batch-norm-one-row" : "batch-norm-batch-of-one");
  }
}
