import type { Local } from "../assembler.ts";
import type { VectorBuilder } from "../vector.ts";
import { ERF_LOG, ERF_SMALL, ERFC } from "./coefficients.ts";
import { expClamped, reduceExp } from "./exp.ts";
import { Lanes } from "./lanes.ts";

/**
 * erf x = −expm1(−w) with w = −ln(erfc x) = x + x q(x): one path for small and large arguments.
 * Worst error: 1.53 ulp; 51 instructions.
 */
function single(l: Lanes, x: Local): Local {
  const size = l.atMost(l.abs(x), 4);
  const [w, lost] = l.fastTwoSum(size, l.mul(size, l.polynomial(size, ERF_LOG)));
  const { shifted, r, tail } = reduceExp(l, l.op("neg", w), l.bias);
  const scale = l.left(shifted, l.fraction);
  const result = l.sub(l.sub(l.c(1), scale), l.mul(scale, l.add(r, l.sub(tail, lost))));
  return l.withSign(l.abs(result), x);
}

/**
 * erf x = x + x P(x²) below 1, and 1 − exp(−x²) Q above, with Q a polynomial in (x − 3) / (x + 3).
 * Worst error: 1.11 ulp.
 */
function double(l: Lanes, x: Local): Local {
  const size = l.atMost(l.abs(x), 6);
  const z = l.mul(size, size);
  const below = l.add(size, l.mul(size, l.polynomial(z, ERF_SMALL)));
  const three = l.c(3);
  const t = l.div(l.sub(size, three), l.add(size, three));
  const above = l.sub(l.c(1), l.mul(expClamped(l, l.op("neg", z)), l.polynomial(t, ERFC)));
  return l.withSign(l.select(l.lt(size, l.c(1)), below, above), x);
}

export const erf = {
  f32: (v: VectorBuilder, x: Local): Local => single(new Lanes(v, false), x),
  f64: (v: VectorBuilder, x: Local): Local => double(new Lanes(v, true), x),
};
