import { noGrad } from "../autograd/no-grad.ts";
import { DataLoader } from "../data/loader.ts";
import { compile } from "../graph/compile.ts";
import { valueOf } from "../graph/evaluate.ts";
import { dataNode } from "../graph/node.ts";
import { takeTurn } from "../graph/turn.ts";
import { isOfLibrary } from "../nn/config.ts";
import { Loss } from "../nn/loss.ts";
import type { Layer, Module } from "../nn/module.ts";
import { Adagrad } from "../optim/adagrad.ts";
import { Adam, AdamW } from "../optim/adam.ts";
import { clipGradNorm } from "../optim/clip.ts";
import { RMSprop } from "../optim/rmsprop.ts";
import { OneCycleLR, ReduceLROnPlateau } from "../optim/scheduler.ts";
import { SGD } from "../optim/sgd.ts";
import { getRandomState } from "../random/generator.ts";
import { allocate } from "../tensor/dtype.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Batches, batchesAfter, batchesFor } from "./batches.ts";
import type { Callback, EpochLog, History } from "./callbacks.ts";
import { DivergenceError, Explosion } from "./divergence.ts";
import type { Metric } from "./metrics.ts";
import { RecentSteps } from "./recent-steps.ts";
import { putState, type Session, takeState } from "./session.ts";
import { asStateful, type TrainerState } from "./state.ts";
import { type Evaluation, Totals } from "./totals.ts";

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
   * `reference` is what an exploding loss is measured against, instead of the first batch's: a loss that should be bettered.
   */
  watch?: boolean | { reference: number };
  /**
   * What stateDict() gave in another training with the same model, loaders, options and callbacks: this one goes on from
   * there, and everything becomes what it would have become, to the bit. `epochs` counts those before as well. Loaders
   * that have no stateDict are gone through again up to where they were.
   */
  resume?: TrainerState;
}

/** What a model made of a batch. */
type Assessed = { prediction: Tensor; loss: Tensor };
type Step = (x: Tensor, y: Tensor) => Assessed;

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
  #session: Session | null = null;

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
   *   explodes, or the validation loss does, and with the layer that went first. TrainerStateError for a state to resume
   *   from that does not belong here.
   */
  async fit(loader: Batches, options: FitOptions = {}): Promise<History> {
    const { epochs = 1, validation, callbacks = [], watch = false, resume } = options;
    if (!Number.isInteger(epochs) || epochs < 0) throw new RangeError(`training takes whole epochs, not ${epochs}`);
    if (this.#session !== null) throw new Error("this trainer is training already");
    this.#stopping = null;
    const restore = keepModes(this.model);
    const history: History = { epochs: [], stopped: null };
    const watching = watch
      ? {
          recent: new RecentSteps(this.model, this.loss, this.optimizer),
          explosion: new Explosion(watch === true ? undefined : watch.reference),
        }
      : null;
    const random = getRandomState();
    const session: Session = {
      ...{ loader, validation, callbacks, history, random, watching },
      ...{
        epoch: 1,
        totals: null,
        start: 0,
        lr: Number.NaN,
        validating: false,
        loaderState: null,
        told: callbacks.length,
      },
    };
    this.#session = session;
    try {
      for (const callback of callbacks) await callback.onTrainBegin?.(this);
      if (resume !== undefined) {
        putState(session, this, resume);
        this.#stopping = resume.stopped;
      }
      while (session.epoch <= epochs && this.#stopping === null) {
        const { epoch } = session;
        // An epoch that is gone on with has begun before.
        if (session.totals === null) {
          await this.#tell((callback) => callback.onEpochBegin?.(epoch, this));
          session.loaderState = asStateful(loader)?.stateDict() ?? null;
          session.random = getRandomState();
        }
        const log = await this.#epoch(session);
        history.epochs.push(log);
        session.epoch++;
        session.totals = null;
        await this.#tell((callback) => callback.onEpochEnd?.(log, this));
      }
      history.stopped = this.#stopping;
      for (const callback of callbacks) await callback.onTrainEnd?.(history, this);
    } finally {
      restore();
      this.#session = null;
    }
    return history;
  }

  /** Calls all callbacks, one after another. */
  async #tell(call: (callback: Callback) => void | Promise<void>): Promise<void> {
    const session = this.#session!;
    for (const [index, callback] of session.callbacks.entries()) {
      session.told = index + 1;
      await call(callback);
    }
    session.told = session.callbacks.length;
  }

  /**
   * All that this training needs to go on from here later, with `fit(…, { resume })`: in another trainer, process or
   * machine. Called by a callback: in onEpochEnd it is the state between two epochs, in onBatchEnd that after a batch. The
   * callback stands after all that remember something, so that they have been told.
   *
   *     const saving = { onEpochEnd: (_, trainer) => writeFile(path, io.saveState(trainer.stateDict())) };
   *
   * @throws Error while nothing is trained, and from a callback that stands too early; TypeError where the optimizer or
   *   schedule, or a metric in the middle of an epoch, has no stateDict and loadStateDict
   */
  stateDict(): TrainerState {
    if (this.#session === null || this.#session.validating)
      throw new Error("a trainer has a state while it trains: call stateDict() in a callback");
    return takeState(this.#session, this);
  }

  /** Ends training after the present batch. */
  stop(reason = "stopped"): void {
    this.#stopping ??= reason;
  }

  /** Why training ends after the present batch; null if it goes on. */
  get stopping(): string | null {
    return this.#stopping;
  }

  /** Whether a number of the logs should fall or rise. */
  modeOf(name: string): "min" | "max" {
    const plain = name.startsWith("validation") ? name[10].toLowerCase() + name.slice(11) : name;
    return this.metrics.find((metric) => metric.name === plain)?.mode ?? "min";
  }

  async #epoch(session: Session): Promise<EpochLog> {
    const { epoch, loader, validation, watching } = session;
    const fault = () => watching?.recent.firstFault((x, y) => this.#update(x, y)) ?? null;
    const resumed = session.totals;
    if (resumed === null) {
      session.start = performance.now();
      session.lr = this.optimizer.groups[0]?.lr ?? Number.NaN;
    }
    const batches = loader instanceof DataLoader ? loader.length : null;
    const totals = resumed ?? new Totals(this.metrics);
    session.totals = totals;
    this.model.train();
    for await (const [x, y] of resumed === null
      ? batchesFor(this.model, loader)
      : batchesAfter(resumed.batches, this.model, loader, session.random)) {
      await takeTurn();
      const batch = totals.batches + 1;
      watching?.recent.before(x, y);
      const { loss: ofBatch, prediction } = this.#step(x, y);
      const loss = valueOf(ofBatch)[0];
      if (!Number.isFinite(loss) || watching?.explosion.batch(loss))
        throw new DivergenceError(epoch, batch, loss, fault());
      totals.add(loss, (this.loss as { reduction?: unknown }).reduction, prediction, y);
      if (this.scheduler instanceof OneCycleLR) this.scheduler.step();
      await this.#tell((callback) => callback.onBatchEnd?.({ epoch, batch, batches, loss }, this));
      if (this.#stopping !== null) break;
    }
    if (totals.batches === 0)
      throw new Error(
        `epoch ${epoch} has no batches: the data are empty, or a generator that can be gone through once only; give a DataLoader`,
      );
    const log: EpochLog = { epoch, loss: 0, lr: session.lr, seconds: 0 };
    addNumbers(log, totals.results(), (name) => name);
    if (validation !== undefined) {
      session.validating = true;
      const results = await this.evaluate(validation);
      session.validating = false;
      addNumbers(log, results, (name) => `validation${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    }
    for (const loss of [log.loss, log.validationLoss])
      if (watching?.explosion.epoch(loss)) throw new DivergenceError(epoch, null, loss, fault());
    if (this.scheduler !== null && !(this.scheduler instanceof OneCycleLR)) {
      if (this.scheduler instanceof ReduceLROnPlateau) this.scheduler.step(log.validationLoss ?? log.loss);
      else this.scheduler.step(epoch);
    }
    log.seconds = (performance.now() - session.start) / 1000;
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
