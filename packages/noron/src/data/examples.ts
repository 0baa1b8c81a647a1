import {
  applyImages,
  applyPreprocessing,
  encodeTarget,
  type ImagePreprocessing,
  type Note,
  type Preprocessing,
  readingNotes,
} from "@noron/tabular";
import { InputError } from "../errors.ts";
import type { LoadedData } from "./source.ts";

export type AnyPreprocessing = Preprocessing | ImagePreprocessing;

/** Rows whose features are made when they are asked for, as all of them would not fit into memory. */
export interface FeatureRows {
  /** The features of some rows, [rows × width]. */
  features(rows: ArrayLike<number>): Float32Array;
  /** Told the order in which rows will be asked for. */
  expect(order: Int32Array): void;
}

/** Rows as a network takes them. */
export interface Examples {
  /** [count × width]. */
  inputs: Float32Array | FeatureRows;
  width: number;
  count: number;
  /** Their numbers in the table or among the images. */
  rows: Int32Array;
  /** What is to be said of them, where it is known. */
  target: ClassTargets | NumberTargets | null;
  notes: Note[];
}

/** Rows that are all in memory. */
export interface MemoryExamples extends Examples {
  inputs: Float32Array;
}

/** The features of rows from one place up to another. */
export function featuresBetween({ inputs, width }: Examples, start: number, end: number): Float32Array {
  if (inputs instanceof Float32Array) return inputs.subarray(start * width, end * width);
  return inputs.features(Int32Array.from({ length: end - start }, (_, index) => start + index));
}

/** The features of rows, in the order that is given. */
export function featuresOf({ inputs, width }: Examples, rows: ArrayLike<number>): Float32Array {
  if (!(inputs instanceof Float32Array)) return inputs.features(rows);
  const chosen = new Float32Array(rows.length * width);
  for (let place = 0; place < rows.length; place++)
    chosen.set(inputs.subarray(rows[place] * width, (rows[place] + 1) * width), place * width);
  return chosen;
}

/** Rows that are taken into memory together. */
const SLICE_ROWS = 2 ** 16;

/** Examples as parts that are in memory, one after another: all at once where they are. */
export function* slices(examples: Examples): Generator<MemoryExamples> {
  const { inputs, count, target } = examples;
  if (inputs instanceof Float32Array) {
    yield { ...examples, inputs };
    return;
  }
  for (let start = 0; start < count; start += SLICE_ROWS) {
    const end = Math.min(count, start + SLICE_ROWS);
    yield {
      ...examples,
      inputs: featuresBetween(examples, start, end),
      count: end - start,
      rows: examples.rows.subarray(start, end),
      target: cut(target, start, end),
    };
  }
}

function cut(target: Examples["target"], start: number, end: number): Examples["target"] {
  if (target === null) return null;
  if (target.kind === "classes") return { kind: "classes", classes: target.classes.subarray(start, end) };
  const { values, original } = target;
  return { kind: "number", values: values.subarray(start, end), original: original.subarray(start, end) };
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
): MemoryExamples {
  if (preprocessing.input === "images") {
    const examples = plainExamples(preprocessing, loaded, rows);
    if (examples.target === null) throw new InputError("no-labels-to-compare", { file: loaded.name });
    return examples;
  }
  if (loaded.kind !== "table") throw notImages(loaded);
  const target = encodeTarget(preprocessing, loaded.table, rows);
  const { features, width, notes } = applyPreprocessing(preprocessing, loaded.table, target.rows);
  const told = [...readingNotes(preprocessing, loaded.table), ...notes];
  return { inputs: features, width, count: target.rows.length, rows: target.rows, target, notes: told };
}

/** Rows as they are, with or without a target. */
export function plainExamples(
  preprocessing: AnyPreprocessing,
  loaded: LoadedData,
  rows?: ArrayLike<number>,
): MemoryExamples {
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
  const told = [...readingNotes(preprocessing, loaded.table), ...notes];
  return { inputs: features, width, count: applied.rows.length, rows: applied.rows, target: null, notes: told };
}

function notImages(loaded: LoadedData): InputError {
  return new InputError("images-for-table", { file: loaded.name });
}
