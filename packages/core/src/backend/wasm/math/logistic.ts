import type { Local } from "../assembler.ts";
import { expClamped, lowest, reduceExp } from "./exp.ts";
import type { Lanes } from "./lanes.ts";

/**
 * tanh x from t = expm1 2x: 1 − 2 / (t + 2), and below 0.6, where that cancels, x + (t − 2 x − x t) / (t + 2), both for
 * |x|. Worst errors: 1.52 ulp over all float32, 1.3 in float64; 39 instructions in float32.
 */
export function tanh(l: Lanes, x: Local): Local {
  const size = l.atMost(l.abs(x), l.wide ? 20 : 9.5);
  const twice = l.add(size, size);
  const { shifted, r, tail } = reduceExp(l, twice, l.bias, true);
  const scale = l.left(shifted, l.fraction);
  // t − 2 x = 2^n − 1 − 2 x + 2^n (r + tail), with 2^n − 1 in two parts: so no bit of 2 x is lost where n is 0 or 1.
  const less = l.sub(scale, l.c(1));
  const start = l.add(l.add(l.sub(l.mul(less, l.c(0.625)), twice), l.mul(scale, r)), l.mul(less, l.c(0.375)));
  const excess = l.add(start, l.mul(scale, tail));
  const t = l.add(excess, twice);
  // Either way the quotient is the smaller part of the sum, and so are its errors.
  const small = l.lt(size, l.c(0.6));
  const numerator = l.select(small, l.sub(excess, l.mul(size, t)), l.c(-2));
  const quotient = l.div(numerator, l.add(t, l.c(2)));
  return l.withSign(l.add(l.select(small, size, l.c(1)), quotient), x);
}

/**
 * sigmoid = 1 − e / (1 + e) with e = exp −|x|, and e − e² / (1 + e) below 0, which stays right down to the smallest
 * subnormal. Worst errors: 1.68 ulp in float32, 1.62 in float64; 36 instructions in float32.
 */
export function sigmoid(l: Lanes, x: Local): Local {
  const e = expClamped(l, l.atLeast(l.or(x, l.signBit), lowest(l)), true);
  const one = l.c(1);
  const larger = l.select(l.lt(x, l.c(0)), e, one);
  return l.sub(larger, l.mul(larger, l.div(e, l.add(e, one))));
}
