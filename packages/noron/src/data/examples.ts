import {
  applyImages,
  applyPreprocessing,
  encodeTarget,
  type ImagePreprocessing,
  type Note,
  type Preprocessing,
} from "@noron/tabular";
import { InputError } from "../errors.ts";
import type { LoadedData } from "./source.ts";

export type AnyPreprocessing = Preprocessing | ImagePreprocessing;

/** Rows as a network takes them. */
export interface Examples {
  /** [count × width]. */
  inputs: Float32Array;
  width: number;
  count: number;
  /** Their numbers in the table or among the images. */
  rows: Int32Array;
  /** What is to be said of them, where it is known. */
  target: ClassTargets | NumberTargets | null;
  notes: Note[];
}

export interface ClassTargets {
  kind: "classes";
  classes: Int32Array;
}

export interface NumberTargets {
  kind: "number";
  /** Standardised. */
  values: Float32Array;
  /** In the table's own unit. */
  original: Float64Array;
}

/** Rows whose target is known, with it. */
export function labelledExamples(
  preprocessing: AnyPreprocessing,
  loaded: LoadedData,
  rows?: ArrayLike<number>,
): Examples {
  if (preprocessing.input === "images") {
    const examples = plainExamples(preprocessing, loaded, rows);
    if (examples.target === null) throw new InputError("no-labels-to-compare", { file: loaded.name });
    return examples;
  }
  if (loaded.kind !== "table") throw notImages(loaded);
  const target = encodeTarget(preprocessing, loaded.table, rows);
  const { features, width, notes } = applyPreprocessing(preprocessing, loaded.table, target.rows);
  return { inputs: features, width, count: target.rows.length, rows: target.rows, target, notes };
}

/** Rows as they are, with or without a target. */
export function plainExamples(preprocessing: AnyPreprocessing, loaded: LoadedData, rows?: ArrayLike<number>): Examples {
  if (preprocessing.input === "images") {
    if (loaded.kind !== "images") throw new InputError("table-for-images", { file: loaded.name });
    const applied = applyImages(preprocessing, loaded.images, rows);
    const target = applied.classes === undefined ? null : { kind: "classes" as const, classes: applied.classes };
    const { features, width } = applied;
    return { inputs: features, width, count: applied.rows.length, rows: applied.rows, target, notes: [] };
  }
  if (loaded.kind !== "table") throw notImages(loaded);
  const applied = applyPreprocessing(preprocessing, loaded.table, rows);
  const { features, width, notes } = applied;
  return { inputs: features, width, count: applied.rows.length, rows: applied.rows, target: null, notes };
}

function notImages(loaded: LoadedData): InputError {
  return new InputError("images-for-table", { file: loaded.name });
}
