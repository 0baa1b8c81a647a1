import type { Access, LoopKernel } from "../../../kernel/kernel.ts";
import { isCostly } from "../parts.ts";
import { type Analysis, operandsOf } from "./analysis.ts";

/** What a stage's pass over the reduction dims sums and stores. */
export interface Work {
  readonly sums: readonly number[];
  readonly stores: readonly number[];
}

/** What each pass over the reduction dims sums and stores. */
export class Passes {
  private readonly kernel: LoopKernel;

  constructor(private readonly analysis: Analysis) {
    this.kernel = analysis.kernel;
  }

  /** The expressions that are reduced in a stage. */
  reductions(stage: number): number[] {
    const found: number[] = [];
    this.kernel.expressions.forEach((expression, index) => {
      if (expression.kind === "reduce" && this.analysis.stage[index] === stage) found.push(index);
    });
    return found;
  }

  workOf(stage: number): Work {
    const { kernel, analysis } = this;
    const stores: number[] = [];
    kernel.stores.forEach((store, which) => {
      if (this.isFullStore(which) && analysis.stage[store.expression] + this.isReduce(store.expression) === stage)
        stores.push(which);
    });
    return { sums: this.reductions(stage), stores };
  }

  /** The full expressions that a pass evaluates for what it sums and stores. */
  private neededIn({ sums, stores }: Work): Set<number> {
    const needed = new Set<number>();
    const visit = (index: number): void => {
      if (!this.analysis.full[index] || needed.has(index)) return;
      needed.add(index);
      for (const operand of operandsOf(this.kernel.expressions[index])) visit(operand);
    };
    for (const sum of sums) for (const operand of operandsOf(this.kernel.expressions[sum])) visit(operand);
    for (const which of stores) visit(this.kernel.stores[which].expression);
    return needed;
  }

  /**
   * A costly value that this pass computes and the next one that stores needs again goes, for the time between, where that
   * store's result will be (softmax's exponentials): by expression, the store that lends its place.
   * @param stored expressions that are stored already
   */
  lentPlaces(stage: number, work: Work, stored: ReadonlyMap<number, number>): Map<number, number> {
    const { kernel, analysis } = this;
    const needed = this.neededIn(work);
    const lent = new Map<number, number>();
    for (let later = stage + 1; later < analysis.stages; later++) {
      const next = this.workOf(later);
      if (next.stores.length === 0 && next.sums.length === 0) continue;
      const again = this.neededIn(next);
      for (const which of next.stores) {
        const { access } = kernel.stores[which];
        const value = [...needed].find((index) => {
          const expression = kernel.expressions[index];
          return (
            expression.kind === "map" &&
            isCostly(expression.fn) &&
            expression.dtype === access.dtype &&
            again.has(index) &&
            !lent.has(index) &&
            !stored.has(index)
          );
        });
        if (value !== undefined && this.coversAll(access)) lent.set(value, which);
      }
      break;
    }
    return lent;
  }

  /** Whether every place of the iteration space has an element of its own. */
  private coversAll(access: Access): boolean {
    return access.strides.every((stride) => stride !== 0);
  }

  private isReduce(expression: number): number {
    return this.kernel.expressions[expression].kind === "reduce" ? 1 : 0;
  }

  /** Whether a store has places along the reduction dims. */
  isFullStore(which: number): boolean {
    const { strides } = this.kernel.stores[which].access;
    return this.kernel.reduced.some((reduced, dim) => reduced && strides[dim] !== 0);
  }
}
