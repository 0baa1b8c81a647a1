import { manualSeed, type nn, data as noronData, type Tensor, train } from "@noron/core";
import { CurveHistory } from "../experiment/curve-history.ts";
import { type Experiment, joinsLast } from "../experiment/experiment.ts";
import { type Examples, makeExamples } from "./examples.ts";
import { requireFit, requireSpread } from "./fit.ts";
import { Ended, Gate } from "./gate.ts";
import { remarkOf } from "./looks.ts";
import { buildNetwork } from "./network.ts";
import { Problem, problemOf, problemOfStep } from "./problem.ts";
import type { Divergence, LayerFacts, Snapshot } from "./protocol.ts";
import type { OpenTable } from "./table.ts";
import { makeLoss, makeOptimizer, type StudioOptimizer } from "./training-parts.ts";

/** So many losses before a divergence are told at least, if there were as many. */
const LOSSES = 100;

/** What is told of a training while it runs. */
export interface SessionEvents {
  /** Between two batches; `waiting` where the next one is not allowed yet. */
  between(session: Session, waiting: boolean): void;
}

/** A session could not be made: what is known nevertheless, for the page to show. */
export class Unready extends Error {
  constructor(
    readonly examples: Examples | null,
    readonly layers: LayerFacts[],
    readonly problem: ReturnType<typeof problemOf>,
  ) {
    super("the experiment cannot be");
  }
}

/** One experiment under way: data, network, loss, optimizer, and the training that waits at its gate. */
export class Session {
  readonly examples: Examples;
  readonly layers: LayerFacts[];
  readonly model: nn.Sequential<nn.Layer[]>;
  readonly loss: nn.Loss;
  readonly optimizer: StudioOptimizer;
  readonly trainer: train.Trainer;
  readonly gate = new Gate();
  readonly #training: noronData.DataLoader;
  /** What a loss that explodes is measured against: an epoch's first batch costs next to nothing once much is learned. */
  #firstLoss: number | null = null;
  readonly #events: SessionEvents;
  step = 0;
  epoch = 0;
  batch = 0;
  lastLoss: number | null = null;
  diverged: Snapshot["diverged"] = null;
  problem: Snapshot["problem"] = null;
  readonly history = new CurveHistory();
  /** Epochs that no snapshot has told of yet. */
  fresh: train.EpochLog[] = [];
  /** The batch that is learned next; null once training has ended. */
  next: readonly [x: Tensor, target: Tensor] | null = null;
  #toEndOfEpoch = false;
  /** Of the last batches, for when there is no next. */
  readonly #losses: Divergence["losses"] = [];

  /** @throws Unready for an experiment that cannot be */
  constructor(
    readonly experiment: Experiment,
    table: OpenTable | null,
    events: SessionEvents,
  ) {
    this.#events = events;
    const examples = attempt("data", null, [], () => makeExamples(experiment, table));
    this.examples = examples;
    manualSeed(experiment.seed);
    if (experiment.layers.length === 0)
      throw new Unready(examples, [], problemOf(new Problem("layers", "no-layers"), "layers"));
    const built = buildNetwork(experiment.layers, examples.shape, examples.outputs);
    this.layers = built.layers;
    if ("problem" in built) throw new Unready(examples, built.layers, built.problem);
    this.model = built.model;
    const { layers } = built;
    this.loss = attempt("loss", examples, layers, () => makeLoss(experiment.loss));
    attempt("loss", examples, layers, () => {
      requireFit(experiment, examples, layers);
      requireSpread(experiment, examples, layers);
    });
    const parameters = this.model.parameters() as Tensor[];
    this.optimizer = attempt("optimizer", examples, layers, () => {
      if (parameters.length === 0) throw new Problem(layers.length - 1, "no-parameters");
      return makeOptimizer(experiment.optimizer, parameters);
    });
    const mergeLastOfOne = joinsLast(experiment);
    const { batchSize, seed } = experiment;
    this.#training = attempt(
      "batchSize",
      examples,
      layers,
      () => new noronData.DataLoader(examples.training, { batchSize, seed, shuffle: true, mergeLastOfOne }),
    );
    const metrics = [examples.task === "classification" ? train.accuracy() : train.rmse()];
    const { model, loss, optimizer } = this;
    this.trainer = new train.Trainer({ model: model as unknown as nn.Layer, loss, optimizer, metrics });
  }

  /** Whether training can go on. */
  get alive(): boolean {
    return this.diverged === null && this.problem === null;
  }

  /** Batches an epoch. */
  get batches(): number {
    return this.#training.length;
  }

  /** A batch of the present epoch by its place. */
  batchAt(place: number): readonly [x: Tensor, target: Tensor] {
    const { dataset, batchSize, seed, shuffle, mergeLastOfOne, epoch } = this.#training;
    const again = new noronData.DataLoader(dataset, { batchSize, seed, shuffle, mergeLastOfOne });
    again.epoch = epoch - 1;
    const [batch] = again.batches({ skip: place });
    return batch;
  }

  /** Goes on until end(), as far as the gate lets it. Never throws. */
  async train(): Promise<void> {
    const { validation } = this.examples;
    const options = { batchSize: Math.max(1, validation?.length ?? 1) };
    const held = validation === null ? undefined : new noronData.DataLoader(validation, options);
    try {
      for (;;) {
        await this.trainer.fit(this.#passing(), {
          epochs: 1,
          validation: held,
          watch: this.#firstLoss === null || { reference: this.#firstLoss },
          callbacks: [{ onBatchEnd: ({ loss }) => this.#learned(loss), onEpochEnd: (log) => this.#finished(log) }],
        });
      }
    } catch (error) {
      this.next = null;
      if (error instanceof Ended) return;
      this.gate.close();
      if (!(error instanceof train.DivergenceError)) this.problem = problemOfStep(error, this.layers);
      else {
        const remark = error.finding === null ? null : remarkOf(error.finding);
        this.diverged = { loss: error.loss, remark, losses: this.#losses };
      }
      this.#events.between(this, true);
    }
  }

  run(): void {
    this.#toEndOfEpoch = false;
    this.gate.allow(Number.POSITIVE_INFINITY);
  }

  pause(): void {
    this.#toEndOfEpoch = false;
    this.gate.close();
  }

  /** Learns some batches, as fast as can be, and stops. */
  advance(batches: number): void {
    this.#toEndOfEpoch = false;
    this.gate.add(batches);
  }

  /** Learns up to where the epoch ends. */
  finishEpoch(): void {
    this.gate.allow(Number.POSITIVE_INFINITY);
    this.#toEndOfEpoch = true;
  }

  end(): void {
    this.gate.end();
  }

  async *#passing(): AsyncGenerator<readonly [Tensor, Tensor]> {
    this.batch = 0;
    for (const batch of this.#training) {
      this.next = batch;
      this.#events.between(this, false);
      await this.gate.pass(() => this.#events.between(this, true));
      yield batch;
    }
  }

  #learned(loss: number): void {
    this.step++;
    this.batch++;
    this.lastLoss = loss;
    this.#firstLoss ??= loss;
    this.#losses.push({ step: this.step, loss });
    if (this.#losses.length > 2 * LOSSES) this.#losses.splice(0, LOSSES);
  }

  #finished(log: train.EpochLog): void {
    this.epoch++;
    const told = { ...log, epoch: this.epoch };
    this.history.add([told]);
    this.fresh.push(told);
    if (this.#toEndOfEpoch) this.pause();
  }
}

function attempt<T>(
  where: Parameters<typeof problemOf>[1],
  examples: Examples | null,
  layers: LayerFacts[],
  make: () => T,
): T {
  try {
    return make();
  } catch (error) {
    throw new Unready(examples, layers, problemOf(error, where));
  }
}
