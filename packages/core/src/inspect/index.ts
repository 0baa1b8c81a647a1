export {
  type CallValues,
  type Elements,
  type Formula,
  type Line,
  latexOf,
  lineText,
  shortNumber,
  type TextOptions,
  textOf,
  type UpdateValues,
  type WithGradient,
} from "../formula/index.ts";
export { type DiagnoseOptions, diagnose, type Finding, THRESHOLDS, type Thresholds } from "./diagnose.ts";
export {
  type ExplainOptions,
  explainStep,
  type LayerStep,
  type ParameterUpdate,
  type StepExplanation,
} from "./explain-step.ts";
export { type Histogram, type HistogramOptions, histogram } from "./histogram.ts";
export { chainLines, elementLines, explained, formulas, gradientLines, parameterLines, updateLines } from "./lines.ts";
export {
  filterNormalizedPlane,
  type LossPlane,
  lossPath,
  lossSurface,
  type PathOptions,
  type PathPoint,
  type SurfaceLoss,
  type WeightPlace,
  weightPlane,
} from "./loss-surface.ts";
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
  type ModuleCall,
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
