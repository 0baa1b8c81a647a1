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

export interface RMSpropOptions {
  /** The learning rate η. */
  lr: number;
  /** α: how much of the old mean square stays. */
  alpha: number;
  /** Added to the root, so that nothing is divided by zero. */
  eps: number;
  /** λ: how strongly parameters are pulled to zero. */
  weightDecay: number;
  /** μ: how much of the last step goes on. */
  momentum: number;
  /** Whether gradients are divided by their deviation rather than their mean square. */
  centered: boolean;
  /** Whether the loss grows instead. */
  maximize: boolean;
}

const DEFAULTS: RMSpropOptions = {
  lr: 0.01,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
};

/**
 * RMSprop: s ← α s + (1 − α) g², w ← w − η g/(√s + eps) (Tieleman and Hinton, lecture 6.5, 2012). Centered, √(s − m²) stands for
 * √s, with m the mean of g (Graves, 2013); with momentum v ← μ v + g/(√s + eps) and w ← w − η v; with weight decay
 * g ← g + λ w.
 * @throws RangeError for settings below 0.
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<RMSpropOptions>>,
    options: Partial<RMSpropOptions> = {},
  ) {
    super(params, withDefaults(options, DEFAULTS));
  }

  protected override check({ lr, alpha, eps, weightDecay, momentum }: Group<RMSpropOptions>): void {
    requireNonNegative("RMSprop", { lr, alpha, eps, weightDecay, momentum });
  }

  protected override update(update: Update<RMSpropOptions>): Tensor {
    const { group, parameter, number, memory, remember } = update;
    const { momentum, centered } = group;
    const alpha = number((settings) => settings.alpha);
    const rest = number((settings) => 1 - settings.alpha);
    const direction = directionOf(update);
    const square = memory("square_avg").mul(alpha).add(direction.mul(direction).mul(rest));
    remember("square_avg", square);
    let spread = square;
    if (centered) {
      const mean = memory("grad_avg");
      const moved = mean.add(direction.sub(mean).mul(rest));
      remember("grad_avg", moved);
      spread = square.sub(moved.mul(moved));
    }
    let change = direction.div(spread.sqrt().add(number(({ eps }) => eps)));
    note("scaled", change);
    if (momentum !== 0) {
      change = memory("momentum_buffer")
        .mul(number((settings) => settings.momentum))
        .add(change);
      remember("momentum_buffer", change);
    }
    return parameter.sub(change.mul(number(({ lr }) => lr)));
  }
}
