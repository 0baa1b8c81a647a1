import type { Local } from "../assembler.ts";
import { halfExp } from "./exp.ts";
import type { Lanes } from "./lanes.ts";

/** cosh = h + ¼ / h with h = exp |x| / 2. Worst errors: 0.59 ulp in float32, 1.19 in float64. */
export function cosh(l: Lanes, x: Local): Local {
  const half = halfExp(l, l.abs(x));
  return l.add(half, l.div(l.c(0.25), half));
}

/**
 * sinh = h − ¼ / h, and below 1 an odd polynomial, since that difference would cancel.
 * Worst errors: 0.59 ulp in float32, 1.5 in float64.
 */
export function sinh(l: Lanes, x: Local): Local {
  const size = l.abs(x);
  const half = halfExp(l, size);
  const above = l.sub(half, l.div(l.c(0.25), half));
  const z = l.mul(size, size);
  const below = l.add(size, l.mul(l.mul(size, z), l.polynomial(z, l.coefficients.sinh)));
  return l.withSign(l.select(l.lt(size, l.c(1)), below, above), x);
}
