import type { ArrayOf, DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import * as access from "./access.ts";
import { elu, type GeluOptions, gelu, leakyRelu, relu, type SoftplusOptions, silu, softplus } from "./activation.ts";
import { add, div, mul, neg, type Operand, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq, ge, gt, isFinite, isNaN, le, logicalAnd, logicalNot, logicalOr, lt, ne } from "./comparison.ts";
import type { Nested, NumericArray } from "./creation.ts";
import { gather, indexSelect, oneHot, scatterAdd } from "./indexing.ts";
import { matmul } from "./matmul.ts";
import {
  all,
  any,
  argmax,
  argmin,
  type Dims,
  logsumexp,
  max,
  mean,
  min,
  type NormOptions,
  norm,
  prod,
  type ReductionOptions,
  std,
  sum,
  type VarianceOptions,
  variance,
} from "./reduction.ts";
import { cumsum } from "./scan.ts";
import { expand, flatten, pad, permute, reshape, slice, squeeze, transpose, unsqueeze } from "./shape.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import {
  abs,
  acos,
  asin,
  atan,
  ceil,
  clamp,
  cos,
  cosh,
  erf,
  exp,
  expm1,
  floor,
  log,
  log1p,
  maximum,
  minimum,
  pow,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
  trunc,
} from "./unary.ts";

/** The shape that reshape gives: an extent of −1 is computed. */
export type Reshaped<S extends Shape> = { -readonly [Dim in keyof S]: S[Dim] extends -1 ? number : S[Dim] };

declare module "../tensor/tensor.ts" {
  interface Tensor<S extends Shape = Shape> {
    /** A copy of the elements, row-major, computed now if they are not yet. bool gives a Uint8Array. */
    data(): Promise<ArrayOf[DType]>;
    /** As data(), at once. */
    dataSync(): ArrayOf[DType];
    /** The element of a tensor that has one. @throws ShapeError if it has several. */
    item(): Promise<number>;
    /** As item(), at once. */
    itemSync(): number;
    /** The elements in nested arrays, computed now. */
    toArray(): Nested;
    /** Has the value stored when the graph runs next, so that it can be read even after parameters have changed. */
    keep(): this;
    /** A copy that gradients pass. */
    clone(): Tensor<S>;
    /** The same values, through which no gradient passes. */
    detach(): Tensor<S>;
    /** Writes a value of the same shape into a parameter or buffer. @throws ShapeError, TypeError on other tensors. */
    assign(value: Tensor | Nested | NumericArray): void;
    /** The values, shape and dtype as NumPy prints arrays; computed now. */
    toString(): string;
    /** What JSON.stringify() writes: shape, dtype and the elements row-major; computed now. */
    toJSON(): { shape: Shape; dtype: DType; data: number[] };

    /** aᵢ + bᵢ; shapes broadcast, dtypes promote. @throws ShapeError */
    add(other: number | Tensor<S>): Tensor<S>;
    add(other: Operand): Tensor;
    /** aᵢ − bᵢ; shapes broadcast, dtypes promote. @throws ShapeError */
    sub(other: number | Tensor<S>): Tensor<S>;
    sub(other: Operand): Tensor;
    /** aᵢ · bᵢ; shapes broadcast, dtypes promote. @throws ShapeError */
    mul(other: number | Tensor<S>): Tensor<S>;
    mul(other: Operand): Tensor;
    /** aᵢ / bᵢ; shapes broadcast, integers divide to float32. @throws ShapeError */
    div(other: number | Tensor<S>): Tensor<S>;
    div(other: Operand): Tensor;
    /** aᵢ to the power bᵢ; shapes broadcast, dtypes promote. @throws ShapeError */
    pow(exponent: number | Tensor<S>): Tensor<S>;
    pow(exponent: Operand): Tensor;
    /** The smaller of two; shapes broadcast, equal ones share the gradient, NaN stays. @throws ShapeError */
    minimum(other: number | Tensor<S>): Tensor<S>;
    minimum(other: Operand): Tensor;
    /** The larger of two; shapes broadcast, equal ones share the gradient, NaN stays. @throws ShapeError */
    maximum(other: number | Tensor<S>): Tensor<S>;
    maximum(other: Operand): Tensor;

    /** −x */
    neg(): Tensor<S>;
    /** eˣ */
    exp(): Tensor<S>;
    /** eˣ − 1, exact near zero */
    expm1(): Tensor<S>;
    /** ln x */
    log(): Tensor<S>;
    /** ln(1 + x), exact near zero */
    log1p(): Tensor<S>;
    /** √x */
    sqrt(): Tensor<S>;
    /** 1/√x */
    rsqrt(): Tensor<S>;
    /** |x|; its gradient at zero is zero */
    abs(): Tensor<S>;
    /** −1, 0 or 1; its gradient is zero */
    sign(): Tensor<S>;
    /** The largest integer ≤ x; its gradient is zero */
    floor(): Tensor<S>;
    /** The smallest integer ≥ x; its gradient is zero */
    ceil(): Tensor<S>;
    /** The nearest integer, halves to the even one; its gradient is zero */
    round(): Tensor<S>;
    /** x without its fraction; its gradient is zero */
    trunc(): Tensor<S>;
    /** x held between two bounds, either of which may be left out; the gradient passes between and at the bounds */
    clamp(min?: number | null, max?: number | null): Tensor<S>;
    /** sin x */
    sin(): Tensor<S>;
    /** cos x */
    cos(): Tensor<S>;
    /** tan x */
    tan(): Tensor<S>;
    /** The angle in [−π/2, π/2] whose sine is x */
    asin(): Tensor<S>;
    /** The angle in [0, π] whose cosine is x */
    acos(): Tensor<S>;
    /** The angle in (−π/2, π/2) whose tangent is x */
    atan(): Tensor<S>;
    /** (eˣ − e⁻ˣ)/2 */
    sinh(): Tensor<S>;
    /** (eˣ + e⁻ˣ)/2 */
    cosh(): Tensor<S>;
    /** (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ) */
    tanh(): Tensor<S>;
    /** 1/(1 + e⁻ˣ) */
    sigmoid(): Tensor<S>;
    /** (2/√π) ∫₀ˣ e^(−t²) dt */
    erf(): Tensor<S>;
    /** max(0, x) */
    relu(): Tensor<S>;
    /** x where x > 0, else negativeSlope · x */
    leakyRelu(negativeSlope?: number): Tensor<S>;
    /** x Φ(x), exactly or with the tanh approximation */
    gelu(options?: GeluOptions): Tensor<S>;
    /** x/(1 + e⁻ˣ) */
    silu(): Tensor<S>;
    /** x where x > 0, else alpha (eˣ − 1) */
    elu(alpha?: number): Tensor<S>;
    /** ln(1 + e^(beta x))/beta */
    softplus(options?: SoftplusOptions): Tensor<S>;
    /** exp xᵢ / Σⱼ exp xⱼ along a dimension, without overflow */
    softmax(dim: number): Tensor<S>;
    /** xᵢ − ln Σⱼ exp xⱼ along a dimension, without overflow */
    logSoftmax(dim: number): Tensor<S>;

    /** aᵢ = bᵢ, as bool */
    eq(other: number | Tensor<S>): Tensor<S>;
    eq(other: Operand): Tensor;
    /** aᵢ ≠ bᵢ, as bool */
    ne(other: number | Tensor<S>): Tensor<S>;
    ne(other: Operand): Tensor;
    /** aᵢ < bᵢ, as bool */
    lt(other: number | Tensor<S>): Tensor<S>;
    lt(other: Operand): Tensor;
    /** aᵢ ≤ bᵢ, as bool */
    le(other: number | Tensor<S>): Tensor<S>;
    le(other: Operand): Tensor;
    /** aᵢ > bᵢ, as bool */
    gt(other: number | Tensor<S>): Tensor<S>;
    gt(other: Operand): Tensor;
    /** aᵢ ≥ bᵢ, as bool */
    ge(other: number | Tensor<S>): Tensor<S>;
    ge(other: Operand): Tensor;
    /** Whether both are nonzero, as bool */
    logicalAnd(other: Tensor): Tensor;
    /** Whether one at least is nonzero, as bool */
    logicalOr(other: Tensor): Tensor;
    /** Whether an element is zero, as bool */
    logicalNot(): Tensor<S>;
    /** Whether an element is NaN, as bool */
    isNaN(): Tensor<S>;
    /** Whether an element is neither NaN nor infinite, as bool */
    isFinite(): Tensor<S>;
    /** The same values in another dtype: to int32 truncated and held to its range, to bool ≠ 0. */
    to(dtype: DType): Tensor<S>;

    /** Σ xᵢ over one dimension, several or all */
    sum(): Tensor<[]>;
    sum(dim?: Dims, options?: ReductionOptions): Tensor;
    /** Π xᵢ over one dimension, several or all */
    prod(): Tensor<[]>;
    prod(dim?: Dims, options?: ReductionOptions): Tensor;
    /** (1/n) Σ xᵢ over one dimension, several or all */
    mean(): Tensor<[]>;
    mean(dim?: Dims, options?: ReductionOptions): Tensor;
    /** Σ (xᵢ − mean)² / (n − correction), with correction 1 by default */
    var(): Tensor<[]>;
    var(dim?: Dims, options?: VarianceOptions): Tensor;
    /** √ of var */
    std(): Tensor<[]>;
    std(dim?: Dims, options?: VarianceOptions): Tensor;
    /** The largest element; over one dimension the gradient goes to the first of equal ones, else they share it */
    max(): Tensor<[]>;
    max(dim?: Dims, options?: ReductionOptions): Tensor;
    /** The smallest element; its gradient is as max's */
    min(): Tensor<[]>;
    min(dim?: Dims, options?: ReductionOptions): Tensor;
    /** The index of the first largest element, as int32; without a dimension, in the flattened tensor */
    argmax(): Tensor<[]>;
    argmax(dim?: number | null, options?: ReductionOptions): Tensor;
    /** The index of the first smallest element, as int32; without a dimension, in the flattened tensor */
    argmin(): Tensor<[]>;
    argmin(dim?: number | null, options?: ReductionOptions): Tensor;
    /** ln Σ exp xᵢ, without overflow */
    logsumexp(): Tensor<[]>;
    logsumexp(dim?: Dims, options?: ReductionOptions): Tensor;
    /** (Σ |xᵢ|ᵖ)^(1/p), with p = 2 by default */
    norm(): Tensor<[]>;
    norm(dim?: Dims, options?: NormOptions): Tensor;
    /** Whether an element is nonzero */
    any(): Tensor<[]>;
    any(dim?: Dims, options?: ReductionOptions): Tensor;
    /** Whether all elements are nonzero */
    all(): Tensor<[]>;
    all(dim?: Dims, options?: ReductionOptions): Tensor;
    /** x₀ + … + xᵢ along a dimension */
    cumsum(dim: number): Tensor<S>;

    /** The matrix product over the last two dimensions; those in front broadcast. @throws ShapeError */
    matmul<M extends number, K extends number, N extends number>(
      this: Tensor<readonly [M, K]>,
      other: Tensor<readonly [K, N]>,
    ): Tensor<[M, N]>;
    matmul(other: Tensor): Tensor;

    /** The same elements under another shape; one extent may be −1. @throws ShapeError */
    reshape<const T extends Shape>(shape: T): Tensor<Reshaped<T>>;
    /** Dimension i of the result is dimension dims[i]. @throws ShapeError */
    permute(dims: readonly number[]): Tensor;
    /** Two dimensions exchanged. */
    transpose(first: number, second: number): Tensor;
    /** Copies along dimensions of extent 1 and new ones in front; −1 keeps an extent. @throws ShapeError */
    expand<const T extends Shape>(shape: T): Tensor<Reshaped<T>>;
    /** Without the dimensions of extent 1, or without one of them. */
    squeeze(dim?: number): Tensor;
    /** With a new dimension of extent 1. */
    unsqueeze(dim: number): Tensor;
    /** Dimensions start to end, both included, as one. */
    flatten(start?: number, end?: number): Tensor;
    /** Elements start to end (not included) of a dimension, as Python's slices. */
    slice(dim: number, start?: number | null, end?: number | null, step?: number): Tensor;
    /** `value` around: [before, after] of every dimension. @throws ShapeError */
    pad(padding: readonly (readonly [number, number])[], value?: number): Tensor;
    /** Along a dimension the element that the int32 index names; elsewhere its own place. @throws RangeError, ShapeError */
    gather(dim: number, index: Tensor): Tensor;
    /** The slices of a dimension that an int32 vector names. @throws RangeError, ShapeError */
    indexSelect(dim: number, index: Tensor): Tensor;
    /** Plus each source element at the place that the int32 index names. @throws RangeError, ShapeError */
    scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor<S>;
    /** 1 at the class that each int32 element names, along a new last dimension. @throws RangeError */
    oneHot(numClasses: number): Tensor;
  }
}

type Operation = (tensor: Tensor, ...rest: never[]) => unknown;

const METHODS: Record<string, Operation> = {
  ...access,
  add,
  sub,
  mul,
  div,
  pow,
  minimum,
  maximum,
  neg,
  exp,
  expm1,
  log,
  log1p,
  sqrt,
  rsqrt,
  abs,
  sign,
  floor,
  ceil,
  round,
  trunc,
  clamp,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  sigmoid,
  erf,
  relu,
  leakyRelu,
  gelu,
  silu,
  elu,
  softplus,
  softmax,
  logSoftmax,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  logicalAnd,
  logicalOr,
  logicalNot,
  isNaN,
  isFinite,
  to: cast,
  sum,
  prod,
  mean,
  var: variance,
  std,
  max,
  min,
  argmax,
  argmin,
  logsumexp,
  norm,
  any,
  all,
  cumsum,
  matmul,
  reshape,
  permute,
  transpose,
  expand,
  squeeze,
  unsqueeze,
  flatten,
  slice,
  pad,
  gather,
  indexSelect,
  scatterAdd,
  oneHot,
};

function install(name: string | symbol, value: unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true });
}

for (const [name, operation] of Object.entries(METHODS)) {
  const call = operation as (tensor: Tensor, ...rest: unknown[]) => unknown;
  // One argument and two are what nearly all calls have.
  install(name, function (this: Tensor, first: unknown, second: unknown, third: unknown, fourth: unknown): unknown {
    return call(this, first, second, third, fourth);
  });
}
install(Symbol.for("nodejs.util.inspect.custom"), function (this: Tensor): string {
  return access.toString(this);
});
