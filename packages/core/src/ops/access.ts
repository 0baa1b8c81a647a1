import { context } from "../graph/context.ts";
import { evaluate, valueOf } from "../graph/evaluate.ts";
import { dataNode, recordEffect, slotTensor } from "../graph/node.ts";
import { takeTurn } from "../graph/turn.ts";
import type { DType, TypedArray } from "../tensor/dtype.ts";
import { formatValues } from "../tensor/print.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { castTo, identity, inLayer, shapeError, withoutGradient } from "./broadcast.ts";
import { fill, tensor as makeTensor, type Nested, type NumericArray } from "./creation.ts";

/** Reading values, keeping them, and writing to slots. */

/** A copy of the elements, computed now. */
export function dataSync(tensor: Tensor): TypedArray {
  const value = valueOf(tensor);
  // A slot's elements are already copied out of engine memory.
  return tensor.slot === null ? value.slice() : value;
}

export async function data(tensor: Tensor): Promise<TypedArray> {
  const values = dataSync(tensor);
  await takeTurn();
  return values;
}

export function itemSync(tensor: Tensor): number {
  if (sizeOf(tensor.shape) !== 1) {
    throw shapeError(
      `item() reads a tensor of one element, not of shape ${formatShape(tensor.shape)}; use data(), or mean() or sum() first`,
    );
  }
  return valueOf(tensor)[0];
}

export async function item(tensor: Tensor): Promise<number> {
  const value = itemSync(tensor);
  await takeTurn();
  return value;
}

/** The elements in nested arrays; numbers, or booleans of bool. */
export function toArray(tensor: Tensor): Nested {
  const values = valueOf(tensor);
  const read = (dim: number, start: number): Nested => {
    if (dim === tensor.shape.length) return tensor.dtype === "bool" ? values[start] !== 0 : values[start];
    const inner = sizeOf(tensor.shape.slice(dim + 1));
    return Array.from({ length: tensor.shape[dim] }, (_, place) => read(dim + 1, start + place * inner));
  };
  return read(0, 0);
}

/** Has the value stored at the next evaluation, so that it can be read whenever. */
export function keep<T extends Tensor>(tensor: T): T {
  if (tensor.slot === null) tensor.kept = true;
  return tensor;
}

/** A copy that gradients pass; of a parameter, its present value, kept. */
export function clone<S extends Shape>(tensor: Tensor<S>): Tensor<S> {
  const copy = identity(tensor);
  if (tensor.slot !== null) copy.kept = true;
  return copy;
}

/** The same value, through which no gradient passes; of a parameter, one that sees its later values too. */
export function detach<S extends Shape>(tensor: Tensor<S>): Tensor<S> {
  if (tensor.slot !== null) return slotTensor(tensor.slot, tensor.shape);
  if (tensor.inputs.length === 0 && tensor.value !== null) return dataNode(tensor.value, tensor.shape, tensor.dtype);
  return withoutGradient(tensor);
}

/** Writes a value of the same shape into a parameter or buffer. */
export function assign(tensor: Tensor, value: Tensor | Nested | NumericArray): void {
  if (tensor.slot === null)
    throw new TypeError(`${inLayer()}assign() writes to parameters and buffers only; other tensors never change`);
  const gradEnabled = context.gradEnabled;
  context.gradEnabled = false;
  try {
    const node =
      value instanceof Tensor
        ? value
        : ArrayBuffer.isView(value)
          ? dataNode(fill(value as NumericArray, tensor.dtype), valueShape(tensor, value as NumericArray), tensor.dtype)
          : makeTensor(value as Nested, { dtype: tensor.dtype });
    if (!sameShape(node.shape, tensor.shape)) {
      throw shapeError(
        `assign() needs a value of the same shape, but got ${formatShape(node.shape)} for ${formatShape(tensor.shape)}; ` +
          "use expand or reshape on it",
      );
    }
    recordEffect(tensor, castTo(node, tensor.dtype));
    evaluate();
  } finally {
    context.gradEnabled = gradEnabled;
  }
}

function valueShape(tensor: Tensor, values: NumericArray): Shape {
  return values.length === sizeOf(tensor.shape) ? tensor.shape : [values.length];
}

/** What JSON.stringify() writes. */
export function toJSON(tensor: Tensor): { shape: Shape; dtype: DType; data: number[] } {
  return { shape: tensor.shape, dtype: tensor.dtype, data: Array.from(valueOf(tensor)) };
}

/** The values, shape and dtype, as NumPy prints arrays; computed now. */
export function toString(tensor: Tensor): string {
  const head = "tensor(";
  const body = formatValues(valueOf(tensor), tensor.shape, tensor.dtype, " ".repeat(head.length));
  const more = tensor.requiresGrad ? ", requiresGrad" : "";
  return `${head}${body}, shape ${formatShape(tensor.shape)}, ${tensor.dtype}${more})`;
}
