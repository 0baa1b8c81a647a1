import {
  type ColumnType,
  classNumbers,
  fitImages,
  fitPreprocessing,
  type Note,
  planTable,
  type Reason,
  type Split,
  splitRows,
  type Task,
} from "@noron/tabular";
import { InputError, UsageError } from "../errors.ts";
import { type AnyPreprocessing, type Examples, labelledExamples } from "./examples.ts";
import type { LoadedData, LoadedImages, LoadedTable } from "./source.ts";

/** Data that a network can be trained on, and what was decided on the way. */
export interface PreparedData {
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
  training: Examples;
  validation: Examples;
  test: Examples;
  /** Width of a network's output. */
  outputs: number;
  notes: Note[];
}

export interface PrepareOptions {
  target?: string;
  task?: Task;
  seed: number;
}

/** Shares of the rows that are held out; of images more are left for the test, whose score is then more certain. */
export const TABLE_SHARES = { validation: 0.15, test: 0.15 };
export const IMAGE_SHARES = { validation: 0.1, test: 0.2 };

/** Decides what the data are, splits them by the seed and makes examples of them. */
export function prepareData(loaded: LoadedData, options: PrepareOptions): PreparedData {
  return loaded.kind === "table" ? prepareTable(loaded, options) : prepareImages(loaded, options);
}

function prepareTable(loaded: LoadedTable, { target: asked, task, seed }: PrepareOptions): PreparedData {
  const target = asked ?? loaded.target;
  const { table } = loaded;
  if (target === undefined) {
    const names = table.columns.map(({ name }) => name);
    const shown = names.slice(0, 20).join(", ");
    const rest = names.length > 20 ? `, and ${names.length - 20} more` : "";
    throw new UsageError(`which column is to be learned? Give --target NAME; the columns are ${shown}${rest}.`);
  }
  const plan = planTable(table, { target, task });
  const labels = classNumbers(table, plan);
  const split = splitRows(plan.rows, { seed, ...TABLE_SHARES, labels, classNames: plan.target.classes });
  const { preprocessing, notes } = fitPreprocessing(table, split.train, plan);
  const parts = encodeParts(preprocessing, loaded, split);
  return {
    task: plan.target.task,
    reason: plan.target.reason,
    why: plan.target.why,
    target: plan.target.name,
    classes: plan.target.classes,
    preprocessing,
    columns: plan.columns,
    ...parts,
    outputs: plan.target.task === "classification" ? plan.target.classes.length : 1,
    notes: [...plan.notes, ...split.notes, ...notes],
  };
}

function prepareImages(loaded: LoadedImages, { target, task, seed }: PrepareOptions): PreparedData {
  if (target !== undefined && target !== "label")
    throw new UsageError("images are learned with their labels: leave --target out.");
  if (task === "regression") throw new UsageError("labels of images are classes: leave --task out.");
  const { images, test } = loaded;
  if (images.labels === undefined) {
    throw new InputError(`${loaded.name}: there are no labels to learn: give the IDX file with the labels as well.`);
  }
  const rows = Int32Array.from({ length: images.count }, (_, row) => row);
  const shares = test === undefined ? IMAGE_SHARES : { ...IMAGE_SHARES, test: 0 };
  const split = splitRows(rows, { seed, ...shares, labels: images.labels });
  const preprocessing = fitImages(images, split.train);
  const parts = encodeParts(preprocessing, loaded, split);
  if (test !== undefined) parts.test = labelledExamples(preprocessing, { ...loaded, name: test.name, images: test });
  const { classes } = preprocessing;
  return {
    task: "classification",
    reason: "images with labels",
    why: null,
    target: "label",
    classes,
    preprocessing,
    columns: [],
    ...parts,
    outputs: classes.length,
    notes: split.notes,
  };
}

function encodeParts(
  preprocessing: AnyPreprocessing,
  loaded: LoadedData,
  split: Split,
): Pick<PreparedData, "training" | "validation" | "test"> {
  const encode = (rows: Int32Array) => labelledExamples(preprocessing, loaded, rows);
  return { training: encode(split.train), validation: encode(split.validation), test: encode(split.test) };
}
