import { type Experiment, layer, loss, optimizer, type TableData } from "../experiment/experiment.ts";
import type { View } from "../experiment/link.ts";
import { studio } from "../state.svelte.ts";
import type { StudioClient } from "../worker/client.ts";
import type { InBoth, TableFacts } from "../worker/protocol.ts";

/** A file of the user's own: being read, refused, or read, with what the inference says of it. */
class OwnFile {
  reading = $state<string | null>(null);
  refused = $state.raw<{ name: string; problem: InBoth } | null>(null);
  facts = $state.raw<TableFacts | null>(null);

  /** The one that was read last. */
  #file: File | null = null;
  #cancel: (() => void) | null = null;
  /** What was found last, and for what: many rows are looked through once. */
  #known: { asked: string; found: TableFacts } | null = null;
  /** How many files were opened: another one of the same name is another. */
  #files = 0;

  /** Lets go of the file that is being read or made ready; what was trained on goes on. */
  cancel(): void {
    this.#cancel?.();
  }

  /** Reads a file and begins an experiment on it, unless it is cancelled. */
  async open(file: File): Promise<void> {
    this.reading = file.name;
    this.refused = null;
    const from = studio.view;
    const experiment = $state.snapshot(studio.experiment) as Experiment;
    const before = { file: this.#file, experiment, standing: studio.standing };
    studio.show("data");
    try {
      const cancelled = new Promise<"cancelled">((resolve) => {
        this.#cancel = () => resolve("cancelled");
      });
      if ((await Promise.race([this.#take(file, from), cancelled])) !== "cancelled") return;
      // A worker that is ended answers no more.
      this.#file = before.file;
      studio.experiment = before.experiment;
      this.#files++;
      studio.restart(async (worker) => before.file && readInto(worker, before.file), before.standing);
    } catch (error) {
      // The browser's own: the file is gone, or may not be read.
      const said = error instanceof Error ? error.message : String(error);
      this.refused = { name: file.name, problem: { en: said, vi: said } };
    } finally {
      this.reading = null;
      this.#cancel = null;
    }
  }

  async #take(file: File, from: View): Promise<void> {
    const read = await readInto(studio.worker, file);
    if ("problem" in read) {
      this.refused = { name: file.name, problem: read.problem };
      return;
    }
    this.#file = file;
    this.#files++;
    if (await this.#isAskedFor(file.name)) {
      await studio.resume();
      if (from !== "lessons" && from !== "run") studio.show(from);
    } else await this.#begin(file.name, read.target);
  }

  /** Whether what is wrong is told where the columns are. */
  get told(): boolean {
    return this.facts !== null && (this.facts.problem !== null || this.facts.columns.some(({ refused }) => refused));
  }

  /** Asks for what the inference says. */
  async look(): Promise<void> {
    const { data } = studio.experiment;
    if (data.source !== "table") {
      this.facts = null;
      return;
    }
    const found = await this.#inspect(data);
    if (found === null || "columns" in found) this.facts = found;
    else this.refused = { name: data.name, problem: found.problem };
  }

  async #inspect(data: TableData): Promise<TableFacts | { problem: InBoth } | null> {
    const asked = JSON.stringify([this.#files, data]);
    if (asked === this.#known?.asked) return this.#known.found;
    const found = await studio.worker.inspectTable($state.snapshot(data) as TableData);
    if (found !== null && "columns" in found) this.#known = { asked, found };
    return found;
  }

  /** Whether the experiment is about this file, as in a link to it: network, target and corrections then stay as they are. */
  async #isAskedFor(name: string): Promise<boolean> {
    const { data } = studio.experiment;
    if (data.source !== "table" || data.name !== name) return false;
    const found = await this.#inspect(data);
    if (found === null || !("columns" in found)) return false;
    const columns = new Set(found.columns.map((column) => column.name));
    if (!columns.has(data.target)) return false;
    // An edited file may have lost some.
    data.kinds = Object.fromEntries(Object.entries(data.kinds).filter(([column]) => columns.has(column)));
    this.facts = found;
    return true;
  }

  async #begin(name: string, target: string): Promise<void> {
    const before = studio.experiment;
    const data = { source: "table" as const, name, target, task: null, kinds: {} };
    const found = await this.#inspect(data);
    const facts = found !== null && "columns" in found ? found : null;
    const experiment: Experiment = {
      data,
      validation: before.validation,
      layers: [
        layer("Linear", { outFeatures: 32 }),
        layer("ReLU"),
        layer("Linear", { outFeatures: 16 }),
        layer("ReLU"),
        layer("Linear", { outFeatures: null }),
      ],
      loss: loss(facts?.task === "regression" ? "MSELoss" : "CrossEntropyLoss"),
      optimizer: optimizer("AdamW", { lr: 0.003 }),
      batchSize: 32,
      seed: before.seed,
    };
    this.facts = facts;
    await studio.begin(experiment);
  }
}

async function readInto(worker: StudioClient, file: File): Promise<Awaited<ReturnType<StudioClient["openTable"]>>> {
  return worker.openTable(file.name, new Uint8Array(await file.arrayBuffer()));
}

export const ownFile = new OwnFile();
