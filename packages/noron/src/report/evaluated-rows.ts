import { restoreTarget } from "@noron/tabular";
import type { AnyPreprocessing, Examples } from "../data/examples.ts";
import { classesOf, interpretOutputs } from "../predict/predictions.ts";

/** What a network says of labelled rows, beside what is true of them. */
export type EvaluatedRows =
  | {
      kind: "classes";
      classes: string[];
      /** [row][class] */
      probabilities: number[][];
      actual: Int32Array;
    }
  | { kind: "number"; predicted: Float64Array; actual: Float64Array };

/** Outputs of a network for examples with their targets. */
export function evaluatedRows(
  preprocessing: AnyPreprocessing,
  outputs: Float32Array,
  { target }: Examples,
): EvaluatedRows {
  if (target?.kind === "classes") {
    const classes = classesOf(preprocessing);
    const probabilities = interpretOutputs(preprocessing, outputs).map((said) =>
      "probabilities" in said ? classes.map((name) => said.probabilities[name]) : [],
    );
    return { kind: "classes", classes, probabilities, actual: target.classes };
  }
  if (target === null || preprocessing.input === "images" || preprocessing.target.kind === "classes")
    throw new Error("there is nothing to compare the outputs with");
  const predicted = Float64Array.from(restoreTarget(preprocessing.target, outputs));
  return { kind: "number", predicted, actual: Float64Array.from(target.original) };
}

/** How wrong each row is: the loss of the true class, -ln of its probability, or the distance in the target's unit. */
export function rowErrors(rows: EvaluatedRows): Float64Array {
  if (rows.kind === "number") return rows.predicted.map((value, row) => Math.abs(value - rows.actual[row]));
  return Float64Array.from(rows.actual, (label, row) => -Math.log(Math.max(rows.probabilities[row][label], 1e-30)));
}
