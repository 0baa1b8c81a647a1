import { data, manualSeed, tensor, train } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { baselineLoss } from "../health/baseline-loss.ts";
import { diagnoseFitted, type HealthFinding } from "../health/fitted.ts";
import { CheckpointPace } from "./checkpoint-pace.ts";
import { makeLoss, makeOptimizer } from "./choices.ts";
import type { Network } from "./network.ts";
import { EVALUATION_BATCH } from "./outputs.ts";
import { makeSchedule } from "./schedules.ts";
import type { Settings } from "./settings.ts";

/** A trained network and how it came about. */
export interface Fitted {
  model: Network;
  epochs: train.EpochLog[];
  /** The epoch whose weights it has. */
  bestEpoch: number;
  /** Why training ended early; null if it did not. */
  stopped: string | null;
  /** What is wrong with the network or its training. */
  findings: HealthFinding[];
  /** What ended it, where it diverged after a whole epoch. */
  divergence: train.DivergenceError | null;
}

/** Told of what happens while it trains. */
export interface FitObserver {
  /** @param done how many epochs are over, where an earlier training is gone on with */
  begin(epochs: number, batches: number, done: number): void;
  batch(): void;
  epoch(log: train.EpochLog): void;
  end(): void;
}

/** Keeps what a training needs to be gone on with later. */
export interface Keeper {
  /** An epoch's numbers, as soon as it is over. */
  addEpoch(log: train.EpochLog): void;
  /** Where training stands, as often as CheckpointPace says, where it is interrupted, and at its end. */
  saveState(state: train.TrainerState): void;
}

/** Training was told to end, and its state has been kept. */
export class FitInterrupted extends Error {
  override name = "FitInterrupted";

  constructor(
    /** The epoch that it is in the middle of, or that was over. */
    readonly epoch: number,
    /** How many of its batches are done; null where the epoch is over. */
    readonly batch: number | null,
  ) {
    super("training was interrupted");
  }
}

/** Why training ended where the loss became NaN or infinite, or exploded. */
export const DIVERGED = "diverged";

export interface FitRequest {
  /** Makes the network; its first weights come from the seed of the settings. */
  build: () => Network;
  settings: Settings;
  /** Labelled examples to train on, and to choose the epoch by. */
  training: Examples;
  validation: Examples;
  /** What an earlier training has kept, which is gone on with to the same bits. */
  resume?: train.TrainerState;
}

/**
 * Trains a network on labelled examples, and gives it the weights of its best epoch on the validation set.
 * @param signal ends it after the present batch
 * @throws train.DivergenceError where it diverges before an epoch is whole; FitInterrupted after the signal, unless it had
 *   come to its end anyway; train.TrainerStateError for a state that is of another training
 */
export async function fitNetwork(
  { build, settings, training, validation, resume }: FitRequest,
  observer: FitObserver,
  keeper: Keeper,
  signal: AbortSignal,
): Promise<Fitted> {
  manualSeed(settings.seed);
  const model = build();
  const loader = new data.DataLoader(dataset(training), {
    batchSize: settings.batch,
    shuffle: true,
    seed: settings.seed,
  });
  const optimizer = makeOptimizer(settings, model.parameters());
  const trainer = new train.Trainer({
    model,
    loss: makeLoss(settings),
    optimizer,
    scheduler: settings.schedule === null ? undefined : makeSchedule(settings.schedule, optimizer, settings.lr),
    clipNorm: settings.clipNorm ?? undefined,
    metrics: training.target?.kind === "classes" ? [train.accuracy()] : [],
  });
  const patience = settings.patience === 0 ? Number.POSITIVE_INFINITY : settings.patience;
  const stopping = train.earlyStopping({ monitor: "validationLoss", patience });
  const epochs = [...(resume?.history ?? [])];
  const pace = new CheckpointPace();
  const keep = () => pace.write(() => keeper.saveState(trainer.stateDict()));
  // Told of the end before early stopping gives the best weights back: the state is that of the last epoch.
  const keepingEnd: train.Callback = { onTrainEnd: keep };
  const telling: train.Callback = {
    onBatchEnd({ epoch, batch }) {
      observer.batch();
      if (signal.aborted) {
        keep();
        throw new FitInterrupted(epoch, batch);
      }
      if (pace.dueAfterBatch()) keep();
    },
    onEpochEnd(log) {
      epochs.push(log);
      keeper.addEpoch(log);
      observer.epoch(log);
      const last = log.epoch === settings.epochs || trainer.stopping !== null;
      if (last) return;
      if (signal.aborted || pace.dueAfterEpoch()) keep();
      if (signal.aborted) throw new FitInterrupted(log.epoch, null);
    },
  };
  observer.begin(settings.epochs, loader.length, epochs.length);
  let stopped: string | null = DIVERGED;
  let divergence: train.DivergenceError | null = null;
  try {
    const ended = await trainer.fit(loader, {
      epochs: settings.epochs,
      validation: new data.DataLoader(dataset(validation), { batchSize: EVALUATION_BATCH }),
      callbacks: [keepingEnd, stopping, telling],
      watch: { reference: baselineLoss(training, settings) },
      resume: resume && { ...resume, stopped: stillStopped(resume, patience) },
    });
    stopped = ended.stopped;
  } catch (error) {
    if (!(error instanceof train.DivergenceError) || stopping.bestEpoch === 0) throw error;
    // The weights of the best epoch, which fit() did not come to.
    await stopping.onTrainEnd?.({ epochs, stopped }, trainer);
    divergence = error;
  } finally {
    observer.end();
  }
  const findings = diagnoseFitted(
    { model, build, loss: trainer.loss, epochs, bestEpoch: stopping.bestEpoch },
    training,
    validation,
    settings,
  );
  return { model, epochs, bestEpoch: stopping.bestEpoch, stopped, findings, divergence };
}

/** Why a training that is gone on with is to end at once; null where it goes on, with more patience perhaps. */
function stillStopped({ stopped, history, callbacks }: train.TrainerState, patience: number): string | null {
  const { bestEpoch } = callbacks[0] as train.EarlyStoppingState;
  if (history.length - bestEpoch < patience) return null;
  return stopped ?? `validationLoss has not become better since epoch ${bestEpoch}`;
}

/** Labelled examples for a loader. */
export function dataset({ inputs, width, count, target }: Examples): data.Dataset {
  if (target === null) throw new Error("examples without targets cannot be learned");
  const y =
    target.kind === "classes" ? { data: target.classes, shape: [count] } : { data: target.values, shape: [count, 1] };
  if (inputs instanceof Float32Array) return new data.TensorDataset({ data: inputs, shape: [count, width] }, y);
  const targets = new data.TensorDataset(y);
  return {
    length: count,
    batch(indices) {
      const [wanted] = targets.batch(indices);
      return [tensor(inputs.features(indices), { shape: [indices.length, width] }), wanted];
    },
    expect(order) {
      inputs.expect(order);
    },
  };
}
