export { type DiagnoseOptions, diagnose, type Finding, THRESHOLDS, type Thresholds } from "./diagnose.ts";
export {
  type DeadMeasure,
  type FirstNonFinite,
  type LayerMeasure,
  type MeasureOptions,
  type Measures,
  measure,
  SATURATED_AT,
  type SaturationMeasure,
  type WeightMeasure,
} from "./measure.ts";
export {
  type Composition,
  type NamedValue,
  type Operation,
  type OperationInput,
  type Source,
  type Trace,
  type TracedLoss,
  type TracedValue,
  type TraceOptions,
  trace,
} from "./trace.ts";
export type { Values } from "./values.ts";
