import { apply } from "../graph/node.ts";
import { defineMap, type Op } from "../graph/op.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fixed, mul, multiply, shifted, times } from "./arithmetic.ts";
import { castTo } from "./broadcast.ts";
import { choose, gt } from "./comparison.ts";
import { composed } from "./composed.ts";
import { note } from "./note.ts";
import { atMost, erf, exp, expm1, log1p, sigmoid, tanh } from "./unary.ts";

const Relu: Op = {
  ...defineMap("max", (node, gradient) => {
    const zero = fixed(0, node);
    return [choose(gt(node, zero), gradient, zero)];
  }),
  name: "relu",
};

function floating(tensor: Tensor): Tensor {
  return isFloat(tensor.dtype) ? tensor : castTo(tensor, "float32");
}

/** max(0, x) */
export function relu(tensor: Tensor): Tensor {
  if (tensor.dtype === "bool") tensor = castTo(tensor, "int32");
  return apply(Relu, [tensor, fixed(0, tensor)], tensor.shape, tensor.dtype);
}

/** x where x > 0, else γ x, with γ = negativeSlope. */
export const leakyRelu = composed("leakyRelu", (tensor: Tensor, negativeSlope?: number): Tensor => {
  const x = floating(tensor);
  return choose(gt(x, fixed(0, x)), x, mul(x, negativeSlope ?? 0.01));
});

export interface GeluOptions {
  /** "none": x Φ(x); "tanh": its approximation by a tanh. */
  approximate?: "none" | "tanh";
}

/**
 * x Φ(x) = x/2 · (1 + erf(x/√2)), or x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks and Gimpel, "Gaussian error
 * linear units", 2016).
 */
export const gelu = composed("gelu", (tensor: Tensor, options: GeluOptions = {}): Tensor => {
  const x = floating(tensor);
  const { approximate = "none" } = options;
  if (approximate === "none") return multiply(times(x, 0.5), shifted(erf(times(x, Math.SQRT1_2)), 1));
  if (approximate !== "tanh")
    throw new RangeError(`gelu has the approximations "none" and "tanh", not "${approximate}"`);
  const inner = multiply(x, shifted(times(multiply(x, x), 0.044715), 1));
  const bent = note("tanh", tanh(note("inner", times(inner, Math.sqrt(2 / Math.PI)))));
  return multiply(times(x, 0.5), shifted(bent, 1));
});

/** x/(1 + e⁻ˣ) */
export const silu = composed("silu", (tensor: Tensor): Tensor => {
  const x = floating(tensor);
  return multiply(x, sigmoid(x));
});

/** x where x > 0, else α (eˣ − 1). */
export const elu = composed("elu", (tensor: Tensor, alpha?: number): Tensor => {
  const x = floating(tensor);
  return choose(gt(x, fixed(0, x)), x, mul(expm1(atMost(x, 0)), alpha ?? 1));
});

export interface SoftplusOptions {
  /** How sharp the bend is. */
  beta?: number;
  /** β x above which the function is x itself. */
  threshold?: number;
}

/** ln(1 + e^(βx))/β; x itself where βx > threshold. */
export const softplus = composed("softplus", (tensor: Tensor, options: SoftplusOptions = {}): Tensor => {
  const x = floating(tensor);
  const { beta = 1, threshold = 20 } = options;
  const scaled = beta === 1 ? x : mul(x, beta);
  const bent = log1p(exp(atMost(scaled, threshold)));
  return choose(gt(scaled, fixed(threshold, scaled)), x, beta === 1 ? bent : mul(bent, 1 / beta));
});
