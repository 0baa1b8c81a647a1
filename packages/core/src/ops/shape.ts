import { apply, constantNode, scalarNode } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { promote } from "../tensor/dtype.ts";
import { formatShape, normalizeDim, type Shape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastTo, castTo, identity, reshapeTo, shapeError } from "./broadcast.ts";
import { choose } from "./comparison.ts";

/** Views: other shapes, orders and parts of the same elements, and their adjoints. */

const Permute = defineOp("permute", "permute", (node, gradient) => {
  const inverse = new Array<number>(node.attributes.length);
  for (let dim = 0; dim < inverse.length; dim++) inverse[node.attributes[dim]] = dim;
  return [permuteTo(gradient, inverse)];
});

const Slice = defineOp("slice", "slice", (node, gradient) => {
  const [dim, step] = node.attributes;
  return [unslice(gradient, node.inputs[0].shape, dim, node.parameters[0], step)];
});

const Pad = defineOp("pad", "pad", (node, gradient) => {
  const shape = node.inputs[0].shape;
  for (let dim = 0; dim < shape.length; dim++)
    gradient = sliceTo(gradient, dim, node.attributes[2 * dim], shape[dim], 1);
  return [gradient];
});

const Concat = defineOp("concat", "concat", (node, gradient, needs) => {
  const dim = node.attributes[0];
  let start = 0;
  return node.inputs.map((input, index) => {
    const from = start;
    start += input.shape[dim];
    return needs[index] ? sliceTo(gradient, dim, from, input.shape[dim], 1) : null;
  });
});

/** Dimensions in another order; the tensor itself where nothing changes. */
export function permuteTo(tensor: Tensor, dims: readonly number[]): Tensor {
  if (dims.every((dim, place) => dim === place)) return tensor;
  const shape = dims.map((dim) => tensor.shape[dim]);
  return apply(Permute, [tensor], shape, tensor.dtype, dims);
}

/** `length` elements of a dimension from `start`, `step` apart; the tensor itself where that is all of it. */
export function sliceTo(tensor: Tensor, dim: number, start: number, length: number, step: number): Tensor {
  if (start === 0 && step === 1 && length === tensor.shape[dim]) return tensor;
  const shape = tensor.shape.slice();
  shape[dim] = length;
  return apply(Slice, [tensor], shape, tensor.dtype, [dim, step], [start]);
}

/** Zeros around; [before, after] of each dimension, flat. */
function padTo(tensor: Tensor, amounts: readonly number[]): Tensor {
  if (amounts.every((amount) => amount === 0)) return tensor;
  const shape = tensor.shape.map((extent, dim) => amounts[2 * dim] + extent + amounts[2 * dim + 1]);
  return apply(Pad, [tensor], shape, tensor.dtype, amounts);
}

/** The adjoint of a slice: the elements at their places in zeros of `shape`. */
function unslice(tensor: Tensor, shape: Shape, dim: number, start: number, step: number): Tensor {
  const length = tensor.shape[dim];
  if (length === 0) return constantNode(0, shape, tensor.dtype);
  if (step < 0) {
    tensor = sliceTo(tensor, dim, length - 1, length, -1);
    start += (length - 1) * step;
    step = -step;
  }
  if (step > 1) {
    // Each element is followed by step − 1 zeros, of which those after the last are cut or completed below.
    const apart = [...tensor.shape.slice(0, dim + 1), 1, ...tensor.shape.slice(dim + 1)];
    const amounts = new Array<number>(2 * apart.length).fill(0);
    amounts[2 * (dim + 1) + 1] = step - 1;
    const dense = tensor.shape.slice();
    dense[dim] = length * step;
    tensor = reshapeTo(padTo(reshapeTo(tensor, apart), amounts), dense);
    tensor = sliceTo(tensor, dim, 0, Math.min(length * step, shape[dim] - start), 1);
  }
  const amounts = new Array<number>(2 * shape.length).fill(0);
  amounts[2 * dim] = start;
  amounts[2 * dim + 1] = shape[dim] - start - tensor.shape[dim];
  return padTo(tensor, amounts);
}

/** A view of a parameter that changes nothing must not be the parameter, whose value moves. */
function settled(result: Tensor, tensor: Tensor): Tensor {
  return result === tensor && tensor.slot !== null ? identity(tensor) : result;
}

/**
 * The same elements, row-major, under another shape of the same size; one extent may be −1.
 * @throws ShapeError if the sizes differ.
 */
export function reshape(tensor: Tensor, shape: Shape): Tensor {
  const target = shape.slice();
  const size = sizeOf(tensor.shape);
  const unknown = target.indexOf(-1);
  if (unknown >= 0) {
    target[unknown] = 1;
    const known = sizeOf(target);
    target[unknown] = known === 0 ? 0 : size / known;
  }
  if (target.some((extent) => !Number.isInteger(extent) || extent < 0) || sizeOf(target) !== size) {
    throw shapeError(
      `reshape cannot give the ${size} elements of shape ${formatShape(tensor.shape)} the shape ${formatShape(shape)}` +
        (unknown < 0 ? "; let one extent be -1 to have it computed" : ""),
    );
  }
  return settled(reshapeTo(tensor, target), tensor);
}

/**
 * Dimensions in another order: dimension i of the result is dimension dims[i] of the tensor.
 * @throws ShapeError if `dims` does not name every dimension once.
 */
export function permute(tensor: Tensor, dims: readonly number[]): Tensor {
  const rank = tensor.shape.length;
  const order = dims.map((dim) => normalizeDim(dim, rank));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw shapeError(
      `permute needs each of the ${rank} dimensions of shape ${formatShape(tensor.shape)} once, not [${dims.join(", ")}]`,
    );
  }
  return settled(permuteTo(tensor, order), tensor);
}

/** Two dimensions exchanged. */
export function transpose(tensor: Tensor, first: number, second: number): Tensor {
  const rank = tensor.shape.length;
  const a = normalizeDim(first, rank);
  const b = normalizeDim(second, rank);
  if (rank === 0) return settled(tensor, tensor);
  const order = tensor.shape.map((_, dim) => dim);
  order[a] = b;
  order[b] = a;
  return settled(permuteTo(tensor, order), tensor);
}

/**
 * Copies along dimensions of extent 1, and along new ones in front; −1 keeps an extent.
 * @throws ShapeError if another extent would change.
 */
export function expand(tensor: Tensor, shape: Shape): Tensor {
  const lead = shape.length - tensor.shape.length;
  const target = shape.map((extent, dim) => (extent === -1 && dim >= lead ? tensor.shape[dim - lead] : extent));
  const fits = lead >= 0 && tensor.shape.every((extent, dim) => extent === 1 || extent === target[lead + dim]);
  if (!fits || target.some((extent) => extent < 0)) {
    throw shapeError(
      `expand cannot make ${formatShape(shape)} of shape ${formatShape(tensor.shape)}: only extents of 1 can grow, ` +
        "and new dimensions come in front",
    );
  }
  return settled(broadcastTo(tensor, target), tensor);
}

/** Without its dimensions of extent 1, or without one of them; a dimension of another extent stays. */
export function squeeze(tensor: Tensor, dim?: number): Tensor {
  const only = dim === undefined ? -1 : normalizeDim(dim, tensor.shape.length);
  const shape = tensor.shape.filter((extent, place) => extent !== 1 || (dim !== undefined && place !== only));
  return settled(reshapeTo(tensor, shape), tensor);
}

/** With a new dimension of extent 1 at place `dim`. */
export function unsqueeze(tensor: Tensor, dim: number): Tensor {
  const place = normalizeDim(dim, tensor.shape.length + 1);
  return reshapeTo(tensor, [...tensor.shape.slice(0, place), 1, ...tensor.shape.slice(place)]);
}

/** Dimensions `start` to `end`, both included, as one. */
export function flatten(tensor: Tensor, start = 0, end = -1): Tensor {
  const rank = tensor.shape.length;
  const first = normalizeDim(start, rank);
  const last = normalizeDim(end, rank);
  if (first > last) throw new RangeError(`flatten cannot start at dimension ${start} and end before it, at ${end}`);
  const size = sizeOf(tensor.shape.slice(first, last + 1));
  return settled(reshapeTo(tensor, [...tensor.shape.slice(0, first), size, ...tensor.shape.slice(last + 1)]), tensor);
}

/**
 * Elements `start` to `end` (not included) of a dimension, `step` apart. Negative places count from the end and places
 * outside are cut, as in Python; a negative step walks backwards.
 */
export function slice(tensor: Tensor, dim: number, start?: number | null, end?: number | null, step = 1): Tensor {
  const place = normalizeDim(dim, tensor.shape.length);
  if (tensor.shape.length === 0) throw shapeError("slice needs a dimension, and a tensor of shape [] has none");
  if (!Number.isInteger(step) || step === 0) throw new RangeError(`slice cannot take steps of ${step}`);
  const extent = tensor.shape[place];
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? extent : extent - 1;
  const bound = (value: number): number => {
    if (!Number.isInteger(value)) throw new RangeError(`slice needs whole numbers, not ${value}`);
    return Math.max(low, Math.min(high, value < 0 ? value + extent : value));
  };
  const first = start === undefined || start === null ? (step > 0 ? low : high) : bound(start);
  const last = end === undefined || end === null ? (step > 0 ? high : low) : bound(end);
  const length = Math.max(0, Math.ceil((last - first) / step));
  return settled(sliceTo(tensor, place, length === 0 ? 0 : first, length, step), tensor);
}

/**
 * Tensors one after another along a dimension.
 * @throws ShapeError unless the other extents are equal.
 */
export function concat(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0) throw new RangeError("concat needs a tensor at least");
  const first = tensors[0];
  const place = normalizeDim(dim, first.shape.length);
  if (first.shape.length === 0)
    throw shapeError("concat needs a dimension, and a tensor of shape [] has none; use stack");
  let dtype = first.dtype;
  const shape = first.shape.slice();
  shape[place] = 0;
  tensors.forEach((tensor, index) => {
    const fits =
      tensor.shape.length === shape.length &&
      tensor.shape.every((extent, other) => other === place || extent === shape[other]);
    if (!fits) {
      throw shapeError(
        `concat along dimension ${place} needs the other extents equal, but tensor 0 has shape ` +
          `${formatShape(first.shape)} and tensor ${index} has ${formatShape(tensor.shape)}`,
      );
    }
    dtype = promote(dtype, tensor.dtype);
    shape[place] += tensor.shape[place];
  });
  if (tensors.length === 1) return settled(first, first);
  return apply(
    Concat,
    tensors.map((tensor) => castTo(tensor, dtype)),
    shape,
    dtype,
    [place],
  );
}

/**
 * Tensors of one shape along a new dimension.
 * @throws ShapeError unless the shapes are equal.
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0) throw new RangeError("stack needs a tensor at least");
  tensors.forEach((tensor, index) => {
    if (sameShape(tensor.shape, tensors[0].shape)) return;
    throw shapeError(
      `stack needs equal shapes, but tensor 0 has ${formatShape(tensors[0].shape)} and tensor ${index} has ` +
        formatShape(tensor.shape),
    );
  });
  const place = normalizeDim(dim, tensors[0].shape.length + 1);
  return concat(
    tensors.map((tensor) => unsqueeze(tensor, place)),
    place,
  );
}

/**
 * `value` around: [before, after] of every dimension.
 * @throws ShapeError unless there is a pair for each dimension.
 */
export function pad(tensor: Tensor, padding: readonly (readonly [number, number])[], value = 0): Tensor {
  const amounts = padding.flat();
  if (padding.length !== tensor.shape.length || amounts.some((amount) => !Number.isInteger(amount) || amount < 0)) {
    throw shapeError(
      `pad needs [before, after] for each of the ${tensor.shape.length} dimensions of shape ` +
        `${formatShape(tensor.shape)}, all at least 0, not ${JSON.stringify(padding)}`,
    );
  }
  const padded = padTo(tensor, amounts);
  if (value === 0 || padded === tensor) return settled(padded, tensor);
  const inside = padTo(constantNode(1, tensor.shape, "bool"), amounts);
  return choose(inside, padded, scalarNode(value, padded.shape, padded.dtype));
}
