import { type Reduction, SCALAR_FUNCTIONS, type ScalarFunction, type ScalarName } from "../kernel/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What a node is. Leaves first, then computations, then views (which only change how their input is indexed). */
export const KINDS = [
  "data",
  "state",
  "scalar",
  "constant",
  "iota",
  "map",
  "reduce",
  "matmul",
  "gather",
  "scatter",
  "scan",
  "concat",
  "reshape",
  "permute",
  "expand",
  "slice",
  "pad",
] as const;
export type Kind = (typeof KINDS)[number];

/** Whether a node of this operation has no inputs by nature. */
export function isLeaf(op: Op): boolean {
  return op.code < KINDS.indexOf("map");
}

/**
 * The gradient rule of an operation: the gradients of its inputs as ordinary nodes, given that of its output. A rule may
 * return null for an input that `needs` says is not wanted, and must for one without a gradient.
 */
export type Gradient = (node: Tensor, gradient: Tensor, needs: readonly boolean[]) => (Tensor | null)[];

/** A primitive operation of the graph. */
export interface Op {
  /** The name that errors and inspection show. */
  readonly name: string;
  readonly kind: Kind;
  /** A number that, with attributes, shapes and dtypes, says what is computed. */
  readonly code: number;
  readonly scalar: ScalarFunction | null;
  readonly reduction: Reduction | null;
  readonly gradient: Gradient | null;
}

export function defineOp(name: string, kind: Kind, gradient: Gradient | null = null): Op {
  return { name, kind, code: KINDS.indexOf(kind), scalar: null, reduction: null, gradient };
}

/** An elementwise operation that applies a row of the scalar table. */
export function defineMap(name: ScalarName, gradient: Gradient | null = null): Op {
  const scalar = SCALAR_FUNCTIONS[name];
  return { name, kind: "map", code: KINDS.length + scalar.code, scalar, reduction: null, gradient };
}

export function defineReduction(reduction: Reduction, code: number, gradient: Gradient | null = null): Op {
  return { name: reduction, kind: "reduce", code: 1000 + code, scalar: null, reduction, gradient };
}
