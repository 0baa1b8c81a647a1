import type { PreparedData } from "../data/prepare.ts";
import { t } from "../language/current.ts";
import type { ReadingStage } from "../stream/load-stream.ts";
import { type AnyData, rowsOf } from "../stream/open-data.ts";
import { describeClassWeights, describeData, describeNetwork, describeRate, describeTraining } from "./describe.ts";
import { duration } from "./format.ts";
import type { Log } from "./log.ts";
import type { TrainingPlan } from "./plan.ts";

/** Tells how far reading in pieces has come. */
export function tellReading(log: Log): (stage: ReadingStage) => void {
  return ({ stage, rows, seconds }) => {
    const texts = {
      inspected: () => t("data.inspected"),
      scanned: () => t("data.scanned", { rows: t("words.rows", { count: rows ?? 0 }) }),
      stored: () => t("data.stored"),
      "laid-out": () => t("data.laidOut"),
    };
    log.note(`${texts[stage]()} (${duration(seconds)})`);
    log.event("reading", { stage, rows, seconds });
  };
}

/** Tells what the data are, and what was decided about them. */
export function tellData(log: Log, loaded: AnyData, prepared: PreparedData, seed: number): void {
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

/** Tells what network is trained, and how. */
export function tellNetwork(log: Log, { network, settings, prepared, rate, config }: TrainingPlan): void {
  const { classWeights } = settings;
  const toBeFound = rate === "to be found";
  log.note(describeNetwork(network));
  log.note(describeTraining(settings, toBeFound ? "auto" : settings.lr));
  if (rate !== null) log.note(describeRate(rate));
  if (classWeights !== null) log.note(describeClassWeights(prepared.classes, classWeights));
  log.note("");
  if (typeof rate === "object" && rate !== null) log.event("rate", { ...rate });
  log.event("network", {
    network: network.config,
    parameters: network.parameters,
    settings: toBeFound ? { ...config.settings, lr: "auto" } : config.settings,
  });
}
