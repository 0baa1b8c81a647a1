import type { Local } from "../assembler.ts";
import type { Lanes } from "./lanes.ts";

/** √½ as a bit pattern. */
const ROOT_HALF = { single: 0x3f3504f3n, double: 0x3fe6a09e667f3bcdn };

/** x = 2^e (1 + f) with 1 + f from √½ to √2, for positive x; f is exact. */
export interface Split {
  readonly exponent: Local;
  readonly f: Local;
}

/** Splits x, which must be normal; `scaled` is what to take off the exponent. */
export function splitNormal(l: Lanes, x: Local, scaled?: Local): Split {
  const start = l.wide ? ROOT_HALF.double : ROOT_HALF.single;
  const fraction = BigInt(l.fraction);
  const one = BigInt(l.bias) << fraction;
  const moved = l.plus(x, l.bits(one - start));
  // The exponent is put under the bits of 2^fraction, which makes it a number without a conversion.
  const base = 2 ** l.fraction;
  const field = l.or(l.right(moved, l.fraction), l.c(base));
  let exponent = l.sub(field, l.c(base + l.bias));
  if (scaled !== undefined) exponent = l.sub(exponent, scaled);
  const mantissa = l.plus(l.and(moved, l.bits((1n << fraction) - 1n)), l.bits(start));
  return { exponent, f: l.sub(mantissa, l.c(1)) };
}

/** Splits any positive x. */
export function split(l: Lanes, x: Local): Split {
  const small = l.lt(x, l.c(l.tiny));
  const bits = l.fraction + 2;
  return splitNormal(l, l.select(small, l.mul(x, l.c(2 ** bits)), x), l.and(small, l.c(bits)));
}

/**
 * f − ln(1 + f), as f² / 2 − s (f² / 2 + R(s²)) with s = f / (2 + f) from the series of the inverse hyperbolic tangent:
 * what rounds is small beside f.
 */
function logTail(l: Lanes, f: Local, extra?: Local): Local {
  const half = l.mul(l.mul(f, f), l.c(0.5));
  const s = l.div(f, l.add(f, l.c(2)));
  const z = l.mul(s, s);
  const series = l.mul(z, l.polynomial(z, l.coefficients.log));
  let inner = l.mul(s, l.add(half, series));
  if (extra !== undefined) inner = l.add(inner, extra);
  return l.sub(half, inner);
}

/** e ln 2 + ln(1 + f) + extra. */
function compose(l: Lanes, { exponent, f }: Split, extra?: Local): Local {
  const [high, low] = l.coefficients.ln2;
  let rest = l.mul(exponent, l.c(low));
  if (extra !== undefined) rest = l.add(rest, extra);
  return l.add(l.mul(exponent, l.c(high)), l.sub(f, logTail(l, f, rest)));
}

/** NaN below 0, −Infinity at 0, Infinity and NaN as they are, else `result`. */
function ends(l: Lanes, x: Local, result: Local): Local {
  const zero = l.c(0);
  const atMostZero = l.or(l.op("ne", x, zero), l.c(-Infinity));
  const finite = l.select(l.lt(x, l.c(Infinity)), result, x);
  return l.select(l.op("le", x, zero), atMostZero, finite);
}

/** The natural logarithm. Worst errors: 0.85 ulp in float32, 0.82 in float64; 36 instructions in float32. */
export function log(l: Lanes, x: Local): Local {
  return ends(l, x, compose(l, split(l, x)));
}

/** log2 = e + ln(1 + f) / ln 2. Worst errors: 0.52 ulp in float32, 1.55 in float64. */
export function log2(l: Lanes, x: Local): Local {
  const { exponent, f } = split(l, x);
  const natural = l.sub(f, logTail(l, f));
  return ends(l, x, l.add(exponent, l.mul(natural, l.c(Math.LOG2E))));
}

/**
 * log1p: ln u + c / u, where u is 1 + x rounded and c is what the rounding lost.
 * Worst errors: 0.88 ulp in float32, 0.82 in float64.
 */
export function log1p(l: Lanes, x: Local): Local {
  const one = l.c(1);
  const u = l.add(x, one);
  const large = l.lt(one, x);
  const lost = l.select(large, l.sub(one, l.sub(u, x)), l.sub(x, l.sub(u, one)));
  const result = ends(l, u, compose(l, splitNormal(l, u), l.div(lost, u)));
  return l.select(l.lt(l.abs(x), l.c(2 ** -(l.fraction + 2))), x, result);
}
