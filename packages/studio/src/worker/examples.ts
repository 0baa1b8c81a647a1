import { data, tensor } from "@noron/core";
import type { LossType, Task } from "../experiment/catalog.ts";
import type { Experiment, SampleData } from "../experiment/experiment.ts";
import type { OpenTable } from "./table.ts";
import { tableExamples } from "./table-examples.ts";

/** Data ready for a network: one example a row, split in two. */
export interface Examples {
  task: Task;
  /** Of one example: [features], or [1, height, width] of an image. */
  shape: number[];
  /** Names of the features, or none of an image. */
  features: string[];
  /** Names of the classes; empty for a regression. */
  classes: string[];
  /** How many numbers the network is to give. */
  outputs: number;
  training: data.TensorDataset;
  /** Null where everything is trained on. */
  validation: data.TensorDataset | null;
  /** What the file's inference said while it was read, and the unit of a regression's target. */
  unit: { mean: number; standardDeviation: number } | null;
  /** Of the examples that come from a file, part by part, where their rows are in it. */
  places: Record<"training" | "validation", Int32Array> | null;
}

/** Plain values of inputs and labels, before a loss says what a target looks like. */
export interface Rows {
  task: Task;
  x: Float32Array;
  shape: number[];
  features: string[];
  classes: string[];
  /** A class number or a value a row. */
  labels: Int32Array | Float32Array;
  /** Row numbers of the parts; drawn by the seed where they are not given. */
  parts: { training: Int32Array; validation: Int32Array } | null;
  unit: Examples["unit"];
  places: Examples["places"];
}

/** Pixels along a side of a digit. */
const DIGIT = 16;

/** @throws Error for a table that is not there; DataError, RangeError for data that cannot be */
export function makeExamples(experiment: Experiment, table: OpenTable | null): Examples {
  const rows =
    experiment.data.source === "sample"
      ? sampleRows(experiment.data, experiment.seed)
      : tableExamples(experiment, table);
  const { task, classes, features, shape, unit, places } = rows;
  const target = makeTarget(rows, experiment.loss.type);
  const count = rows.labels.length;
  const all = new data.TensorDataset({ data: rows.x, shape: [count, ...shape] }, target.column);
  const [training, validation] = splitExamples(all, rows.parts, experiment);
  return { task, shape, features, classes, outputs: target.outputs, training, validation, unit, places };
}

function splitExamples(
  all: data.TensorDataset,
  parts: Rows["parts"],
  { validation: share, seed }: Experiment,
): [data.TensorDataset, data.TensorDataset | null] {
  if (parts !== null)
    return [all.subset(parts.training), parts.validation.length > 0 ? all.subset(parts.validation) : null];
  const [validation, training] = all.split(share, { seed });
  return [training, validation.length > 0 ? validation : null];
}

function sampleRows({ name, count, noise, classes }: SampleData, seed: number): Rows {
  const made = {
    spirals: () => data.samples.spirals({ count, noise, classes, seed }),
    moons: () => data.samples.moons({ count, noise, seed }),
    circles: () => data.samples.circles({ count, noise, seed }),
    xor: () => data.samples.xor({ count, noise, seed }),
    blobs: () => data.samples.blobs({ count, noise, classes, seed }),
    digits: () => data.samples.digits({ count, noise, size: DIGIT, seed }),
    curve: () => data.samples.curve({ count, noise, seed }),
  }[name]();
  const [x, y] = made.columns;
  const regression = name === "curve";
  const kinds = name === "digits" ? 10 : name === "spirals" || name === "blobs" ? classes : 2;
  return {
    task: regression ? "regression" : "classification",
    x: x.data as Float32Array,
    shape: name === "digits" ? [1, DIGIT, DIGIT] : regression ? [1] : [2],
    features: name === "digits" ? [] : regression ? ["x"] : ["x₁", "x₂"],
    classes: regression ? [] : Array.from({ length: kinds }, (_, index) => String(index)),
    labels: y.data as Int32Array | Float32Array,
    parts: null,
    unit: null,
    places: null,
  };
}

/** The target in the form that the loss takes: class numbers, a yes or no a row, or a number a class. */
function makeTarget({ task, classes, labels }: Rows, loss: LossType): { column: data.Column; outputs: number } {
  const count = labels.length;
  if (task === "regression") return { column: { data: labels, shape: [count, 1] }, outputs: 1 };
  if (loss === "CrossEntropyLoss" || loss === "NLLLoss")
    return { column: { data: labels, shape: [count] }, outputs: classes.length };
  if (classes.length === 2) return { column: { data: Float32Array.from(labels), shape: [count, 1] }, outputs: 1 };
  const onehot = tensor(labels as Int32Array, { dtype: "int32" })
    .oneHot(classes.length)
    .to("float32");
  return {
    column: { data: onehot.dataSync() as Float32Array, shape: [count, classes.length] },
    outputs: classes.length,
  };
}
