import { data, manualSeed, train } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { baselineLoss } from "../health/baseline-loss.ts";
import { diagnoseFitted, type HealthFinding } from "../health/fitted.ts";
import { makeLoss, makeOptimizer } from "./choices.ts";
import type { Network } from "./network.ts";
import { EVALUATION_BATCH } from "./outputs.ts";
import type { Settings } from "./settings.ts";

/** A trained network and how it came about. */
export interface Fitted {
  model: Network;
  epochs: train.EpochLog[];
  /** The epoch whose weights it has. */
  bestEpoch: number;
  /** Why training ended early, INTERRUPTED where it was told to; null if it did not. */
  stopped: string | null;
  /** What is wrong with the network or its training. */
  findings: HealthFinding[];
  /** What ended it, where it diverged after a whole epoch. */
  divergence: train.DivergenceError | null;
}

/** Told of what happens while it trains. */
export interface FitObserver {
  begin(epochs: number, batches: number): void;
  batch(): void;
  epoch(log: train.EpochLog): void;
  end(): void;
}

/** Why training ended after its signal. */
export const INTERRUPTED = "interrupted";

/** Why training ended where the loss became NaN or infinite, or exploded. */
export const DIVERGED = "diverged";

/**
 * Trains a new network on labelled examples, and gives it the weights of its best epoch on the validation set.
 * @param build makes the network; its first weights come from the seed of the settings
 * @param signal ends it after the present batch
 * @throws train.DivergenceError where it diverges before an epoch is whole
 */
export async function fitNetwork(
  build: () => Network,
  settings: Settings,
  training: Examples,
  validation: Examples,
  observer: FitObserver,
  signal: AbortSignal,
): Promise<Fitted> {
  manualSeed(settings.seed);
  const model = build();
  const loader = new data.DataLoader(dataset(training), {
    batchSize: settings.batch,
    shuffle: true,
    seed: settings.seed,
  });
  const trainer = new train.Trainer({
    model,
    loss: makeLoss(settings),
    optimizer: makeOptimizer(settings.optimizer, model.parameters(), settings.lr),
    metrics: training.target?.kind === "classes" ? [train.accuracy()] : [],
  });
  const stopping = train.earlyStopping({
    monitor: "validationLoss",
    patience: settings.patience === 0 ? Number.POSITIVE_INFINITY : settings.patience,
  });
  const heed = () => {
    if (signal.aborted) trainer.stop(INTERRUPTED);
  };
  const telling: train.Callback = {
    onBatchEnd() {
      heed();
      observer.batch();
    },
    onEpochEnd(log) {
      heed();
      observer.epoch(log);
    },
  };
  observer.begin(settings.epochs, loader.length);
  const told = train.history();
  let stopped: string | null = DIVERGED;
  let divergence: train.DivergenceError | null = null;
  try {
    const ended = await trainer.fit(loader, {
      epochs: settings.epochs,
      validation: new data.DataLoader(dataset(validation), { batchSize: EVALUATION_BATCH }),
      callbacks: [told, stopping, telling],
      watch: { reference: baselineLoss(training, settings) },
    });
    stopped = ended.stopped;
  } catch (error) {
    if (!(error instanceof train.DivergenceError) || stopping.bestEpoch === 0) throw error;
    // The weights of the best epoch, which fit() did not come to.
    await stopping.onTrainEnd?.({ epochs: told.epochs, stopped }, trainer);
    divergence = error;
  } finally {
    observer.end();
  }
  const { epochs } = told;
  const findings = diagnoseFitted(model, trainer.loss, training, epochs, settings);
  return { model, epochs, bestEpoch: stopping.bestEpoch, stopped, findings, divergence };
}

/** Labelled examples for a loader. */
export function dataset({ inputs, width, count, target }: Examples): data.TensorDataset {
  if (target === null) throw new Error("examples without targets cannot be learned");
  const x = { data: inputs, shape: [count, width] };
  if (target.kind === "classes") return new data.TensorDataset(x, { data: target.classes, shape: [count] });
  return new data.TensorDataset(x, { data: target.values, shape: [count, 1] });
}
