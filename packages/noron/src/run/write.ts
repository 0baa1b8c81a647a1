import { accessSync, appendFileSync, constants, existsSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { io, type nn, type train } from "@noron/core";
import type { AnyPreprocessing } from "../data/examples.ts";
import { InputError, UsageError } from "../errors.ts";
import { systemProblem } from "../language/problem.ts";
import { type Checkpoint, writeCheckpoint } from "./checkpoint.ts";
import type { RunConfig } from "./config.ts";
import { removeQuietly, temporaryName, writeDurably } from "./durable.ts";
import { RUN_FILES } from "./files.ts";
import { lockFolder } from "./lock.ts";
import { makeFolder } from "./make-folder.ts";

/** "runs/penguins-20250131-093015": a folder of its own for every run. */
export function defaultRunFolder(dataName: string, now = new Date()): string {
  const name = dataName
    .replace(/^sample:/, "")
    .replace(/ and \d+ more$/, "")
    .replace(/(\.(csv|tsv|txt|jsonl|ndjson|json|parquet|gz)|[-_.]images?[-_.]idx\d[-_.]ubyte(\.gz)?)+$/i, "")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const time = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const folder = join("runs", `${name || "run"}-${date}-${time}`);
  for (let number = 2; ; number++) {
    const free = number === 2 ? folder : `${folder}-${number - 1}`;
    if (!existsSync(free)) return free;
  }
}

/**
 * Makes sure, before anything is trained, that a run can be saved there.
 * @throws UsageError where something is already, or nothing may be written
 */
export function requireFreeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (statSync(folder).isDirectory() && readdirSync(folder).length === 0) return;
    throw taken(folder);
  }
  let parent = dirname(resolve(folder));
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    if (!statSync(parent).isDirectory()) throw new Error("not a folder");
    accessSync(parent, constants.W_OK);
  } catch {
    throw new UsageError("folder-not-writable", { folder, parent });
  }
}

function taken(folder: string): UsageError {
  const isRun = existsSync(join(folder, RUN_FILES.config));
  return new UsageError(isRun ? "folder-is-a-run" : "folder-exists", { folder });
}

/** What a run ends with. */
export interface RunEnd {
  config: RunConfig;
  weights: nn.StateDict;
  /** The last line of the time series. */
  scores: object;
}

/** The folder of a training that goes on. Nothing in it is ever half written, but for the last line of its time series. */
export interface OpenRun {
  readonly folder: string;
  /** Appends an epoch's numbers to the time series, for those who follow it. */
  addEpoch(log: train.EpochLog): void;
  /** Puts a checkpoint in the place of the one before. */
  saveCheckpoint(checkpoint: Checkpoint): void;
  /** Writes what training ended with, and that it has ended. */
  finish(end: RunEnd): void;
  /** Lets the folder go; one that was made here, and got neither a checkpoint nor an end, is removed. */
  close(): void;
}

/**
 * Makes the folder that a run is written into while it trains, with what is known before: what cannot be saved is not
 * worth training.
 * @param folder its name, or none for one after the data's name
 * @throws UsageError where it is there already or cannot be made
 */
export function createRun(
  folder: string | undefined,
  dataName: string,
  config: RunConfig,
  preprocessing: AnyPreprocessing,
): OpenRun {
  const made: string[] = [];
  let place = folder ?? defaultRunFolder(dataName);
  let release: () => void;
  try {
    // Another training may take the same name in the same second.
    while (!makeFolder(resolve(place), made) && folder === undefined) place = defaultRunFolder(dataName);
    release = lockFolder(place);
  } catch (error) {
    removeFolders(made);
    throw error instanceof UsageError ? error : unsaved(place, error);
  }
  // By another training, before this one had the folder.
  if (existsSync(join(place, RUN_FILES.config))) {
    release();
    throw taken(place);
  }
  const abandon = () => {
    for (const name of Object.values(RUN_FILES)) removeQuietly(join(place, name));
    release();
    removeFolders(made);
  };
  try {
    writeDurably(join(place, RUN_FILES.preprocessing), `${JSON.stringify(preprocessing, null, 2)}\n`);
    writeDurably(join(place, RUN_FILES.metrics), "");
    writeDurably(join(place, RUN_FILES.config), configText(config));
  } catch (error) {
    abandon();
    throw unsaved(place, error);
  }
  return openRun(place, false, (kept) => (kept ? release() : abandon()));
}

/**
 * Goes on with a run. Nothing changes until there is something new to write: from then on it is unfinished, with this
 * config, and its time series ends where its checkpoint does.
 * @param release gives the folder back, which this process has taken
 */
export function continueRun(
  folder: string,
  release: () => void,
  config: RunConfig,
  epochs: readonly train.EpochLog[],
): OpenRun {
  return openRun(folder, true, release, () => {
    writeDurably(join(folder, RUN_FILES.config), configText(config));
    writeDurably(join(folder, RUN_FILES.metrics), epochs.map(lineOf).join(""));
  });
}

function unsaved(folder: string, error: unknown): UsageError {
  return new UsageError("run-not-saved", { folder, problem: systemProblem(error) });
}

function configText(config: RunConfig): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

function lineOf(object: object): string {
  return `${JSON.stringify(object)}\n`;
}

/**
 * @param end is told whether the run stays
 * @param begin is called before anything is written
 */
function openRun(folder: string, stays: boolean, end: (stays: boolean) => void, begin?: () => void): OpenRun {
  const path = (name: keyof typeof RUN_FILES) => join(folder, RUN_FILES[name]);
  let begun = begin === undefined;
  const write = (what: keyof typeof RUN_FILES, action: () => void) => {
    try {
      if (!begun) begin?.();
      begun = true;
      action();
    } catch (error) {
      throw new InputError("not-written", { file: path(what), problem: systemProblem(error) }, { cause: error });
    }
  };
  const addLine = (line: object) => write("metrics", () => appendFileSync(path("metrics"), lineOf(line)));
  const close = () => {
    process.off("exit", close);
    for (const name of Object.values(RUN_FILES)) removeQuietly(temporaryName(join(folder, name)));
    end(stays);
  };
  process.on("exit", close);
  return {
    folder,
    addEpoch: addLine,
    saveCheckpoint(checkpoint) {
      write("checkpoint", () => writeDurably(path("checkpoint"), writeCheckpoint(checkpoint)));
      stays = true;
    },
    finish({ config, weights, scores }) {
      const bytes = io.saveSafetensors(weights, { format: "pt", noron: config.noron });
      write("weights", () => writeDurably(path("weights"), bytes));
      addLine(scores);
      // The config comes last: with it the run is finished.
      write("config", () => writeDurably(path("config"), configText(config)));
      stays = true;
    },
    close,
  };
}

function removeFolders(made: string[]): void {
  try {
    for (const folder of made.splice(0).reverse()) rmdirSync(folder);
  } catch {
    // Somebody else has put something there: it stays.
  }
}
