import { DataError, describeDataError } from "@noron/tabular";
import type { InBoth } from "./protocol.ts";

/** Why an experiment cannot be, as the page tells it: where, what, and the numbers. */
export interface ExperimentProblem {
  /** The part of the experiment: "data", "loss", "optimizer", "batchSize", or a layer's place. */
  where: "data" | "loss" | "optimizer" | "batchSize" | number;
  /** A text of the page by its key, or "library" for a message of the library as it is. */
  code: ProblemCode;
  values: Record<string, string | number>;
}

export type ProblemCode =
  | "library"
  | "layer-refuses"
  | "missing-file"
  | "no-layers"
  | "wrong-outputs"
  | "not-a-row"
  | "other-rank"
  | "needs-probabilities"
  | "needs-log-probabilities"
  | "wrong-task"
  | "no-parameters"
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

/** What an error says; of data in both languages, of the rest of the library in its own. */
export function messageOf(error: unknown): InBoth {
  const en = error instanceof Error ? error.message : String(error);
  return { en, vi: error instanceof DataError ? describeDataError(error, "vi") : en };
}
