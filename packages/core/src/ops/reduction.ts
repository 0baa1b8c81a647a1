import { context } from "../graph/context.ts";
import { apply, constantNode, iotaNode } from "../graph/node.ts";
import { defineMap, defineReduction, type Op } from "../graph/op.ts";
import { isFloat } from "../tensor/dtype.ts";
import { formatShape, normalizeDim, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { divide, fixed, minus, multiply, plus, times } from "./arithmetic.ts";
import {
  castTo,
  expandTo,
  identity,
  inLayer,
  reduceWith,
  reshapeTo,
  Sum,
  shapeError,
  sumDims,
  withoutGradient,
} from "./broadcast.ts";
import { choose, eq, isNaN, logicalNot, logicalOr, ne } from "./comparison.ts";
import { composed } from "./composed.ts";
import { concat, permuteTo, sliceTo } from "./shape.ts";
import { abs, exp, log, pow, sqrt } from "./unary.ts";

/** Which dimensions a reduction runs over: one, several, or all where it is left out. */
export type Dims = number | readonly number[] | null | undefined;

export interface ReductionOptions {
  /** Whether reduced dimensions stay, with extent 1. */
  keepdim?: boolean;
}

export interface VarianceOptions extends ReductionOptions {
  /** What is subtracted from the number of elements in the divisor (1: Bessel's correction). */
  correction?: number;
}

// Over several dimensions equal extrema share the gradient; over one the first takes it.
const Max = defineReduction("max", 2, (node, gradient) => [shareGradient(node, gradient)]);
const Min = defineReduction("min", 3, (node, gradient) => [shareGradient(node, gradient)]);
const MaxOfDim = defineReduction("max", 2, (node, gradient) => [firstGradient(node, gradient)]);
const MinOfDim = defineReduction("min", 3, (node, gradient) => [firstGradient(node, gradient)]);

// The product of the others is made of products from both sides: exact at zeros, in every derivative.
const Product = defineReduction("prod", 1, (node, gradient) => {
  const shape = node.inputs[0].shape;
  const dims = node.attributes;
  const order = shape.map((_, dim) => dim).filter((dim) => !dims.includes(dim));
  const kept = order.length;
  order.push(...dims);
  const outer = sizeOf(order.slice(0, kept).map((dim) => shape[dim]));
  const extent = sizeOf(dims.map((dim) => shape[dim]));
  const moved = permuteTo(node.inputs[0], order);
  const lines = reshapeTo(moved, [outer, extent]);
  const others = multiply(runningProduct(lines, false), runningProduct(lines, true));
  const inverse = new Array<number>(order.length);
  order.forEach((dim, place) => {
    inverse[dim] = place;
  });
  return [multiply(expandTo(gradient, shape), permuteTo(reshapeTo(others, moved.shape), inverse))];
});

/** The product of all earlier (or later) elements of each row, by doubling. */
function runningProduct(rows: Tensor, fromEnd: boolean): Tensor {
  const [count, extent] = rows.shape;
  const shift = (tensor: Tensor, by: number): Tensor => {
    const ones = constantNode(1, [count, by], tensor.dtype);
    const rest = sliceTo(tensor, 1, fromEnd ? by : 0, extent - by, 1);
    return concat(fromEnd ? [rest, ones] : [ones, rest], 1);
  };
  if (extent === 1) return fixed(1, rows);
  let product = shift(rows, 1);
  for (let by = 1; by < extent; by *= 2) product = multiply(product, shift(product, by));
  return product;
}

function isExtremum(input: Tensor, extremum: Tensor): Tensor {
  const equal = eq(input, expandTo(extremum, input.shape));
  return isFloat(input.dtype) ? logicalOr(equal, isNaN(input)) : equal;
}

function shareGradient(node: Tensor, gradient: Tensor): Tensor {
  const input = node.inputs[0];
  const mask = isExtremum(input, node);
  const share = divide(gradient, sumDims(castTo(mask, node.dtype), node.attributes));
  return choose(mask, expandTo(share, input.shape), fixed(0, input));
}

function firstGradient(node: Tensor, gradient: Tensor): Tensor {
  const input = node.inputs[0];
  const dim = node.attributes[0];
  const first = firstIndex(isExtremum(input, node), dim);
  const mask = eq(indices(input.shape, dim), expandTo(first, input.shape));
  return choose(mask, expandTo(gradient, input.shape), fixed(0, input));
}

/** Each element's place along a dimension. */
function indices(shape: Shape, dim: number): Tensor {
  const line = new Array<number>(shape.length).fill(1);
  line[dim] = shape[dim];
  return expandTo(reshapeTo(iotaNode(shape[dim]), line), shape);
}

/** The first place along a dimension where a mask holds. */
function firstIndex(mask: Tensor, dim: number): Tensor {
  const nowhere = constantNode(mask.shape[dim], mask.shape, "int32");
  return reduceWith(MinOfDim, choose(mask, indices(mask.shape, dim), nowhere), [dim]);
}

function dimsOf(tensor: Tensor, dim: Dims): number[] {
  const rank = tensor.shape.length;
  if (dim === undefined || dim === null) return tensor.shape.map((_, place) => place);
  if (typeof dim === "number") {
    const place = normalizeDim(dim, rank);
    return rank === 0 ? [] : [place];
  }
  if (!Array.isArray(dim))
    throw new TypeError(
      `${inLayer()}a dimension is a number and several are an array, as in sum(1) or sum([0, 1]), not an ${typeof dim}`,
    );
  const dims = dim.map((each) => normalizeDim(each, rank)).sort((a, b) => a - b);
  if (new Set(dims).size !== dims.length) throw new RangeError(`a dimension is named twice in [${dim.join(", ")}]`);
  return rank === 0 ? [] : dims;
}

/** A reduced tensor with or without the reduced dimensions. */
function finish(reduced: Tensor, dims: readonly number[], keepdim: boolean, source: Tensor): Tensor {
  if (!keepdim && dims.length > 0) {
    const shape = dims.length === reduced.shape.length ? [] : reduced.shape.filter((_, dim) => !dims.includes(dim));
    reduced = reshapeTo(reduced, shape);
  }
  return reduced === source ? identity(source) : reduced;
}

function reduce(op: Op, tensor: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  return finish(reduceWith(op, tensor, dims), dims, keepdim, tensor);
}

function floating(tensor: Tensor): Tensor {
  return isFloat(tensor.dtype) ? tensor : castTo(tensor, "float32");
}

function numeric(tensor: Tensor): Tensor {
  return tensor.dtype === "bool" ? castTo(tensor, "int32") : tensor;
}

function countOf(shape: Shape, dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) count *= shape[dim];
  return count;
}

function requireElements(name: string, tensor: Tensor, dims: readonly number[]): void {
  if (countOf(tensor.shape, dims) === 0)
    throw shapeError(`${name} over no elements, of a tensor of shape ${formatShape(tensor.shape)}, has no value`);
}

/** Σ xᵢ over dimensions; bool counts. */
export function sum(tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor {
  tensor = numeric(tensor);
  return reduce(Sum, tensor, dimsOf(tensor, dim), options.keepdim === true);
}

/** Π xᵢ over dimensions. */
export function prod(tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor {
  tensor = numeric(tensor);
  return reduce(Product, tensor, dimsOf(tensor, dim), options.keepdim === true);
}

/** (1/n) Σ xᵢ over dimensions. */
export const mean = composed("mean", (tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor => {
  tensor = floating(tensor);
  const dims = dimsOf(tensor, dim);
  return finish(meanOver(tensor, dims), dims, options.keepdim === true, tensor);
});

function meanOver(tensor: Tensor, dims: readonly number[]): Tensor {
  const total = sumDims(tensor, dims);
  return divide(total, fixed(countOf(tensor.shape, dims), total));
}

/**
 * x − mean, whose gradient goes to x alone, and its square. The mean's share of the square's gradient is zero, since
 * deviations sum to zero; in higher derivatives it is not, so that the rule goes through both.
 */
const Deviation: Op = { ...defineMap("sub", (_, gradient) => [gradient, null]), name: "deviation" };
const SquaredDeviation: Op = {
  ...defineMap("mul", (node, gradient) => {
    const deviation = node.inputs[0];
    const whole = context.gradEnabled ? minus(deviation.inputs[0], deviation.inputs[1]) : deviation;
    return [multiply(times(gradient, 2), whole), null];
  }),
  name: "square",
};

function varianceOver(tensor: Tensor, center: Tensor, dims: readonly number[], correction: number): Tensor {
  const spread = expandTo(center, tensor.shape);
  const deviation = apply(Deviation, [tensor, spread], tensor.shape, tensor.dtype);
  const square = apply(SquaredDeviation, [deviation, deviation], tensor.shape, tensor.dtype);
  const total = sumDims(square, dims);
  return divide(total, fixed(Math.max(0, countOf(tensor.shape, dims) - correction), total));
}

/** Σ (xᵢ − mean)² / (n − correction) over dimensions, in two passes. */
export const variance = composed("var", (tensor: Tensor, dim?: Dims, options: VarianceOptions = {}): Tensor => {
  tensor = floating(tensor);
  const dims = dimsOf(tensor, dim);
  const result = varianceOver(tensor, meanOver(tensor, dims), dims, options.correction ?? 1);
  return finish(result, dims, options.keepdim === true, tensor);
});

/** The variance and the mean over dimensions, sharing their sums. */
export const varMean = composed(
  "varMean",
  (tensor: Tensor, dim?: Dims, options: VarianceOptions = {}): [variance: Tensor, mean: Tensor] => {
    tensor = floating(tensor);
    const dims = dimsOf(tensor, dim);
    const center = meanOver(tensor, dims);
    const result = varianceOver(tensor, center, dims, options.correction ?? 1);
    const keepdim = options.keepdim === true;
    return [finish(result, dims, keepdim, tensor), finish(center, dims, keepdim, tensor)];
  },
);

/** √(Σ (xᵢ − mean)² / (n − correction)) over dimensions. */
export const std = composed(
  "std",
  (tensor: Tensor, dim?: Dims, options: VarianceOptions = {}): Tensor => sqrt(variance(tensor, dim, options)),
);

function extremum(several: Op, one: Op, name: string, tensor: Tensor, dim: Dims, keepdim: boolean): Tensor {
  const dims = dimsOf(tensor, dim);
  requireElements(name, tensor, dims);
  const result = reduce(typeof dim === "number" ? one : several, numeric(tensor), dims, keepdim);
  return castTo(result, tensor.dtype);
}

/**
 * The largest element; NaN if one is. Over one dimension the gradient goes to the first of equal ones, over all or
 * several they share it.
 */
export function max(tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor {
  return extremum(Max, MaxOfDim, "max", tensor, dim, options.keepdim === true);
}

/** The smallest element; NaN if one is. Its gradient is as max's. */
export function min(tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor {
  return extremum(Min, MinOfDim, "min", tensor, dim, options.keepdim === true);
}

function place(op: Op, name: string, tensor: Tensor, dim: number | null | undefined, keepdim: boolean): Tensor {
  const rank = tensor.shape.length;
  tensor = numeric(withoutGradient(tensor));
  const whole = dim === undefined || dim === null;
  const source = whole || rank === 0 ? reshapeTo(tensor, [sizeOf(tensor.shape)]) : tensor;
  const along = whole ? 0 : normalizeDim(dim, rank);
  requireElements(name, source, [along]);
  const found = firstIndex(isExtremum(source, reduceWith(op, source, [along])), along);
  if (whole || rank === 0) return reshapeTo(found, keepdim ? tensor.shape.map(() => 1) : []);
  return finish(found, [along], keepdim, source);
}

/** The index, as int32, of the first largest element along a dimension, or in the flattened tensor; NaN is largest. */
export const argmax = composed(
  "argmax",
  (tensor: Tensor, dim?: number | null, options: ReductionOptions = {}): Tensor =>
    place(MaxOfDim, "argmax", tensor, dim, options.keepdim === true),
);

/** The index, as int32, of the first smallest element along a dimension, or in the flattened tensor; NaN is smallest. */
export const argmin = composed(
  "argmin",
  (tensor: Tensor, dim?: number | null, options: ReductionOptions = {}): Tensor =>
    place(MinOfDim, "argmin", tensor, dim, options.keepdim === true),
);

/** ln Σ exp xᵢ over dimensions, without overflow. */
export const logsumexp = composed("logsumexp", (tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor => {
  tensor = floating(tensor);
  const dims = dimsOf(tensor, dim);
  requireElements("logsumexp", tensor, dims);
  const largest = reduceWith(Max, withoutGradient(tensor), dims);
  const infinite = eq(abs(largest), fixed(Infinity, largest));
  const offset = choose(infinite, fixed(0, largest), largest);
  const total = sumDims(exp(minus(tensor, expandTo(offset, tensor.shape))), dims);
  return finish(plus(log(total), offset), dims, options.keepdim === true, tensor);
});

/** √ whose gradient at zero is zero, as of the norm of a zero vector. */
const NormRoot: Op = {
  ...defineMap("sqrt", (node, gradient) => {
    const zero = fixed(0, node);
    const flat = eq(node, zero);
    return [choose(flat, zero, divide(times(gradient, 0.5), choose(flat, fixed(1, node), node)))];
  }),
  name: "sqrt",
};

export interface NormOptions extends ReductionOptions {
  /** The order p of the norm; 2 is the Euclidean, Infinity the largest absolute value. */
  p?: number;
}

/** (Σ |xᵢ|ᵖ)^(1/p) over dimensions; p = 2 by default. The gradient at a zero vector is zero. */
export const norm = composed("norm", (tensor: Tensor, dim?: Dims, options: NormOptions = {}): Tensor => {
  tensor = floating(tensor);
  const { p = 2, keepdim = false } = options;
  const dims = dimsOf(tensor, dim);
  if (p === 2) {
    const squares = sumDims(multiply(tensor, tensor), dims);
    return finish(apply(NormRoot, [squares], squares.shape, squares.dtype), dims, keepdim, tensor);
  }
  if (p === Infinity) return max(abs(tensor), dims, { keepdim });
  if (p === -Infinity) return min(abs(tensor), dims, { keepdim });
  if (p === 1) return reduce(Sum, abs(tensor), dims, keepdim);
  if (p === 0) return reduce(Sum, castTo(ne(tensor, 0), tensor.dtype), dims, keepdim);
  return pow(reduce(Sum, pow(abs(tensor), p), dims, keepdim), 1 / p);
});

/** Whether an element is nonzero, over dimensions. */
export const any = composed("any", (tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor => {
  const count = sum(castTo(tensor, "bool"), dim, options);
  return ne(count, fixed(0, count));
});

/** Whether all elements are nonzero, over dimensions. */
export const all = composed("all", (tensor: Tensor, dim?: Dims, options: ReductionOptions = {}): Tensor => {
  const count = sum(logicalNot(castTo(tensor, "bool")), dim, options);
  return eq(count, fixed(0, count));
});
