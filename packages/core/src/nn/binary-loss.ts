import { apply } from "../graph/node.ts";
import { defineMap, type Op } from "../graph/op.ts";
import { divide, fixed, from, minus, mul, multiply, negative, plus } from "../ops/arithmetic.ts";
import { castTo } from "../ops/broadcast.ts";
import { note } from "../ops/note.ts";
import { abs, exp, log1p, maximum } from "../ops/unary.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Loss, type LossOptions } from "./loss.ts";

/**
 * ln p of a probability, whose gradient (1 − p)/max(p (1 − p), 1e-12) stays finite: with y ln p + (1 − y) ln(1 − p) it comes
 * to (y − p)/max(p (1 − p), 1e-12), which is 0 where the prediction is certain and right.
 */
const ProbabilityLog: Op = defineMap("log", (node, gradient) => {
  const p = node.inputs[0];
  const rest = from(1, p);
  const product = multiply(p, rest);
  return [multiply(gradient, divide(rest, maximum(product, 1e-12)))];
});

/** Held above −100, without a say in the gradient. */
const Bounded: Op = { ...defineMap("max", (_, gradient) => [gradient, null]), name: "clamp" };

function boundedLog(p: Tensor): Tensor {
  const logarithm = apply(ProbabilityLog, [p], p.shape, p.dtype);
  return apply(Bounded, [logarithm, fixed(-100, p)], p.shape, p.dtype);
}

export interface BCELossOptions extends LossOptions {
  /** Weights of the elements; broadcast to their shape. */
  weight?: Tensor;
}

export interface BCEWithLogitsLossOptions extends BCELossOptions {
  /** The weight of the positive case, a class each; broadcast to the elements. */
  posWeight?: Tensor;
}

/**
 * Binary cross entropy of probabilities: −[y ln ŷ + (1 − y) ln(1 − ŷ)], logarithms held above −100, as PyTorch's. The
 * lecture's form, BCE = −Σ [yᵢ ln ŷᵢ + (1 − yᵢ) ln(1 − ŷᵢ)], is `{ reduction: "sum" }`. Targets may lie between 0 and 1.
 *
 * BCEWithLogitsLoss takes what comes before the sigmoid and is exact far out.
 * @throws ShapeError unless the shapes are equal.
 */
export class BCELoss extends Loss {
  readonly weight: Tensor | null;

  constructor(options: BCELossOptions = {}) {
    super(options);
    this.weight = options.weight ?? null;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const y = this.matching(input, target);
    const one = multiply(y, note("logarithm", boundedLog(input)));
    const zero = multiply(from(1, y), note("otherLogarithm", boundedLog(from(1, input))));
    return this.reduce(weighted(negative(plus(one, zero)), this.weight));
  }
}

/**
 * Binary cross entropy of logits x: −[p y ln σ(x) + (1 − y) ln(1 − σ(x))] with p = posWeight, computed as
 * (1 − y) x + (1 + (p − 1) y)(max(−x, 0) + ln(1 + e^(−|x|))), which is exact for any x.
 * @throws ShapeError unless the shapes are equal.
 */
export class BCEWithLogitsLoss extends Loss {
  readonly weight: Tensor | null;
  readonly posWeight: Tensor | null;

  constructor(options: BCEWithLogitsLossOptions = {}) {
    super(options);
    this.weight = options.weight ?? null;
    this.posWeight = options.posWeight ?? null;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const y = this.matching(input, target);
    let outside = note("outside", plus(maximum(negative(input), 0), log1p(exp(negative(abs(input))))));
    if (this.posWeight !== null) {
      const extra = note("posWeight", castTo(this.posWeight, input.dtype)).sub(1);
      outside = mul(outside, mul(y, extra).add(1));
    }
    const losses = plus(minus(input, multiply(y, input)), outside);
    return this.reduce(weighted(losses, this.weight));
  }
}

function weighted(losses: Tensor, weight: Tensor | null): Tensor {
  note("unweighted", losses);
  return weight === null ? losses : mul(losses, note("weight", castTo(weight, losses.dtype)));
}
