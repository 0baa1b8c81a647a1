import { getBackend, train } from "@noron/core";
import type { ColumnKind, SplitMethod, Task } from "@noron/tabular";
import { loadHeldOut } from "../data/held-out.ts";
import { type PreparedData, prepareData } from "../data/prepare.ts";
import { type LoadedData, loadData } from "../data/source.ts";
import { writeProgram } from "../eject/program.ts";
import { InterruptedError, UsageError } from "../errors.ts";
import { explainDivergence } from "../health/divergence.ts";
import { t } from "../language/current.ts";
import { LOSSES } from "../model/choices.ts";
import { type ClassWeightRequest, chooseClassWeights } from "../model/class-weights.ts";
import { DIVERGED, type Fitted, fitNetwork, INTERRUPTED } from "../model/fit.ts";
import { requireMemory } from "../model/memory.ts";
import { loadModuleFile } from "../model/module-file.ts";
import { computeOutputs } from "../model/outputs.ts";
import type { OwnModule } from "../model/own-network.ts";
import { planNetwork } from "../model/plan-network.ts";
import { findBaseline, scoreBaseline, scoreOutputs } from "../model/scores.ts";
import { chooseSettings, lossFits, type Settings } from "../model/settings.ts";
import type { RunConfig } from "../run/config.ts";
import { noronVersion } from "../run/version.ts";
import { defaultRunFolder, openRun, requireFreeFolder } from "../run/write.ts";
import {
  describeBaseline,
  describeClassWeights,
  describeData,
  describeNetwork,
  describeScores,
  describeTraining,
} from "./describe.ts";
import { duration, shellWord } from "./format.ts";
import { divergedError, type Kept, tellFindings } from "./health.ts";
import { interruptible } from "./interrupt.ts";
import { Log } from "./log.ts";
import { requireFree, writeWhole } from "./output.ts";
import { showProgress } from "./progress.ts";

/** The options of train as commander gives them, each checked already. */
export interface TrainArguments extends Partial<Omit<Settings, "hidden" | "classWeights">> {
  target?: string;
  task?: Task;
  type?: Record<string, ColumnKind>;
  drop?: string[];
  keep?: string[];
  split?: SplitMethod;
  /** Shares of the rows, or files. */
  val?: number | string;
  test?: number | string;
  classWeights?: ClassWeightRequest;
  /** Sizes of the hidden layers, or the file of a network of the user's own. */
  model?: number[] | string;
  out?: string;
  eject?: string;
  log?: "text" | "json";
}

/** noron train: reads data, trains a network on them, measures it and saves it. */
export async function trainCommand(
  source: string[],
  {
    target,
    task,
    type,
    drop,
    keep,
    split,
    val,
    test,
    classWeights: weights,
    model,
    out,
    eject,
    log: format,
    ...given
  }: TrainArguments,
): Promise<void> {
  const start = performance.now();
  const log = new Log(format === "json");
  if (out !== undefined) requireFreeFolder(out);
  if (eject !== undefined) requireFree(eject, "give --eject another name, or remove it");
  const own = typeof model === "string" ? await loadOwn(model, given) : undefined;
  const loaded = await loadData(source);
  const seed = given.seed ?? 0;
  const held = { validation: await loadHeldOut(val), test: await loadHeldOut(test) };
  const prepared = prepareData(loaded, { target, task, kinds: type, drop, keep, split, ...held, seed });
  tellData(log, loaded, prepared, seed);

  const facts = { task: prepared.task, images: loaded.kind === "images", trainingRows: prepared.training.count };
  const classWeights = chooseClassWeights(weights, prepared);
  const settings = chooseSettings({ ...given, classWeights, hidden: typeof model === "string" ? [] : model }, facts);
  requireSense(settings, prepared);
  const { hidden: _hidden, activation: _activation, norm: _norm, dropout: _dropout, ...training } = settings;
  const plan = planNetwork(settings, prepared.training.width, prepared.outputs, own);
  const { config: network, parameters, widths } = plan;
  requireMemory(parameters, widths, settings.batch);
  const folder = out ?? defaultRunFolder(loaded.name);
  requireFreeFolder(folder);
  log.note(describeNetwork(plan));
  log.note(describeTraining(settings));
  if (classWeights !== null) log.note(describeClassWeights(prepared.classes, classWeights));
  log.note("");
  log.event("network", { network, settings: training });

  if (eject !== undefined) {
    writeWhole(eject, writeProgram({ file: eject, loaded, held, prepared, network, own, settings, task }));
    log.note(t("training.ejected", { file: eject }));
    log.event("program", { file: eject });
  }
  const run = openRun(folder);
  const interrupt = interruptible(() => log.note(t("training.stopping")));
  try {
    const { training: rows, validation } = prepared;
    const explain = async (error: train.DivergenceError, kept: Kept | null) => {
      const cause = await explainDivergence(plan.build, settings, rows, error);
      return divergedError(log, error, cause, kept);
    };
    const fitted = await fitNetwork(plan.build, settings, rows, validation, showProgress(log), interrupt.signal).catch(
      async (error) => {
        throw error instanceof train.DivergenceError ? await explain(error, null) : error;
      },
    );
    tellEnd(log, fitted, (performance.now() - start) / 1000);
    const scored = await score(fitted, prepared, settings);
    const config: RunConfig = {
      format: "noron-run",
      version: 1,
      noron: noronVersion(),
      created: new Date().toISOString(),
      backend: getBackend(),
      data: { name: loaded.name, source: loaded.source, hash: loaded.hash, rows: rowsOf(loaded) },
      task: prepared.task,
      target: prepared.target,
      split: { training: prepared.training.count, validation: prepared.validation.count, test: prepared.test.count },
      preparation: prepared.preparation,
      network,
      settings: training,
      result: { epochs: fitted.epochs.length, bestEpoch: fitted.bestEpoch, stopped: fitted.stopped, ...scored },
    };
    const metrics = [...fitted.epochs, { test: scored.test, baseline: scored.testBaseline }];
    run.save({ config, preprocessing: prepared.preprocessing, model: fitted.model, metrics });
    tellFindings(log, fitted);
    tellResult(log, folder, loaded, prepared, config.result);
    if (fitted.divergence !== null) throw await explain(fitted.divergence, { epoch: fitted.bestEpoch, folder });
    if (fitted.stopped === INTERRUPTED) {
      const epoch = fitted.epochs.length;
      throw new InterruptedError(t("training.interrupted", { epoch, best: fitted.bestEpoch, folder }));
    }
  } finally {
    interrupt.end();
    run.discard();
  }
}

/** @throws UsageError for options that the code decides, and code that cannot be loaded */
async function loadOwn(file: string, given: Partial<Settings>): Promise<OwnModule> {
  for (const name of ["activation", "norm", "dropout"] as const) {
    if (given[name] === undefined) continue;
    throw new UsageError(`--${name} is for networks that noron makes: ${file} decides this itself.`);
  }
  return loadModuleFile(file);
}

/** @throws UsageError for settings that do not fit the data, or each other. */
function requireSense(settings: Settings, { task, training }: PreparedData): void {
  if (!lossFits(settings.loss, task)) {
    const fitting = Object.keys(LOSSES).filter((name) => lossFits(name as keyof typeof LOSSES, task));
    throw new UsageError(`--loss ${settings.loss} is not for ${task}, which this is: take ${fitting.join(" or ")}.`);
  }
  if (settings.norm === "batch" && settings.batch === 1 && settings.hidden.length > 0) {
    const why = training.count === 1 ? "there is one row to train on" : "a batch of one row has no spread";
    throw new UsageError(`--norm batch cannot be: ${why}.`);
  }
}

type Result = RunConfig["result"];

async function score(
  { model }: Fitted,
  prepared: PreparedData,
  settings: Settings,
): Promise<Pick<Result, "baseline" | "test" | "testBaseline">> {
  const { preprocessing, training, test, outputs, classes } = prepared;
  const baseline = findBaseline(training);
  const said = await computeOutputs(model, test, outputs);
  return {
    baseline: baseline.value,
    test: scoreOutputs(said, preprocessing, test, LOSSES[settings.loss].make()),
    testBaseline: scoreBaseline(baseline, test, classes.length),
  };
}

function rowsOf(loaded: LoadedData): number {
  return loaded.kind === "table" ? loaded.table.rowCount : loaded.images.count;
}

function tellData(log: Log, loaded: LoadedData, prepared: PreparedData, seed: number): void {
  for (const line of describeData(loaded, prepared, seed)) log.note(line);
  const { task, reason, target, classes, columns, preparation, notes, training, validation, test } = prepared;
  log.event("data", {
    name: loaded.name,
    hash: loaded.hash,
    rows: rowsOf(loaded),
    task,
    reason,
    target,
    classes,
    columns: columns.map(({ name, kind, reason }) => ({ name, kind, reason })),
    split: { training: training.count, validation: validation.count, test: test.count },
    preparation,
    notes,
  });
}

function tellEnd(log: Log, { epochs, bestEpoch, stopped }: Fitted, seconds: number): void {
  const early = stopped === null || stopped === INTERRUPTED || stopped === DIVERGED;
  const passes = t("words.epochs", { count: epochs.length });
  const ended = t("training.ended", { epochs: passes, time: duration(seconds), best: bestEpoch });
  log.note(early ? ended : ended + t("training.nothingBetter"));
  log.note("");
}

function tellResult(log: Log, folder: string, loaded: LoadedData, prepared: PreparedData, result: Result): void {
  const { test, testBaseline, baseline } = result;
  const baselineName = describeBaseline(baseline, prepared.classes);
  log.result(t("training.tested", { rows: t("words.rows", { count: prepared.test.count }) }));
  for (const line of describeScores(test, testBaseline, baselineName)) log.result(line);
  log.result("");
  log.result(t("training.saved", { folder }));
  const [first] = loaded.source;
  const own = first === "-" || loaded.kind === "images" ? undefined : first;
  const next = `npx noron predict ${shellWord(folder)} ${own === undefined ? loaded.source.map(shellWord).join(" ") : shellWord(own)}`;
  log.result(t("training.next", { command: next }));
  log.event("result", { ...result, baselineName, folder, next });
}
