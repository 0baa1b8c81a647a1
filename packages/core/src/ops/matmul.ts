import { apply } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { promote } from "../tensor/dtype.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastTo, castTo, reshapeTo, shapeError } from "./broadcast.ts";
import { permuteTo } from "./shape.ts";

const SWAPPED = [0, 2, 1];

const Matmul = defineOp("matmul", "matmul", (node, gradient, needs) => [
  needs[0] ? product(gradient, permuteTo(node.inputs[1], SWAPPED)) : null,
  needs[1] ? product(permuteTo(node.inputs[0], SWAPPED), gradient) : null,
]);

/** [batch, M, K] × [batch, K, N] */
function product(first: Tensor, second: Tensor): Tensor {
  return apply(Matmul, [first, second], [first.shape[0], first.shape[1], second.shape[2]], first.dtype);
}

/**
 * The matrix product Σₖ aᵢₖ bₖⱼ over the last two dimensions, [..., M, K] × [..., K, N] → [..., M, N]; dimensions in front
 * broadcast. A vector on the left counts as a row and on the right as a column, and that dimension is dropped again:
 * [K] × [K] → [].
 * @throws ShapeError unless the inner extents are equal and the dimensions in front broadcast.
 */
export function matmul(first: Tensor, second: Tensor): Tensor {
  let left = first.shape;
  let right = second.shape;
  if (left.length === 0 || right.length === 0) throw mismatch(left, right, "a scalar has no matrix product; use mul");
  const row = left.length === 1;
  const column = right.length === 1;
  const promoted = promote(first.dtype, second.dtype);
  const dtype = promoted === "bool" ? "int32" : promoted;
  first = castTo(first, dtype);
  second = castTo(second, dtype);
  if (row) left = [1, left[0]];
  if (column) right = [right[0], 1];
  const m = left[left.length - 2];
  const k = left[left.length - 1];
  const n = right[right.length - 1];
  if (right[right.length - 2] !== k) throw mismatch(first.shape, second.shape, fixFor(left, right));

  let batch: Shape;
  let result: Tensor;
  if (right.length === 2) {
    // One matrix for every row: the dimensions in front are more rows.
    batch = left.slice(0, -2);
    const rows = sizeOf(batch) * m;
    result = product(reshapeTo(first, [1, rows, k]), reshapeTo(second, [1, k, n]));
  } else {
    const joint = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    if (joint === null)
      throw mismatch(first.shape, second.shape, "the dimensions before the last two do not broadcast");
    batch = joint;
    const count = sizeOf(batch);
    const flat = (tensor: Tensor, shape: Shape, rows: number, columns: number): Tensor =>
      reshapeTo(broadcastTo(reshapeTo(tensor, shape), [...batch, rows, columns]), [count, rows, columns]);
    result = product(flat(first, left, m, k), flat(second, right, k, n));
  }
  const shape = batch.slice();
  if (!row) shape.push(m);
  if (!column) shape.push(n);
  return reshapeTo(result, shape);
}

function mismatch(left: Shape, right: Shape, why: string): Error {
  return shapeError(`matmul cannot multiply shapes ${formatShape(left)} and ${formatShape(right)}: ${why}`);
}

function fixFor(left: Shape, right: Shape): string {
  const k = left[left.length - 1];
  const inner = `the last extent of the first (${k}) must be the one before the last of the second (${right[right.length - 2]})`;
  if (right[right.length - 1] === k) return `${inner}; the second looks transposed: use transpose(-1, -2) on it`;
  if (left[left.length - 2] === right[right.length - 2])
    return `${inner}; the first looks transposed: use transpose(-1, -2) on it`;
  return inner;
}
