import type { Expression, LoopKernel, ScanKernel } from "../../kernel/kernel.ts";
import type { ScalarName } from "../../kernel/scalar.ts";
import type { FunctionBuilder } from "./assembler.ts";

/**
 * A function of a kernel, (begin, end, arguments…): it does the tasks [begin, end) out of `tasks`. Tasks follow from
 * shapes alone and write to different places, so that threads may share them in any way. A kernel's parts run one
 * after the other.
 */
export interface Part {
  readonly fn: FunctionBuilder;
  readonly tasks: number;
  /** Roughly how long all tasks take one thread, in nanoseconds. */
  readonly cost: number;
}

/** Functions of more than one or two instructions, with nanoseconds an element. */
const SLOW = new Map<ScalarName, number>([
  ["exp", 0.7],
  ["expm1", 1],
  ["log", 1],
  ["log1p", 1],
  ["sin", 1.5],
  ["cos", 1.5],
  ["tan", 2],
  ["asin", 1.5],
  ["acos", 1.5],
  ["atan", 1.5],
  ["sinh", 1.5],
  ["cosh", 1.5],
  ["tanh", 1.5],
  ["sigmoid", 1.5],
  ["erf", 1.5],
  ["pow", 3],
  ["div", 0.3],
  ["sqrt", 0.3],
  ["threefry", 4],
]);

/** Whether a function costs so much that a value is better stored and read back than computed in two passes. */
export function isCostly(name: ScalarName): boolean {
  return (SLOW.get(name) ?? 0) >= 0.5;
}

function elementCost(expression: Expression): number {
  if (expression.kind === "map") return SLOW.get(expression.fn) ?? 0.08;
  if (expression.kind === "gather") return 1;
  return expression.kind === "load" || expression.kind === "reduce" ? 0.15 : 0;
}

/** An estimate, in nanoseconds, to choose what is worth sharing among threads. */
export function loopCost(kernel: LoopKernel): number {
  const elements = kernel.extents.reduce((size, extent) => size * extent, 1);
  const each = kernel.expressions.reduce((sum, expression) => sum + elementCost(expression), 0);
  return elements * (each + 0.15 * kernel.stores.length);
}

/** As loopCost, for running sums, each of which waits for the one before. */
export function scanCost({ outer, extent, inner }: ScanKernel): number {
  return 1.5 * outer * extent * inner;
}

/** As loopCost, for a matrix product of so many multiplications. */
export function productCost(multiplications: number): number {
  return multiplications / 28;
}
