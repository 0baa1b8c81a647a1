export * from "@noron/core";
export * as tabular from "@noron/tabular";
export { InputError, UsageError } from "./errors.ts";
export { explainRow, type RowExplanation } from "./explain/explain-row.ts";
export { diagnoseNetwork } from "./health/diagnose-network.ts";
export type { HealthFinding } from "./health/fitted.ts";
export { joinFindings } from "./health/join-findings.ts";
export { describeFinding } from "./health/texts.ts";
export type { NetworkDefinition, NetworkRequest } from "./model/own-network.ts";
export type { ClassPrediction, NumberPrediction, Prediction } from "./predict/predictions.ts";
export type { Cell, Row } from "./predict/rows.ts";
export {
  type PredictRow,
  parseRun,
  type RunOptions,
  type TrainedClassifier,
  type TrainedRegression,
  type TrainedRun,
} from "./predict/trained-run.ts";
export type { RunBytes, Unfinished } from "./run/parse.ts";
