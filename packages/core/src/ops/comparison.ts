import { apply, constantNode, scalarNode } from "../graph/node.ts";
import { defineMap, type Op } from "../graph/op.ts";
import { isFloat, promote } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { binary, dtypeWithNumber, type Operand } from "./arithmetic.ts";
import { broadcastTo, castTo, jointShape } from "./broadcast.ts";

const Equal = defineMap("eq");
const NotEqual = defineMap("ne");
const Less = defineMap("lt");
const LessEqual = defineMap("le");
const Greater = defineMap("gt");
const GreaterEqual = defineMap("ge");
const And = defineMap("and");
const Or = defineMap("or");
const Not = defineMap("not");
const Absolute = defineMap("abs");

const Where = defineMap("where", (node, gradient, needs) => {
  const zero = constantNode(0, node.shape, node.dtype);
  return [
    null,
    needs[1] ? choose(node.inputs[0], gradient, zero) : null,
    needs[2] ? choose(node.inputs[0], zero, gradient) : null,
  ];
});

/** `yes` where the condition holds, else `no`: all of one shape, both of one dtype. */
export function choose(condition: Tensor, yes: Tensor, no: Tensor): Tensor {
  return apply(Where, [condition, yes, no], yes.shape, yes.dtype);
}

function compare(op: Op, name: string, first: Tensor, second: Operand): Tensor {
  return binary(op, name, first, second, "bool", "bool");
}

/** aᵢ = bᵢ as bool, with broadcasting. */
export function eq(first: Tensor, second: Operand): Tensor {
  return compare(Equal, "eq", first, second);
}

/** aᵢ ≠ bᵢ as bool, with broadcasting; true where either is NaN. */
export function ne(first: Tensor, second: Operand): Tensor {
  return compare(NotEqual, "ne", first, second);
}

/** aᵢ < bᵢ as bool, with broadcasting. */
export function lt(first: Tensor, second: Operand): Tensor {
  return compare(Less, "lt", first, second);
}

/** aᵢ ≤ bᵢ as bool, with broadcasting. */
export function le(first: Tensor, second: Operand): Tensor {
  return compare(LessEqual, "le", first, second);
}

/** aᵢ > bᵢ as bool, with broadcasting. */
export function gt(first: Tensor, second: Operand): Tensor {
  return compare(Greater, "gt", first, second);
}

/** aᵢ ≥ bᵢ as bool, with broadcasting. */
export function ge(first: Tensor, second: Operand): Tensor {
  return compare(GreaterEqual, "ge", first, second);
}

/** Whether both are nonzero, as bool, with broadcasting. */
export function logicalAnd(first: Tensor, second: Tensor): Tensor {
  return compare(And, "logicalAnd", castTo(first, "bool"), castTo(second, "bool"));
}

/** Whether one at least is nonzero, as bool, with broadcasting. */
export function logicalOr(first: Tensor, second: Tensor): Tensor {
  return compare(Or, "logicalOr", castTo(first, "bool"), castTo(second, "bool"));
}

/** Whether an element is zero, as bool. */
export function logicalNot(tensor: Tensor): Tensor {
  return apply(Not, [castTo(tensor, "bool")], tensor.shape, "bool");
}

/** Whether an element is NaN, as bool. */
export function isNaN(tensor: Tensor): Tensor {
  return apply(NotEqual, [tensor, tensor], tensor.shape, "bool");
}

/** Whether an element is neither NaN nor infinite, as bool. */
export function isFinite(tensor: Tensor): Tensor {
  if (!isFloat(tensor.dtype)) return constantNode(1, tensor.shape, "bool");
  const size = apply(Absolute, [tensor], tensor.shape, tensor.dtype);
  return apply(Less, [size, constantNode(Infinity, tensor.shape, tensor.dtype)], tensor.shape, "bool");
}

/**
 * The first value where the condition (bool, or nonzero) holds, else the second; all three broadcast. The side that is
 * not taken gets the gradient 0; where its own slope is infinite, 0 times that is NaN: clamp its argument there.
 */
export function where(condition: Tensor, yes: Operand, no: Operand): Tensor {
  if (typeof yes === "number" && typeof no === "number") yes = scalarNode(yes, [], "float32");
  const mask = castTo(condition, "bool");
  let dtype = typeof yes === "number" ? (no as Tensor).dtype : yes.dtype;
  if (typeof no !== "number") dtype = promote(dtype, no.dtype);
  if (typeof yes === "number") dtype = withNumber(dtype, yes);
  if (typeof no === "number") dtype = withNumber(dtype, no);
  let shape = mask.shape;
  if (typeof yes !== "number") shape = jointShape("where", shape, yes.shape);
  if (typeof no !== "number") shape = jointShape("where", shape, no.shape);
  const side = (value: Operand): Tensor =>
    typeof value === "number" ? scalarNode(value, shape, dtype) : broadcastTo(castTo(value, dtype), shape);
  return choose(broadcastTo(mask, shape), side(yes), side(no));
}

function withNumber(dtype: Tensor["dtype"], value: number): Tensor["dtype"] {
  return dtype === "bool" && (value === 0 || value === 1) ? dtype : dtypeWithNumber(dtype, value);
}
