import type { Local } from "../assembler.ts";
import type { Lanes } from "./lanes.ts";

/** 2^n in two factors, so that n may lie anywhere from the smallest subnormal to beyond the largest number. */
interface Scale {
  readonly first: Local;
  readonly second: Local;
}

/**
 * x = n ln 2 + r with |r| ≤ ln 2 / 2 (Cody and Waite), and exp r = 1 + r + tail. `shifted` holds n + offset in its low
 * bits. |x| must be small enough for n to be an exponent; NaN goes through. With `few` multiples in float32, one part of
 * ln 2 will do: its nearest float32 ends in zeros and is right to 2^-29.
 */
export function reduceExp(l: Lanes, x: Local, offset: number, few = false): { shifted: Local; r: Local; tail: Local } {
  const { shifted, whole } = l.nearest(l.mul(x, l.c(Math.LOG2E)), offset);
  const series = (r: Local): Local => l.mul(l.mul(r, r), l.polynomial(r, l.coefficients.exp));
  if (few && !l.wide) {
    const r = l.sub(x, l.mul(whole, l.c(Math.LN2)));
    return { shifted, r, tail: series(r) };
  }
  const [high, low] = l.coefficients.ln2;
  const coarse = l.sub(x, l.mul(whole, l.c(high)));
  const fine = l.mul(whole, l.c(low));
  const r = l.sub(coarse, fine);
  if (!l.wide) return { shifted, r, tail: series(r) };
  return { shifted, r, tail: l.add(series(r), l.sub(l.sub(coarse, r), fine)) };
}

/** 2^n from `shifted` of nearest(…, 2 · bias): half of n in each factor. */
function scale(l: Lanes, shifted: Local): Scale {
  const half = l.right(shifted, 1);
  return { first: l.left(half, l.fraction), second: l.left(l.minus(shifted, half), l.fraction) };
}

/** exp x for x that is clamped already to where n is an exponent; `precise` keeps what 1 + r loses. */
export function expClamped(l: Lanes, x: Local, precise = l.wide): Local {
  const { shifted, r, tail } = reduceExp(l, x, 2 * l.bias);
  const { first, second } = scale(l, shifted);
  let result: Local;
  if (precise) {
    const [sum, error] = l.fastTwoSum(l.c(1), r);
    result = l.add(sum, l.add(error, tail));
  } else {
    result = l.add(l.add(r, tail), l.c(1));
  }
  return l.mul(l.mul(result, first), second);
}

/** The lowest argument worth telling apart: below, exp rounds to 0. */
export const lowest = (l: Lanes): number => (l.wide ? -746 : -104);
const highest = (l: Lanes): number => (l.wide ? 710 : 89);

/** exp. Worst errors: 1.03 ulp over all float32, 0.76 in float64; 27 instructions in float32. */
export function exp(l: Lanes, x: Local): Local {
  return expClamped(l, l.atMost(l.atLeast(x, lowest(l)), highest(l)));
}

/**
 * expm1 = 2^n (r + tail) + (2^n − 1), computed at half the size so that 2^n never overflows; the smallest x, which
 * halving would cut, are their own result. Worst errors: 1.21 ulp in float32, 0.92 in float64.
 */
export function expm1(l: Lanes, x: Local): Local {
  const clamped = l.atMost(l.atLeast(x, l.wide ? -40 : -20), highest(l));
  const { shifted, r, tail } = reduceExp(l, clamped, l.bias - 1);
  const scale = l.left(shifted, l.fraction);
  const [sum, error] = l.fastTwoSum(l.sub(scale, l.c(0.5)), l.mul(scale, r));
  const half = l.add(sum, l.add(error, l.mul(scale, tail)));
  return l.select(l.lt(l.abs(x), l.c(2 ** -(l.fraction + 2))), x, l.add(half, half));
}

/** exp x / 2 for x ≥ 0, finite as long as the result is. */
export function halfExp(l: Lanes, x: Local): Local {
  const clamped = l.atMost(x, l.wide ? 711 : 90);
  const { shifted, r, tail } = reduceExp(l, clamped, 2 * l.bias);
  const { first, second } = scale(l, shifted);
  return l.mul(l.mul(l.add(l.add(r, tail), l.c(1)), first), l.mul(second, l.c(0.5)));
}

/** 2^x = 2^n exp((x − n) ln 2). Worst errors: 1.04 ulp in float32, 1 in float64. */
export function exp2(l: Lanes, x: Local): Local {
  const clamped = l.atMost(l.atLeast(x, l.wide ? -1076 : -151), l.wide ? 1025 : 129);
  const { shifted, whole } = l.nearest(clamped, 2 * l.bias);
  const r = l.mul(l.sub(clamped, whole), l.c(Math.LN2));
  const tail = l.mul(l.mul(r, r), l.polynomial(r, l.coefficients.exp));
  const { first, second } = scale(l, shifted);
  return l.mul(l.mul(l.add(l.add(r, tail), l.c(1)), first), second);
}
