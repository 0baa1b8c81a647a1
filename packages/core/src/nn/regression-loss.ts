import { minus, multiply, shifted, times } from "../ops/arithmetic.ts";
import { choose, le } from "../ops/comparison.ts";
import { note } from "../ops/note.ts";
import { abs } from "../ops/unary.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Loss, type LossOptions } from "./loss.ts";

/**
 * |ŷ − y|; with the default reduction the lecture's mean absolute error, MAE = (1/n) Σ |yᵢ − ŷᵢ|. Shapes must be equal.
 * @throws ShapeError if they are not.
 */
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return this.reduce(abs(note("difference", minus(input, this.matching(input, target)))));
  }
}

/**
 * (ŷ − y)²; with the default reduction the lecture's mean squared error, MSE = (1/n) Σ (yᵢ − ŷᵢ)². Shapes must be equal.
 * @throws ShapeError if they are not.
 */
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    const difference = note("difference", minus(input, this.matching(input, target)));
    return this.reduce(multiply(difference, difference));
  }
}

export interface HuberLossOptions extends LossOptions {
  /** The distance from which on the loss grows linearly. */
  delta?: number;
}

/**
 * With d = ŷ − y: d²/2 where |d| ≤ δ, else δ(|d| − δ/2): squared near the target, absolute far away (Huber, 1964). Shapes
 * must be equal.
 * @throws ShapeError if they are not; RangeError unless δ is positive.
 */
export class HuberLoss extends Loss {
  readonly delta: number;

  constructor(options: HuberLossOptions = {}) {
    super(options);
    this.delta = options.delta ?? 1;
    if (!(this.delta > 0)) throw new RangeError(`HuberLoss needs a positive delta, not ${this.delta}`);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { delta } = this;
    const difference = note("difference", minus(input, this.matching(input, target)));
    const distance = abs(difference);
    const near = times(multiply(difference, difference), 0.5);
    const far = times(shifted(distance, -delta / 2), delta);
    return this.reduce(choose(le(distance, delta), near, far));
  }
}
