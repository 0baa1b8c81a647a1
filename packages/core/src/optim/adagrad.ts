import type { Tensor } from "../tensor/tensor.ts";
import { directionOf } from "./direction.ts";
import {
  type Group,
  Optimizer,
  type ParameterGroup,
  requireNonNegative,
  type Update,
  withDefaults,
} from "./optimizer.ts";

export interface AdagradOptions {
  /** The learning rate η. */
  lr: number;
  /** How fast the learning rate falls with the steps. */
  lrDecay: number;
  /** λ: how strongly parameters are pulled to zero. */
  weightDecay: number;
  /** What the sum of squares starts with. */
  initialAccumulatorValue: number;
  /** Added to the root, so that nothing is divided by zero. */
  eps: number;
  /** Whether the loss grows instead. */
  maximize: boolean;
}

const DEFAULTS: AdagradOptions = {
  lr: 0.01,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
};

/**
 * Adagrad: s ← s + g², w ← w − η/(1 + (t − 1) lrDecay) · g/(√s + eps) at step t, so that parameters with large gradients take
 * smaller steps (Duchi et al., "Adaptive subgradient methods", 2011). With weight decay g ← g + λ w.
 * @throws RangeError for settings below 0.
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<AdagradOptions>>,
    options: Partial<AdagradOptions> = {},
  ) {
    super(params, withDefaults(options, DEFAULTS));
  }

  protected override check(group: Group<AdagradOptions>): void {
    const { lr, lrDecay, weightDecay, initialAccumulatorValue, eps } = group;
    requireNonNegative("Adagrad", { lr, lrDecay, weightDecay, initialAccumulatorValue, eps });
  }

  protected override initial(): number {
    return this.defaults.initialAccumulatorValue;
  }

  protected override update(update: Update<AdagradOptions>): Tensor {
    const { parameter, number, memory, remember } = update;
    const direction = directionOf(update);
    const total = memory("sum").add(direction.mul(direction));
    remember("sum", total);
    const rate = number(({ lr, lrDecay }, step) => lr / (1 + (step - 1) * lrDecay));
    return parameter.sub(direction.mul(rate).div(total.sqrt().add(number(({ eps }) => eps))));
  }
}
