import { apply, iotaNode, resolve } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { formatShape, normalizeDim, type Shape, sameShape, stridesOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { plus, times } from "./arithmetic.ts";
import { broadcastTo, castTo, expandTo, inLayer, reshapeTo, shapeError } from "./broadcast.ts";
import { eq } from "./comparison.ts";
import { composed } from "./composed.ts";
import { sliceTo, unsqueeze } from "./shape.ts";

// Both take flat indices, row-major; they are each other's adjoints.

const Gather = defineOp("gather", "gather", (node, gradient) => [
  scatterFlat(node.inputs[1], gradient, node.inputs[0].shape),
  null,
]);

const Scatter = defineOp("scatterAdd", "scatter", (node, gradient) => [null, gatherFlat(gradient, node.inputs[0])]);

function gatherFlat(source: Tensor, index: Tensor): Tensor {
  return apply(Gather, [source, index], index.shape, source.dtype);
}

function scatterFlat(index: Tensor, values: Tensor, shape: Shape): Tensor {
  return apply(Scatter, [index, values], shape, values.dtype);
}

/** Indices into `shape` along `dim`, the others being each element's own, as flat indices. */
function flatIndex(index: Tensor, shape: Shape, dim: number): Tensor {
  const strides = stridesOf(shape);
  let flat = strides[dim] === 1 ? index : times(index, strides[dim]);
  for (let other = 0; other < shape.length; other++) {
    if (other === dim || index.shape[other] === 1) continue;
    const line = new Array<number>(shape.length).fill(1);
    line[other] = index.shape[other];
    const places = iotaNode(index.shape[other]);
    const steps = reshapeTo(strides[other] === 1 ? places : times(places, strides[other]), line);
    flat = plus(flat, expandTo(steps, index.shape));
  }
  return flat;
}

/** Looks for an index outside, where the indices are known; elsewhere such an index reads NaN and writes nothing. */
function checkIndices(name: string, index: Tensor, extent: number, what: string): void {
  const values = resolve(index).value;
  if (values === null) return;
  for (let place = 0; place < values.length; place++) {
    if (values[place] >= 0 && values[place] < extent) continue;
    throw new RangeError(
      `${inLayer()}${name}: index ${values[place]}, at place ${place}, is outside 0 to ${extent - 1}, ${what}`,
    );
  }
}

function requireInteger(name: string, index: Tensor): Tensor {
  if (index.dtype === "int32") return index;
  throw new TypeError(`${inLayer()}${name} needs int32 indices, not ${index.dtype}; use to("int32")`);
}

function indexedShape(name: string, tensor: Tensor, place: number, index: Tensor): void {
  const fits =
    index.shape.length === tensor.shape.length &&
    index.shape.every((extent, other) => other === place || extent <= tensor.shape[other]);
  if (fits) return;
  throw shapeError(
    `${name} along dimension ${place} of shape ${formatShape(tensor.shape)} needs an index of ${tensor.shape.length} ` +
      `dimensions, none larger but that one, not ${formatShape(index.shape)}` +
      (index.shape.length === tensor.shape.length - 1 ? `; use unsqueeze(${place}) on the index` : ""),
  );
}

/**
 * yᵢⱼ = x[indexᵢⱼ, j] for dimension 0, and so on: along `dim` the index says which element, along others it is the
 * element's own place. The result has the index's shape.
 * @throws RangeError for a known index outside, ShapeError unless the index has as many dimensions.
 */
export const gather = composed("gather", (tensor: Tensor, dim: number, index: Tensor): Tensor => {
  const place = normalizeDim(dim, tensor.shape.length);
  requireInteger("gather", index);
  indexedShape("gather", tensor, place, index);
  checkIndices("gather", index, tensor.shape[place] ?? 1, `dimension ${place} of shape ${formatShape(tensor.shape)}`);
  if (tensor.shape.length === 0) return gatherFlat(tensor, index);
  return gatherFlat(tensor, flatIndex(index, tensor.shape, place));
});

/**
 * The slices of a dimension that a vector of indices names, in its order.
 * @throws RangeError for a known index outside, ShapeError unless the index is a vector.
 */
export const indexSelect = composed("indexSelect", (tensor: Tensor, dim: number, index: Tensor): Tensor => {
  const place = normalizeDim(dim, tensor.shape.length);
  requireInteger("indexSelect", index);
  if (index.shape.length !== 1 || tensor.shape.length === 0) {
    throw shapeError(
      `indexSelect needs a vector of indices into a dimension, not shape ${formatShape(index.shape)} into ` +
        `${formatShape(tensor.shape)}`,
    );
  }
  const what = `dimension ${place} of shape ${formatShape(tensor.shape)}`;
  checkIndices("indexSelect", index, tensor.shape[place], what);
  const line = new Array<number>(tensor.shape.length).fill(1);
  line[place] = index.shape[0];
  const shape = tensor.shape.slice();
  shape[place] = index.shape[0];
  return gatherFlat(tensor, flatIndex(expandTo(reshapeTo(index, line), shape), tensor.shape, place));
});

/**
 * The tensor plus each element of `source` at the place along `dim` that the index of the same shape names; several at
 * one place add up.
 * @throws RangeError for a known index outside, ShapeError unless the shapes fit.
 */
export const scatterAdd = composed(
  "scatterAdd",
  (tensor: Tensor, dim: number, index: Tensor, source: Tensor): Tensor => {
    const place = normalizeDim(dim, tensor.shape.length);
    requireInteger("scatterAdd", index);
    indexedShape("scatterAdd", tensor, place, index);
    const fits =
      source.shape.length === index.shape.length && index.shape.every((extent, other) => extent <= source.shape[other]);
    if (!fits) {
      throw shapeError(
        `scatterAdd needs a source at least as large as the index, but they have shapes ` +
          `${formatShape(source.shape)} and ${formatShape(index.shape)}`,
      );
    }
    const what = `dimension ${place} of shape ${formatShape(tensor.shape)}`;
    checkIndices("scatterAdd", index, tensor.shape[place] ?? 1, what);
    let values = castTo(source, tensor.dtype);
    if (!sameShape(source.shape, index.shape))
      index.shape.forEach((extent, other) => {
        values = sliceTo(values, other, 0, extent, 1);
      });
    const flat = tensor.shape.length === 0 ? index : flatIndex(index, tensor.shape, place);
    return plus(tensor, scatterFlat(flat, values, tensor.shape));
  },
);

/**
 * 1 at the place that each int32 element names and 0 elsewhere, along a new last dimension, as int32.
 * @throws RangeError for a known class outside.
 */
export const oneHot = composed("oneHot", (tensor: Tensor, numClasses: number): Tensor => {
  requireInteger("oneHot", tensor);
  if (!Number.isInteger(numClasses) || numClasses < 1)
    throw new RangeError(`oneHot needs a whole number of classes, not ${numClasses}`);
  checkIndices("oneHot", tensor, numClasses, `the ${numClasses} classes`);
  const shape = [...tensor.shape, numClasses];
  const classes = broadcastTo(iotaNode(numClasses), shape);
  return castTo(eq(expandTo(unsqueeze(tensor, -1), shape), classes), "int32");
});
