import { join } from "node:path";
import { train } from "@noron/core";
import { type ColumnChoice, findColumn, type SplitMethod, type Table, type Task } from "@noron/tabular";
import { slices } from "../data/examples.ts";
import { loadHeldOut } from "../data/held-out.ts";
import type { ImageFormat } from "../data/image-files.ts";
import { requireTarget } from "../data/prepare.ts";
import { writeProgram } from "../eject/program.ts";
import { InputError, InterruptedError, UsageError } from "../errors.ts";
import { explainDivergence } from "../health/divergence.ts";
import { t } from "../language/current.ts";
import { LOSSES, type OptimizerRequest } from "../model/choices.ts";
import { type ClassWeightRequest, chooseClassWeights } from "../model/class-weights.ts";
import { DIVERGED, FitInterrupted, type Fitted, fitNetwork, type Keeper } from "../model/fit.ts";
import { loadModuleFile } from "../model/module-file.ts";
import { computeOutputs } from "../model/outputs.ts";
import type { OwnModule } from "../model/own-network.ts";
import type { ScheduleRequest } from "../model/schedules.ts";
import { BaselineScorer, Scorer } from "../model/scores.ts";
import type { Settings } from "../model/settings.ts";
import { presentEngine } from "../run/checkpoint.ts";
import type { RunResult } from "../run/config.ts";
import { RUN_FILES } from "../run/files.ts";
import { createRun, defaultRunFolder, type OpenRun, requireFreeFolder } from "../run/write.ts";
import { isInPieces, openData } from "../stream/open-data.ts";
import { describeBaseline, describeCount, describeOnlyAnswer, describeScores } from "./describe.ts";
import { duration, shellWord, shortNumber } from "./format.ts";
import { divergedError, type Kept, tellFindings } from "./health.ts";
import { interruptible } from "./interrupt.ts";
import { Log } from "./log.ts";
import { isTaken, writeWhole } from "./output.ts";
import { planTraining, type TrainingPlan } from "./plan.ts";
import { showProgress } from "./progress.ts";
import { resumeCommand, resumeTraining } from "./resume.ts";
import { withStudio } from "./studio.ts";
import { tellReading } from "./tell-plan.ts";

/** What can be asked of a training; all else is chosen by the data. */
export interface TrainOptions
  extends Partial<Omit<Settings, "hidden" | "classWeights" | "optimizerOptions" | "lr" | "schedule" | "clipNorm">>,
    OptimizerRequest,
    ScheduleRequest {
  lr?: number | "auto";
  clipNorm?: number;
  target?: string;
  task?: Task;
  type?: Record<string, ColumnChoice>;
  drop?: string[];
  keep?: string[];
  split?: SplitMethod;
  /** Shares of the rows, or files. */
  val?: number | string;
  test?: number | string;
  classWeights?: ClassWeightRequest;
  /** Whether the table is read in pieces. */
  stream?: boolean;
  /** What image files are brought to. */
  imageSize?: Pick<ImageFormat, "height" | "width">;
  channels?: ImageFormat["channels"];
  /** Sizes of the hidden layers, or the file of a network of the user's own. */
  model?: number[] | string;
}

/** The options of train as commander gives them, each checked already. */
export interface TrainArguments extends TrainOptions {
  out?: string;
  resume?: string;
  /** A file of options, of which those on the command line are stronger. */
  config?: string;
  /** Whether only the plan is told. */
  dryRun?: boolean;
  eject?: string;
  /** The port of the studio that shows it; true for the usual one. */
  studio?: number | true;
  log?: "text" | "json";
}

/** noron train: reads data, trains a network on them, measures it and saves it; or goes on with a run. */
export async function trainCommand(source: string[], { config: file, ...given }: TrainArguments): Promise<void> {
  if (file === undefined) return runTraining(source, given);
  if (given.resume !== undefined) throw new UsageError("fixed-on-resume", { option: "--config" });
  const { readOptionsFile } = await import("./options-file.ts");
  const read = readOptionsFile(file);
  await runTraining(source.length > 0 ? source : read.source, { ...read.options, ...given });
}

async function runTraining(
  source: string[],
  { out, resume, eject, studio, dryRun = false, log: format, ...options }: Omit<TrainArguments, "config">,
): Promise<void> {
  const start = performance.now();
  const log = new Log(format === "json");
  if (resume !== undefined) {
    const fixed = { out, eject, dryRun: dryRun || undefined, ...options };
    const { plan, run, state } = await resumeTraining(log, resume, source, fixed);
    return shown(log, run, studio, () => trainAndSave(log, plan, run, start, state));
  }
  if (out !== undefined) requireFreeFolder(out);
  if (dryRun) requireNothingElse({ eject, studio });
  if (eject !== undefined && isTaken(eject)) throw new UsageError("file-exists", { file: eject, option: "--eject" });
  const {
    target,
    task,
    type: kinds,
    drop,
    keep,
    split,
    val,
    test,
    classWeights: weights,
    model,
    lr,
    stream,
    imageSize,
    channels,
    ...given
  } = options;
  const heldOut = [val, test].filter((held) => typeof held === "string");
  // All is in memory or nothing: the rows that are held out as well.
  const inPieces = isInPieces([...source, ...heldOut], stream);
  if (eject !== undefined && inPieces) throw new UsageError("eject-in-pieces", { data: source.join(" ") });
  const own = typeof model === "string" ? await loadOwn(model, given) : undefined;
  const check = (table: Table) => findColumn(table, requireTarget(table, target));
  const loaded = await openData(source, {
    stream: inPieces,
    check,
    tell: tellReading(log),
    format: { ...imageSize, channels },
  });
  const load = (from: string[]) =>
    openData(from, { stream: inPieces, format: loaded.kind === "images" ? loaded.images : {} });
  const held = { validation: await loadHeldOut(val, load), test: await loadHeldOut(test, load) };
  const plan = await planTraining(log, {
    loaded,
    prepare: { target, task, kinds, drop, keep, split, ...held, seed: given.seed ?? 0 },
    own,
    weighted: weights !== undefined && weights[0] !== "none",
    choose: (prepared) => ({
      ...given,
      lr: lr === "auto" ? undefined : lr,
      classWeights: chooseClassWeights(weights, prepared),
      hidden: typeof model === "string" ? [] : model,
    }),
    rate: lr !== "auto" ? undefined : dryRun ? "leave" : "find",
  });
  if (dryRun) {
    const folder = out ?? defaultRunFolder(loaded.name);
    log.note(t("training.dryRun", { folder }));
    log.event("dry-run", { folder });
    return;
  }
  const { prepared, settings, network, config } = plan;
  if (eject !== undefined) {
    writeWhole(
      eject,
      writeProgram({ file: eject, loaded, held, prepared, network: network.config, own, settings, task }),
    );
    log.note(t("training.ejected", { file: eject }));
    log.event("program", { file: eject });
  }
  const run = createRun(out, loaded.name, config, prepared.preprocessing);
  await shown(log, run, studio, () => trainAndSave(log, plan, run, start));
}

/** @throws UsageError for options that a dry run cannot have */
function requireNothingElse(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined) throw new UsageError("dry-run-writes-nothing", { option: `--${name}` });
}

/** Trains, in the studio if that is asked for. */
function shown(log: Log, run: OpenRun, studio: TrainArguments["studio"], train: () => Promise<void>): Promise<void> {
  if (studio === undefined) return train();
  return withStudio(log, run.folder, studio === true ? null : studio, train);
}

/** Trains by a plan, or goes on from a state, and saves what comes of it. */
async function trainAndSave(
  log: Log,
  plan: TrainingPlan,
  run: OpenRun,
  start: number,
  resume?: train.TrainerState,
): Promise<void> {
  const { prepared, settings, network, config } = plan;
  const interrupt = interruptible(() => log.note(t("training.stopping")));
  const explain = async (error: train.DivergenceError, kept: Kept | null) => {
    const cause = await explainDivergence(network.build, settings, prepared.training, error);
    return divergedError(error, cause, kept);
  };
  let checkpoint: Pick<train.TrainerState, "epoch" | "batch"> | null = resume ?? null;
  const keeper: Keeper = {
    addEpoch: (numbers) => run.addEpoch(numbers),
    saveState(trainer) {
      run.saveCheckpoint({ noron: config.noron, engine: presentEngine(), trainer });
      checkpoint = trainer;
    },
  };
  try {
    const { training, validation } = prepared;
    const request = { build: network.build, settings, training, validation, resume };
    const progress = showProgress(log, interrupt.signal);
    const fitted = await fitNetwork(request, progress, keeper, interrupt.signal).catch(async (error) => {
      throw error instanceof train.DivergenceError ? await explain(error, null) : error;
    });
    tellEnd(log, fitted, (performance.now() - start) / 1000);
    const { answer, ...scores } = await score(fitted, plan);
    const { epochs, bestEpoch, stopped } = fitted;
    const result = { epochs: epochs.length, bestEpoch, stopped, ...scores };
    run.finish({
      config: { ...config, finished: new Date().toISOString(), result },
      weights: fitted.model.stateDict(),
      scores: { test: scores.test, baseline: scores.testBaseline },
    });
    tellFindings(log, fitted);
    tellResult(log, run.folder, plan, result, answer);
    if (fitted.divergence !== null) throw await explain(fitted.divergence, { epoch: bestEpoch, folder: run.folder });
  } catch (error) {
    const command = resumeCommand(run.folder, plan);
    if (error instanceof FitInterrupted) {
      const { epoch, batch } = error;
      const { folder } = run;
      const place =
        batch === null
          ? t("training.interrupted", { epoch, folder })
          : t("training.interruptedBatch", { epoch, batch, folder });
      throw new InterruptedError(place, { epoch, batch, folder }, command);
    }
    if (error instanceof InputError && error.code === "not-written" && checkpoint !== null) {
      const { file, problem } = error.parameters;
      const { epoch, batch } = checkpoint;
      if (batch === 0)
        throw new InputError("not-written-after-epoch", { file, problem, epoch: epoch - 1 }, { command, cause: error });
      throw new InputError("not-written-after-batch", { file, problem, epoch, batch }, { command, cause: error });
    }
    if (error instanceof train.TrainerStateError)
      throw new InputError("checkpoint-of-another", {
        file: join(run.folder, RUN_FILES.checkpoint),
        problem: error.message,
      });
    throw error;
  } finally {
    interrupt.end();
    run.close();
  }
}

/** @throws UsageError for options that the code decides, and code that cannot be loaded */
async function loadOwn(file: string, given: TrainOptions): Promise<OwnModule> {
  for (const name of ["activation", "norm", "dropout"] as const) {
    if (given[name] === undefined) continue;
    throw new UsageError("option-not-for-own", { option: `--${name}`, file });
  }
  return loadModuleFile(file);
}

async function score(
  { model }: Fitted,
  { prepared, settings, baseline }: TrainingPlan,
): Promise<Pick<RunResult, "baseline" | "test" | "testBaseline"> & { answer: number | null }> {
  const { preprocessing, test, outputs, classes } = prepared;
  const scorer = new Scorer(preprocessing, LOSSES[settings.loss].make());
  const baselineScorer = new BaselineScorer(baseline.value, classes.length);
  for (const part of slices(test)) {
    scorer.update(await computeOutputs(model, part, outputs), part.target);
    baselineScorer.update(part.target);
  }
  const scores = { test: scorer.scores(), testBaseline: baselineScorer.scores() };
  return { baseline: baseline.value, ...scores, answer: scorer.onlyAnswer() };
}

function tellEnd(log: Log, { epochs, bestEpoch, stopped }: Fitted, seconds: number): void {
  const early = stopped === null || stopped === DIVERGED;
  const passes = t("words.epochs", { count: epochs.length });
  const value = shortNumber(epochs.find(({ epoch }) => epoch === bestEpoch)?.validationLoss ?? Number.NaN);
  const ended = t("training.ended", { epochs: passes, time: duration(seconds), best: bestEpoch, value });
  log.note(early ? ended : ended + t("training.nothingBetter"));
  log.note("");
}

function tellResult(
  log: Log,
  folder: string,
  { loaded, prepared, network, settings }: TrainingPlan,
  result: RunResult,
  answer: number | null,
): void {
  const { test, testBaseline, baseline } = result;
  const baselineName = describeBaseline(baseline, prepared.classes);
  log.result(t("training.tested", { rows: describeCount(loaded, prepared.test.count) }));
  const weighted = settings.classWeights !== null;
  for (const line of describeScores(test, testBaseline, { baselineName, weighted })) log.result(line);
  const onlyAnswer = answer === null ? null : prepared.classes[answer];
  if (onlyAnswer !== null) log.note(describeOnlyAnswer(onlyAnswer, describeCount(loaded, prepared.test.count)));
  log.result("");
  log.result(t("training.saved", { folder }));
  const [first] = loaded.source;
  const own = first === "-" || loaded.kind === "images" ? undefined : first;
  const files = own === undefined ? loaded.source : [own];
  const model = "module" in network.config ? ["--model", network.config.module.path] : [];
  const next = ["npx", "noron", "predict", folder, ...files, ...model].map(shellWord).join(" ");
  log.result(t("training.next", { command: next }));
  log.event("result", { ...result, baselineName, onlyAnswer, folder, next });
}
