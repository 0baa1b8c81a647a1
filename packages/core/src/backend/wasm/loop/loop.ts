import type { Access, LoopKernel } from "../../../kernel/kernel.ts";
import { elementBytes } from "../../../tensor/dtype.ts";
import { type FunctionBuilder, I32, type Local, type ModuleBuilder, V128, type ValueType } from "../assembler.ts";
import { type MathFunctions, ScalarEmitter } from "../scalars.ts";
import { VectorBuilder } from "../vector.ts";
import { type Analysis, analyse, collapse, operandsOf } from "./analysis.ts";
import { MemoryEmitter, type Position } from "./memory.ts";
import { type Cursor, LoopNest } from "./nest.ts";
import { Passes, type Work } from "./passes.ts";
import { type Reduce, ReductionEmitter } from "./reductions.ts";

/** Float sums of more steps than this are made in two levels, so that rounding errors do not pile up. */
const CASCADE = 64;

/** A dim with fewer places than this is not split where a longer one can be. */
const ENOUGH_TASKS = 16;

/**
 * Writes a loop kernel as one function (begin, end, scalars, buffers…), which does the tasks [begin, end) of those that
 * the kernel falls into: places of one outer dim, or stretches of the vector dim. How they are split changes no bits.
 * @param keepFirst The tasks are the places of the first dim that is not reduced.
 */
export function emitLoop(
  module: ModuleBuilder,
  math: MathFunctions,
  kernel: LoopKernel,
  keepFirst = false,
): { fn: FunctionBuilder; tasks: number } {
  const analysis = analyse(collapse(kernel, keepFirst ? 1 : 0), keepFirst);
  const parameters = new Array<ValueType>(3 + kernel.buffers).fill(I32);
  const fn = module.function(parameters);
  const tasks = new LoopEmitter(fn, math, analysis, keepFirst).emit();
  return { fn, tasks };
}

class LoopEmitter {
  private readonly v: VectorBuilder;
  private readonly scalar: ScalarEmitter;
  private readonly kernel: LoopKernel;
  private readonly nest: LoopNest;
  private readonly memory: MemoryEmitter;
  private readonly reduction: ReductionEmitter;
  private readonly passes: Passes;
  private readonly loadCursors = new Map<number, Cursor>();
  private readonly storeCursors: Cursor[] = [];
  /** Values that hold for all of the reduction dims: by expression, for each unrolled copy. */
  private outerValues: Map<number, Local>[] = [];
  /** Values at the present place of the reduction dims. */
  private fullValues: Map<number, Local>[] = [];
  /** Full expressions that an earlier stage has stored: read back instead of computed again. */
  private readonly storedAt = new Map<number, number>();

  /** Full expressions that the present pass stores for the next: by expression, whose place they are lent. */
  private lent = new Map<number, number>();

  constructor(
    private readonly fn: FunctionBuilder,
    math: MathFunctions,
    private readonly analysis: Analysis,
    private readonly keepFirst: boolean,
  ) {
    this.v = new VectorBuilder(fn);
    this.scalar = new ScalarEmitter(this.v, analysis.lanes, math);
    this.kernel = analysis.kernel;
    this.nest = new LoopNest(fn);
    this.memory = new MemoryEmitter(this.v, this.scalar, this.nest, analysis.lanes, analysis.vector);
    this.reduction = new ReductionEmitter(this.v, this.scalar, analysis.lanes);
    this.passes = new Passes(analysis);
  }

  private get lanes(): number {
    return this.analysis.lanes;
  }

  /** Writes the function's body and says how many tasks there are. */
  emit(): number {
    const { kernel, fn } = this;
    const cursor = (access: Access): Cursor => {
      const bytes = elementBytes(access.dtype);
      const made = this.nest.cursor(access.strides.map((stride) => stride * bytes));
      made.local = 3 + access.buffer;
      return made;
    };
    kernel.expressions.forEach((expression, index) => {
      if (expression.kind === "load") this.loadCursors.set(index, cursor(expression.access));
      else if (expression.kind === "index") {
        const made = this.nest.cursor(expression.strides);
        made.local = fn.local(I32);
        fn.i32(expression.offset).set(made.local);
        this.loadCursors.set(index, made);
      }
    });
    for (const store of kernel.stores) this.storeCursors.push(cursor(store.access));
    this.hoistUniform();
    const tasks = this.splitTasks();
    this.outerLoops(0);
    return tasks;
  }

  /** The dim whose loop runs over the tasks, −1 where there is only one task. */
  private taskDim = -1;
  /** Of a split vector dim: the elements where the unrolled loop starts and ends, and the number of tasks. */
  private stretch: { from: Local; to: Local; tasks: number } | null = null;

  /**
   * Chooses the dim that the tasks run along, since the outer loops may run in any order: the first outer one unless it
   * is short and another, or the vector dim, has more.
   */
  private splitTasks(): number {
    const { outer, vector, vectorReduced } = this.analysis;
    const { extents } = this.kernel;
    const isShort = (dim: number): boolean => !this.keepFirst && extents[dim] < ENOUGH_TASKS;
    const longest = outer.reduce((best, dim) => (extents[dim] > extents[best] ? dim : best), outer[0] ?? -1);
    this.taskDim = outer.length > 0 && isShort(outer[0]) ? longest : (outer[0] ?? -1);
    const tasks = this.taskDim < 0 ? 1 : extents[this.taskDim];
    const unit = vector < 0 || vectorReduced ? 0 : this.lanes * this.outerUnroll();
    const stretches = unit === 0 ? 1 : Math.ceil(extents[vector] / unit);
    const splitsVector = stretches > tasks && (this.taskDim < 0 ? !this.keepFirst : isShort(this.taskDim));
    if (!splitsVector) return tasks;
    const { fn } = this;
    this.taskDim = vector;
    const [from, to] = [fn.local(I32), fn.local(I32)];
    fn.get(0).i32(unit).op("i32.mul").set(from);
    fn.get(1)
      .i32(unit)
      .op("i32.mul")
      .setAtMost(to, extents[vector] - (extents[vector] % unit));
    this.stretch = { from, to, tasks: stretches };
    return stretches;
  }

  // ---- Loops ----

  /** Scalars are splat once, before all loops. */
  private readonly uniform = new Map<number, Local>();
  private hoistUniform(): void {
    this.kernel.expressions.forEach((expression, index) => {
      if (expression.kind === "scalar") {
        const wide = expression.dtype === "float64";
        this.fn.get(2).vectorMemory(wide ? "v128.load64_splat" : "v128.load32_splat", expression.scalar * 8);
        const loaded = this.v.result();
        const isBool = expression.dtype === "bool";
        this.uniform.set(index, isBool ? this.scalar.widen(this.v.op("i32x4.ne", loaded, this.v.i32(0))) : loaded);
      } else if (expression.kind === "constant")
        this.uniform.set(index, this.scalar.constant(expression.value, expression.dtype));
    });
  }

  private outerLoops(depth: number): void {
    const { outer, vector, vectorReduced } = this.analysis;
    if (depth < outer.length) {
      const dim = outer[depth];
      const whole = dim !== this.taskDim;
      this.nest.loop(dim, whole ? 0 : { local: 0 }, whole ? this.kernel.extents[dim] : { local: 1 }, 1, () =>
        this.outerLoops(depth + 1),
      );
    } else if (vector < 0 || vectorReduced) this.tile([{ copy: 0, valid: 1 }]);
    else this.vectorLoop(this.outerUnroll(), (positions) => this.tile(positions));
  }

  /** Walks the vector dim: unrolled, then vector by vector, then the lanes that are left. */
  private vectorLoop(unroll: number, body: (positions: Position[]) => void): void {
    const { vector } = this.analysis;
    const extent = this.kernel.extents[vector];
    const { lanes } = this;
    const wide = extent - (extent % (lanes * unroll));
    const main = extent - (extent % lanes);
    const positions = (count: number, valid: number): Position[] =>
      Array.from({ length: count }, (_, copy) => ({ copy, valid }));
    const { stretch, fn } = this;
    const [from, to] = stretch === null ? [0, wide] : [{ local: stretch.from }, { local: stretch.to }];
    if (wide > 0) this.nest.loop(vector, from, to, lanes * unroll, () => body(positions(unroll, lanes)));
    if (extent === wide) return;
    if (stretch !== null) fn.get(1).i32(stretch.tasks).op("i32.eq").if();
    if (main > wide) this.nest.loop(vector, wide, main, lanes, () => body(positions(1, lanes)));
    if (extent > main) this.nest.loop(vector, main, extent, lanes, () => body(positions(1, extent - main)));
    if (stretch !== null) fn.end();
  }

  private outerUnroll(): number {
    const { kernel, lanes } = this;
    if (!kernel.reduced.includes(true)) return kernel.expressions.length <= 12 ? 2 : 1;
    if (kernel.extents[this.analysis.vector] < 4 * lanes) return 1;
    // Rows lie apart: a whole cache line of each is used while it is there, unless sums would fill it with their own.
    let sums = 0;
    for (let stage = 0; stage < this.analysis.stages; stage++)
      sums = Math.max(sums, this.passes.reductions(stage).length);
    return sums <= 4 ? 4 : 2;
  }

  private innerUnroll(sums: number): number {
    if (!this.analysis.vectorReduced) return 1;
    if (this.kernel.extents[this.analysis.vector] < 8 * this.lanes) return 1;
    return sums > 2 || this.kernel.expressions.length > 24 ? 1 : sums > 0 ? 4 : 2;
  }

  /** One place of the outer dims (or a few vectors of places): every stage's pass, then the outer stores. */
  private tile(positions: Position[]): void {
    const { kernel, analysis } = this;
    this.outerValues = positions.map(() => new Map());
    this.storedAt.clear();
    for (let stage = 0; stage < analysis.stages; stage++) {
      const work = this.passes.workOf(stage);
      const { sums, stores } = work;
      if (sums.length === 0 && stores.length === 0) continue;
      this.lent = this.passes.lentPlaces(stage, work, this.storedAt);
      this.pass(stage, work, positions);
      // What had been lent a place is gone from it once the store has its own result there.
      for (const which of stores) {
        for (const [index, place] of this.storedAt) if (place === which) this.storedAt.delete(index);
        this.storedAt.set(kernel.stores[which].expression, which);
      }
      for (const [index, which] of this.lent) this.storedAt.set(index, which);
    }
    this.fullValues = positions.map(() => new Map());
    // All values before any store: a store may write over what another value is computed from.
    const outerStores = kernel.stores.map((_, which) => which).filter((which) => !this.passes.isFullStore(which));
    for (const position of positions) {
      const values = outerStores.map((which) => this.value(kernel.stores[which].expression, position, -1));
      outerStores.forEach((which, at) => {
        this.store(which, values[at], analysis.vectorReduced ? { copy: 0, valid: 1 } : position);
      });
    }
  }

  /** A pass over the reduction dims: sums what reductions take, stores what is full. */
  private pass(stage: number, work: Work, positions: Position[]): void {
    const { kernel, analysis } = this;
    const { sums, stores } = work;
    const unroll = this.innerUnroll(sums.length);
    const copies = analysis.vectorReduced ? unroll : positions.length;
    // What holds for all of this pass is computed before its loops.
    for (const position of positions) {
      const visit = (index: number): void => {
        if (!analysis.full[index]) {
          if (this.kernel.expressions[index].kind !== "reduce" || analysis.stage[index] < stage)
            this.value(index, position, stage);
          return;
        }
        if (this.storedAt.has(index)) return;
        for (const operand of operandsOf(kernel.expressions[index])) visit(operand);
      };
      for (const sum of sums) visit(operandsOf(kernel.expressions[sum])[0]);
      for (const which of stores) visit(kernel.stores[which].expression);
    }
    const totals = sums.map((sum) => {
      const { dtype, reduction } = kernel.expressions[sum] as Reduce;
      return Array.from({ length: copies }, () => this.fresh(this.reduction.start(reduction, dtype)));
    });
    this.innerLoops(0, stage, work, positions, totals, unroll);
    sums.forEach((sum, which) => {
      const expression = kernel.expressions[sum] as Reduce;
      if (!analysis.vectorReduced) {
        positions.forEach((position, at) => {
          this.outerValues[position.copy].set(sum, totals[which][at]);
        });
        return;
      }
      let total = totals[which][0];
      for (let copy = 1; copy < copies; copy++)
        total = this.reduction.combine(expression.reduction, expression.dtype, total, totals[which][copy]);
      this.outerValues[0].set(sum, this.reduction.acrossLanes(expression.reduction, expression.dtype, total));
    });
  }

  private innerLoops(
    depth: number,
    stage: number,
    work: Work,
    positions: Position[],
    totals: Local[][],
    unroll: number,
  ): void {
    const { inner, vector, vectorReduced } = this.analysis;
    if (depth === inner.length) {
      this.body(stage, work, positions, totals);
      return;
    }
    const dim = inner[depth];
    const innermost = depth === inner.length - 1;
    if (!innermost) {
      this.nest.loop(dim, 0, this.kernel.extents[dim], 1, () =>
        this.innerLoops(depth + 1, stage, work, positions, totals, unroll),
      );
      return;
    }
    const extent = this.kernel.extents[dim];
    if (!vectorReduced) {
      this.cascaded(dim, 0, extent, 1, work.sums, totals, (partial) => this.body(stage, work, positions, partial));
      return;
    }
    const { lanes } = this;
    const wide = extent - (extent % (lanes * unroll));
    const main = extent - (extent % lanes);
    const at = (count: number, valid: number): Position[] =>
      Array.from({ length: count }, (_, copy) => ({ copy, valid }));
    if (wide > 0)
      this.cascaded(vector, 0, wide, lanes * unroll, work.sums, totals, (partial) =>
        this.body(stage, work, at(unroll, lanes), partial),
      );
    if (main > wide) this.nest.loop(vector, wide, main, lanes, () => this.body(stage, work, at(1, lanes), totals));
    if (extent > main)
      this.nest.loop(vector, main, extent, lanes, () => this.body(stage, work, at(1, extent - main), totals));
  }

  /** A loop whose long float sums are made in stretches, each added to the total at its end. */
  private cascaded(
    dim: number,
    start: number,
    end: number,
    step: number,
    sums: readonly number[],
    totals: Local[][],
    body: (totals: Local[][]) => void,
  ): void {
    const { kernel } = this;
    const isFloatSum = (sum: number): boolean => {
      const expression = kernel.expressions[sum] as Reduce;
      return expression.reduction === "sum" && expression.dtype.startsWith("float");
    };
    const steps = Math.ceil((end - start) / step);
    if (steps <= CASCADE || !sums.some(isFloatSum)) {
      this.nest.loop(dim, start, end, step, () => body(totals));
      return;
    }
    const stretch = CASCADE * step;
    const whole = end - ((end - start) % stretch);
    const partial = totals.map((copies, which) =>
      isFloatSum(sums[which]) ? copies.map((local) => this.fresh(local)) : copies,
    );
    const losses = totals.map((copies, which) =>
      isFloatSum(sums[which])
        ? copies.map(() => this.fresh(this.scalar.constant(0, kernel.expressions[sums[which]].dtype)))
        : [],
    );
    const run = (from: number, to: number): void => {
      sums.forEach((sum, which) => {
        if (isFloatSum(sum))
          for (const local of partial[which])
            this.fn.get(this.scalar.constant(0, kernel.expressions[sum].dtype)).set(local);
      });
      this.nest.loop(dim, from, to, step, () => body(partial));
      sums.forEach((sum, which) => {
        if (!isFloatSum(sum)) return;
        const type = kernel.expressions[sum].dtype === "float64" ? "f64x2" : "f32x4";
        totals[which].forEach((total, copy) => {
          // Kahan's sum: what an addition rounds away is taken off the next one.
          const lost = losses[which][copy];
          const corrected = this.v.op(`${type}.sub`, partial[which][copy], lost);
          const sumNow = this.v.op(`${type}.add`, total, corrected);
          this.fn.get(this.v.op(`${type}.sub`, this.v.op(`${type}.sub`, sumNow, total), corrected)).set(lost);
          this.fn.get(sumNow).set(total);
        });
      });
    };
    // The stretches are a loop around the loop: both move the cursors along the same dim.
    this.nest.loop(dim, start, whole, stretch, () => run(0, stretch));
    if (whole < end) this.nest.loop(dim, whole, end, end - whole, () => run(0, end - whole));
  }

  /** What happens at one place of the reduction dims, or a few vectors of them. */
  private body(stage: number, { sums, stores }: Work, positions: Position[], totals: Local[][]): void {
    const { kernel, fn } = this;
    const splat = this.analysis.vectorReduced;
    this.fullValues = positions.map(() => new Map());
    for (const position of positions) {
      const values = stores.map((which) => this.value(kernel.stores[which].expression, position, stage));
      sums.forEach((sum, which) => {
        const expression = kernel.expressions[sum] as Reduce;
        let value = this.value(expression.operand, position, stage);
        if (splat && position.valid < this.lanes) {
          value = this.scalar.select(
            this.laneMask(position.valid),
            value,
            this.reduction.start(expression.reduction, expression.dtype),
            expression.dtype,
          );
        }
        const total = totals[which][position.copy];
        fn.get(this.reduction.combine(expression.reduction, expression.dtype, total, value)).set(total);
      });
      for (const [index, which] of this.lent) this.store(which, this.value(index, position, stage), position);
      stores.forEach((which, at) => {
        this.store(which, values[at], position);
      });
    }
  }

  // ---- Values ----

  private value(index: number, position: Position, stage: number): Local {
    const uniform = this.uniform.get(index);
    if (uniform !== undefined) return uniform;
    const { full, vectorReduced } = this.analysis;
    const values = full[index] ? this.fullValues[position.copy] : this.outerValues[vectorReduced ? 0 : position.copy];
    const known = values.get(index);
    if (known !== undefined) return known;
    const local = this.compute(index, full[index] || !vectorReduced ? position : { copy: 0, valid: this.lanes }, stage);
    values.set(index, local);
    return local;
  }

  private compute(index: number, position: Position, stage: number): Local {
    const { kernel, analysis } = this;
    const expression = kernel.expressions[index];
    const stored = this.storedAt.get(index);
    if (stored !== undefined && expression.kind === "map" && analysis.full[index])
      return this.memory.load(this.storeCursors[stored], kernel.stores[stored].access, position);
    switch (expression.kind) {
      case "load":
        return this.memory.load(this.loadCursors.get(index)!, expression.access, position);
      case "index":
        return this.memory.index(this.loadCursors.get(index)!, expression, position);
      case "map": {
        const operands = expression.operands.map((operand) => this.value(operand, position, stage));
        const from = kernel.expressions[expression.operands[expression.fn === "where" ? 1 : 0]].dtype;
        if (expression.fn === "max" || expression.fn === "min") {
          const bounds = expression.operands.map((operand) => kernel.expressions[operand]);
          const which = bounds.findIndex((bound) => bound.kind === "constant");
          const bound = bounds[which];
          if (bound?.kind === "constant") {
            const result = this.scalar.extremeOf(expression.fn, operands[1 - which], bound.value, from);
            if (result !== null) return result;
          }
        }
        return this.scalar.map(expression.fn, operands, from, expression.dtype);
      }
      case "gather":
        return this.memory.gather(expression, this.value(expression.operand, position, stage), position);
      default:
        throw new Error(`a ${expression.kind} is not computed in place`);
    }
  }

  private store(which: number, value: Local, position: Position): void {
    this.memory.store(this.storeCursors[which], this.kernel.stores[which].access, value, position);
  }

  /** A bool vector that is true in the first `valid` lanes. */
  private laneMask(valid: number): Local {
    const bytes = new Uint8Array(16);
    bytes.fill(255, 0, (valid * 16) / this.lanes);
    return this.fn.constant(bytes);
  }

  private fresh(value: Local): Local {
    const local = this.fn.local(V128);
    this.fn.get(value).set(local);
    return local;
  }
}
