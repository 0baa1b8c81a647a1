import type { Local } from "../assembler.ts";
import { LOG_MIDDLE, POW_SERIES } from "./coefficients.ts";
import { erf } from "./erf.ts";
import { exp, exp2, expm1 } from "./exp.ts";
import { cosh, sinh } from "./hyperbolic.ts";
import { idiv, irem } from "./integer.ts";
import { acos, asin, atan } from "./inverse.ts";
import { both, type Lanes, type MathEmitter, throughDouble } from "./lanes.ts";
import { log, log1p, log2 } from "./log.ts";
import { sigmoid, tanh } from "./logistic.ts";
import { power } from "./pow.ts";
import { cos, sin, tan } from "./trigonometric.ts";

export type { MathEmitter } from "./lanes.ts";

interface Function {
  readonly f32: MathEmitter;
  readonly f64: MathEmitter;
  /** Short enough to stand inside a loop; the others are better a function of their own. */
  readonly inline: boolean;
}

/** Both formats from one text; float32 in its own arithmetic. */
const native = (emit: (l: Lanes, ...operands: Local[]) => Local, inline: boolean): Function => ({
  ...both(emit),
  inline,
});

/** Both formats from one text; float32 in float64 halves. */
const widened = (emit: (l: Lanes, ...operands: Local[]) => Local): Function => ({
  f32: throughDouble(emit),
  f64: both(emit).f64,
  inline: false,
});

/**
 * The functions that WebAssembly has no instruction for, by name. They use no relaxed instructions, so that results are
 * the same bits everywhere; lanes never influence each other. Errors are stated with each function: the largest
 * found over all float32 where it says so, else over at least every 11th where the function bends and every 307th
 * elsewhere, and among 150,000 float64.
 */
export const MATH: { readonly [name: string]: Function } = {
  exp: native(exp, true),
  exp2: native(exp2, true),
  expm1: native(expm1, false),
  log: native(log, true),
  log2: widened(log2),
  log1p: native(log1p, false),
  tanh: native(tanh, true),
  sigmoid: native(sigmoid, true),
  /** Exact operations; worst error 1.5 ulp. */
  rsqrt: native((l, x) => l.div(l.c(1), l.op("sqrt", x)), true),
  erf: { ...erf, inline: false },
  sin: widened(sin),
  cos: widened(cos),
  tan: widened(tan),
  asin: widened(asin),
  acos: widened(acos),
  atan: widened(atan),
  sinh: widened(sinh),
  cosh: widened(cosh),
  pow: { f32: throughDouble(power(LOG_MIDDLE)), f64: both(power(POW_SERIES)).f64, inline: false },
  idiv: { f32: idiv, f64: idiv, inline: false },
  irem: { f32: irem, f64: irem, inline: false },
};
