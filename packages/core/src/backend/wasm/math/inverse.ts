import type { Local } from "../assembler.ts";
import type { Lanes } from "./lanes.ts";

/** t + t³ P(t²), without its leading t. */
function oddTail(l: Lanes, t: Local, z: Local, coefficients: readonly number[]): Local {
  return l.mul(l.mul(t, z), l.polynomial(z, coefficients));
}

/**
 * atan x = atan c + atan((x − c) / (1 + c x)) for c = 0, 1 or ∞, whichever leaves the argument below √2 − 1.
 * Worst errors: 0.52 ulp in float32, 1.61 in float64.
 */
export function atan(l: Lanes, x: Local): Local {
  const size = l.abs(x);
  const one = l.c(1);
  const middle = l.op("gt", size, l.c(Math.SQRT2 - 1));
  const large = l.op("gt", size, l.c(Math.SQRT2 + 1));
  const numerator = l.select(large, l.c(-1), l.select(middle, l.sub(size, one), size));
  const denominator = l.select(large, size, l.select(middle, l.add(size, one), one));
  const t = l.div(numerator, denominator);
  const z = l.mul(t, t);
  const tail = oddTail(l, t, z, l.coefficients.atan);
  const base = (part: number): Local =>
    l.select(large, l.c(l.coefficients.halfPi[part]), l.and(middle, l.c(l.coefficients.quarterPi[part])));
  return l.withSign(l.add(base(0), l.add(t, l.add(tail, base(1)))), x);
}

/**
 * asin t − t for t ≤ ½, with t = |x| or, above ½, t = √((1 − |x|) / 2), for which asin |x| = π / 2 − 2 asin t. `rest` is
 * what the rounding of the root lost.
 */
function folded(l: Lanes, x: Local): { large: Local; t: Local; rest: Local; tail: Local } {
  const size = l.abs(x);
  const large = l.op("gt", size, l.c(0.5));
  const z = l.select(large, l.mul(l.sub(l.c(1), size), l.c(0.5)), l.mul(size, size));
  const root = l.op("sqrt", z);
  const t = l.select(large, root, size);
  let rest = l.c(0);
  if (!l.short) {
    const [square, error] = l.twoProduct(root, root);
    const lost = l.div(l.sub(l.sub(z, square), error), l.add(root, root));
    rest = l.and(l.and(large, l.op("gt", root, l.c(0))), lost);
  }
  return { large, t, rest, tail: oddTail(l, t, z, l.coefficients.asin) };
}

/** asin. Worst errors: 0.59 ulp in float32, 0.62 in float64. */
export function asin(l: Lanes, x: Local): Local {
  const { large, t, rest, tail } = folded(l, x);
  const [high, low] = l.coefficients.halfPi;
  const below = l.add(t, tail);
  // π / 2 − 2 t − 2 (tail + rest)
  const twice = l.add(t, t);
  const start = l.sub(l.c(high), twice);
  const lost = l.sub(l.sub(l.c(high), start), twice);
  const correction = l.add(tail, rest);
  const above = l.add(start, l.add(l.add(lost, l.c(low)), l.op("neg", l.add(correction, correction))));
  return l.withSign(l.select(large, above, below), x);
}

/** acos. Worst errors: 0.59 ulp in float32, 0.62 in float64. */
export function acos(l: Lanes, x: Local): Local {
  const { large, t, rest, tail } = folded(l, x);
  const negative = l.lt(x, l.c(0));
  // Above ½: 2 asin t, or π − 2 asin t for negative x. Below: π / 2 ∓ asin t.
  const all = l.add(tail, rest);
  const twice = l.select(large, l.add(t, t), t);
  const more = l.select(large, l.add(all, all), all);
  const part = (k: 0 | 1): Local =>
    l.select(large, l.and(negative, l.c(l.coefficients.pi[k])), l.c(l.coefficients.halfPi[k]));
  // base + sign · (twice + more), where the sign is + when exactly one of the two holds: large, negative.
  const flip = l.and(l.v.op("v128.not", l.xor(large, negative)), l.signBit);
  const signedTwice = l.xor(twice, flip);
  const signedMore = l.xor(more, flip);
  const [sum, error] = l.fastTwoSum(part(0), signedTwice);
  return l.add(sum, l.add(error, l.add(signedMore, part(1))));
}
