import type { Remote } from "comlink";
import type { InsideStep } from "../worker/inside-step.ts";
import type { Place } from "./place-link.ts";
import { inRow, rowOf, sizeOf } from "./places.ts";
import { stageKey } from "./stage-names.ts";
import type { Drawing, Followed, Stage, StageView, StepOverview, Stop } from "./step-view.ts";

/** Where a reader stands in one step: sample, operation, element. Numbers come from the worker when they are looked at. */
export class Explorer {
  overview = $state.raw<StepOverview>() as StepOverview;
  row = $state(0);
  followed = $state.raw<Followed | null>(null);
  stops = $state.raw<Stop[]>([]);
  /** The place of the present stop. */
  at = $state(0);
  view = $state.raw<StageView | null>(null);
  drawing = $state.raw<Drawing | null>(null);
  readonly #source: Remote<InsideStep>;
  /** Walks that were asked for, and how many of them are done: an answer to an earlier question is not shown. */
  #walks = 0;
  #walked = 0;
  /** Views that were asked for. */
  #views = 0;

  constructor(source: Remote<InsideStep>) {
    this.#source = source;
  }

  /** Begins, at the stop and sample of another explorer as far as this step has them. */
  async open(before: Explorer | null): Promise<void> {
    this.overview = await this.#source.overview();
    this.row = Math.min(before?.row ?? 0, this.overview.rows - 1);
    const key = before === null || before.stops.length === 0 ? null : stageKey(before.stop.stage);
    const sameLayers =
      before !== null &&
      before.overview.layers.map(({ layer }) => layer).join() === this.overview.layers.map(({ layer }) => layer).join();
    await this.#walk(sameLayers ? before.followed : null, key);
  }

  /** Begins at a place that an address names, as far as this step has it. */
  async openAt({ row, stage, element, followed }: Place): Promise<void> {
    this.overview = await this.#source.overview();
    this.row = Math.min(row, this.overview.rows - 1);
    await this.#walk(followed !== null && this.#has(followed) ? followed : null, stage);
    const made = this.view?.tables.find(({ made }) => made);
    if (stageKey(this.stop.stage) === stage && made !== undefined && element < sizeOf(made.shape))
      await this.choosePlace(element);
  }

  /** Where the reader stands, as an address names it; null outside a training. */
  get place(): Place | null {
    const { position, training } = this.overview;
    if (position === null || this.stops.length === 0) return null;
    const { row, followed, stop } = this;
    return { batch: position.batch, training, row, stage: stageKey(stop.stage), element: stop.place, followed };
  }

  #has({ layer, parameter, place }: Followed): boolean {
    const found = this.overview.layers[layer]?.parameters.find(({ name }) => name === parameter);
    return found !== undefined && place < sizeOf(found.shape);
  }

  get stop(): Stop {
    return this.stops[this.at];
  }

  /** Where a stage is among the stops; −1 for one that is left out. */
  indexOf(stage: Stage): number {
    const key = stageKey(stage);
    return this.stops.findIndex((stop) => stageKey(stop.stage) === key);
  }

  async go(at: number): Promise<void> {
    if (at < 0 || at >= this.stops.length) return;
    this.at = at;
    await this.#look();
  }

  async chooseRow(row: number): Promise<void> {
    if (row < 0 || row >= this.overview.rows || row === this.row) return;
    this.row = row;
    await this.#walk(this.followed, stageKey(this.stop.stage));
  }

  /** Another element at this stop; of another sample, the sample too. */
  async choosePlace(place: number): Promise<void> {
    const { stage } = this.stop;
    // Numbers of an operation that is being left are still shown, and are none of the next one's.
    if (this.view === null || stageKey(this.view.stage) !== stageKey(stage)) return;
    const made = this.view.tables.find(({ made }) => made);
    const bySample = stage.phase !== "parameter" && stage.phase !== "update";
    if (bySample && made !== undefined && made.shape.length > 1 && made.shape[0] === this.overview.rows) {
      const row = rowOf(made.shape, place);
      if (row !== this.row || this.#walked !== this.#walks) {
        this.row = row;
        await this.#walk(this.followed, stageKey(stage), place);
        return;
      }
    }
    this.stops = this.stops.map((stop, index) => (index === this.at ? { ...stop, place } : stop));
    await this.#look();
  }

  /** Goes to where numbers came from. */
  async goTo({ stage, place }: Stop): Promise<void> {
    if (this.indexOf(stage) < 0) await this.#walk(null, null);
    this.at = Math.max(0, this.indexOf(stage));
    const bySample = stage.phase === "forward" || stage.phase === "backward";
    const shape = bySample ? this.overview.layers[stage.layer].output : null;
    const own = shape === null || stage.phase === "backward" ? place : inRow(shape, place, rowOf(shape, place));
    this.stops = this.stops.map((stop, index) => (index === this.at ? { ...stop, place: own } : stop));
    await this.#look();
  }

  /** Follows one number of a parameter from the first operation to the last; null for all of them again. */
  async follow(followed: Followed | null): Promise<void> {
    await this.#walk(followed, followed === null ? stageKey(this.stop.stage) : null);
  }

  /** Asks for the stops of the present sample, to stand at the one of that key, and at that element of it. */
  async #walk(followed: Followed | null, key: string | null, place: number | null = null): Promise<void> {
    const asked = ++this.#walks;
    const from = this.at;
    const [stops, drawing] = await Promise.all([this.#source.walk(this.row, followed), this.#source.drawing(this.row)]);
    if (asked !== this.#walks) return;
    this.#walked = asked;
    // The reader may have gone on meanwhile.
    const stayed = this.at === from;
    const wanted = stayed ? key : stageKey(this.stop.stage);
    this.followed = followed;
    this.drawing = drawing;
    const found = stops.findIndex(({ stage }) => stageKey(stage) === wanted);
    const chosen = stayed && place !== null && found >= 0 ? { ...stops[found], place } : null;
    this.stops = chosen === null ? stops : stops.with(found, chosen);
    this.at = Math.max(0, found);
    await this.#look();
  }

  async #look(): Promise<void> {
    const asked = ++this.#views;
    const { stage, place } = this.stop;
    const view = await this.#source.view(stage, place);
    if (asked === this.#views) this.view = view;
  }
}
