import { engineInfo, io } from "@noron/core";
import { loadParquetReader } from "@noron/tabular";
import type { RunBytes } from "noron";
import type { Experiment, SampleData, TableData } from "../experiment/experiment.ts";
import { preset } from "../experiment/presets.ts";
import { cautionsOf } from "./cautions.ts";
import { makeExamples } from "./examples.ts";
import { dataFacts } from "./facts.ts";
import { describeRun } from "./finished-run.ts";
import { Groups } from "./groups.ts";
import { type InsideRequest, lookInside } from "./inside.ts";
import type { InsideStep } from "./inside-step.ts";
import { type Landscape, landscapeOf } from "./landscape.ts";
import type { LandscapeRequest } from "./landscape-request.ts";
import { Lessons } from "./lessons.ts";
import { answersOf, confusionOf, histogramsOf, remarksOf } from "./looks.ts";
import { messageOf, problemOf } from "./problem.ts";
import type { DataFacts, Diagnosis, InBoth, Opened, RunFacts, Snapshot, TableFacts, Watched } from "./protocol.ts";
import { MOST_UNITS, Region } from "./region.ts";
import { Session, Unready } from "./session.ts";
import { likelyTarget, type OpenTable, openTable, tableFacts } from "./table.ts";

/** Takes a snapshot; resolves once it is drawn, so that none is sent before. */
export type Receive = (snapshot: Snapshot) => Promise<void>;

/** What is looked at is made anew after this many milliseconds at the earliest, and takes at most a part of the time. */
const LOOK = 66;
const SHARE = 3;
/** Judgements, such as a confusion matrix, are made this often while training goes on. */
const SELDOM = 300;
/** Steps a second are counted over so many milliseconds. */
const COUNTED = 500;

const NOTHING: Watched = {
  field: false,
  neurons: false,
  confusion: false,
  histograms: false,
  remarks: false,
  answers: false,
};

/** The worker's one door: it owns data, model, optimizer and training, and tells the page where they stand. */
export class StudioWorker {
  readonly lessons = new Lessons();
  #session: Session | null = null;
  #facts: DataFacts | null = null;
  #region: Region | null = null;
  /** Where the data have no region that can be drawn. */
  #groups: Groups | null = null;
  #table: OpenTable | null = null;
  #receive: Receive | null = null;
  #watched: Watched = NOTHING;
  #id = 0;
  /** Milliseconds between two batches at least. */
  #pace = 0;
  /** Whether the page is still drawing. */
  #drawing = false;
  #sentStep = -1;
  #lookedAt = 0;
  #lookCost = 0;
  #judgedAt = 0;
  #counted = { time: 0, step: 0, rate: 0 };

  /** Who is told. */
  subscribe(receive: Receive): void {
    this.#receive = receive;
  }

  /** Fetches what the worker would fetch later, so that it needs no network from then on. */
  async fetchAhead(): Promise<void> {
    await loadParquetReader();
  }

  /** Begins an experiment anew, and runs it or learns some batches, so that what is told first says so already. */
  open(experiment: Experiment, then: "run" | number): Opened {
    this.#session?.end();
    this.#session = null;
    this.#region = null;
    this.#groups = null;
    this.#facts = null;
    this.#id++;
    this.#sentStep = -1;
    this.#lookedAt = 0;
    this.#counted = { time: 0, step: 0, rate: 0 };
    try {
      const session = new Session(experiment, this.#table, { between: (of, waiting) => this.#between(of, waiting) });
      this.#session = session;
      session.gate.pace(this.#pace);
      this.#facts = dataFacts(session.examples);
      if (Region.has(this.#facts)) this.#region = new Region(session.model, experiment, this.#facts);
      else this.#groups = new Groups(session.model, session.examples, MOST_UNITS);
      if (then === "run") session.run();
      else session.advance(then);
      void session.train();
      const { layers } = session;
      return this.#opened(experiment, layers, null);
    } catch (error) {
      if (!(error instanceof Unready)) return this.#opened(experiment, [], problemOf(error, "data"));
      this.#facts = error.examples === null ? null : dataFacts(error.examples);
      return this.#opened(experiment, error.layers, error.problem);
    }
  }

  run(): void {
    this.#session?.run();
  }

  pause(): void {
    this.#session?.pause();
  }

  /** Learns some batches and stops. */
  advance(batches: number): void {
    this.#session?.advance(batches);
  }

  finishEpoch(): void {
    this.#session?.finishEpoch();
  }

  /** At most so many batches a second; null for as many as can be. */
  setPace(batches: number | null): void {
    this.#pace = batches === null ? 0 : 1000 / batches;
    this.#session?.gate.pace(this.#pace);
  }

  /** Says what is looked at, and sends it. */
  watch(watched: Watched): void {
    this.#watched = watched;
    this.#sentStep = -1;
    this.#lookedAt = 0;
    if (this.#session !== null && !this.#session.gate.open) this.#send(this.#session, true);
  }

  /** Reads a file, which experiments on it then use. */
  async openTable(name: string, bytes: Uint8Array): Promise<{ target: string } | { problem: InBoth }> {
    try {
      this.#table = await openTable(name, bytes);
      return { target: likelyTarget(this.#table) };
    } catch (error) {
      return { problem: messageOf(error) };
    }
  }

  /** What the inference says of the file that was read; null where it is not that one. */
  inspectTable(data: TableData): TableFacts | { problem: InBoth } | null {
    if (this.#table === null || this.#table.table.name !== data.name) return null;
    try {
      return tableFacts(this.#table, data);
    } catch (error) {
      return { problem: messageOf(error) };
    }
  }

  /** Data as they would be, without a network. */
  preview(data: SampleData): DataFacts {
    return dataFacts(makeExamples({ ...preset("spirals"), data, validation: 0 }, null));
  }

  /** A step of the training for the Inside view, which goes through it; null where there is none. */
  async inside(request: InsideRequest): Promise<InsideStep | null> {
    const session = this.#session;
    // A training that has only just begun has no batch yet.
    while (session !== null && session === this.#session && session.next === null && session.alive)
      await new Promise((resolve) => setTimeout(resolve, 5));
    return session === null || session !== this.#session ? null : lookInside(session, request);
  }

  /** The loss around the network as it is now, and where optimizers would go on it. */
  landscape(request: LandscapeRequest): Landscape | null {
    return this.#session === null ? null : landscapeOf(this.#session, request);
  }

  /** What is in the files of a finished run. */
  describeRun(files: RunBytes): RunFacts | { problem: InBoth } {
    try {
      return describeRun(files);
    } catch (error) {
      return { problem: messageOf(error) };
    }
  }

  /** The weights as a safetensors file under PyTorch's names. */
  exportWeights(): Uint8Array | null {
    if (this.#session === null) return null;
    return io.saveSafetensors(this.#session.model.stateDict(), { format: "pt" });
  }

  /** What the engine found in this browser. */
  diagnose(): Diagnosis {
    return { engine: engineInfo(), isolated: crossOriginIsolated, cores: navigator.hardwareConcurrency };
  }

  #opened(experiment: Experiment, layers: Opened["layers"], problem: Opened["problem"]): Opened {
    const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
    const cautions = cautionsOf(experiment, layers, this.#facts);
    return { id: this.#id, data: this.#facts, layers, parameters, problem, cautions };
  }

  #between(session: Session, waiting: boolean): void {
    if (session !== this.#session) return;
    // That it ended is told also of a step that was told of before.
    if (!session.alive) this.#sentStep = -1;
    if (waiting && this.#sentStep === session.step && !this.#drawing) return;
    this.#send(session, waiting);
  }

  /** Sends where it stands, unless the page is still drawing; all that is looked at where training waits. */
  #send(session: Session, whole: boolean): void {
    if (this.#receive === null) return;
    if (this.#drawing) {
      return;
    }
    const now = performance.now();
    this.#count(session.step, now);
    const { step, epoch, batch, batches, lastLoss: loss, diverged, problem } = session;
    const epochs = session.fresh;
    session.fresh = [];
    const snapshot: Snapshot = {
      id: this.#id,
      running: session.gate.open && session.alive,
      ...{ step, epoch, batch, batches, loss, epochs, diverged, problem, stepsPerSecond: this.#counted.rate },
    };
    const due = whole || now - this.#lookedAt > Math.max(LOOK, SHARE * this.#lookCost);
    // A network that threw would throw again.
    if (due && problem === null) {
      this.#look(session, snapshot, whole);
      this.#lookedAt = performance.now();
      this.#lookCost = this.#lookedAt - now;
    }
    this.#sentStep = whole ? step : -1;
    this.#drawing = true;
    const drawn = () => {
      this.#drawing = false;
      // What was left out while it drew.
      const present = this.#session;
      if (present !== null && !present.gate.open && this.#sentStep !== present.step) this.#send(present, true);
    };
    void this.#receive(snapshot).then(drawn, drawn);
  }

  /** Adds what is looked at; where training goes on, what costs more is made less often. */
  #look(session: Session, snapshot: Snapshot, whole: boolean): void {
    const { field, neurons, confusion, answers, histograms, remarks } = this.#watched;
    if (field && this.#region !== null) snapshot.field = this.#region.field();
    if (neurons) snapshot.neurons = (this.#region ?? this.#groups)?.neurons();
    const now = performance.now();
    if (!whole && now - this.#judgedAt < SELDOM) return;
    if (confusion && session.examples.task === "classification") snapshot.confusion = confusionOf(session);
    if (answers)
      snapshot.answers = answersOf(
        session,
        this.#facts!.validation?.labels.length ?? this.#facts!.training.labels.length,
      );
    if (histograms) snapshot.histograms = histogramsOf(session);
    if (remarks && session.step > 0) snapshot.remarks = remarksOf(session);
    this.#judgedAt = performance.now();
  }

  #count(step: number, now: number): void {
    const { time, step: before } = this.#counted;
    if (time === 0) this.#counted = { time: now, step, rate: 0 };
    else if (now - time > COUNTED) this.#counted = { time: now, step, rate: (1000 * (step - before)) / (now - time) };
  }
}
