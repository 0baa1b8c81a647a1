import { castTo, shapeError } from "../ops/broadcast.ts";
import { note } from "../ops/note.ts";
import { mean, sum } from "../ops/reduction.ts";
import { formatShape, type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { className } from "./call.ts";
import { Module } from "./module.ts";

/** What becomes of the losses of single elements: their mean, their sum, or nothing. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  reduction?: Reduction;
}

/** A function of a prediction and a target to one number (or, without reduction, to one an element). */
export abstract class Loss extends Module {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = options.reduction ?? "mean";
    if (!["mean", "sum", "none"].includes(this.reduction))
      throw new RangeError(`a loss has the reductions "mean", "sum" and "none", not "${this.reduction}"`);
  }

  abstract override forward(input: Tensor, target: Tensor): Tensor;

  protected reduce(losses: Tensor): Tensor {
    note("losses", losses);
    if (this.reduction === "none") return losses;
    return this.reduction === "sum" ? sum(losses) : mean(losses);
  }

  /** The target in the input's dtype. @throws ShapeError unless it has the input's shape. */
  protected matching(input: Tensor, target: Tensor): Tensor {
    if (sameShape(input.shape, target.shape)) return castTo(target, input.dtype);
    throw shapeError(
      `${className(this)} needs a target of the prediction's shape, but they have shapes ${formatShape(input.shape)} and ` +
        `${formatShape(target.shape)}${hint(input.shape, target.shape)}`,
    );
  }
}

function hint(input: Shape, target: Shape): string {
  if (input.length === target.length + 1 && input[input.length - 1] === 1)
    return "; use unsqueeze(-1) on the target, or squeeze(-1) on the prediction";
  if (target.length === input.length + 1 && target[target.length - 1] === 1) return "; use squeeze(-1) on the target";
  return "";
}
