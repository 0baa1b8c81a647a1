import { restoreTarget } from "@noron/tabular";
import type { AnyPreprocessing } from "../data/examples.ts";

/** What a classifier says of one row. */
export interface ClassPrediction {
  /** The most likely class. */
  prediction: string;
  /** Every class's probability, in the order of the run's classes; their sum is 1. */
  probabilities: Record<string, number>;
}

/** What a regression says of one row. */
export interface NumberPrediction {
  /** In the target's own unit. */
  prediction: number;
}

export type Prediction = ClassPrediction | NumberPrediction;

/** What a network's outputs mean, row by row: [rows × classes] as probabilities, or [rows × 1] in the target's unit. */
export function interpretOutputs(preprocessing: AnyPreprocessing, outputs: Float32Array): Prediction[] {
  const classes = classesOf(preprocessing);
  if (preprocessing.input === "table" && preprocessing.target.kind === "number")
    return Array.from(restoreTarget(preprocessing.target, outputs), (prediction) => ({ prediction }));
  return Array.from({ length: outputs.length / classes.length }, (_, row) => {
    const shares = softmax(outputs.subarray(row * classes.length, (row + 1) * classes.length));
    // Classes called like a member of every object ("__proto__") become entries like any other.
    const probabilities = Object.fromEntries(classes.map((name, index) => [name, shares[index]]));
    return { prediction: classes[shares.indexOf(Math.max(...shares))], probabilities };
  });
}

/** Names of the classes; none for a regression. */
export function classesOf(preprocessing: AnyPreprocessing): string[] {
  if (preprocessing.input === "images") return preprocessing.classes;
  return preprocessing.target.kind === "classes" ? preprocessing.target.classes : [];
}

function softmax(logits: Float32Array): number[] {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
