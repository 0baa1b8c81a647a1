import { valueOf } from "../graph/evaluate.ts";
import { constantNode, dataNode, iotaNode, scalarNode } from "../graph/node.ts";
import { allocate, type DType, dtypeOfArray, isFloat, type TypedArray } from "../tensor/dtype.ts";
import { ShapeError } from "../tensor/errors.ts";
import { formatShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { castTo, expandTo, inLayer, reshapeTo } from "./broadcast.ts";
import { eq } from "./comparison.ts";

/** A tuple as it was written, without the readonly that inference as a constant brings. */
export type Literal<S extends Shape> = { -readonly [Dim in keyof S]: S[Dim] };

/** Numbers or booleans in arrays of any depth, all of one length at each. */
export type Nested = number | boolean | readonly Nested[];

/** What arrays of numbers can be typed as; bytes and words become int32, 64-bit floats float64. */
export type NumericArray = TypedArray | Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Uint32Array;

export interface CreationOptions {
  /** "float32" unless the values say otherwise. */
  dtype?: DType;
  /** Whether backward() computes a gradient for it. */
  requiresGrad?: boolean;
}

export interface TensorOptions<S extends Shape = Shape> extends CreationOptions {
  /** The shape, if the values do not say it by their nesting. */
  shape?: S;
}

/** The shape that nested arrays have in the types: their depth, up to four. */
export type ShapeOf<Values> = Values extends number | boolean
  ? []
  : Values extends ArrayBufferView
    ? [number]
    : Values extends readonly (infer A)[]
      ? A extends number | boolean
        ? [number]
        : A extends readonly (infer B)[]
          ? B extends number | boolean
            ? [number, number]
            : B extends readonly (infer C)[]
              ? C extends number | boolean
                ? [number, number, number]
                : C extends readonly (number | boolean)[]
                  ? [number, number, number, number]
                  : Shape
              : Shape
          : Shape
      : Shape;

/**
 * A tensor of given values: a number, nested arrays, or a typed array with the shape among the options. Numbers become
 * float32 and booleans bool unless `dtype` says otherwise; typed arrays keep their type. The values are copied.
 * @throws ShapeError if rows differ in length or the values do not fill the shape.
 */
export function tensor<const S extends Shape>(
  values: Nested | NumericArray,
  options: TensorOptions<S> & { shape: S },
): Tensor<Literal<S>>;
export function tensor<Values extends Nested | NumericArray>(
  values: Values,
  options?: CreationOptions,
): Tensor<ShapeOf<Values>>;
export function tensor(values: Nested | NumericArray, options: TensorOptions = {}): Tensor {
  const natural: number[] = [];
  let flat: NumericArray | number[];
  let dtype: DType;
  if (ArrayBuffer.isView(values)) {
    flat = values as NumericArray;
    natural.push(flat.length);
    dtype = flat instanceof Float32Array || flat instanceof Float64Array ? dtypeOfArray(flat) : "int32";
  } else {
    const list: number[] = [];
    for (let level: Nested = values as Nested; Array.isArray(level); level = level[0]) {
      natural.push(level.length);
      if (level.length === 0) break;
    }
    const onlyBooleans = collect(values as Nested, natural, 0, list);
    flat = list;
    dtype = onlyBooleans && list.length > 0 ? "bool" : "float32";
  }
  dtype = options.dtype ?? dtype;
  const shape = options.shape?.slice() ?? natural;
  if (sizeOf(shape) !== flat.length) {
    throw new ShapeError(
      `${inLayer()}${flat.length} values (of shape ${formatShape(natural)}) do not fill the shape ${formatShape(shape)}`,
    );
  }
  return leaf(fill(flat, dtype), shape, dtype, options.requiresGrad);
}

/** Appends the values of nested arrays, and says whether all are booleans. */
function collect(values: Nested, shape: readonly number[], depth: number, out: number[]): boolean {
  if (!Array.isArray(values)) {
    if (depth !== shape.length) throw ragged(shape, depth);
    if (typeof values !== "number" && typeof values !== "boolean")
      throw new TypeError(`a tensor holds numbers or booleans, not ${values === null ? "null" : typeof values}`);
    out.push(Number(values));
    return typeof values === "boolean";
  }
  if (depth >= shape.length || values.length !== shape[depth]) throw ragged(shape, depth);
  let onlyBooleans = true;
  for (const value of values) if (!collect(value, shape, depth + 1, out)) onlyBooleans = false;
  return onlyBooleans;
}

function ragged(shape: readonly number[], depth: number): ShapeError {
  return new ShapeError(
    `${inLayer()}the nested arrays differ in length at depth ${depth}: the first say shape ${formatShape(shape)}`,
  );
}

/** Values in the typed array of a dtype. */
export function fill(values: ArrayLike<number>, dtype: DType): TypedArray {
  const out = allocate(dtype, values.length);
  if (dtype === "bool") for (let index = 0; index < values.length; index++) out[index] = values[index] !== 0 ? 1 : 0;
  else if (dtype === "int32" && !(values instanceof Int32Array))
    for (let index = 0; index < values.length; index++)
      out[index] = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(values[index])));
  else out.set(values);
  return out;
}

function leaf<S extends Shape>(values: TypedArray, shape: S, dtype: DType, requiresGrad = false): Tensor<S> {
  if (requiresGrad && !isFloat(dtype)) throw new TypeError(`only floating-point tensors have gradients, not ${dtype}`);
  const node = dataNode(values, shape, dtype);
  node.needsGrad = requiresGrad;
  return node;
}

function checkShape(shape: Shape): void {
  if (!Array.isArray(shape) || shape.some((extent) => !Number.isInteger(extent) || extent < 0))
    throw new ShapeError(`${inLayer()}a shape is an array of whole numbers, not ${JSON.stringify(shape)}`);
}

function constant(value: number, shape: Shape, options: CreationOptions): Tensor {
  checkShape(shape);
  const { dtype = "float32", requiresGrad = false } = options;
  if (requiresGrad) return leaf(fill(new Float64Array(sizeOf(shape)).fill(value), dtype), shape, dtype, true);
  return constantNode(value, shape.slice(), dtype);
}

/** A tensor of zeros. */
export function zeros<const S extends Shape>(shape: S, options: CreationOptions = {}): Tensor<Literal<S>> {
  return constant(0, shape, options) as Tensor as Tensor<Literal<S>>;
}

/** A tensor of ones. */
export function ones<const S extends Shape>(shape: S, options: CreationOptions = {}): Tensor<Literal<S>> {
  return constant(1, shape, options) as Tensor as Tensor<Literal<S>>;
}

/** One number everywhere. */
export function full<const S extends Shape>(
  shape: S,
  value: number | boolean,
  options: CreationOptions = {},
): Tensor<Literal<S>> {
  checkShape(shape);
  const { dtype = typeof value === "boolean" ? "bool" : "float32", requiresGrad = false } = options;
  const number = Number(value);
  const result = requiresGrad
    ? leaf(fill(new Float64Array(sizeOf(shape)).fill(number), dtype), shape, dtype, true)
    : scalarNode(fill([number], dtype)[0], shape.slice(), dtype);
  return result as Tensor as Tensor<Literal<S>>;
}

/** Zeros in the shape and dtype of another tensor. */
export function zerosLike<S extends Shape>(like: Tensor<S>, options: CreationOptions = {}): Tensor<S> {
  return constant(0, like.shape, { dtype: like.dtype, ...options }) as Tensor as Tensor<S>;
}

/** Ones in the shape and dtype of another tensor. */
export function onesLike<S extends Shape>(like: Tensor<S>, options: CreationOptions = {}): Tensor<S> {
  return constant(1, like.shape, { dtype: like.dtype, ...options }) as Tensor as Tensor<S>;
}

/** The identity matrix, [rows, columns] with ones on the diagonal. */
export function eye(rows: number, columns: number = rows, options: CreationOptions = {}): Tensor<[number, number]> {
  const shape = [rows, columns];
  checkShape(shape);
  const row = expandTo(reshapeTo(iotaNode(rows), [rows, 1]), shape);
  const column = expandTo(reshapeTo(iotaNode(columns), [1, columns]), shape);
  return settle(castTo(eq(row, column), options.dtype ?? "float32"), options) as Tensor as Tensor<[number, number]>;
}

/** start, start + step, … below end (above it, if step is negative); from 0 with one argument. int32 if all are whole. */
export function arange(end: number, options?: CreationOptions): Tensor<[number]>;
export function arange(start: number, end: number, step?: number, options?: CreationOptions): Tensor<[number]>;
export function arange(
  first: number,
  second?: number | CreationOptions,
  step = 1,
  last: CreationOptions = {},
): Tensor<[number]> {
  const options = typeof second === "object" ? second : last;
  const start = typeof second === "number" ? first : 0;
  const end = typeof second === "number" ? second : first;
  const length = Math.max(0, Math.ceil((end - start) / step));
  if (!Number.isSafeInteger(length)) throw new RangeError(`arange cannot go from ${start} to ${end} by ${step}`);
  const whole = Number.isInteger(start) && Number.isInteger(step) && Number.isInteger(end);
  const dtype = options.dtype ?? (whole ? "int32" : "float32");
  if (whole && start === 0 && step === 1) {
    const places = iotaNode(length) as Tensor;
    return settle(castTo(places, dtype), options) as Tensor as Tensor<[number]>;
  }
  // Each element rounded once, which start + i·step in float32 would not be.
  const values = Float64Array.from({ length }, (_, index) => start + index * step);
  return leaf(fill(values, dtype), [length], dtype, options.requiresGrad);
}

/** `steps` numbers from start to end, both included, equally far apart. */
export function linspace(start: number, end: number, steps: number, options: CreationOptions = {}): Tensor<[number]> {
  if (!Number.isInteger(steps) || steps < 0) throw new RangeError(`linspace cannot take ${steps} steps`);
  const dtype = options.dtype ?? "float32";
  const step = (end - start) / Math.max(1, steps - 1);
  const values = Float64Array.from({ length: steps }, (_, index) =>
    index < steps / 2 ? start + index * step : end - (steps - 1 - index) * step,
  );
  if (steps === 1) values[0] = start;
  return leaf(fill(values, dtype), [steps], dtype, options.requiresGrad);
}

/** A made tensor as a leaf with a gradient, if that is asked for. */
export function settle(made: Tensor, options: CreationOptions): Tensor {
  if (options.requiresGrad !== true) return made;
  return leaf(valueOf(made).slice(), made.shape, made.dtype, true);
}
