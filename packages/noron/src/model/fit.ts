import { data, manualSeed, train } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { LOSSES, makeOptimizer } from "./choices.ts";
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

/**
 * Trains a new network on labelled examples, and gives it the weights of its best epoch on the validation set.
 * @param build makes the network; its first weights come from the seed of the settings
 * @param signal ends it after the present batch
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
    loss: LOSSES[settings.loss].make(),
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
  try {
    const { epochs, stopped } = await trainer.fit(loader, {
      epochs: settings.epochs,
      validation: new data.DataLoader(dataset(validation), { batchSize: EVALUATION_BATCH }),
      callbacks: [stopping, telling],
    });
    return { model, epochs, bestEpoch: stopping.bestEpoch, stopped };
  } finally {
    observer.end();
  }
}

function dataset({ inputs, width, count, target }: Examples): data.TensorDataset {
  if (target === null) throw new Error("examples without targets cannot be learned");
  const x = { data: inputs, shape: [count, width] };
  if (target.kind === "classes") return new data.TensorDataset(x, { data: target.classes, shape: [count] });
  return new data.TensorDataset(x, { data: target.values, shape: [count, 1] });
}
