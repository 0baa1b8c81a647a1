import type { train } from "@noron/core";
import { CurveHistory } from "./experiment/curve-history.ts";
import type { Experiment } from "./experiment/experiment.ts";
import { misreadIn, readLink, type View, writeLink } from "./experiment/link.ts";
import { withOwnRmse } from "./experiment/own-rmse.ts";
import { currentLanguage, setLanguage } from "./i18n/i18n.svelte.ts";
import { type StartedWorker, type StudioClient, startWorker } from "./worker/client.ts";
import type {
  Answers,
  Confusion,
  Field,
  LayerHistogram,
  Neurons,
  Opened,
  Remark,
  Snapshot,
  Watched,
} from "./worker/protocol.ts";

/** A run that is shown beside others. */
export interface KeptRun {
  id: number;
  experiment: Experiment;
  /** The address that makes it again. */
  link: string;
  epochs: readonly train.EpochLog[];
}

/** While training goes on, curves are drawn anew after so many milliseconds at the earliest. */
const CURVES = 120;

/** So many batches a second can be watched. */
const WATCHABLE = 60;

/** More curves than this nobody tells apart. */
const MOST_KEPT = 6;

/** Changes that follow each other faster than this, as from a slider, begin one experiment. */
const SETTLED = 120;

/** An address waits so many milliseconds for another. */
const WRITTEN = 160;

/** The one state of the page: the experiment and what is shown of it, as the address holds them, and where training stands. */
class Studio {
  experiment = $state<Experiment>() as Experiment;
  view = $state<View>("train");
  /** What is shown within a view, such as a lesson, or a number of a step. */
  page = $state("");
  /** How many addresses the page has followed: the one that it was opened at, and those that were gone to since. */
  addresses = $state(0);
  hidden = $state<string[]>([]);
  /** What made no sense in the address that was followed last. */
  misread = $state.raw<readonly string[]>([]);
  /** Whether a run of the command line is served with the page, or its address says so. */
  ofRun = $state(document.querySelector('meta[name="noron-run"]') !== null);
  opened = $state.raw<Opened | null>(null);
  running = $state(false);
  step = $state(0);
  epoch = $state(0);
  batch = $state(0);
  batches = $state(0);
  loss = $state<number | null>(null);
  stepsPerSecond = $state(0);
  diverged = $state.raw<Snapshot["diverged"]>(null);
  field = $state.raw<Field | null>(null);
  neurons = $state.raw<Neurons | null>(null);
  confusion = $state.raw<Confusion | null>(null);
  histograms = $state.raw<LayerHistogram[] | null>(null);
  answers = $state.raw<Answers | null>(null);
  remarks = $state.raw<Remark[]>([]);
  /** Grows with each epoch that `history` learned of. */
  epochsTold = $state(0);
  history = new CurveHistory();
  /** Batches a second at most; null: as many as can be. */
  pace = $state<number | null>(WATCHABLE);
  failure = $state<string | null>(null);
  /** Runs that are shown beside this one. */
  kept = $state.raw<readonly KeptRun[]>([]);

  #started: StartedWorker;
  #watched: Watched = {
    field: false,
    neurons: false,
    confusion: false,
    histograms: false,
    remarks: false,
    answers: false,
  };
  #id = -1;
  /** The step that an experiment was opened at, until it has come there. */
  #sought = $state<number | null>(null);
  #toldAt = 0;
  /** Whether it is to go on, as far as it can: neither paused nor learning some batches only. */
  #going = false;
  /** Whether the experiment is another than the one that is open. */
  #changed = false;
  #writing: ReturnType<typeof setTimeout> | undefined;
  /** The address that was read or written last. */
  #address = "";
  /** Marks what the browser's history holds of one address that was followed: views of the same training. */
  #chain = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #language: "en" | "vi" | null = null;
  #opening: Promise<void> = Promise.resolve();

  constructor() {
    this.#started = this.#start();
    addEventListener("error", ({ error }) => this.#fail(error));
    addEventListener("unhandledrejection", ({ reason }) => this.#fail(reason));
    this.#follow(location.hash);
    // Back and forward between views leave the training alone.
    addEventListener("popstate", ({ state }) => {
      if (state !== null && state === this.#chain) this.#turnTo(location.hash);
    });
    addEventListener("hashchange", () => {
      if (location.hash !== this.#address) this.#follow(location.hash);
    });
  }

  get worker(): StudioClient {
    return this.#started.client;
  }

  /** Whether it goes on, or where it waits. */
  get standing(): "run" | number {
    return this.#going ? "run" : this.step;
  }

  #start(): StartedWorker {
    const started = startWorker(
      (snapshot) => this.#take(snapshot),
      (message) => {
        this.failure = message;
      },
    );
    void started.client.setPace(this.pace);
    void started.client.watch(this.#watched);
    return started;
  }

  /**
   * Ends what the worker is busy with, and has another one bring the experiment to where it stood.
   * @param prepare gives the new worker what the experiment needs
   * @param then as `standing` was
   */
  restart(prepare: (worker: StudioClient) => Promise<unknown>, then: "run" | number): void {
    this.#started.end();
    this.#started = this.#start();
    this.#opening = prepare(this.worker).then(() => {});
    void this.#open(then);
  }

  /** What an address says, and begins its experiment. */
  #follow(fragment: string): void {
    this.#address = fragment;
    this.#chain = String(Math.random());
    const { view: named, page, experiment, step, hidden, language } = readLink(fragment);
    const view = fragment === "" && this.ofRun ? "run" : named;
    this.experiment = experiment;
    this.view = view;
    this.page = page;
    this.addresses++;
    this.hidden = hidden;
    this.misread = misreadIn(fragment);
    this.ofRun ||= view === "run";
    this.#language = language;
    if (language !== null && language !== currentLanguage()) setLanguage(language, false);
    void this.#open(step ?? (view === "run" ? 0 : "run"));
  }

  /** Whether a view or a part is not to be shown; the view that an address opens is, whatever is hidden. */
  isHidden(part: string): boolean {
    return this.hidden.includes(part) || this.hidden.includes("all");
  }

  /** Another view, or another place in it, from where the browser's Back returns. */
  show(view: View, page = ""): void {
    const moved = view !== this.view || page !== this.page;
    clearTimeout(this.#writing);
    this.view = view;
    this.page = page;
    this.#write(moved ? "pushState" : "replaceState");
  }

  /** The view that an address of the history names, of the training that is open. */
  #turnTo(fragment: string): void {
    clearTimeout(this.#writing);
    this.#address = fragment;
    const { view, page } = readLink(fragment);
    this.view = view;
    this.page = page;
    this.addresses++;
    this.#write();
  }

  /** Whether the step that an address names is still being trained to. */
  get seeking(): boolean {
    return this.#sought !== null;
  }

  /** Another place within the view that is open. Browsers bear few addresses a second: the last of many is written. */
  showPage(page: string): void {
    this.page = page;
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => this.#write(), WRITTEN);
  }

  setLanguage(language: "en" | "vi"): void {
    this.#language = this.#language === null ? null : language;
    setLanguage(language);
    this.#write();
  }

  /** Begins another experiment, running. */
  begin(experiment: Experiment): Promise<void> {
    this.experiment = experiment;
    return this.#open("run");
  }

  /** Begins the same experiment on the data that have come for it: goes to the step that its address names, or on as before. */
  resume(): Promise<void> {
    return this.#open(this.#sought ?? (this.#going ? "run" : 0));
  }

  /** Another experiment, or a part of it changed: training begins anew, and goes on if it was running. */
  change(change: (experiment: Experiment) => void): void {
    change(this.experiment);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#settled(), SETTLED);
    this.#changed = true;
  }

  /** Opens what was changed, if something was: what is asked of a training next is asked of that. */
  #settled(): Promise<void> {
    return this.#changed ? this.#open(this.#going ? "run" : 0) : this.#opening;
  }

  /** Says which parts of a training are looked at now, and so are made. */
  watch(part: keyof Watched, looked: boolean): void {
    if (this.#watched[part] === looked) return;
    this.#watched = { ...this.#watched, [part]: looked };
    void this.worker.watch(this.#watched);
  }

  run(): void {
    this.#sought = null;
    this.#going = true;
    this.running = true;
    void this.#settled().then(() => this.worker.run());
    this.#write();
  }

  /** It is paused once the worker says so, with the step that it came to. */
  pause(): void {
    this.#sought = null;
    this.#going = false;
    void this.#settled().then(() => this.worker.pause());
  }

  advance(batches: number): void {
    this.#sought = null;
    this.#going = false;
    void this.#settled().then(() => this.worker.advance(batches));
  }

  finishEpoch(): void {
    this.#sought = null;
    this.#going = false;
    void this.#settled().then(() => this.worker.finishEpoch());
  }

  /** Training from the beginning, paused. */
  reset(): void {
    void this.#open(0);
  }

  setPace(batches: number | null): void {
    this.pace = batches;
    void this.worker.setPace(batches);
  }

  /** Keeps the curves of this run, to compare others with. */
  keepRun(): void {
    const id = 1 + Math.max(0, ...this.kept.map((run) => run.id));
    const experiment = $state.snapshot(this.experiment) as Experiment;
    const run = { id, experiment, link: this.#link(this.step), epochs: this.history.epochs };
    this.kept = [...this.kept, run].slice(-MOST_KEPT);
  }

  forgetRun(id: number): void {
    this.kept = this.kept.filter((run) => run.id !== id);
  }

  /** The address of what is shown now, which gives the same data, network and step wherever it is opened. */
  address(): string {
    return new URL(this.#link(this.step), location.href).href;
  }

  /** Begins the experiment: runs it, or learns so many batches and waits. */
  #open(then: "run" | number): Promise<void> {
    clearTimeout(this.#timer);
    this.#changed = false;
    this.#going = then === "run";
    const experiment = $state.snapshot(this.experiment) as Experiment;
    this.#sought = then === "run" ? null : then;
    const opening = this.#opening.then(async () => {
      this.failure = null;
      const opened = await this.worker.open(experiment, then);
      this.#id = opened.id;
      this.opened = opened;
      this.#forget();
      this.running = then === "run" && opened.problem === null;
      if (then === 0) await this.worker.watch(this.#watched);
      this.#write();
    });
    this.#opening = opening.catch((error: unknown) => {
      this.running = false;
      this.#fail(error);
    });
    return this.#opening;
  }

  /** Tells of what nobody foresaw; browsers also report events that are no errors, without one. */
  #fail(error: unknown): void {
    if (error === null || error === undefined) return;
    this.failure = error instanceof Error ? error.message : String(error);
  }

  #forget(): void {
    this.history = new CurveHistory();
    this.epochsTold = 0;
    this.step = 0;
    this.epoch = 0;
    this.batch = 0;
    this.loss = null;
    this.stepsPerSecond = 0;
    this.diverged = null;
    this.field = null;
    this.neurons = null;
    this.confusion = null;
    this.histograms = null;
    this.answers = null;
    this.remarks = [];
  }

  #take(snapshot: Snapshot): void {
    if (snapshot.id !== this.#id) return;
    const paused = this.running && !snapshot.running;
    if (!snapshot.running && snapshot.step >= (this.#sought ?? 0)) this.#sought = null;
    this.running = snapshot.running;
    this.step = snapshot.step;
    this.epoch = snapshot.epoch;
    this.batch = snapshot.batch;
    this.batches = snapshot.batches;
    this.loss = snapshot.loss;
    this.stepsPerSecond = snapshot.stepsPerSecond;
    this.diverged = snapshot.diverged;
    if (snapshot.problem !== null && this.opened !== null) this.opened = { ...this.opened, problem: snapshot.problem };
    this.history.add(snapshot.epochs.map((epoch) => withOwnRmse(epoch, this.opened?.data?.unit ?? null)));
    const now = performance.now();
    if (!snapshot.running || now - this.#toldAt > CURVES) {
      this.#toldAt = now;
      this.epochsTold = snapshot.epoch;
    }
    this.field = snapshot.field ?? this.field;
    this.neurons = snapshot.neurons ?? this.neurons;
    this.confusion = snapshot.confusion ?? this.confusion;
    this.histograms = snapshot.histograms ?? this.histograms;
    this.answers = snapshot.answers ?? this.answers;
    this.remarks = snapshot.remarks ?? this.remarks;
    if (paused || !snapshot.running) this.#write();
  }

  /** A running training has no step of its own in the address: it goes on running where it is opened. */
  #linkedStep(): number | null {
    return this.#sought ?? (this.running ? null : this.step);
  }

  #link(step: number | null): string {
    const { view, page, hidden } = this;
    const experiment = $state.snapshot(this.experiment) as Experiment;
    return writeLink({ view, page, experiment, step, hidden: [...hidden], language: this.#language });
  }

  /** Writes the address, unless it has become another one that is yet to be followed. */
  #write(how: "pushState" | "replaceState" = "replaceState"): void {
    if (location.hash !== this.#address) return;
    const link = this.#link(this.#linkedStep());
    if (link !== location.hash || history.state !== this.#chain) history[how](this.#chain, "", link);
    this.#address = location.hash;
  }
}

export const studio = new Studio();
