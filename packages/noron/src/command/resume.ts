import type { train } from "@noron/core";
import { formatOf } from "../data/image-files.ts";
import { heldOutSources, preparedAs } from "../data/prepare-again.ts";
import { InputError, UsageError } from "../errors.ts";
import { t } from "../language/current.ts";
import { Problem, type ProblemCode } from "../language/problem.ts";
import { DIVERGED } from "../model/fit.ts";
import { hashModuleFile, loadModuleFile } from "../model/module-file.ts";
import { isOwn, type OwnModule } from "../model/own-network.ts";
import { SCHEDULES } from "../model/schedules.ts";
import type { Settings } from "../model/settings.ts";
import { canonical } from "../run/canonical.ts";
import { bestOf, type Difference, differences, presentEngine } from "../run/checkpoint.ts";
import { lockFolder } from "../run/lock.ts";
import { checkOwn } from "../run/parse.ts";
import { type ResumableRun, readResumable } from "../run/resumable.ts";
import { noronVersion } from "../run/version.ts";
import { continueRun, type OpenRun } from "../run/write.ts";
import { type AnyData, isInPieces, openData } from "../stream/open-data.ts";
import { shellWord } from "./format.ts";
import type { Log } from "./log.ts";
import { planTraining, type TrainingPlan } from "./plan.ts";
import { tellReading } from "./tell-plan.ts";
import type { TrainOptions } from "./train.ts";

/** A run that goes on. */
export interface ResumedTraining {
  plan: TrainingPlan;
  run: OpenRun;
  /** Where it stood; undefined where it had no checkpoint yet, and begins again. */
  state: train.TrainerState | undefined;
}

/** What may be given together with --resume; all else is as it was. */
const CHANGEABLE: ReadonlySet<string> = new Set(["epochs", "patience", "model", "stream"]);

/**
 * Opens a run to go on with it, after having made sure that all is as it was: data, code, and what was made of them.
 * @param source the data, where they lie elsewhere now
 * @throws UsageError, InputError and DataError, with nothing changed
 */
export async function resumeTraining(
  log: Log,
  folder: string,
  source: readonly string[],
  given: TrainOptions & { out?: string; eject?: string; dryRun?: boolean },
): Promise<ResumedTraining> {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || CHANGEABLE.has(name)) continue;
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError("fixed-on-resume", { option });
  }
  // Before the folder is touched: it may be something else.
  readResumable(folder);
  const release = lockFolder(folder);
  try {
    const before = readResumable(folder);
    const own = await ownCode(before, given.model);
    const epochs = given.epochs ?? before.settings.epochs;
    const patience = given.patience ?? before.settings.patience;
    requireMore(before, epochs, patience);
    const loaded = await loadUnchanged(log, before, source, given.stream);
    const { target, task, preparation } = before.config;
    const plan = await planTraining(log, {
      loaded,
      prepare: await preparedAs({ target, task, preparation, seed: before.settings.seed }, (from) =>
        openData(from, { stream: loaded.kind === "stream", format: formatOf(before.preprocessing) }),
      ),
      own,
      weighted: before.settings.classWeights !== null,
      choose: () => ({ ...networkSettings(before), ...before.settings, epochs, patience }),
    });
    requireSame(before, plan);
    tellPlace(log, before);
    const config = { ...plan.config, created: before.created, rateTest: before.rateTest };
    const state = before.checkpoint?.trainer;
    return { plan: { ...plan, config }, run: continueRun(folder, release, config, state?.history ?? []), state };
  } catch (error) {
    release();
    throw error;
  }
}

/** The command that goes on with a run. */
export function resumeCommand(folder: string, { loaded, own }: Pick<TrainingPlan, "loaded" | "own">): string {
  const words = ["npx", "noron", "train", "--resume", folder];
  if (own !== undefined) words.push("--model", own.path);
  return loaded.source.includes("-") ? `${words.map(shellWord).join(" ")} - < DATA` : words.map(shellWord).join(" ");
}

/** The code of the network, where it is the user's own: only what the command line names is run, and only as it was. */
async function ownCode(
  { folder, config }: ResumableRun,
  model: number[] | string | undefined,
): Promise<OwnModule | undefined> {
  if (Array.isArray(model)) throw new UsageError("model-on-resume");
  checkOwn(folder, config, model === undefined ? undefined : await hashModuleFile(model));
  return model === undefined ? undefined : loadModuleFile(model);
}

/** The network as it was chosen: another version of noron may choose another. */
function networkSettings({ config: { network } }: ResumableRun): Partial<Settings> {
  if (isOwn(network)) return { hidden: [] };
  const { hidden, activation, norm, dropout } = network;
  return { hidden, activation, norm, dropout };
}

/**
 * The data that training began with.
 * @param source where they lie now; where they lay then if nothing is given
 */
async function loadUnchanged(
  log: Log,
  { folder, config, preprocessing }: ResumableRun,
  source: readonly string[],
  stream: boolean | undefined,
): Promise<AnyData> {
  const from = source.length > 0 ? source : config.data.source;
  if (source.length === 0 && from.includes("-")) {
    const command = `npx noron train --resume ${shellWord(folder)} - < DATA`;
    throw new UsageError("resume-on-stdin", { folder }, { command });
  }
  const inPieces = isInPieces([...from, ...heldOutSources(config.preparation)], stream);
  if (inPieces) log.note(t("words.note", { text: t("data.readAgain") }));
  const loaded = await openData(from, { stream: inPieces, tell: tellReading(log), format: formatOf(preprocessing) });
  if (loaded.hash === config.data.hash) return loaded;
  const hashes = { hash: loaded.hash, trainedHash: config.data.hash };
  throw new InputError("resume-data-changed", { folder, source: from.join(" "), ...hashes });
}

/** @throws UsageError where nothing is left to do */
function requireMore(
  { folder, config, settings, stopped, checkpoint }: ResumableRun,
  epochs: number,
  patience: number,
): void {
  if (stopped === DIVERGED) throw new UsageError("resume-diverged", { folder });
  if (checkpoint === null) {
    if (!config.finished) return;
    throw new InputError("no-checkpoint", { folder });
  }
  const { history, stopped: ended } = checkpoint.trainer;
  const done = history.length;
  const { schedule } = settings;
  if (epochs !== settings.epochs && schedule !== null && SCHEDULES[schedule.name].fixesEpochs)
    throw new UsageError("epochs-of-schedule", { folder, schedule: schedule.name, epochs: settings.epochs });
  if (epochs < done) throw new UsageError("already-trained", { folder, epochs: done });
  if (!config.finished) return;
  const waited = done - bestOf(checkpoint.trainer).bestEpoch;
  if (ended !== null && patience !== 0 && waited >= patience) {
    throw new UsageError("ended-early", { folder, epochs: done, waited });
  }
  if (epochs > done) return;
  throw new UsageError("all-trained", { folder, epochs: done });
}

/** @throws InputError where the same data no longer give the same training, as in another version of noron */
function requireSame(
  { folder, config, preprocessing, split }: ResumableRun,
  { config: now, prepared }: TrainingPlan,
): void {
  const shape = (network: typeof now.network) => (isOwn(network) ? { ...network, module: null } : network);
  const pairs: Partial<Record<ProblemCode, [unknown, unknown]>> = {
    task: [config.task, now.task],
    target: [config.target, now.target],
    split: [split, now.split],
    network: [shape(config.network), shape(now.network)],
    preparation: [config.preparation, now.preparation],
    preprocessing: [preprocessing, prepared.preprocessing],
  };
  for (const [what, [then, here]] of Object.entries(pairs)) {
    if (canonical(then) === canonical(here)) continue;
    const part: Problem = new Problem(what as "task");
    throw new InputError("other-training", { folder, part, version: config.noron });
  }
}

function tellPlace(log: Log, { folder, checkpoint }: ResumableRun): void {
  const { epoch, batch } = checkpoint?.trainer ?? { epoch: 1, batch: 0 };
  if (checkpoint === null) log.note(t("training.resumedAnew", { folder }));
  else if (batch === 0) log.note(t("training.resumed", { folder, epoch: epoch - 1 }));
  else log.note(t("training.resumedBatch", { folder, epoch, batch }));
  const found = checkpoint === null ? [] : differences(checkpoint, noronVersion(), presentEngine());
  for (const difference of found) {
    const text = t("training.lastBits", { reason: describeDifference(difference) });
    log.note(t("words.note", { text }));
  }
  log.note("");
  log.event("resumed", { folder, epoch, batch, differences: found });
}

function describeDifference({ what, was, is }: Difference): string {
  const instructions = (one: unknown) => t(one === true ? "training.oneInstruction" : "training.twoInstructions");
  const [before, now] = [was, is].map((value) => String(value ?? "WebAssembly"));
  if (what === "backend") return t("training.otherBackend", { was: before, is: now });
  if (what === "blas") return t("training.otherProducts", { was: before, is: now });
  if (what === "noron") return t("training.otherVersion", { was: before, is: now });
  return t("training.otherInstructions", { was: instructions(was), is: instructions(is) });
}
