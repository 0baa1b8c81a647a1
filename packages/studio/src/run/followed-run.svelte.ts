import type { train } from "@noron/core";
import { CurveHistory } from "../experiment/curve-history.ts";
import { studio } from "../state.svelte.ts";
import type { InBoth, RunFacts } from "../worker/protocol.ts";

/** What the page reads of a run's config.json, which the command's server has checked. */
export interface RunConfig {
  created: string;
  finished: string | null;
  data: { name: string; rows: number };
  task: "classification" | "regression";
  target: string;
  split: { training: number; validation: number; test: number };
  network: {
    inputs: number;
    outputs: number;
    hidden?: number[];
    activation?: string;
    norm?: string;
    dropout?: number;
    module?: { path: string };
  };
  settings: { optimizer: string; lr: number; loss: string; batch: number; seed: number; epochs?: number };
  /** Until training has ended, what always giving the same answer would say, and no more. */
  result?: { bestEpoch?: number; test?: Record<string, number>; testBaseline?: Record<string, number> };
}

/** A run folder that the server of this page shows: what it says now, and each epoch as it is written. */
export class FollowedRun {
  config = $state.raw<RunConfig | null>(null);
  missing = $state(false);
  lost = $state(false);
  /** Whether some process trains it now; null until the server has said so. */
  training = $state<boolean | null>(null);
  history = new CurveHistory();
  /** The number of the last epoch: grows with each. */
  told = $state(0);
  /** That all epochs took. */
  seconds = $state(0);
  /** Lines of the time series that say nothing: a file that was damaged. */
  damaged = $state(0);
  facts = $state.raw<RunFacts | { problem: InBoth } | null>(null);
  #source: EventSource | null = null;

  async open(): Promise<void> {
    await this.#readConfig();
    if (this.config === null) return;
    const source = new EventSource("run/events");
    this.#source = source;
    source.addEventListener("reset", () => {
      this.lost = false;
      this.history = new CurveHistory();
      this.told = 0;
      this.seconds = 0;
      this.damaged = 0;
    });
    source.addEventListener("message", ({ data }: MessageEvent<string>) => this.#take(data.split("\n")));
    source.addEventListener("training", ({ data }: MessageEvent<string>) => {
      this.training = data === "true";
    });
    source.addEventListener("error", () => {
      this.lost = true;
    });
  }

  close(): void {
    this.#source?.close();
  }

  #take(lines: readonly string[]): void {
    const told = lines.flatMap(readLine);
    const epochs = told.filter(isEpoch);
    this.history.add(epochs);
    this.told = epochs.at(-1)?.epoch ?? this.told;
    this.seconds += epochs.reduce((sum, { seconds }) => sum + seconds, 0);
    this.damaged += lines.length - told.length;
    // The last line tells of the test: the run is finished.
    if (epochs.length < told.length) void this.#readConfig();
  }

  async #readConfig(): Promise<void> {
    const answer = await fetch("run/config.json").catch(() => null);
    if (answer?.ok !== true) {
      this.missing = this.config === null;
      return;
    }
    this.config = (await answer.json()) as RunConfig;
    if (this.config.finished !== null) await this.#readWeights();
  }

  async #readWeights(): Promise<void> {
    const read = async (name: string) => new Uint8Array(await (await fetch(`run/${name}`)).arrayBuffer());
    const [config, preprocessing, weights] = await Promise.all(
      ["config.json", "preprocessing.json", "model.safetensors"].map(read),
    );
    this.facts = await studio.worker.describeRun({ config, preprocessing, weights });
  }
}

const isEpoch = (told: Partial<train.EpochLog>): told is train.EpochLog => typeof told.epoch === "number";

/** What a line says, or nothing where it is damaged. */
function readLine(line: string): Partial<train.EpochLog>[] {
  try {
    const told: unknown = JSON.parse(line);
    return typeof told === "object" && told !== null ? [told] : [];
  } catch {
    return [];
  }
}
