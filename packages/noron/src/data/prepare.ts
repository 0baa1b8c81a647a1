import {
  type ColumnsPlan,
  type ColumnType,
  type FittedPreprocessing,
  fitImages,
  fitPreprocessing,
  type Note,
  type PlanOptions,
  parseSplitMethod,
  planTable,
  type Reason,
  splitRows,
  splitTable,
  type Table,
  type Task,
} from "@noron/tabular";
import { InputError, UsageError } from "../errors.ts";
import { type AnyPreprocessing, type Examples, labelledExamples, type MemoryExamples } from "./examples.ts";
import type { HeldOut, Preparation } from "./preparation.ts";
import type { Loaded, LoadedData, LoadedImages, LoadedTable } from "./source.ts";
import { filesTrainedOn } from "./trained-on.ts";

/** Data that a network can be trained on, and what was decided on the way. */
export interface PreparedData<Rows extends Examples = Examples> {
  task: Task;
  /** Why it is that task. */
  reason: string;
  /** The same as data; null for images, whose labels say it. */
  why: Reason | null;
  /** The column, or "label" for images. */
  target: string;
  /** Names of the classes; empty for a regression. */
  classes: string[];
  preprocessing: AnyPreprocessing;
  /** Columns and what they are used as; empty for images. */
  columns: ColumnType[];
  /** How they were prepared, to be done again. */
  preparation: Preparation;
  training: Rows;
  validation: Rows;
  test: Rows;
  /** Width of a network's output. */
  outputs: number;
  notes: Note[];
}

/** How data are prepared, where it is not left to the data. */
export interface PrepareOptions<Held extends Loaded = LoadedData> extends Partial<PlanOptions> {
  seed: number;
  /** What the best epoch is chosen by: a share of the rows, or rows of their own. */
  validation?: number | Held;
  /** What the result is measured on. */
  test?: number | Held;
}

/** Shares of the rows that are held out; of images more are left for the test, whose score is then more certain. */
const TABLE_SHARES = { validation: 0.15, test: 0.15 };
const IMAGE_SHARES = { validation: 0.1, test: 0.2 };

/**
 * Decides what the data are, splits them by the seed and makes examples of them.
 * @throws UsageError for options that do not fit the data; InputError, DataError for data that cannot be learned
 */
export function prepareData(loaded: LoadedData, options: PrepareOptions): PreparedData<MemoryExamples> {
  return loaded.kind === "table" ? prepareTable(loaded, options) : prepareImages(loaded, options);
}

/** @throws UsageError for a share that is none, and data that cannot be held out from these */
function checkHeldOut<Data extends Loaded & { kind: string }>(
  option: string,
  held: number | Data | undefined,
  loaded: Data,
): void {
  if (typeof held === "number" && !(held > 0 && held < 1))
    throw new UsageError("not-held-out", { option, value: held });
  if (typeof held !== "object") return;
  const files = { option, file: held.name, data: loaded.name };
  if (filesTrainedOn(held, loaded).length > 0) throw new UsageError("held-out-is-trained-on", files);
  if (held.kind !== loaded.kind) throw new UsageError("held-out-of-another-kind", files);
}

function prepareTable(loaded: LoadedTable, options: PrepareOptions): PreparedData<MemoryExamples> {
  const { table } = loaded;
  const { seed, held, shares, choices } = chooseTable(loaded, table, options);
  const plan = planTable(table, choices);
  const split = splitTable(table, plan, { seed, ...shares });
  const fitted = fitPreprocessing(table, split.train, plan);
  const { parts, notes } = heldOutExamples(fitted.preprocessing, loaded, split, held);
  return preparedTable({ plan, fitted, held, parts, notes: [...split.notes, ...fitted.notes, ...notes] });
}

/**
 * What is asked of a table, with the defaults.
 * @throws UsageError for options that do not fit it
 */
export function chooseTable<Data extends Loaded & { kind: string }>(
  loaded: Data,
  table: Table,
  { target, seed, validation = TABLE_SHARES.validation, test = TABLE_SHARES.test, ...choices }: PrepareOptions<Data>,
) {
  checkHeldOut("--val", validation, loaded);
  checkHeldOut("--test", test, loaded);
  const shares = { validation: shareOf(validation), test: shareOf(test) };
  const named = requireTarget(table, target ?? loaded.target);
  requireRowsToSplit(choices.split, shares);
  return { seed, held: { validation, test }, shares, choices: { ...choices, target: named } };
}

/** A table that is prepared. */
export function preparedTable<Rows extends Examples>({
  plan,
  fitted: { preprocessing },
  held,
  parts,
  notes,
}: {
  plan: ColumnsPlan;
  fitted: FittedPreprocessing;
  held: { validation: number | Loaded; test: number | Loaded };
  parts: Pick<PreparedData<Rows>, "training" | "validation" | "test">;
  /** All but those of the plan. */
  notes: readonly Note[];
}): PreparedData<Rows> {
  const { task, reason, why, name, classes } = plan.target;
  return {
    task,
    reason,
    why,
    target: name,
    classes,
    preprocessing,
    columns: plan.columns,
    preparation: {
      ...plan.choices,
      split: plan.split,
      validation: recordHeldOut(held.validation),
      test: recordHeldOut(held.test),
    },
    ...parts,
    outputs: task === "classification" ? classes.length : 1,
    notes: [...plan.notes, ...notes],
  };
}

/** @throws UsageError with the names of the columns where none was asked for */
export function requireTarget({ columns }: Table, asked: string | undefined): string {
  if (asked !== undefined) return asked;
  const names = columns.map(({ name }) => name);
  const shown = names.slice(0, 20).join(", ");
  throw new UsageError("no-target", { columns: names.length > 20 ? `${shown}, …` : shown });
}

/** @throws UsageError for a way of splitting where there is nothing to split */
function requireRowsToSplit(
  split: string | undefined,
  { validation, test }: { validation: number; test: number },
): void {
  if (split !== undefined && validation === 0 && test === 0) throw new UsageError("nothing-to-split", { split });
}

function prepareImages(loaded: LoadedImages, options: PrepareOptions): PreparedData<MemoryExamples> {
  const { target, task, seed, split: method = "stratified", kinds, drop, keep } = options;
  checkHeldOut<LoadedData>("--val", options.validation, loaded);
  checkHeldOut<LoadedData>("--test", options.test, loaded);
  if (target !== undefined && target !== "label") throw new UsageError("target-of-images");
  if (task === "regression") throw new UsageError("task-of-images");
  if (kinds !== undefined || drop !== undefined || keep !== undefined) throw new UsageError("columns-of-images");
  const { by } = parseSplitMethod(method);
  if (by === "time" || by === "group") throw new UsageError("split-of-images", { by });
  const { images } = loaded;
  if (images.labels === undefined) {
    if (images.files !== undefined) throw new InputError("no-class-folders", { folder: loaded.name });
    throw new InputError("no-labels", { file: loaded.name });
  }
  const rows = Int32Array.from({ length: images.count }, (_, row) => row);
  const own: LoadedImages | undefined = loaded.test && { ...loaded, name: loaded.test.name, images: loaded.test };
  const held = {
    validation: options.validation ?? IMAGE_SHARES.validation,
    test: options.test ?? own ?? IMAGE_SHARES.test,
  };
  const shares = { validation: shareOf(held.validation), test: shareOf(held.test) };
  requireRowsToSplit(options.split, shares);
  const labels = by === "stratified" ? images.labels : undefined;
  const split = splitRows(rows, { seed, ...shares, labels });
  const preprocessing = fitImages(images, split.train);
  const examples = heldOutExamples(preprocessing, loaded, split, held);
  const { classes } = preprocessing;
  return {
    task: "classification",
    reason: "images with labels",
    why: null,
    target: "label",
    classes,
    preprocessing,
    columns: [],
    preparation: {
      kinds: {},
      keep: null,
      split: method,
      validation: recordHeldOut(held.validation),
      test: held.test === own ? null : recordHeldOut(held.test),
    },
    ...examples.parts,
    outputs: classes.length,
    notes: [...split.notes, ...examples.notes],
  };
}

/** The share of the rows that is held out for a part; none where it has rows of its own. */
function shareOf(held: number | Loaded): number {
  return typeof held === "number" ? held : 0;
}

function recordHeldOut(held: number | Loaded): HeldOut {
  return typeof held === "number" ? held : { source: held.source, hash: held.hash };
}

function heldOutExamples(
  preprocessing: AnyPreprocessing,
  loaded: LoadedData,
  split: { train: Int32Array; validation: Int32Array; test: Int32Array },
  held: { validation: number | LoadedData; test: number | LoadedData },
): { parts: Pick<PreparedData<MemoryExamples>, "training" | "validation" | "test">; notes: Note[] } {
  const notes: Note[] = [];
  const part = (rows: Int32Array, own: number | LoadedData): MemoryExamples => {
    if (typeof own === "number") return labelledExamples(preprocessing, loaded, rows);
    const examples = labelledExamples(preprocessing, own);
    notes.push(...examples.notes);
    return examples;
  };
  const parts = {
    training: labelledExamples(preprocessing, loaded, split.train),
    validation: part(split.validation, held.validation),
    test: part(split.test, held.test),
  };
  return { parts, notes };
}
