import type { Access, Expression, LoopKernel } from "../../../kernel/kernel.ts";

/** What the code generator needs to know of a kernel beyond its description. */
export interface Analysis {
  readonly kernel: LoopKernel;
  /** Lanes of a vector: 4, or 2 where anything is float64. */
  readonly lanes: number;
  /** Outer dims in loop order, without the vector dim. */
  readonly outer: number[];
  /** Reduction dims in loop order; the vector dim last if it is one of them. */
  readonly inner: number[];
  /** The dim that lanes run along, −1 in a kernel of one element. */
  readonly vector: number;
  readonly vectorReduced: boolean;
  /** Whether an expression depends on the reduction dims. */
  readonly full: boolean[];
  /** The pass over the reduction dims in which an expression is known (a reduction: in which it is summed). */
  readonly stage: number[];
  readonly stages: number;
}

interface Walk {
  readonly strides: number[];
  readonly mask: Access["mask"];
}

function accessesOf(kernel: LoopKernel): Walk[] {
  const accesses: Walk[] = kernel.stores.map((store) => store.access);
  for (const expression of kernel.expressions) {
    if (expression.kind === "load") accesses.push(expression.access);
    else if (expression.kind === "index") accesses.push(expression);
  }
  return accesses;
}

/** Merges neighbouring dims that every access walks as one; the first `keep` dims stay as they are. */
export function collapse(kernel: LoopKernel, keep = 0): LoopKernel {
  const accesses = accessesOf(kernel);
  const rank = kernel.extents.length;
  const groups: number[][] = [];
  for (let dim = 0; dim < rank; dim++) {
    const before = groups.at(-1);
    const last = before?.at(-1);
    const merges =
      before !== undefined &&
      last !== undefined &&
      last >= keep &&
      kernel.reduced[last] === kernel.reduced[dim] &&
      accesses.every(
        ({ strides, mask }) =>
          strides[last] === strides[dim] * kernel.extents[dim] && !isMasked(mask, last) && !isMasked(mask, dim),
      );
    if (merges) before.push(dim);
    else groups.push([dim]);
  }
  if (groups.length === rank) return kernel;
  const reshape = (strides: number[]): number[] => groups.map((group) => strides[group[group.length - 1]]);
  const remask = (mask: Access["mask"]): Access["mask"] => mask && groups.map((group) => mask[group[0]]);
  const expressions = kernel.expressions.map((expression): Expression => {
    if (expression.kind === "load")
      return {
        ...expression,
        access: {
          ...expression.access,
          strides: reshape(expression.access.strides),
          mask: remask(expression.access.mask),
        },
      };
    if (expression.kind === "index")
      return { ...expression, strides: reshape(expression.strides), mask: remask(expression.mask) };
    return expression;
  });
  return {
    ...kernel,
    extents: groups.map((group) => group.reduce((size, dim) => size * kernel.extents[dim], 1)),
    reduced: groups.map((group) => kernel.reduced[group[0]]),
    expressions,
    stores: kernel.stores.map((store) => ({
      ...store,
      access: { ...store.access, strides: reshape(store.access.strides), mask: remask(store.access.mask) },
    })),
  };
}

function isMasked(mask: Access["mask"], dim: number): boolean {
  return mask !== null && mask[dim][1] !== Number.MAX_SAFE_INTEGER;
}

export function operandsOf(expression: Expression): number[] {
  if (expression.kind === "map") return expression.operands;
  if (expression.kind === "reduce" || expression.kind === "gather") return [expression.operand];
  return [];
}

export function analyse(kernel: LoopKernel, keepFirst: boolean): Analysis {
  const rank = kernel.extents.length;
  const full: boolean[] = [];
  const stage: number[] = [];
  const overReduced = (strides: number[], mask: Access["mask"]): boolean =>
    kernel.reduced.some((reduced, dim) => reduced && (strides[dim] !== 0 || isMasked(mask, dim)));
  kernel.expressions.forEach((expression, index) => {
    const operands = operandsOf(expression);
    if (expression.kind === "load") full[index] = overReduced(expression.access.strides, expression.access.mask);
    else if (expression.kind === "index") full[index] = overReduced(expression.strides, expression.mask);
    else if (expression.kind === "reduce") full[index] = false;
    else full[index] = operands.some((operand) => full[operand]);
    stage[index] = operands.reduce(
      (latest, operand) => Math.max(latest, stage[operand] + (kernel.expressions[operand].kind === "reduce" ? 1 : 0)),
      0,
    );
  });
  const stages =
    1 + Math.max(0, ...stage.map((value, index) => value + (kernel.expressions[index].kind === "reduce" ? 1 : 0)));

  const firstOuter = kernel.reduced.indexOf(false);
  const accesses = accessesOf(kernel);
  let vector = -1;
  let best = Number.NEGATIVE_INFINITY;
  for (let dim = 0; dim < rank; dim++) {
    if (keepFirst && dim === firstOuter && rank > 1) continue;
    let score = Math.min(kernel.extents[dim], 16) / 8;
    for (const { strides } of accesses) {
      const stride = strides[dim];
      score += stride === 1 ? 2 : stride === 0 ? 0.5 : -2;
    }
    if (score >= best) {
      best = score;
      vector = dim;
    }
  }
  const outer: number[] = [];
  const inner: number[] = [];
  for (let dim = 0; dim < rank; dim++) {
    if (dim === vector) continue;
    if (kernel.reduced[dim]) inner.push(dim);
    else outer.push(dim);
  }
  const vectorReduced = vector >= 0 && kernel.reduced[vector];
  if (vectorReduced) inner.push(vector);
  const wide = kernel.expressions.some((expression) => expression.dtype === "float64");
  return { kernel, lanes: wide ? 2 : 4, outer, inner, vector, vectorReduced, full, stage, stages };
}
