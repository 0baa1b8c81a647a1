import { type nn, tensor, train } from "@noron/core";
import { type ImagePreprocessing, type Preprocessing, restoreTarget } from "@noron/tabular";
import type { Examples } from "../data/examples.ts";

/** Numbers that say how good predictions are, in the order in which they are shown. */
export interface Scores {
  [name: string]: number;
}

/** What does nothing with the inputs: always the class, or the number, that is most likely. */
export interface Baseline {
  /** Number of a class, or a number in the target's own unit. */
  value: number;
}

/** The most frequent class of the training rows, or their mean. */
export function findBaseline({ target }: Examples): Baseline {
  if (target?.kind === "classes") {
    const times = new Map<number, number>();
    for (const label of target.classes) times.set(label, (times.get(label) ?? 0) + 1);
    return { value: [...times].reduce((best, other) => (other[1] > best[1] ? other : best))[0] };
  }
  const values = target?.original ?? new Float64Array();
  return { value: values.reduce((sum, value) => sum + value / values.length, 0) };
}

/** How good a network's outputs are. Of numbers, in the target's own unit. */
export function scoreOutputs(
  outputs: Float32Array,
  preprocessing: Preprocessing | ImagePreprocessing,
  { target, count }: Examples,
  loss: nn.Loss,
): Scores {
  if (target?.kind === "classes") {
    const logits = tensor(outputs, { shape: [count, outputs.length / count] });
    const labels = tensor(target.classes);
    return { ...scoreClasses(outputs, target.classes), loss: loss.forward(logits, labels).itemSync() };
  }
  if (target === null || preprocessing.input === "images" || preprocessing.target.kind === "classes")
    throw new Error("there is nothing to compare the outputs with");
  return scoreNumbers(restoreTarget(preprocessing.target, outputs), target.original);
}

/** How good the baseline is on the same rows. */
export function scoreBaseline({ value }: Baseline, { target, count }: Examples, classes: number): Scores {
  if (target?.kind === "classes") {
    const outputs = new Float32Array(count * classes);
    for (let row = 0; row < count; row++) outputs[row * classes + value] = 1;
    return scoreClasses(outputs, target.classes);
  }
  if (target === null) throw new Error("there is nothing to compare the baseline with");
  return scoreNumbers(new Float64Array(count).fill(value), target.original);
}

function scoreClasses(outputs: Float32Array, classes: Int32Array): Scores {
  const prediction = tensor(outputs, { shape: [classes.length, outputs.length / classes.length] });
  return measure([train.accuracy(), train.f1({ average: "macro" })], prediction, tensor(classes));
}

function scoreNumbers(predicted: Float64Array, actual: Float64Array): Scores {
  return measure([train.rmse(), train.mae(), train.r2()], tensor(predicted), tensor(actual));
}

function measure(
  metrics: train.Metric<number>[],
  prediction: ReturnType<typeof tensor>,
  target: ReturnType<typeof tensor>,
): Scores {
  const scores: Scores = {};
  for (const metric of metrics) {
    metric.reset();
    metric.update(prediction, target);
    scores[metric.name] = metric.compute();
  }
  return scores;
}
