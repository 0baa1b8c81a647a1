import { apply, constantNode, scalarNode } from "../graph/node.ts";
import { defineMap, type Op } from "../graph/op.ts";
import { type DType, isFloat, promote } from "../tensor/dtype.ts";
import { type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastTo, castTo, inLayer, jointShape } from "./broadcast.ts";

/** What stands on the right of a binary operation. */
export type Operand = Tensor | number;

const Add = defineMap("add", (_, gradient, needs) => [needs[0] ? gradient : null, needs[1] ? gradient : null]);
const Subtract = defineMap("sub", (_, gradient, needs) => [
  needs[0] ? gradient : null,
  needs[1] ? negative(gradient) : null,
]);
const Multiply = defineMap("mul", (node, gradient, needs) => [
  needs[0] ? multiply(gradient, node.inputs[1]) : null,
  needs[1] ? multiply(gradient, node.inputs[0]) : null,
]);
// d(a/b)/db = −(a/b)/b, with a/b at hand.
const Divide = defineMap("div", (node, gradient, needs) => [
  needs[0] ? divide(gradient, node.inputs[1]) : null,
  needs[1] ? negative(divide(multiply(gradient, node), node.inputs[1])) : null,
]);
const Negate = defineMap("neg", (_, gradient) => [negative(gradient)]);

// Same shapes and dtypes: what gradient rules are written with.

export function plus(first: Tensor, second: Tensor): Tensor {
  return apply(Add, [first, second], first.shape, first.dtype);
}

export function minus(first: Tensor, second: Tensor): Tensor {
  return apply(Subtract, [first, second], first.shape, first.dtype);
}

export function multiply(first: Tensor, second: Tensor): Tensor {
  return apply(Multiply, [first, second], first.shape, first.dtype);
}

export function divide(first: Tensor, second: Tensor): Tensor {
  return apply(Divide, [first, second], first.shape, first.dtype);
}

export function negative(tensor: Tensor): Tensor {
  return apply(Negate, [tensor], tensor.shape, tensor.dtype);
}

/** A fixed number of a formula, everywhere in the shape of a tensor. */
export function fixed(value: number, like: Tensor): Tensor {
  return constantNode(value, like.shape, like.dtype);
}

/** A tensor times a fixed number. */
export function times(tensor: Tensor, value: number): Tensor {
  return multiply(tensor, fixed(value, tensor));
}

/** A tensor plus a fixed number. */
export function shifted(tensor: Tensor, value: number): Tensor {
  return plus(tensor, fixed(value, tensor));
}

/** A fixed number minus a tensor. */
export function from(value: number, tensor: Tensor): Tensor {
  return minus(fixed(value, tensor), tensor);
}

/** The dtype in which a tensor meets a JavaScript number: its own, unless it cannot hold the number. */
export function dtypeWithNumber(dtype: DType, value: number): DType {
  if (isFloat(dtype)) return dtype;
  return Number.isInteger(value) ? "int32" : "float32";
}

/** Applies a binary map after promotion and broadcasting; the result has the operands' common dtype, or `result`. */
export function binary(
  op: Op,
  name: string,
  first: Tensor,
  second: Operand,
  least: DType,
  result: DType | null,
): Tensor {
  if (typeof second === "number") {
    const dtype = promote(dtypeWithNumber(first.dtype, second), least);
    const left = castTo(first, dtype);
    return apply(op, [left, scalarNode(second, left.shape, dtype)], left.shape, result ?? dtype);
  }
  if (second?.shape === undefined || second.op === undefined) {
    const what =
      second === null ? "null" : Array.isArray(second) ? "an array; write tensor(…) around it" : typeof second;
    throw new TypeError(`${inLayer()}${name} takes a number or a tensor, not ${what}`);
  }
  const dtype = promote(promote(first.dtype, second.dtype), least);
  first = castTo(first, dtype);
  second = castTo(second, dtype);
  let shape: Shape = first.shape;
  if (!sameShape(shape, second.shape)) {
    shape = jointShape(name, first.shape, second.shape);
    first = broadcastTo(first, shape);
    second = broadcastTo(second, shape);
  }
  return apply(op, [first, second], shape, result ?? dtype);
}

/** aᵢ + bᵢ with broadcasting. */
export function add(first: Tensor, second: Operand): Tensor {
  return binary(Add, "add", first, second, "int32", null);
}

/** aᵢ − bᵢ with broadcasting. */
export function sub(first: Tensor, second: Operand): Tensor {
  return binary(Subtract, "sub", first, second, "int32", null);
}

/** aᵢ · bᵢ with broadcasting. */
export function mul(first: Tensor, second: Operand): Tensor {
  return binary(Multiply, "mul", first, second, "int32", null);
}

/** aᵢ / bᵢ with broadcasting; integers divide to float32. */
export function div(first: Tensor, second: Operand): Tensor {
  return binary(Divide, "div", first, second, "float32", null);
}

/** −aᵢ */
export function neg(tensor: Tensor): Tensor {
  return negative(tensor.dtype === "bool" ? castTo(tensor, "int32") : tensor);
}
