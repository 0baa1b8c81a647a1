import { context } from "../graph/context.ts";
import { apply } from "../graph/node.ts";
import { defineMap, defineOp, defineReduction, type Op } from "../graph/op.ts";
import type { DType } from "../tensor/dtype.ts";
import { ShapeError } from "../tensor/errors.ts";
import { broadcastShapes, formatShape, type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * What every other family stands on: another shape for the same elements, copies along a dimension and their adjoint,
 * the sum, and another dtype.
 */

export const Reshape = defineOp("reshape", "reshape", (node, gradient) => [reshapeTo(gradient, node.inputs[0].shape)]);

const Detach = defineOp("detach", "reshape");

export const Expand = defineOp("expand", "expand", (node, gradient) => {
  const from = node.inputs[0].shape;
  const dims: number[] = [];
  for (let dim = 0; dim < from.length; dim++) if (from[dim] !== node.shape[dim]) dims.push(dim);
  return [sumDims(gradient, dims)];
});

export const Sum = defineReduction("sum", 0, (node, gradient) => [expandTo(gradient, node.inputs[0].shape)]);

export const Cast = defineMap("cast", (node, gradient) => [castTo(gradient, node.inputs[0].dtype)]);

/** "in layer "fc1": " where a layer is running, so that messages say where. */
export function inLayer(path: string = context.layerPath): string {
  return path === "" ? "" : `in layer "${path}": `;
}

export function shapeError(message: string): ShapeError {
  return new ShapeError(inLayer() + message);
}

/** The same elements under another shape of the same size; the tensor itself where nothing changes. */
export function reshapeTo<S extends Shape>(tensor: Tensor, shape: S): Tensor<S> {
  if (sameShape(tensor.shape, shape)) return tensor as Tensor as Tensor<S>;
  return apply(Reshape, [tensor], shape, tensor.dtype);
}

/** A node of its own with the same elements. */
export function identity<S extends Shape>(tensor: Tensor<S>): Tensor<S> {
  return apply(Reshape, [tensor], tensor.shape, tensor.dtype);
}

/** A node of its own with the same elements that no gradient passes. */
export function withoutGradient<S extends Shape>(tensor: Tensor<S>): Tensor<S> {
  if (!tensor.requiresGrad && tensor.slot === null) return tensor;
  return apply(Detach, [tensor], tensor.shape, tensor.dtype);
}

/** Copies along dimensions of extent 1; the rank stays. */
export function expandTo(tensor: Tensor, shape: Shape): Tensor {
  if (sameShape(tensor.shape, shape)) return tensor;
  return apply(Expand, [tensor], shape, tensor.dtype);
}

/** Sums over dimensions, which stay with extent 1. */
export function sumDims(tensor: Tensor, dims: readonly number[]): Tensor {
  return reduceWith(Sum, tensor, dims);
}

/** Reduces over dimensions, which stay with extent 1. */
export function reduceWith(op: Op, tensor: Tensor, dims: readonly number[]): Tensor {
  if (dims.length === 0) return tensor;
  const shape = tensor.shape.slice();
  for (const dim of dims) shape[dim] = 1;
  return apply(op, [tensor], shape, tensor.dtype, dims);
}

/** NumPy's broadcasting to a shape that is known to fit. */
export function broadcastTo(tensor: Tensor, shape: Shape): Tensor {
  if (tensor.shape.length < shape.length) {
    const padded = new Array<number>(shape.length).fill(1);
    const lead = shape.length - tensor.shape.length;
    for (let dim = 0; dim < tensor.shape.length; dim++) padded[lead + dim] = tensor.shape[dim];
    tensor = reshapeTo(tensor, padded);
  }
  return expandTo(tensor, shape);
}

/** Another dtype; the tensor itself where it has it. */
export function castTo<S extends Shape>(tensor: Tensor<S>, dtype: DType): Tensor<S> {
  if (tensor.dtype === dtype) return tensor;
  return apply(Cast, [tensor], tensor.shape, dtype);
}

/** The shape that two operands broadcast to, or a ShapeError that says how to make them fit. */
export function jointShape(name: string, first: Shape, second: Shape): Shape {
  if (sameShape(first, second)) return first;
  const shape = broadcastShapes(first, second);
  if (shape !== null) return shape;
  throw shapeError(
    `${name} cannot broadcast shapes ${formatShape(first)} and ${formatShape(second)}: aligned from the right, ` +
      `extents must be equal or 1${likelyFix(first, second)}`,
  );
}

function likelyFix(first: Shape, second: Shape): string {
  const [short, long] = first.length <= second.length ? [first, second] : [second, first];
  if (short.length === 1 && long.length > 1) {
    const dim = long.indexOf(short[0]);
    if (dim >= 0) {
      const view = long.slice(dim).map((_, place) => (place === 0 ? short[0] : 1));
      return `; if its ${short[0]} values belong to dimension ${dim}, use reshape([${view.join(", ")}]) on it`;
    }
  }
  if (first.length === 2 && second.length === 2 && first[0] === second[1] && first[1] === second[0])
    return "; one of them looks transposed: use transpose(0, 1)";
  return "; check the shapes of what comes in, or use reshape or unsqueeze";
}
