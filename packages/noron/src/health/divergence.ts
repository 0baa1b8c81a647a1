import { data, inspect, manualSeed, train } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { makeLoss, makeOptimizer } from "../model/choices.ts";
import { dataset } from "../model/fit.ts";
import type { Network } from "../model/network.ts";
import type { Settings } from "../model/settings.ts";
import { someRows } from "./fitted.ts";

/** Why a training diverged, and what to try. */
export interface DivergenceCause {
  /** What went wrong first, and where; null if it cannot be said. */
  finding: inspect.Finding | null;
  /**
   * "rate": a lower one holds. "values": numbers were out of range before a weight had moved, which no rate can help.
   * "unknown": no lower rate held.
   */
  cause: "rate" | "values" | "unknown";
  /** A rate that did not diverge in a trial; null where none was found. */
  lr: number | null;
}

/** A rate is taken to hold if so many steps neither diverge nor end with more loss than they began with. */
const TRIAL_STEPS = 50;
/** Dropout makes a loss tremble. */
const TREMBLE = 1.05;
/** Nobody wants a rate below this: something else is wrong. */
const SMALLEST = 1e-9;

/** Looks into a training that diverged: at the network as it began, and at tenth parts of the rate, each tried for some steps. */
export async function explainDivergence(
  build: () => Network,
  settings: Settings,
  training: Examples,
  { finding }: train.DivergenceError,
): Promise<DivergenceCause> {
  manualSeed(settings.seed);
  const [x, target] = someRows(training);
  const fresh = inspect.measure(build(), x, { loss: makeLoss(settings), target });
  const [before] = inspect.diagnose(fresh).filter(({ code }) => code === "non-finite" || code === "exploded");
  if (before !== undefined) return { finding: before, cause: "values", lr: null };
  for (let lr = nextBelow(settings.lr); lr >= SMALLEST; lr = nextBelow(lr))
    if (await holds(lr, build, settings, training)) return { finding, cause: "rate", lr };
  return { finding, cause: "unknown", lr: null };
}

/** A tenth of a rate, with one digit; from above 10 on 1 is next. */
function nextBelow(lr: number): number {
  return Number(Math.min(1, lr / 10).toPrecision(1));
}

/** Whether a training at some rate begins well. */
async function holds(lr: number, build: () => Network, settings: Settings, training: Examples): Promise<boolean> {
  manualSeed(settings.seed);
  const model = build();
  const { batch: batchSize, seed } = settings;
  const loader = new data.DataLoader(dataset(training), { batchSize, shuffle: true, seed });
  const optimizer = makeOptimizer({ ...settings, lr }, model.parameters());
  const clipNorm = settings.clipNorm ?? undefined;
  const trainer = new train.Trainer({ model, loss: makeLoss(settings), optimizer, clipNorm });
  const [x, target] = someRows(training);
  const lossNow = () => inspect.measure(model, x, { loss: makeLoss(settings), target }).loss!;
  const before = lossNow();
  let steps = 0;
  const counting: train.Callback = {
    onBatchEnd() {
      steps++;
      if (steps === TRIAL_STEPS) trainer.stop();
    },
  };
  try {
    await trainer.fit(loader, { epochs: TRIAL_STEPS, callbacks: [counting], watch: true });
  } catch (error) {
    if (error instanceof train.DivergenceError) return false;
    throw error;
  }
  return lossNow() <= TREMBLE * before;
}
