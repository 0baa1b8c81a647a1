import type { Shape } from "../tensor/shape.ts";
import type { Formula, Line } from "./formula.ts";

/** Elements in row-major order. */
export interface Elements {
  readonly shape: Shape;
  readonly values: ArrayLike<number>;
}

/** Values with d(loss)/d(value), null where no gradient came. */
export interface WithGradient {
  readonly value: Elements;
  readonly gradient: Elements | null;
}

/** What is known of one call of a layer or a loss: all that its explanation reads. */
export interface CallValues {
  readonly training: boolean;
  /** How the layer is set: eps, p, slopes, reduction. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The tensors it was given; of a loss, prediction and target. */
  readonly inputs: readonly WithGradient[];
  readonly output: WithGradient;
  readonly parameters: Readonly<Record<string, WithGradient>>;
  readonly buffers: Readonly<Record<string, { readonly value: Elements; readonly next: Elements | null }>>;
  /** What the layer noted by name while it ran: means, masks, what is between. */
  readonly noted: Readonly<Record<string, WithGradient>>;
  /** Of a function of single elements: dy/dx at each. */
  readonly slope: Elements | null;
}

/**
 * What a layer or a loss computes, in formulas over the numbers of a call. It reads numbers and their places only: none
 * is computed here. Places are flat, in row-major order.
 */
export interface Explanation {
  readonly formulas: readonly Formula[];
  /** How one element of the output came about; of a loss, how the share of one element of the prediction did. */
  forward(call: CallValues, place: number): Line[];
  /** How d(loss)/d(input) at a place of the first input came about. */
  backward(call: CallValues, place: number): Line[];
  /** How d(loss)/d(parameter) at one of its places came about; absent for layers without parameters. */
  parameter?(call: CallValues, name: string, place: number): Line[];
}

/** One parameter's step as the optimizer computed it. */
export interface UpdateValues {
  /** lr, betas and the like. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** How many steps the parameter has seen, with this one. */
  readonly step: number;
  readonly before: Elements;
  readonly gradient: Elements;
  readonly after: Elements;
  /** Moments and the like by PyTorch's names, before and after. */
  readonly memory: Readonly<Record<string, { readonly before: Elements; readonly after: Elements }>>;
  /** What the optimizer noted on the way. */
  readonly noted: Readonly<Record<string, Elements>>;
}

/** What an optimizer does to one number of a parameter. */
export interface UpdateExplanation {
  readonly formulas: readonly Formula[];
  update(update: UpdateValues, place: number): Line[];
}
