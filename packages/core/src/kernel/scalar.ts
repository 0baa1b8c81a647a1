import { threefry } from "../random/threefry.ts";
import type { DType } from "../tensor/dtype.ts";

/**
 * The table of scalar functions: what a map applies to every element. One row a function; the backends hold how each is
 * computed there, this table its meaning in plain float64 (the reference that the backends are tested against).
 */
export interface ScalarFunction {
  readonly name: ScalarName;
  readonly code: number;
  readonly arity: number;
  /** The meaning on numbers; `dtype` is that of the operands (integers wrap, division of integers truncates). */
  readonly reference: (dtype: DType, ...operands: number[]) => number;
}

/** erf by its Maclaurin series below 3 and the continued fraction of erfc above (Abramowitz and Stegun 7.1.6, 7.1.14). */
function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (size > 6) return Math.sign(x);
  if (size < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 200; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
      if (Math.abs(term) < Math.abs(sum) * 1e-18) break;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (size + fraction));
}

/** C's pow: as Math.pow except that 1 to any power and −1 to ±Infinity are 1. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1;
  return base ** exponent;
}

/** Rounds half to even, as IEEE 754's roundToIntegralTiesToEven. */
function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  if (Math.abs(x % 1) === 0.5 && rounded % 2 !== 0) return rounded - 1;
  return rounded === 0 ? x * 0 : rounded;
}

const integer = (dtype: DType): boolean => dtype === "int32" || dtype === "bool";

type Row = [arity: number, reference: (dtype: DType, ...operands: number[]) => number];

const ROWS = {
  neg: [1, (dtype, x) => (integer(dtype) ? -x | 0 : -x)],
  abs: [1, (dtype, x) => (integer(dtype) ? Math.abs(x) | 0 : Math.abs(x))],
  sign: [1, (_, x) => Math.sign(x)],
  ceil: [1, (_, x) => Math.ceil(x)],
  floor: [1, (_, x) => Math.floor(x)],
  round: [1, (_, x) => roundHalfEven(x)],
  trunc: [1, (_, x) => Math.trunc(x)],
  sqrt: [1, (_, x) => Math.sqrt(x)],
  rsqrt: [1, (_, x) => 1 / Math.sqrt(x)],
  exp: [1, (_, x) => Math.exp(x)],
  expm1: [1, (_, x) => Math.expm1(x)],
  log: [1, (_, x) => Math.log(x)],
  log1p: [1, (_, x) => Math.log1p(x)],
  sin: [1, (_, x) => Math.sin(x)],
  cos: [1, (_, x) => Math.cos(x)],
  tan: [1, (_, x) => Math.tan(x)],
  asin: [1, (_, x) => Math.asin(x)],
  acos: [1, (_, x) => Math.acos(x)],
  atan: [1, (_, x) => Math.atan(x)],
  sinh: [1, (_, x) => Math.sinh(x)],
  cosh: [1, (_, x) => Math.cosh(x)],
  tanh: [1, (_, x) => Math.tanh(x)],
  sigmoid: [1, (_, x) => 1 / (1 + Math.exp(-x))],
  erf: [1, (_, x) => erf(x)],
  not: [1, (_, x) => (x === 0 ? 1 : 0)],
  /** Conversion to the node's own dtype; float to int32 truncates and saturates, to bool asks for ≠ 0. */
  cast: [1, (_, x) => x],
  /** 32 random bits, as an int32, to a number in [0, 1): 24 of them for float32, all for float64. */
  unit: [1, (dtype, x) => (dtype === "float64" ? (x >>> 0) / 2 ** 32 : (x >>> 8) / 2 ** 24)],
  add: [2, (dtype, x, y) => (integer(dtype) ? (x + y) | 0 : x + y)],
  sub: [2, (dtype, x, y) => (integer(dtype) ? (x - y) | 0 : x - y)],
  mul: [2, (dtype, x, y) => (integer(dtype) ? Math.imul(x, y) : x * y)],
  /** Floats divide; integers truncate towards zero, and a zero divisor gives 0. */
  div: [2, (dtype, x, y) => (integer(dtype) ? (y === 0 ? 0 : (x / y) | 0) : x / y)],
  /** The remainder of int32 division, with the sign of the dividend; a zero divisor gives 0. */
  rem: [2, (_, x, y) => (y === 0 ? 0 : (x % y) | 0)],
  pow: [2, (_, x, y) => power(x, y)],
  min: [2, (_, x, y) => Math.min(x, y)],
  max: [2, (_, x, y) => Math.max(x, y)],
  eq: [2, (_, x, y) => (x === y ? 1 : 0)],
  ne: [2, (_, x, y) => (x !== y ? 1 : 0)],
  lt: [2, (_, x, y) => (x < y ? 1 : 0)],
  le: [2, (_, x, y) => (x <= y ? 1 : 0)],
  gt: [2, (_, x, y) => (x > y ? 1 : 0)],
  ge: [2, (_, x, y) => (x >= y ? 1 : 0)],
  and: [2, (_, x, y) => x & y],
  or: [2, (_, x, y) => x | y],
  xor: [2, (_, x, y) => x ^ y],
  /** The second operand where the first (bool) holds, else the third. */
  where: [3, (_, condition, x, y) => (condition ? x : y)],
  /** Random bits as an int32 from (index, key0, key1, counter0, counter1): Threefry-2x32 at counter0 + index. */
  threefry: [
    5,
    (_, index, key0, key1, counter0, counter1) => threefry(key0, key1, (counter0 + index) | 0, counter1) | 0,
  ],
} satisfies { [name: string]: Row };

export type ScalarName = keyof typeof ROWS;

export const SCALAR_FUNCTIONS = Object.fromEntries(
  Object.entries<Row>(ROWS).map(([name, [arity, reference]], code) => [name, { name, code, arity, reference }]),
) as { readonly [Name in ScalarName]: ScalarFunction };

export type Reduction = "sum" | "prod" | "max" | "min";
export const REDUCTIONS: readonly Reduction[] = ["sum", "prod", "max", "min"];

/** The value a reduction starts from; the largest and smallest int32 stand in for the infinities in integers. */
export function reductionStart(reduction: Reduction, dtype: DType): number {
  if (reduction === "sum") return 0;
  if (reduction === "prod") return 1;
  if (integer(dtype)) return reduction === "max" ? -(2 ** 31) : 2 ** 31 - 1;
  return reduction === "max" ? -Infinity : Infinity;
}

/** One step of a reduction in float64. */
export function reduceStep(reduction: Reduction, dtype: DType, total: number, value: number): number {
  if (reduction === "sum") return integer(dtype) ? (total + value) | 0 : total + value;
  if (reduction === "prod") return integer(dtype) ? Math.imul(total, value) : total * value;
  return reduction === "max" ? Math.max(total, value) : Math.min(total, value);
}
