import { noGrad } from "../autograd/no-grad.ts";
import { DataLoader } from "../data/loader.ts";
import { compile } from "../graph/compile.ts";
import { valueOf } from "../graph/evaluate.ts";
import { dataNode } from "../graph/node.ts";
import { takeTurn } from "../graph/turn.ts";
import { BatchNorm } from "../nn/batch-norm.ts";
import { isOfLibrary } from "../nn/config.ts";
import { Loss } from "../nn/loss.ts";
import type { Layer, Module } from "../nn/module.ts";
import { Adagrad } from "../optim/adagrad.ts";
import { Adam, AdamW } from "../optim/adam.ts";
import { clipGradNorm } from "../optim/clip.ts";
import { RMSprop } from "../optim/rmsprop.ts";
import { OneCycleLR, ReduceLROnPlateau } from "../optim/scheduler.ts";
import { SGD } from "../optim/sgd.ts";
import { allocate } from "../tensor/dtype.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Callback, EpochLog, History } from "./callbacks.ts";
import { DivergenceError, Explosion } from "./divergence.ts";
import type { Metric } from "./metrics.ts";
import { RecentSteps } from "./recent-steps.ts";

/** Batches of inputs and targets: a DataLoader, or anything else that can be gone through once an epoch. */
export type Batches = Iterable<readonly [Tensor, Tensor]> | AsyncIterable<readonly [Tensor, Tensor]>;

export interface TrainerOptions {
  /** From one tensor to one tensor. */
  model: Layer;
  /** From prediction and target to one number. */
  loss: { forward(prediction: Tensor, target: Tensor): Tensor };
  optimizer: { zeroGrad(): void; step(): void; readonly groups: readonly { lr: number }[] };
  metrics?: readonly Metric[];
  /** Stepped once an epoch (OneCycleLR: once a batch; ReduceLROnPlateau: with the validation loss, or else the loss). */
  scheduler?: { step(metric: number): void };
  /** The largest norm that all gradients together may have. */
  clipNorm?: number;
}

export interface FitOptions {
  epochs?: number;
  /** Evaluated after every epoch. */
  validation?: Batches;
  callbacks?: readonly Callback[];
  /**
   * Whether a loss that explodes ends training too, and whether the last steps are kept, to be made again when it diverges,
   * so that the error names the layer that went first: some 32 batches, and a copy of weights and optimizer as often.
   */
  watch?: boolean;
}

/** What watches over a training. */
interface Watch {
  recent: RecentSteps;
  explosion: Explosion;
}

/** The loss and the metrics over a data set. */
export type Evaluation = { loss: number } & Record<string, unknown>;

/** What a model made of a batch. */
type Assessed = { prediction: Tensor; loss: Tensor };
type Step = (x: Tensor, y: Tensor) => Assessed;

/** What a pass has added up. */
class Totals {
  private sum = 0;
  private rows = 0;
  batches = 0;

  constructor(private readonly metrics: readonly Metric[]) {
    for (const metric of metrics) metric.reset();
  }

  /** Takes a batch whose values have been computed. */
  add(loss: number, reduction: unknown, prediction: Tensor, target: Tensor): void {
    const rows = prediction.shape[0] ?? 1;
    this.sum += reduction === "sum" ? loss : loss * rows;
    this.rows += rows;
    this.batches++;
    for (const metric of this.metrics) metric.update(prediction, target);
  }

  /** The loss an example, and the metrics. */
  results(): Evaluation {
    const results: Evaluation = { loss: this.sum / this.rows };
    for (const metric of this.metrics) results[metric.name] = metric.compute();
    return results;
  }
}

const OPTIMIZERS = new Set<unknown>([Adagrad, Adam, AdamW, RMSprop, SGD]);

/** Whether all parts of a step are of this library, so that it can be compiled: they depend on nothing that it does not know. */
function isCompilable({ model, loss, optimizer }: TrainerOptions): boolean {
  return isOfLibrary(model) && loss instanceof Loss && isOfLibrary(loss) && OPTIMIZERS.has(optimizer.constructor);
}

/**
 * Trains a model: for every batch forward, loss, backward and the optimizer's step, computed as one; after every epoch
 * the validation set. Afterwards each module is in the mode, training or evaluation, that it was in before.
 *
 * Where model, loss and optimizer are all of this library, steps are compiled (see compile()); others are traced each time.
 *
 * With batch norm in the model a last batch of one example joins the one before it.
 */
export class Trainer {
  readonly model: Layer;
  readonly loss: TrainerOptions["loss"];
  readonly optimizer: TrainerOptions["optimizer"];
  readonly metrics: readonly Metric[];
  readonly scheduler: NonNullable<TrainerOptions["scheduler"]> | null;
  readonly clipNorm: number | null;
  readonly #step: Step;
  readonly #assess: Step;
  #stopping: string | null = null;
  #running = false;

  constructor(options: TrainerOptions) {
    this.model = options.model;
    this.loss = options.loss;
    this.optimizer = options.optimizer;
    this.metrics = options.metrics ?? [];
    this.scheduler = options.scheduler ?? null;
    this.clipNorm = options.clipNorm ?? null;
    for (const metric of this.metrics) metric.attach?.(this.loss);
    const prepare = isCompilable(options) ? compile<[Tensor, Tensor], Assessed> : (step: Step) => step;
    this.#step = prepare((x, y) => this.#update(x, y));
    this.#assess = prepare((x, y) => noGrad(() => this.#apply(x, y)));
  }

  /**
   * Trains for a number of epochs and gives their numbers.
   * @throws DivergenceError, which names epoch and batch, when the loss becomes NaN or infinite; with `watch` also when it
   *   explodes, or the validation loss does, and with the layer that went first.
   */
  async fit(loader: Batches, options: FitOptions = {}): Promise<History> {
    const { epochs = 1, validation, callbacks = [], watch = false } = options;
    if (!Number.isInteger(epochs) || epochs < 0) throw new RangeError(`training takes whole epochs, not ${epochs}`);
    if (this.#running) throw new Error("this trainer is training already");
    this.#running = true;
    this.#stopping = null;
    const restore = keepModes(this.model);
    const history: History = { epochs: [], stopped: null };
    const watching = watch
      ? { recent: new RecentSteps(this.model, this.loss, this.optimizer), explosion: new Explosion() }
      : null;
    try {
      for (const callback of callbacks) await callback.onTrainBegin?.(this);
      for (let epoch = 1; epoch <= epochs && this.#stopping === null; epoch++) {
        for (const callback of callbacks) await callback.onEpochBegin?.(epoch, this);
        const log = await this.#epoch(epoch, loader, validation, callbacks, watching);
        history.epochs.push(log);
        for (const callback of callbacks) await callback.onEpochEnd?.(log, this);
      }
      history.stopped = this.#stopping;
      for (const callback of callbacks) await callback.onTrainEnd?.(history, this);
    } finally {
      restore();
      this.#running = false;
    }
    return history;
  }

  /** Ends training after the present batch. */
  stop(reason = "stopped"): void {
    this.#stopping ??= reason;
  }

  /** Whether a number of the logs should fall or rise. */
  modeOf(name: string): "min" | "max" {
    const plain = name.startsWith("validation") ? name[10].toLowerCase() + name.slice(11) : name;
    return this.metrics.find((metric) => metric.name === plain)?.mode ?? "min";
  }

  async #epoch(
    epoch: number,
    loader: Batches,
    validation: Batches | undefined,
    callbacks: readonly Callback[],
    watching: Watch | null,
  ): Promise<EpochLog> {
    const fault = () => watching?.recent.firstFault((x, y) => this.#update(x, y)) ?? null;
    const start = performance.now();
    const lr = this.optimizer.groups[0]?.lr ?? Number.NaN;
    const batches = loader instanceof DataLoader ? loader.length : null;
    const totals = new Totals(this.metrics);
    this.model.train();
    for await (const [x, y] of this.#batches(loader)) {
      await takeTurn();
      const batch = totals.batches + 1;
      watching?.recent.before(x, y);
      const { loss: ofBatch, prediction } = this.#step(x, y);
      const loss = valueOf(ofBatch)[0];
      if (!Number.isFinite(loss) || watching?.explosion.batch(loss))
        throw new DivergenceError(epoch, batch, loss, fault());
      totals.add(loss, (this.loss as { reduction?: unknown }).reduction, prediction, y);
      if (this.scheduler instanceof OneCycleLR) this.scheduler.step();
      for (const callback of callbacks) await callback.onBatchEnd?.({ epoch, batch, batches, loss }, this);
      if (this.#stopping !== null) break;
    }
    if (totals.batches === 0)
      throw new Error(
        `epoch ${epoch} has no batches: the data are empty, or a generator that can be gone through once only; give a DataLoader`,
      );
    const log: EpochLog = { epoch, loss: 0, lr, seconds: 0 };
    addNumbers(log, totals.results(), (name) => name);
    if (validation !== undefined)
      addNumbers(
        log,
        await this.evaluate(validation),
        (name) => `validation${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      );
    for (const loss of [log.loss, log.validationLoss])
      if (watching?.explosion.epoch(loss)) throw new DivergenceError(epoch, null, loss, fault());
    if (this.scheduler !== null && !(this.scheduler instanceof OneCycleLR)) {
      if (this.scheduler instanceof ReduceLROnPlateau) this.scheduler.step(log.validationLoss ?? log.loss);
      else this.scheduler.step(epoch);
    }
    log.seconds = (performance.now() - start) / 1000;
    return log;
  }

  #apply(x: Tensor, y: Tensor): Assessed {
    const prediction = this.model.forward(x);
    return { prediction, loss: this.loss.forward(prediction, y) };
  }

  /** Forward, backward and update in one evaluation; what is read afterwards is there already. */
  #update(x: Tensor, y: Tensor): Assessed {
    this.optimizer.zeroGrad();
    const assessed = this.#apply(x, y);
    assessed.loss.backward();
    if (this.clipNorm !== null) clipGradNorm(this.model.parameters().filter(hasGradient), this.clipNorm);
    this.optimizer.step();
    return assessed;
  }

  #batches(loader: Batches): Batches {
    const merges =
      loader instanceof DataLoader && [...this.model.modules()].some((module) => module instanceof BatchNorm);
    return merges ? loader.batches({ mergeLastOfOne: true }) : loader;
  }

  /** The loss an example and the metrics over a data set, in evaluation mode. */
  async evaluate(loader: Batches): Promise<Evaluation> {
    const totals = new Totals(this.metrics);
    const restore = keepModes(this.model);
    try {
      this.model.eval();
      for await (const [x, y] of loader) {
        await takeTurn();
        const { loss, prediction } = this.#assess(x, y);
        totals.add(valueOf(loss)[0], (this.loss as { reduction?: unknown }).reduction, prediction, y);
      }
    } finally {
      restore();
    }
    if (totals.batches === 0) throw new Error("there is nothing to evaluate: the data are empty");
    return totals.results();
  }

  /** The model's outputs for inputs, or for all batches of a loader one after another, in evaluation mode. */
  async predict(
    inputs: Tensor | Batches | AsyncIterable<readonly Tensor[]> | Iterable<readonly Tensor[]>,
  ): Promise<Tensor> {
    const restore = keepModes(this.model);
    try {
      this.model.eval();
      if (inputs instanceof Tensor) {
        const output = noGrad(() => this.model.forward(inputs));
        valueOf(output);
        return output;
      }
      const parts: Tensor[] = [];
      for await (const [x] of inputs) {
        await takeTurn();
        const part = noGrad(() => this.model.forward(x));
        valueOf(part);
        parts.push(part);
      }
      if (parts.length === 0) throw new Error("there is nothing to predict: the data are empty");
      return joined(parts);
    } finally {
      restore();
    }
  }
}

function hasGradient(parameter: Tensor): boolean {
  return parameter.hasGrad;
}

/** Notes every module's mode, and gives a function that goes back to it. */
function keepModes(model: Module): () => void {
  const modes = [...model.modules()].map((module) => [module, module.training] as const);
  return () => {
    for (const [module, training] of modes) module.training = training;
  };
}

function addNumbers(log: EpochLog, results: Evaluation, nameOf: (name: string) => string): void {
  for (const [name, value] of Object.entries(results)) if (typeof value === "number") log[nameOf(name)] = value;
}

function joined(parts: readonly Tensor[]): Tensor {
  const { dtype, shape } = parts[0];
  const rows = parts.reduce((sum, part) => sum + part.shape[0], 0);
  const values = allocate(
    dtype,
    parts.reduce((sum, part) => sum + valueOf(part).length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    values.set(valueOf(part), offset);
    offset += valueOf(part).length;
  }
  return dataNode(values, [rows, ...shape.slice(1)], dtype);
}
