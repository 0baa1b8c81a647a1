import { apply, constantNode } from "../graph/node.ts";
import { defineMap, type Op } from "../graph/op.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { binary, divide, fixed, from, multiply, negative, type Operand, shifted, times } from "./arithmetic.ts";
import { castTo } from "./broadcast.ts";
import { choose, eq, ge, gt, le, logicalAnd, lt } from "./comparison.ts";

/** Elementwise functions. Those that are not defined on integers make float32 of them. */

const none = (node: Tensor): Tensor[] => [constantNode(0, node.shape, node.dtype)];

const Exp = defineMap("exp", (node, gradient) => [multiply(gradient, node)]);
const Expm1 = defineMap("expm1", (node, gradient) => [multiply(gradient, shifted(node, 1))]);
const Log = defineMap("log", (node, gradient) => [divide(gradient, node.inputs[0])]);
const Log1p = defineMap("log1p", (node, gradient) => [divide(gradient, shifted(node.inputs[0], 1))]);
const Sqrt = defineMap("sqrt", (node, gradient) => [divide(times(gradient, 0.5), node)]);
const Rsqrt = defineMap("rsqrt", (node, gradient) => [
  multiply(times(gradient, -0.5), multiply(node, multiply(node, node))),
]);
const Absolute = defineMap("abs", (node, gradient) => [multiply(gradient, sign(node.inputs[0]))]);
const Sign = defineMap("sign", none);
const Floor = defineMap("floor", none);
const Ceil = defineMap("ceil", none);
const Round = defineMap("round", none);
const Truncate = defineMap("trunc", none);
const Sin = defineMap("sin", (node, gradient) => [multiply(gradient, cos(node.inputs[0]))]);
const Cos = defineMap("cos", (node, gradient) => [negative(multiply(gradient, sin(node.inputs[0])))]);
const Tan = defineMap("tan", (node, gradient) => [multiply(gradient, shifted(multiply(node, node), 1))]);
const Asin = defineMap("asin", (node, gradient) => [
  multiply(gradient, rsqrt(from(1, multiply(node.inputs[0], node.inputs[0])))),
]);
const Acos = defineMap("acos", (node, gradient) => [
  negative(multiply(gradient, rsqrt(from(1, multiply(node.inputs[0], node.inputs[0]))))),
]);
const Atan = defineMap("atan", (node, gradient) => [
  divide(gradient, shifted(multiply(node.inputs[0], node.inputs[0]), 1)),
]);
const Sinh = defineMap("sinh", (node, gradient) => [multiply(gradient, cosh(node.inputs[0]))]);
const Cosh = defineMap("cosh", (node, gradient) => [multiply(gradient, sinh(node.inputs[0]))]);
const Tanh = defineMap("tanh", (node, gradient) => [multiply(gradient, from(1, multiply(node, node)))]);
const Sigmoid = defineMap("sigmoid", (node, gradient) => [multiply(gradient, multiply(node, from(1, node)))]);
const Erf = defineMap("erf", (node, gradient) => {
  const x = node.inputs[0];
  return [multiply(gradient, times(exp(negative(multiply(x, x))), 2 / Math.sqrt(Math.PI)))];
});

const Power = defineMap("pow", (node, gradient, needs) => {
  const [base, exponent] = node.inputs;
  const zero = fixed(0, node);
  const first = (): Tensor => {
    const slope = multiply(exponent, apply(Power, [base, shifted(exponent, -1)], node.shape, node.dtype));
    return multiply(gradient, choose(eq(exponent, zero), zero, slope));
  };
  const second = (): Tensor => {
    const flat = logicalAnd(eq(base, zero), ge(exponent, zero));
    return multiply(gradient, choose(flat, zero, multiply(node, log(choose(flat, fixed(1, node), base)))));
  };
  return [needs[0] ? first() : null, needs[1] ? second() : null];
});

// Ties give half of the gradient to each side.
const Minimum = defineMap("min", (node, gradient, needs) => extremumGradient(node, gradient, needs, gt));
const Maximum = defineMap("max", (node, gradient, needs) => extremumGradient(node, gradient, needs, lt));

function extremumGradient(
  node: Tensor,
  gradient: Tensor,
  needs: readonly boolean[],
  loses: (first: Tensor, second: Tensor) => Tensor,
): (Tensor | null)[] {
  const [first, second] = node.inputs;
  const zero = fixed(0, node);
  const shared = choose(eq(first, second), times(gradient, 0.5), gradient);
  return [
    needs[0] ? choose(loses(first, second), zero, shared) : null,
    needs[1] ? choose(loses(second, first), zero, shared) : null,
  ];
}

// At its bounds clamp passes the gradient on.
const ClampMin: Op = {
  ...defineMap("max", (node, gradient) => [choose(ge(node.inputs[0], node.inputs[1]), gradient, fixed(0, node))]),
  name: "clamp",
};
const ClampMax: Op = {
  ...defineMap("min", (node, gradient) => [choose(le(node.inputs[0], node.inputs[1]), gradient, fixed(0, node))]),
  name: "clamp",
};

function smooth(op: Op, tensor: Tensor): Tensor {
  if (!isFloat(tensor.dtype)) tensor = castTo(tensor, "float32");
  return apply(op, [tensor], tensor.shape, tensor.dtype);
}

function stepwise(op: Op, tensor: Tensor): Tensor {
  if (tensor.dtype === "bool") tensor = castTo(tensor, "int32");
  return apply(op, [tensor], tensor.shape, tensor.dtype);
}

/** eˣ */
export function exp(tensor: Tensor): Tensor {
  return smooth(Exp, tensor);
}

/** eˣ − 1, exact near zero */
export function expm1(tensor: Tensor): Tensor {
  return smooth(Expm1, tensor);
}

/** ln x */
export function log(tensor: Tensor): Tensor {
  return smooth(Log, tensor);
}

/** ln(1 + x), exact near zero */
export function log1p(tensor: Tensor): Tensor {
  return smooth(Log1p, tensor);
}

/** √x */
export function sqrt(tensor: Tensor): Tensor {
  return smooth(Sqrt, tensor);
}

/** 1/√x */
export function rsqrt(tensor: Tensor): Tensor {
  return smooth(Rsqrt, tensor);
}

/** sin x, x in radians */
export function sin(tensor: Tensor): Tensor {
  return smooth(Sin, tensor);
}

/** cos x, x in radians */
export function cos(tensor: Tensor): Tensor {
  return smooth(Cos, tensor);
}

/** tan x, x in radians */
export function tan(tensor: Tensor): Tensor {
  return smooth(Tan, tensor);
}

/** The angle in [−π/2, π/2] whose sine is x */
export function asin(tensor: Tensor): Tensor {
  return smooth(Asin, tensor);
}

/** The angle in [0, π] whose cosine is x */
export function acos(tensor: Tensor): Tensor {
  return smooth(Acos, tensor);
}

/** The angle in (−π/2, π/2) whose tangent is x */
export function atan(tensor: Tensor): Tensor {
  return smooth(Atan, tensor);
}

/** (eˣ − e⁻ˣ)/2 */
export function sinh(tensor: Tensor): Tensor {
  return smooth(Sinh, tensor);
}

/** (eˣ + e⁻ˣ)/2 */
export function cosh(tensor: Tensor): Tensor {
  return smooth(Cosh, tensor);
}

/** (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ) */
export function tanh(tensor: Tensor): Tensor {
  return smooth(Tanh, tensor);
}

/** 1/(1 + e⁻ˣ) */
export function sigmoid(tensor: Tensor): Tensor {
  return smooth(Sigmoid, tensor);
}

/** (2/√π) ∫₀ˣ e^(−t²) dt */
export function erf(tensor: Tensor): Tensor {
  return smooth(Erf, tensor);
}

/** |x|; its gradient at zero is zero */
export function abs(tensor: Tensor): Tensor {
  return stepwise(Absolute, tensor);
}

/** −1, 0 or 1; its gradient is zero everywhere */
export function sign(tensor: Tensor): Tensor {
  return stepwise(Sign, tensor);
}

/** The largest integer ≤ x; its gradient is zero */
export function floor(tensor: Tensor): Tensor {
  return isFloat(tensor.dtype) ? stepwise(Floor, tensor) : tensor;
}

/** The smallest integer ≥ x; its gradient is zero */
export function ceil(tensor: Tensor): Tensor {
  return isFloat(tensor.dtype) ? stepwise(Ceil, tensor) : tensor;
}

/** The nearest integer, halves to the even one; its gradient is zero */
export function round(tensor: Tensor): Tensor {
  return isFloat(tensor.dtype) ? stepwise(Round, tensor) : tensor;
}

/** x without its fraction; its gradient is zero */
export function trunc(tensor: Tensor): Tensor {
  return isFloat(tensor.dtype) ? stepwise(Truncate, tensor) : tensor;
}

/**
 * aᵢ to the power bᵢ, with broadcasting. Integers give integers, computed in float64; an integer to a negative power is
 * refused for numbers and truncates towards zero for tensors.
 */
export function pow(base: Tensor, exponent: Operand): Tensor {
  if (!isFloat(base.dtype) && (typeof exponent === "number" ? Number.isInteger(exponent) : !isFloat(exponent.dtype))) {
    if (typeof exponent === "number" && exponent < 0)
      throw new RangeError(`integers have no power ${exponent}; convert with to("float32") first`);
    return castTo(trunc(binary(Power, "pow", base, exponent, "float64", null)), "int32");
  }
  if (typeof exponent === "number") {
    base = isFloat(base.dtype) ? base : castTo(base, "float32");
    if (exponent === 2) return multiply(base, base);
    if (exponent === 3) return multiply(multiply(base, base), base);
    if (exponent === 4) {
      const square = multiply(base, base);
      return multiply(square, square);
    }
    if (exponent === -1) return divide(fixed(1, base), base);
    if (exponent === -2) return divide(fixed(1, base), multiply(base, base));
    if (exponent === 0.5) return sqrt(base);
    if (exponent === -0.5) return rsqrt(base);
  }
  return binary(Power, "pow", base, exponent, "float32", null);
}

/** The smaller of two, with broadcasting; NaN if either is. Equal ones share the gradient. */
export function minimum(first: Tensor, second: Operand): Tensor {
  return binary(Minimum, "minimum", first, second, "bool", null);
}

/** The larger of two, with broadcasting; NaN if either is. Equal ones share the gradient. */
export function maximum(first: Tensor, second: Operand): Tensor {
  return binary(Maximum, "maximum", first, second, "bool", null);
}

/** max(min, min(max, x)); the gradient passes where min ≤ x ≤ max. Either bound may be left out. */
export function clamp(tensor: Tensor, min: number | null = null, max: number | null = null): Tensor {
  if (min === null && max === null) throw new RangeError("clamp needs a smallest or a largest value");
  if (min !== null) tensor = binary(ClampMin, "clamp", tensor, min, "bool", null);
  if (max !== null) tensor = binary(ClampMax, "clamp", tensor, max, "bool", null);
  return tensor;
}

/** min(x, bound) for a fixed number of a formula; the gradient passes where x ≤ bound. */
export function atMost(tensor: Tensor, bound: number): Tensor {
  return apply(ClampMax, [tensor, fixed(bound, tensor)], tensor.shape, tensor.dtype);
}
