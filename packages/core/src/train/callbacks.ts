import type { StateDict } from "../nn/state-dict.ts";
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
  };
}
