import type { Local } from "../assembler.ts";
import { LOG_MIDDLE } from "./coefficients.ts";
import type { Lanes } from "./lanes.ts";
import { split } from "./log.ts";

/** A number as the unevaluated sum of two (Dekker's double-double). */
type Pair = [high: Local, low: Local];

/** a · b for pairs, to about twice the precision. */
function times(l: Lanes, [ah, al]: Pair, [bh, bl]: Pair): Pair {
  const [product, error] = l.twoProduct(ah, bh);
  return [product, l.add(error, l.add(l.mul(ah, bl), l.mul(al, bh)))];
}

function constantPair(l: Lanes, value: readonly [number, number]): Pair {
  return [l.c(value[0]), l.c(value[1])];
}

const THIRD = [1 / 3, 1.850371707708594e-17] as const;
/** 2 / ln 2. */
const TWO_OVER_LN2 = [2.8853900817779268, 4.0710547481862066e-17] as const;

/**
 * log2 of a positive x as a pair with about 65 bits: e + 2 / ln 2 · (s + s³ / 3 + s⁵ / 5 + …), s = f / (2 + f), where s,
 * s² and the first term of the series are pairs and the rest is small enough for one number.
 */
function log2Pair(l: Lanes, x: Local, series: readonly number[]): Pair {
  const { exponent, f } = split(l, x);
  const [sum, sumError] = l.fastTwoSum(l.c(2), f);
  const sh = l.div(f, sum);
  const [back, backError] = l.twoProduct(sh, sum);
  const remainder = l.sub(l.sub(l.sub(f, back), backError), l.mul(sh, sumError));
  const s: Pair = [sh, l.div(remainder, sum)];
  const z = times(l, s, s);
  const third = times(l, z, constantPair(l, THIRD));
  const rest = l.mul(l.mul(z[0], z[0]), l.polynomial(z[0], series));
  const [inner, innerError] = l.fastTwoSum(third[0], rest);
  const product = times(l, s, [inner, l.add(innerError, third[1])]);
  const [high, error] = l.fastTwoSum(s[0], product[0]);
  const half: Pair = [high, l.add(error, l.add(s[1], product[1]))];
  const scaled = times(l, half, constantPair(l, TWO_OVER_LN2));
  const [whole, wholeError] = l.fastTwoSum(exponent, scaled[0]);
  return l.fastTwoSum(whole, l.add(wholeError, scaled[1]));
}

/** log2 of a positive x in one float64 for float32 results. */
function log2Short(l: Lanes, x: Local): Local {
  const { exponent, f } = split(l, x);
  const s = l.div(f, l.add(f, l.c(2)));
  const z = l.mul(s, s);
  const natural = l.mul(s, l.add(l.c(2), l.mul(z, l.polynomial(z, LOG_MIDDLE))));
  return l.add(exponent, l.mul(natural, l.c(Math.LOG2E)));
}

/** 2^(high + low), for high that is clamped to where 2^high is 0 or Infinity. */
function exp2Sum(l: Lanes, high: Local, low?: Local): Local {
  const { shifted, whole } = l.nearest(high, 2 * l.bias);
  let part = l.sub(high, whole);
  if (low !== undefined) part = l.add(part, low);
  const r = l.mul(part, l.c(Math.LN2));
  let tail = l.mul(l.mul(r, r), l.polynomial(r, l.coefficients.exp));
  let result: Local;
  if (l.short) {
    result = l.add(l.add(r, tail), l.c(1));
  } else {
    tail = l.add(tail, l.mul(part, l.c(2.3190468138462996e-17)));
    const [sum, error] = l.fastTwoSum(l.c(1), r);
    result = l.add(sum, l.add(error, tail));
  }
  const half = l.right(shifted, 1);
  const first = l.left(half, l.fraction);
  return l.mul(l.mul(result, first), l.left(l.minus(shifted, half), l.fraction));
}

/** |x|^y for 0 < |x| < ∞ and y that is not NaN. */
function magnitude(l: Lanes, size: Local, y: Local, series: readonly number[]): Local {
  const bound = 1100;
  // Beyond 2^65 any base but 1 gives 0 or Infinity already.
  const exponent = l.atMost(l.atLeast(y, -(2 ** 65)), 2 ** 65);
  if (l.short) return exp2Sum(l, l.atMost(l.atLeast(l.mul(exponent, log2Short(l, size)), -bound), bound));
  const [high, low] = log2Pair(l, size, series);
  const [product, error] = l.twoProduct(exponent, high);
  const rest = l.add(error, l.mul(exponent, low));
  const inside = l.lt(l.abs(product), l.c(bound));
  return exp2Sum(l, l.atMost(l.atLeast(product, -bound), bound), l.and(rest, inside));
}

/** pow with the special cases of C's: IEEE 754-2019, 9.2.1. Worst errors: 0.58 ulp in float32, 1 in float64. */
export function power(series: readonly number[]): (l: Lanes, x: Local, y: Local) => Local {
  return (l, x, y) => {
    const zero = l.c(0);
    const one = l.c(1);
    const infinity = l.c(Infinity);
    const size = l.abs(x);
    const general = magnitude(l, size, y, series);
    const isZero = l.op("eq", size, zero);
    const isInfinite = l.op("eq", size, infinity);
    // 0 to a negative power and Infinity to a positive one are Infinity, the other ways round 0.
    const grows = l.xor(isZero, l.op("gt", y, zero));
    const result = l.select(l.or(isZero, isInfinite), l.and(grows, infinity), general);
    const halfY = l.mul(y, l.c(0.5));
    const integer = l.op("eq", l.op("trunc", y), y);
    const odd = l.and(integer, l.op("ne", l.op("trunc", halfY), halfY));
    const signed = l.xor(result, l.and(l.and(odd, x), l.signBit));
    const root = l.andNot(l.and(l.lt(x, zero), l.lt(size, infinity)), integer);
    const invalid = l.or(l.or(l.op("ne", x, x), l.op("ne", y, y)), root);
    const certain = l.or(l.op("eq", x, one), l.op("eq", y, zero));
    return l.select(certain, one, l.or(signed, invalid));
  };
}
