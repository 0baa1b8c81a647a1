import type { LayerNumber } from "../formulas/layer-number.ts";
import type { ShownLine } from "../formulas/template.ts";

/** What noron found for a piece of a lesson. Numbers that the reader set are plain ones. */

/** Values of a function and of its slope at chosen places. */
export interface Curve {
  x: number[];
  y: LayerNumber[];
  slope: LayerNumber[];
}

/** A function at one place. */
export interface CurvePoint {
  y: LayerNumber;
  slope: LayerNumber;
  lines: ShownLine[];
  slopeLines: ShownLine[];
}

/** Some outputs, each with the formulas that it came about by. */
export interface Outputs {
  values: LayerNumber[];
  lines: ShownLine[][];
}

/** A loss and its gradient, with their formulas. */
export interface LossFound {
  loss: LayerNumber;
  probabilities: LayerNumber[];
  gradients: LayerNumber[];
  lines: ShownLine[];
  /** Of each element of the prediction. */
  gradientLines: ShownLine[][];
}

/** The loss over two weights. */
export interface Surface {
  /** Values of the first weight, across, and of the second, down. */
  as: number[];
  bs: number[];
  /** Row by row: all of as at the first of bs, … */
  losses: LayerNumber[];
}

/** Where an optimizer went on a surface. */
export interface SurfacePath {
  name: string;
  points: { a: LayerNumber; b: LayerNumber; loss: LayerNumber }[];
  /** Whether it left the range of numbers. */
  diverged: boolean;
}

export const LESSON_ACTIVATIONS = ["Sigmoid", "Tanh", "ReLU", "LeakyReLU"] as const;
export type LessonActivation = (typeof LESSON_ACTIVATIONS)[number];

export const REGRESSION_LOSSES = ["MSELoss", "L1Loss", "HuberLoss"] as const;
export type RegressionLoss = (typeof REGRESSION_LOSSES)[number];

export const NORMALIZATIONS = ["batch", "layer", "instance", "group"] as const;
export type NormalizationKind = (typeof NORMALIZATIONS)[number];

export const PATH_OPTIMIZERS = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"] as const;
export type PathOptimizer = (typeof PATH_OPTIMIZERS)[number];

/** Of the batch of the normalization kinds: samples, channels, places. */
export const KINDS_SHAPE = [2, 4, 3] as const;
