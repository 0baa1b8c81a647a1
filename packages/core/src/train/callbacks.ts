import type { StateDict } from "../nn/state-dict.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Trainer } from "./trainer.ts";

/** The numbers of an epoch, counted from 1: loss, metrics by name, and with a validation set `validationLoss` and so on. */
export interface EpochLog {
  epoch: number;
  loss: number;
  /** The learning rate of the first group in this epoch. */
  lr: number;
  seconds: number;
  [name: string]: number;
}

export interface BatchLog {
  epoch: number;
  /** The batch in its epoch, from 1. */
  batch: number;
  /** Batches an epoch, if the loader says so. */
  batches: number | null;
  loss: number;
}

export interface History {
  epochs: EpochLog[];
  /** Why training ended before its last epoch; null if it did not. */
  stopped: string | null;
}

type Awaitable = void | Promise<void>;

/** What is called at the turns of a training; each may be asynchronous, and is waited for. */
export interface Callback {
  onTrainBegin?(trainer: Trainer): Awaitable;
  onEpochBegin?(epoch: number, trainer: Trainer): Awaitable;
  onBatchEnd?(log: BatchLog, trainer: Trainer): Awaitable;
  onEpochEnd?(log: EpochLog, trainer: Trainer): Awaitable;
  onTrainEnd?(history: History, trainer: Trainer): Awaitable;
  /** What it remembers, for a checkpoint: records, lists, numbers, texts and tensors. */
  stateDict?(): unknown;
  /**
   * Takes up what it remembered, after onTrainBegin.
   * @throws Error for what does not belong to it, or to the trainer's model
   */
  loadStateDict?(state: unknown, trainer: Trainer): void;
}

export interface EarlyStoppingOptions {
  /** How many epochs without improvement end training. */
  patience?: number;
  /** The number that is watched; by default validationLoss where there is one, else loss. */
  monitor?: string;
  /** Whether it should fall or rise; by default as its metric says. */
  mode?: "min" | "max";
  /** How much better counts as better. */
  minDelta?: number;
  /** Whether the model gets the weights (and buffers) of its best epoch back at the end. */
  restoreBest?: boolean;
}

/** What early stopping remembers. */
export interface EarlyStoppingState {
  /** NaN before the first epoch. */
  best: number;
  bestEpoch: number;
  /** Of the best epoch, where they are to be given back. */
  weights: StateDict | null;
}

/** @throws Error unless the best weights can be given back at the end */
function requireSameShapes(own: StateDict, given: StateDict): void {
  const all = new Set([...Object.keys(own), ...Object.keys(given)]);
  for (const name of all)
    if (!Object.hasOwn(own, name) || !sameShape(own[name].shape, given[name]?.shape ?? []))
      throw new Error(`the best weights do not fit the model: ${name} is missing, unknown or of another shape`);
}

/** A callback, and what it found. */
export interface EarlyStopping extends Callback {
  /** The best value so far. */
  readonly best: number;
  /** The epoch that it was found in; 0 before the first. */
  readonly bestEpoch: number;
}

/** Ends training when a number has not become better for `patience` epochs. */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  const { patience = 5, minDelta = 0, restoreBest = true } = options;
  let best = Number.NaN;
  let bestEpoch = 0;
  let weights: StateDict | null = null;
  return {
    get best() {
      return best;
    },
    get bestEpoch() {
      return bestEpoch;
    },
    onTrainBegin() {
      best = Number.NaN;
      bestEpoch = 0;
      weights = null;
    },
    onEpochEnd(log, trainer) {
      const monitor = options.monitor ?? ("validationLoss" in log ? "validationLoss" : "loss");
      const value = log[monitor];
      if (value === undefined) {
        const names = Object.keys(log).join(", ");
        throw new Error(`early stopping watches "${monitor}", but the epoch has only ${names}`);
      }
      const mode = options.mode ?? trainer.modeOf(monitor);
      const better = bestEpoch === 0 || (mode === "min" ? value < best - minDelta : value > best + minDelta);
      if (better) {
        best = value;
        bestEpoch = log.epoch;
        if (restoreBest) weights = trainer.model.stateDict();
      } else if (log.epoch - bestEpoch >= patience) {
        trainer.stop(`${monitor} has not become better since epoch ${bestEpoch}`);
      }
    },
    onTrainEnd(_, trainer) {
      if (weights !== null) trainer.model.loadStateDict(weights);
      weights = null;
    },
    stateDict: (): EarlyStoppingState => ({ best, bestEpoch, weights }),
    loadStateDict(state, trainer) {
      const given = (state ?? {}) as Partial<EarlyStoppingState>;
      if (typeof given.best !== "number" || !Number.isSafeInteger(given.bestEpoch) || given.weights === undefined)
        throw new Error("this is no state of early stopping");
      if (given.weights !== null) requireSameShapes(trainer.model.stateDict(), given.weights);
      best = given.best;
      bestEpoch = given.bestEpoch!;
      weights = given.weights;
    },
  };
}

/** Collects the epochs' numbers; they are there while training still runs. */
export function history(): Callback & { readonly epochs: EpochLog[] } {
  const epochs: EpochLog[] = [];
  return {
    epochs,
    onTrainBegin() {
      epochs.length = 0;
    },
    onEpochEnd(log) {
      epochs.push(log);
    },
    stateDict: () => ({ epochs: epochs.map((log) => ({ ...log })) }),
    loadStateDict(state) {
      const given = (state as { epochs?: EpochLog[] } | null)?.epochs;
      if (!Array.isArray(given)) throw new Error("this is no state of a history");
      epochs.splice(0, epochs.length, ...given);
    },
  };
}
