import type { LayerNumber } from "../formulas/layer-number.ts";
import type { ShownLine } from "../formulas/template.ts";

/** What the Inside view shows of one training step, as the worker sends it. Places are flat, row by row. */

/** One operation of the ladder. */
export type Stage =
  | { phase: "forward" | "backward"; layer: number }
  | { phase: "loss" | "lossGradient" }
  | { phase: "parameter"; layer: number; parameter: string }
  | { phase: "update"; update: number };

/** A stage with the element that is looked at there. */
export interface Stop {
  stage: Stage;
  place: number;
}

/** One number of a parameter that is followed through the whole step. */
export interface Followed {
  layer: number;
  parameter: string;
  place: number;
}

export interface LayerOverview {
  /** Its path in the network, such as "2". */
  path: string;
  /** Its class. */
  layer: string;
  /** Its settings that are plain values. */
  settings: Record<string, string | number | boolean | null>;
  output: readonly number[];
  parameters: { name: string; shape: readonly number[] }[];
}

/** Where a step stands in a training. */
export interface StepPosition {
  /** From 0, as are batches. */
  epoch: number;
  batch: number;
  batches: number;
  /** The batch that is learned next. */
  next: number;
}

export interface StepOverview {
  /** Null outside a training. */
  position: StepPosition | null;
  rows: number;
  training: boolean;
  loss: LayerNumber;
  lossName: string;
  lossSettings: LayerOverview["settings"];
  layers: LayerOverview[];
  /** Every operation in order. */
  stages: Stage[];
  updates: { name: string; optimizer: string }[];
}

/** What a table of numbers is of. */
export type TableName =
  | "input"
  | "output"
  | "prediction"
  | "target"
  | "inputGradient"
  | "outputGradient"
  | "predictionGradient"
  | "parameter"
  | "parameterGradient"
  | "slope"
  | "before"
  | "after"
  | "memoryBefore"
  | "memoryAfter"
  | "noted";

export interface ValueTable {
  name: TableName;
  /** Which parameter, memory or noted value it is: "weight", "exp_avg", "mask". */
  of?: string;
  shape: readonly number[];
  values: ArrayLike<LayerNumber>;
  /** What the chosen element is made of, or has part in. */
  involved: readonly number[];
  /** Whether this is what the stage makes, so that its elements can be chosen. */
  made: boolean;
  /** The stage that made it, where there is one to go to. */
  origin: Stop | null;
}

/** Means and variances of a batch beside the running ones, one a channel. */
export interface Statistics {
  columns: { name: StatisticName; values: ArrayLike<LayerNumber> }[];
  /** The channel of the chosen element. */
  channel: number;
}

export type StatisticName =
  | "batchMean"
  | "runningMean"
  | "nextRunningMean"
  | "batchVariance"
  | "unbiasedVariance"
  | "runningVariance"
  | "nextRunningVariance";

export interface StageView {
  stage: Stage;
  place: number;
  /** The formulas of the chosen element, in order. */
  lines: ShownLine[];
  /** The chain rule over the layer and the one after it, in one line. */
  chain: ShownLine[];
  tables: ValueTable[];
  statistics: Statistics | null;
  /** Operations of a layer that the library has no formula for. */
  operations: { op: string; shape: readonly number[]; values: ArrayLike<LayerNumber> }[];
}

/** A column of the drawing: what goes into the network, or comes out of a layer, for one sample. */
export interface DrawnColumn {
  /** The layer whose output it is; null for the input. */
  layer: number | null;
  values: ArrayLike<LayerNumber>;
  gradients: ArrayLike<LayerNumber> | null;
}

/** All connections between two columns: the weights of a linear layer. */
export interface DrawnWeights {
  layer: number;
  /** [outputs, inputs] */
  shape: readonly number[];
  weights: ArrayLike<LayerNumber>;
  gradients: ArrayLike<LayerNumber> | null;
  /** Of DropConnect: 0 where a weight is dropped. */
  mask: ArrayLike<LayerNumber> | null;
}

export interface Drawing {
  columns: DrawnColumn[];
  weights: DrawnWeights[];
}
