import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { io } from "@noron/core";
import type { AnyPreprocessing } from "../data/examples.ts";
import { UsageError } from "../errors.ts";
import type { Network } from "../model/network.ts";
import type { RunConfig } from "./config.ts";

/** The files of a run folder. */
export const RUN_FILES = {
  config: "config.json",
  preprocessing: "preprocessing.json",
  weights: "model.safetensors",
  metrics: "metrics.jsonl",
} as const;

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
    throw new UsageError(`${folder} is there already: give --out another name, or remove it.`);
  }
  let parent = dirname(resolve(folder));
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    if (!statSync(parent).isDirectory()) throw new Error("not a folder");
    accessSync(parent, constants.W_OK);
  } catch {
    throw new UsageError(`${folder} cannot be made: ${parent} is not a folder that may be written to.`);
  }
}

/** What a run keeps. */
export interface RunContents {
  config: RunConfig;
  preprocessing: AnyPreprocessing;
  model: Network;
  /** One object a line. */
  metrics: object[];
}

/** A folder that a run is written into, under another name until it is whole. */
export interface OpenRun {
  /** Writes the run and gives the folder its name. Nothing of it stays when that fails. */
  save(contents: RunContents): void;
  /** Removes what was made for a run that is not saved. */
  discard(): void;
}

/**
 * Makes the folder that a run is to be written into: what cannot be saved is not worth training.
 * @throws UsageError where it cannot be made
 */
export function openRun(folder: string): OpenRun {
  const target = resolve(folder);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const made: string[] = [];
  const discard = () => {
    process.off("exit", discard);
    try {
      rmSync(temporary, { recursive: true, force: true });
      for (const parent of made.splice(0).reverse()) if (parent !== temporary) rmdirSync(parent);
    } catch {
      // Somebody else has put something there: it stays.
    }
  };
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      discard();
      throw new UsageError(`the run could not be saved in ${folder}: ${(error as Error).message}.`);
    }
  };
  process.on("exit", discard);
  attempt(() => makeFolder(temporary, made));
  const save = ({ config, preprocessing, model, metrics }: RunContents) => {
    const files: Record<string, string | Uint8Array> = {
      [RUN_FILES.weights]: io.saveSafetensors(model.stateDict(), { format: "pt", noron: config.noron }),
      [RUN_FILES.preprocessing]: `${JSON.stringify(preprocessing, null, 2)}\n`,
      [RUN_FILES.config]: `${JSON.stringify(config, null, 2)}\n`,
      [RUN_FILES.metrics]: metrics.map((line) => `${JSON.stringify(line)}\n`).join(""),
    };
    attempt(() => {
      for (const [name, contents] of Object.entries(files)) writeFileSync(join(temporary, name), contents);
      renameSync(temporary, target);
    });
    made.length = 0;
  };
  return { save, discard };
}

/**
 * Makes a folder and those above it, one at a time: the recursive mkdir of Node.js goes round for ever where a folder
 * that is there may hold no other (/proc).
 */
function makeFolder(path: string, made: string[]): void {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse()) {
    mkdirSync(folder);
    made.push(folder);
  }
}
