import { note } from "../ops/note.ts";
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

export interface SGDOptions {
  /** The learning rate η. */
  lr: number;
  /** μ: how much of the last step goes on. */
  momentum: number;
  /** τ: how much less of a gradient enters the momentum, after the first. */
  dampening: number;
  /** Whether the gradient is taken as if the momentum's step had been made. */
  nesterov: boolean;
  /** λ: how strongly parameters are pulled to zero. */
  weightDecay: number;
  /** Whether the loss grows instead. */
  maximize: boolean;
}

const DEFAULTS: SGDOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  weightDecay: 0,
  maximize: false,
};

/**
 * Stochastic gradient descent: w ← w − η g. With weight decay g ← g + λ w; with momentum v ← μ v + (1 − τ) g and
 * w ← w − η v (the first v is g), and with Nesterov's w ← w − η (g + μ v) (Sutskever et al., 2013).
 *
 * Given the whole training set as its one batch it is gradient descent; given one example, stochastic gradient descent
 * in the strict sense; in between, mini-batch gradient descent.
 * @throws RangeError for settings below 0, or Nesterov without momentum or with dampening.
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: Iterable<Tensor> | Iterable<ParameterGroup<SGDOptions>>, options: Partial<SGDOptions> = {}) {
    super(params, withDefaults(options, DEFAULTS));
  }

  protected override check({ lr, momentum, dampening, nesterov, weightDecay }: Group<SGDOptions>): void {
    requireNonNegative("SGD", { lr, momentum, weightDecay });
    if (nesterov && (momentum <= 0 || dampening !== 0))
      throw new RangeError("Nesterov's momentum needs a momentum above 0 and no dampening");
  }

  protected override update(update: Update<SGDOptions>): Tensor {
    const { group, parameter, number, memory, remember } = update;
    const { momentum, nesterov } = group;
    let change = directionOf(update);
    if (momentum !== 0) {
      const velocity = memory("momentum_buffer")
        .mul(number((settings, step) => (step === 1 ? 0 : settings.momentum)))
        .add(change.mul(number(({ dampening }, step) => (step === 1 ? 1 : 1 - dampening))));
      remember("momentum_buffer", velocity);
      change = nesterov ? change.add(velocity.mul(number((settings) => settings.momentum))) : velocity;
    }
    note("change", change);
    return parameter.sub(change.mul(number(({ lr }) => lr)));
  }
}
