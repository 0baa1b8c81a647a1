import { DataError, describeDataError } from "@noron/tabular";
import type { InBoth, LayerFacts } from "./protocol.ts";

/** Why an experiment cannot be, as the page tells it: where, what, and the numbers. */
export interface ExperimentProblem {
  /** The part of the experiment: "data", "layers" all together, "loss", "optimizer", "batchSize", or a layer's place; "training" where none is known. */
  where: "data" | "layers" | "loss" | "optimizer" | "batchSize" | "training" | number;
  /** A text of the page by its key, or "library" for a message of the library as it is. */
  code: ProblemCode;
  values: Record<string, string | number>;
}

export type ProblemCode =
  | "library"
  | "layer-refuses"
  | "layer-fails"
  | "batch-of-one"
  | "one-place"
  | "norm-of-one"
  | "softmax-twice"
  | "sigmoid-twice"
  | "softmax-of-one"
  | "squeezed-logits"
  | "cut-logits"
  | "half-logits"
  | "bounded-outputs"
  | "never-negative"
  | "uneven-channels"
  | "uneven-groups"
  | "missing-file"
  | "no-layers"
  | "wrong-outputs"
  | "not-a-row"
  | "other-rank"
  | "needs-probabilities"
  | "needs-log-probabilities"
  | "wrong-task"
  | "no-parameters"
  | "nesterov-alone"
  | "too-large";

/** Thrown for what the user can put right. */
export class Problem extends Error {
  constructor(
    readonly where: ExperimentProblem["where"],
    readonly code: ProblemCode,
    readonly values: ExperimentProblem["values"] = {},
  ) {
    super(code);
  }
}

/** An error as a problem of a part. */
export function problemOf(error: unknown, where: ExperimentProblem["where"]): ExperimentProblem {
  if (error instanceof Problem) return { where: error.where, code: error.code, values: error.values };
  const { en, vi } = messageOf(error);
  return { where, code: "library", values: { en, vi } };
}

/** An error of a step of training as a problem, at the layer that it came from. */
export function problemOfStep(error: unknown, layers: readonly LayerFacts[]): ExperimentProblem {
  const { en } = messageOf(error);
  const [prefix, path] = /^in layer "(\d+)(?:\.[^"]*)?": /.exec(en) ?? [];
  if (prefix === undefined || layers[Number(path)] === undefined) return problemOf(error, "training");
  const values = { layer: layers[Number(path)].type, message: en.slice(prefix.length) };
  return problemOf(new Problem(Number(path), "layer-fails", values), "training");
}

/** What an error says; of data in both languages, of the rest of the library in its own. */
export function messageOf(error: unknown): InBoth {
  const en = error instanceof Error ? error.message : String(error);
  return { en, vi: error instanceof DataError ? describeDataError(error, "vi") : en };
}
