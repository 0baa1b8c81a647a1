import { note } from "../ops/note.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Group,
  Optimizer,
  type ParameterGroup,
  requireFraction,
  requireNonNegative,
  type Update,
  withDefaults,
} from "./optimizer.ts";

export interface AdamOptions {
  /** The learning rate η. */
  lr: number;
  /** β₁ and β₂: how much of the old mean and mean square stay. */
  betas: readonly [number, number];
  /** Added to the root, so that nothing is divided by zero. */
  eps: number;
  /** λ: how strongly parameters are pulled to zero. */
  weightDecay: number;
  /** Whether the largest mean square so far is taken (Reddi et al., 2018). */
  amsgrad: boolean;
  /** Whether the loss grows instead. */
  maximize: boolean;
}

const DEFAULTS: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/**
 * Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η m̂/(√v̂ + eps) with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) at step t
 * (Kingma and Ba, 2014). With weight decay g ← g + λ w; AdamW does it better.
 * @throws RangeError for settings below 0, and betas outside [0, 1).
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(params: Iterable<Tensor> | Iterable<ParameterGroup<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(params, withDefaults(options, DEFAULTS));
  }

  protected override check({ lr, betas, eps, weightDecay }: Group<AdamOptions>): void {
    const name = this.constructor.name;
    requireNonNegative(name, { lr, eps, weightDecay });
    requireFraction(name, { "betas[0]": betas[0], "betas[1]": betas[1] });
  }

  /** The parameters and gradient with weight decay in one or the other. */
  protected decayed({ group, parameter, number }: Update<AdamOptions>, gradient: Tensor): [Tensor, Tensor] {
    if (group.weightDecay === 0) return [parameter, gradient];
    return [parameter, gradient.add(parameter.mul(number(({ weightDecay }) => weightDecay)))];
  }

  protected override update(update: Update<AdamOptions>): Tensor {
    const { group, gradient, number, memory, remember } = update;
    const { amsgrad, maximize } = group;
    const [parameter, direction] = this.decayed(update, maximize ? gradient.neg() : gradient);
    note("direction", direction);
    const mean = memory("exp_avg");
    const moved = mean.add(direction.sub(mean).mul(number(({ betas }) => 1 - betas[0])));
    remember("exp_avg", moved);
    let square = memory("exp_avg_sq")
      .mul(number(({ betas }) => betas[1]))
      .add(direction.mul(direction).mul(number(({ betas }) => 1 - betas[1])));
    remember("exp_avg_sq", square);
    if (amsgrad) {
      square = memory("max_exp_avg_sq").maximum(square);
      remember("max_exp_avg_sq", square);
    }
    const root = square
      .sqrt()
      .mul(number(({ betas }, step) => 1 / Math.sqrt(1 - betas[1] ** step)))
      .add(number(({ eps }) => eps));
    return parameter.sub(moved.div(root).mul(number(({ lr, betas }, step) => lr / (1 - betas[0] ** step))));
  }
}

/**
 * Adam with the weight decay apart from the gradient: w ← (1 − η λ) w before Adam's step (Loshchilov and Hutter, "Decoupled
 * weight decay regularization", 2017). λ is 0.01 unless given.
 * @throws RangeError as Adam.
 */
export class AdamW extends Adam {
  constructor(params: Iterable<Tensor> | Iterable<ParameterGroup<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(params, { ...options, weightDecay: options.weightDecay ?? 0.01 });
  }

  protected override decayed({ group, parameter, number }: Update<AdamOptions>, gradient: Tensor): [Tensor, Tensor] {
    if (group.weightDecay === 0) return [parameter, gradient];
    const decayed = parameter.mul(number(({ lr, weightDecay }) => 1 - lr * weightDecay));
    return [note("decayed", decayed), gradient];
  }
}
