import type { DType } from "../tensor/dtype.ts";
import type { Reduction, ScalarName } from "./scalar.ts";

/** How an element of a buffer is found from a place in the iteration space: strides in elements, one a dim. */
export interface Access {
  /** Index into the kernel's buffers. */
  readonly buffer: number;
  readonly dtype: DType;
  readonly strides: number[];
  /** Valid index ranges by dim; outside them the element is 0. */
  readonly mask: (readonly [low: number, high: number])[] | null;
}

/** A node of a kernel's expression DAG; operands are indices of earlier expressions. */
export type Expression =
  | { readonly kind: "load"; readonly access: Access; readonly dtype: DType }
  /** offset + Σ index·strides, as int32. */
  | {
      readonly kind: "index";
      readonly strides: number[];
      readonly offset: number;
      readonly mask: Access["mask"];
      readonly dtype: "int32";
    }
  /** The number at a place in the kernel's scalar table, an input of the plan. */
  | { readonly kind: "scalar"; readonly scalar: number; readonly dtype: DType }
  | { readonly kind: "constant"; readonly value: number; readonly dtype: DType }
  | { readonly kind: "map"; readonly fn: ScalarName; readonly operands: number[]; readonly dtype: DType }
  /** Over all the kernel's reduction dims. */
  | { readonly kind: "reduce"; readonly reduction: Reduction; readonly operand: number; readonly dtype: DType }
  /** The element of a buffer at a computed index; NaN (0 for integers) where that lies outside [0, length). */
  | {
      readonly kind: "gather";
      readonly buffer: number;
      readonly length: number;
      readonly operand: number;
      readonly dtype: DType;
    };

export interface Store {
  readonly expression: number;
  readonly access: Access;
}

/**
 * A fused loop nest: for every place of the outer dims, one pass over the reduction dims a stage. Expressions depend on
 * full places, or, once reduced, on outer ones alone.
 */
export interface LoopKernel {
  readonly kind: "loop";
  readonly extents: number[];
  readonly reduced: boolean[];
  readonly expressions: Expression[];
  readonly stores: Store[];
  /** How many buffers it takes as pointers. */
  readonly buffers: number;
  /** How many scalars it reads, 8 bytes each in its table. */
  readonly scalars: number;
}

/** C = A B for every batch; A, B by strides, C contiguous. The epilogue is a loop kernel over [batch, rows, columns]. */
export interface MatmulKernel {
  readonly kind: "matmul";
  readonly dtype: DType;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Strides of A by batch, row, inner; of B by batch, inner, column. */
  readonly left: readonly [number, number, number];
  readonly right: readonly [number, number, number];
  /** Reads the product as a buffer of its own and may write it. Its outermost dim is rows (of all batches). */
  readonly epilogue: LoopKernel | null;
}

/** out[index] += value, for a flat index; out is cleared first. */
export interface ScatterKernel {
  readonly kind: "scatter";
  readonly dtype: DType;
  readonly count: number;
  readonly length: number;
}

/** Running sums along one dim of a contiguous tensor [outer, extent, inner]. */
export interface ScanKernel {
  readonly kind: "scan";
  readonly dtype: DType;
  readonly outer: number;
  readonly extent: number;
  readonly inner: number;
  readonly reverse: boolean;
}

export type Kernel = LoopKernel | MatmulKernel | ScatterKernel | ScanKernel;

/** A key that two expressions over the same others share exactly when they do the same. */
export function expressionKey(expression: Expression): string {
  return expression.kind === "constant"
    ? `${expression.dtype} ${spelled(expression.value)}`
    : JSON.stringify(expression);
}

/** A key that two kernels share exactly when they do the same. */
export function kernelKey(kernel: Kernel): string {
  const loop = kernel.kind === "loop" ? kernel : kernel.kind === "matmul" ? kernel.epilogue : null;
  let key = JSON.stringify(kernel);
  for (const expression of loop?.expressions ?? [])
    if (expression.kind === "constant") key += ` ${spelled(expression.value)}`;
  return key;
}

/** A number as text that tells apart what JSON does not: -0, infinities and NaN. */
function spelled(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
