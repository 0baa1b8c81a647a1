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
