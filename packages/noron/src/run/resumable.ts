import { existsSync } from "node:fs";
import { join } from "node:path";
import { parsePreprocessing } from "@noron/tabular";
import type { AnyPreprocessing } from "../data/examples.ts";
import { readBytes } from "../data/files.ts";
import type { RateTest } from "../model/find-rate.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { type KnownConfig, parseSchedule, type TrainingSettings } from "./config.ts";
import { Field } from "./field.ts";
import { RUN_FILES } from "./files.ts";
import { readConfig, requireInside } from "./read.ts";

/** A run as it must be known to go on with it. */
export interface ResumableRun {
  folder: string;
  config: KnownConfig;
  created: string;
  /** How many rows each part has. */
  split: { training: number; validation: number; test: number };
  settings: TrainingSettings;
  /** The range test that found its learning rate, as it was written; nothing is done with it. */
  rateTest?: RateTest;
  /** Why it has ended before its last epoch, if it has. */
  stopped: string | null;
  preprocessing: AnyPreprocessing;
  /** Null where it was stopped before the first. */
  checkpoint: Checkpoint | null;
}

/**
 * Reads a run folder to go on with its training, trusting nothing in it.
 * @throws InputError, DataError
 */
export function readResumable(folder: string): ResumableRun {
  const config = readConfig(folder);
  const path = (name: keyof typeof RUN_FILES) => requireInside(folder, RUN_FILES[name]);
  const decode = (name: keyof typeof RUN_FILES) => new TextDecoder().decode(readBytes(path(name)).bytes);
  const root = new Field(JSON.parse(decode("config")), "", join(folder, RUN_FILES.config));
  const split = root.field("split");
  const count = (name: string) => split.field(name).whole(0, 2 ** 31);
  const stopped = root.field("result").field("stopped");
  const checkpoint = existsSync(join(folder, RUN_FILES.checkpoint))
    ? parseCheckpoint(readBytes(path("checkpoint")).bytes, join(folder, RUN_FILES.checkpoint))
    : null;
  return {
    folder,
    config,
    created: root.field("created").text(),
    split: { training: count("training"), validation: count("validation"), test: count("test") },
    settings: parseSettings(root.field("settings"), config),
    rateTest: root.field("rateTest").value as RateTest | undefined,
    stopped: stopped.value === undefined || stopped.value === null ? null : stopped.text(),
    preprocessing: parsePreprocessing(decode("preprocessing"), join(folder, RUN_FILES.preprocessing)),
    checkpoint,
  };
}

function parseSettings(field: Field, { loss, optimizer, optimizerOptions, lr }: KnownConfig): TrainingSettings {
  const weights = field.field("classWeights");
  return {
    loss,
    classWeights: weights.value === null ? null : weights.list().map((weight) => weight.number()),
    optimizer,
    optimizerOptions,
    lr,
    schedule: parseSchedule(field.field("schedule")),
    clipNorm: parseClipNorm(field.field("clipNorm")),
    batch: field.field("batch").whole(1, 1e7),
    epochs: field.field("epochs").whole(1, 1e6),
    patience: field.field("patience").whole(0, 1e6),
    seed: field.field("seed").whole(0, Number.MAX_SAFE_INTEGER),
  };
}

function parseClipNorm(field: Field): number | null {
  if (field.value === undefined || field.value === null) return null;
  return field.number() > 0 ? field.number() : field.refuse("not-above-0");
}
