export type { Batches } from "./batches.ts";
export {
  type BatchLog,
  type Callback,
  type EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
  type EpochLog,
  earlyStopping,
  type History,
  history,
} from "./callbacks.ts";
export {
  CURVE_THRESHOLDS,
  type CurveFinding,
  type CurveOptions,
  type CurveThresholds,
  diagnoseCurves,
} from "./curves.ts";
export { DivergenceError, EXPLOSION } from "./divergence.ts";
export {
  accuracy,
  type ClassMetricOptions,
  confusionMatrix,
  type F1Options,
  f1,
  type Metric,
  mae,
  r2,
  rmse,
} from "./metrics.ts";
export { type RateRange, type RateRangeOptions, rateRange } from "./rate-range.ts";
export { type Stateful, type TotalsState, type TrainerState, TrainerStateError } from "./state.ts";
export type { Evaluation } from "./totals.ts";
export {
  type FitOptions,
  Trainer,
  type TrainerOptions,
} from "./trainer.ts";
