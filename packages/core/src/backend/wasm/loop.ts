import type { Access, Expression, LoopKernel } from "../../kernel/kernel.ts";
import { reductionStart } from "../../kernel/scalar.ts";
import { type DType, elementBytes } from "../../tensor/dtype.ts";
import { type Analysis, analyse, collapse, operandsOf } from "./analysis.ts";
import { type FunctionBuilder, I32, type Local, type ModuleBuilder, V128, type ValueType } from "./assembler.ts";
import { isCostly } from "./parts.ts";
import { type MathFunctions, ScalarEmitter } from "./scalars.ts";
import { VectorBuilder } from "./vector.ts";

/** Float sums of more steps than this are made in two levels, so that rounding errors do not pile up. */
const CASCADE = 64;

/** Something that is addressed along the loops: a pointer in bytes, or an index. */
interface Cursor {
  /** Step by kernel dim: bytes for an access, elements for an index. */
  readonly strides: number[];
  local: Local;
  readonly dims: readonly number[];
}

/** Where in the vector dim a body stands: the unrolled copy, and how many lanes hold elements. */
interface Position {
  readonly copy: number;
  readonly valid: number;
}

/** Where a loop runs from and to: a number, or the local that holds it. */
type Bound = number | { readonly local: Local };

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
  private readonly loadCursors = new Map<number, Cursor>();
  private readonly storeCursors: Cursor[] = [];
  private readonly cursors: Cursor[] = [];
  /** The current index along each dim, in loops that are open and needed by masks. */
  private readonly indices: (Local | undefined)[] = [];
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
  }

  private get lanes(): number {
    return this.analysis.lanes;
  }

  /** Writes the function's body and says how many tasks there are. */
  emit(): number {
    const { kernel, fn } = this;
    const cursor = (access: Access): Cursor => {
      const bytes = elementBytes(access.dtype);
      const made = this.cursor(access.strides.map((stride) => stride * bytes));
      made.local = 3 + access.buffer;
      return made;
    };
    kernel.expressions.forEach((expression, index) => {
      if (expression.kind === "load") this.loadCursors.set(index, cursor(expression.access));
      else if (expression.kind === "index") {
        const made = this.cursor(expression.strides);
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

  private cursor(strides: number[]): Cursor {
    const dims: number[] = [];
    strides.forEach((stride, dim) => {
      if (stride !== 0) dims.push(dim);
    });
    const made: Cursor = { strides, local: -1, dims };
    this.cursors.push(made);
    return made;
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

  /**
   * Runs `body` for indices from `start` in steps of `step` up to `end`, with every cursor moved along.
   */
  private loop(dim: number, start: Bound, end: Bound, step: number, body: () => void): void {
    const { fn } = this;
    const saved = this.cursors.map((cursor) => cursor.local);
    const savedIndex = this.indices[dim];
    const moving = this.cursors.filter((cursor) => cursor.strides[dim] !== 0);
    if (typeof start === "number" && typeof end === "number" && end <= start) return;
    const single = typeof start === "number" && typeof end === "number" && end - start <= step;
    for (const cursor of moving) {
      if (start === 0 && single) continue;
      const local = fn.local(I32);
      fn.get(cursor.local);
      if (typeof start !== "number") fn.get(start.local).i32(cursor.strides[dim]).op("i32.mul").op("i32.add");
      else if (start !== 0) fn.i32(start * cursor.strides[dim]).op("i32.add");
      fn.set(local);
      cursor.local = local;
    }
    const index = fn.local(I32);
    if (typeof start === "number") fn.i32(start).set(index);
    else fn.get(start.local).set(index);
    // A loop inside a loop along the same dim counts from where the outer one stands.
    const absolute = savedIndex === undefined ? index : fn.local(I32);
    if (savedIndex !== undefined) fn.get(savedIndex).get(index).op("i32.add").set(absolute);
    this.indices[dim] = absolute;
    if (single) body();
    else {
      const pushEnd = (): void => void (typeof end === "number" ? fn.i32(end) : fn.get(end.local));
      const guarded = typeof start !== "number";
      if (guarded) {
        fn.block();
        fn.get(index);
        pushEnd();
        fn.op("i32.ge_s").branchIf(0);
      }
      fn.loop();
      body();
      for (const cursor of moving) {
        fn.get(cursor.local)
          .i32(step * cursor.strides[dim])
          .op("i32.add")
          .set(cursor.local);
      }
      if (absolute !== index) fn.get(absolute).i32(step).op("i32.add").set(absolute);
      fn.get(index).i32(step).op("i32.add").tee(index);
      pushEnd();
      fn.op("i32.lt_s").branchIf(0);
      fn.end();
      if (guarded) fn.end();
    }
    this.cursors.forEach((cursor, which) => {
      cursor.local = saved[which];
    });
    this.indices[dim] = savedIndex;
  }

  private outerLoops(depth: number): void {
    const { outer, vector, vectorReduced } = this.analysis;
    if (depth < outer.length) {
      const dim = outer[depth];
      const whole = dim !== this.taskDim;
      this.loop(dim, whole ? 0 : { local: 0 }, whole ? this.kernel.extents[dim] : { local: 1 }, 1, () =>
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
    if (wide > 0) this.loop(vector, from, to, lanes * unroll, () => body(positions(unroll, lanes)));
    if (extent === wide) return;
    if (stretch !== null) fn.get(1).i32(stretch.tasks).op("i32.eq").if();
    if (main > wide) this.loop(vector, wide, main, lanes, () => body(positions(1, lanes)));
    if (extent > main) this.loop(vector, main, extent, lanes, () => body(positions(1, extent - main)));
    if (stretch !== null) fn.end();
  }

  private reductions(stage: number): number[] {
    const found: number[] = [];
    this.kernel.expressions.forEach((expression, index) => {
      if (expression.kind === "reduce" && this.analysis.stage[index] === stage) found.push(index);
    });
    return found;
  }

  private outerUnroll(): number {
    const { kernel, lanes } = this;
    if (!kernel.reduced.includes(true)) return kernel.expressions.length <= 12 ? 2 : 1;
    if (kernel.extents[this.analysis.vector] < 4 * lanes) return 1;
    // Rows lie apart: a whole cache line of each is used while it is there, unless sums would fill it with their own.
    let sums = 0;
    for (let stage = 0; stage < this.analysis.stages; stage++) sums = Math.max(sums, this.reductions(stage).length);
    return sums <= 4 ? 4 : 2;
  }

  private innerUnroll(sums: number): number {
    if (!this.analysis.vectorReduced) return 1;
    if (this.kernel.extents[this.analysis.vector] < 8 * this.lanes) return 1;
    return sums > 2 || this.kernel.expressions.length > 24 ? 1 : sums > 0 ? 4 : 2;
  }

  /** The full expressions that a stage's pass evaluates for what it sums and stores. */
  private neededIn(sums: readonly number[], stores: readonly number[]): Set<number> {
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
   */
  private lentPlaces(stage: number, needed: ReadonlySet<number>): Map<number, number> {
    const { kernel, analysis } = this;
    const lent = new Map<number, number>();
    for (let later = stage + 1; later < analysis.stages; later++) {
      const { sums, stores } = this.workOf(later);
      if (stores.length === 0 && sums.length === 0) continue;
      const again = this.neededIn(sums, stores);
      for (const which of stores) {
        const { access } = kernel.stores[which];
        const value = [...needed].find((index) => {
          const expression = kernel.expressions[index];
          return (
            expression.kind === "map" &&
            isCostly(expression.fn) &&
            expression.dtype === access.dtype &&
            again.has(index) &&
            !lent.has(index) &&
            !this.storedAt.has(index)
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

  /** What a stage's pass sums and stores. */
  private workOf(stage: number): { sums: number[]; stores: number[] } {
    const { kernel, analysis } = this;
    const stores: number[] = [];
    kernel.stores.forEach((store, which) => {
      if (this.isFullStore(which) && analysis.stage[store.expression] + this.isReduce(store.expression) === stage)
        stores.push(which);
    });
    return { sums: this.reductions(stage), stores };
  }

  /** One place of the outer dims (or a few vectors of places): every stage's pass, then the outer stores. */
  private tile(positions: Position[]): void {
    const { kernel, analysis } = this;
    this.outerValues = positions.map(() => new Map());
    this.storedAt.clear();
    for (let stage = 0; stage < analysis.stages; stage++) {
      const { sums, stores } = this.workOf(stage);
      if (sums.length === 0 && stores.length === 0) continue;
      this.lent = this.lentPlaces(stage, this.neededIn(sums, stores));
      this.pass(stage, sums, stores, positions);
      // What had been lent a place is gone from it once the store has its own result there.
      for (const which of stores) {
        for (const [index, place] of this.storedAt) if (place === which) this.storedAt.delete(index);
        this.storedAt.set(kernel.stores[which].expression, which);
      }
      for (const [index, which] of this.lent) this.storedAt.set(index, which);
    }
    this.fullValues = positions.map(() => new Map());
    // All values before any store: a store may write over what another value is computed from.
    const outerStores = kernel.stores.map((_, which) => which).filter((which) => !this.isFullStore(which));
    for (const position of positions) {
      const values = outerStores.map((which) => this.value(kernel.stores[which].expression, position, -1));
      outerStores.forEach((which, at) => {
        this.store(which, values[at], analysis.vectorReduced ? { copy: 0, valid: 1 } : position);
      });
    }
  }

  private isReduce(expression: number): number {
    return this.kernel.expressions[expression].kind === "reduce" ? 1 : 0;
  }

  private isFullStore(which: number): boolean {
    const { strides } = this.kernel.stores[which].access;
    return this.kernel.reduced.some((reduced, dim) => reduced && strides[dim] !== 0);
  }

  /** A pass over the reduction dims: sums what reductions take, stores what is full. */
  private pass(stage: number, sums: number[], stores: number[], positions: Position[]): void {
    const { kernel, analysis } = this;
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
      const { dtype, reduction } = kernel.expressions[sum] as Extract<Expression, { kind: "reduce" }>;
      return Array.from({ length: copies }, () => this.fresh(this.start(reduction, dtype)));
    });
    this.innerLoops(0, stage, sums, stores, positions, totals, unroll);
    sums.forEach((sum, which) => {
      const expression = kernel.expressions[sum] as Extract<Expression, { kind: "reduce" }>;
      if (!analysis.vectorReduced) {
        positions.forEach((position, at) => {
          this.outerValues[position.copy].set(sum, totals[which][at]);
        });
        return;
      }
      let total = totals[which][0];
      for (let copy = 1; copy < copies; copy++)
        total = this.combine(expression.reduction, expression.dtype, total, totals[which][copy]);
      this.outerValues[0].set(sum, this.acrossLanes(expression.reduction, expression.dtype, total));
    });
  }

  private fresh(value: Local): Local {
    const local = this.fn.local(V128);
    this.fn.get(value).set(local);
    return local;
  }

  private start(reduction: Extract<Expression, { kind: "reduce" }>["reduction"], dtype: DType): Local {
    if (dtype === "bool") return this.scalar.constant(reduction === "min" || reduction === "prod" ? 1 : 0, "bool");
    return this.scalar.constant(reductionStart(reduction, dtype), dtype);
  }

  private combine(
    reduction: Extract<Expression, { kind: "reduce" }>["reduction"],
    dtype: DType,
    first: Local,
    second: Local,
  ): Local {
    const fn = reduction === "sum" ? "add" : reduction === "prod" ? "mul" : reduction;
    return this.scalar.map(fn, [first, second], dtype, dtype);
  }

  /** Combines a vector's lanes; the result stands in every lane. */
  private acrossLanes(
    reduction: Extract<Expression, { kind: "reduce" }>["reduction"],
    dtype: DType,
    total: Local,
  ): Local {
    const { v, lanes } = this;
    const halves = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
    const pairs = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11];
    if (lanes === 2)
      return this.combine(
        reduction,
        dtype,
        total,
        v.shuffle(total, total, dtype === "float64" || dtype === "bool" ? halves : pairs),
      );
    const half = this.combine(reduction, dtype, total, v.shuffle(total, total, halves));
    return this.combine(reduction, dtype, half, v.shuffle(half, half, pairs));
  }

  private innerLoops(
    depth: number,
    stage: number,
    sums: number[],
    stores: number[],
    positions: Position[],
    totals: Local[][],
    unroll: number,
  ): void {
    const { inner, vector, vectorReduced } = this.analysis;
    if (depth === inner.length) {
      this.body(stage, sums, stores, positions, totals);
      return;
    }
    const dim = inner[depth];
    const innermost = depth === inner.length - 1;
    if (!innermost) {
      this.loop(dim, 0, this.kernel.extents[dim], 1, () =>
        this.innerLoops(depth + 1, stage, sums, stores, positions, totals, unroll),
      );
      return;
    }
    const extent = this.kernel.extents[dim];
    if (!vectorReduced) {
      this.cascaded(dim, 0, extent, 1, sums, totals, (partial) => this.body(stage, sums, stores, positions, partial));
      return;
    }
    const { lanes } = this;
    const wide = extent - (extent % (lanes * unroll));
    const main = extent - (extent % lanes);
    const at = (count: number, valid: number): Position[] =>
      Array.from({ length: count }, (_, copy) => ({ copy, valid }));
    if (wide > 0)
      this.cascaded(vector, 0, wide, lanes * unroll, sums, totals, (partial) =>
        this.body(stage, sums, stores, at(unroll, lanes), partial),
      );
    if (main > wide) this.loop(vector, wide, main, lanes, () => this.body(stage, sums, stores, at(1, lanes), totals));
    if (extent > main)
      this.loop(vector, main, extent, lanes, () => this.body(stage, sums, stores, at(1, extent - main), totals));
  }

  /** A loop whose long float sums are made in stretches, each added to the total at its end. */
  private cascaded(
    dim: number,
    start: number,
    end: number,
    step: number,
    sums: number[],
    totals: Local[][],
    body: (totals: Local[][]) => void,
  ): void {
    const { kernel } = this;
    const isFloatSum = (sum: number): boolean => {
      const expression = kernel.expressions[sum] as Extract<Expression, { kind: "reduce" }>;
      return expression.reduction === "sum" && expression.dtype.startsWith("float");
    };
    const steps = Math.ceil((end - start) / step);
    if (steps <= CASCADE || !sums.some(isFloatSum)) {
      this.loop(dim, start, end, step, () => body(totals));
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
      this.loop(dim, from, to, step, () => body(partial));
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
    this.loop(dim, start, whole, stretch, () => run(0, stretch));
    if (whole < end) this.loop(dim, whole, end, end - whole, () => run(0, end - whole));
  }

  /** What happens at one place of the reduction dims, or a few vectors of them. */
  private body(stage: number, sums: number[], stores: number[], positions: Position[], totals: Local[][]): void {
    const { kernel, fn } = this;
    const splat = this.analysis.vectorReduced;
    this.fullValues = positions.map(() => new Map());
    for (const position of positions) {
      const values = stores.map((which) => this.value(kernel.stores[which].expression, position, stage));
      sums.forEach((sum, which) => {
        const expression = kernel.expressions[sum] as Extract<Expression, { kind: "reduce" }>;
        let value = this.value(expression.operand, position, stage);
        if (splat && position.valid < this.lanes) {
          value = this.scalar.select(
            this.laneMask(position.valid),
            value,
            this.start(expression.reduction, expression.dtype),
            expression.dtype,
          );
        }
        const total = totals[which][position.copy];
        fn.get(this.combine(expression.reduction, expression.dtype, total, value)).set(total);
      });
      for (const [index, which] of this.lent) this.store(which, this.value(index, position, stage), position);
      stores.forEach((which, at) => {
        this.store(which, values[at], position);
      });
    }
  }

  /** A bool vector that is true in the first `valid` lanes. */
  private laneMask(valid: number): Local {
    const bytes = new Uint8Array(16);
    bytes.fill(255, 0, (valid * 16) / this.lanes);
    return this.fn.constant(bytes);
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
      return this.load(this.storeCursors[stored], kernel.stores[stored].access, position);
    switch (expression.kind) {
      case "load":
        return this.load(this.loadCursors.get(index)!, expression.access, position);
      case "index":
        return this.index(this.loadCursors.get(index)!, expression, position);
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
        return this.gather(expression, this.value(expression.operand, position, stage), position);
      default:
        throw new Error(`a ${expression.kind} is not computed in place`);
    }
  }

  private vectorStride(cursor: Cursor): number {
    return this.analysis.vector < 0 ? 0 : cursor.strides[this.analysis.vector];
  }

  private load(cursor: Cursor, access: Access, position: Position): Local {
    const mask = access.mask?.map((range) => (range[1] === Number.MAX_SAFE_INTEGER ? null : range));
    const raw = mask?.some((range) => range !== null)
      ? this.maskedLoad(cursor, access, position, mask)
      : this.rawLoad(cursor, access, position);
    if (access.dtype !== "bool") return raw;
    return this.scalar.widen(this.v.op("i32x4.ne", raw, this.v.i32(0)));
  }

  /** Elements as they lie in memory: bools as words. */
  private rawLoad(cursor: Cursor, access: Access, position: Position): Local {
    const { fn, v, lanes } = this;
    const bytes = elementBytes(access.dtype);
    const stride = this.vectorStride(cursor);
    const wide = bytes === 8;
    const single = wide ? "v128.load64_zero" : "v128.load32_zero";
    const lane = wide ? "v128.load64_lane" : "v128.load32_lane";
    const offset = position.copy * lanes * stride;
    if (stride === 0) {
      fn.get(cursor.local).vectorMemory(wide ? "v128.load64_splat" : "v128.load32_splat");
      return v.result();
    }
    if (stride === bytes) {
      if (position.valid === 1) fn.get(cursor.local).vectorMemory(single, offset);
      else if (position.valid * bytes === 16) fn.get(cursor.local).vectorMemory("v128.load", offset);
      else {
        fn.get(cursor.local).vectorMemory("v128.load64_zero", offset);
        if (position.valid === 3) {
          const low = v.result();
          fn.get(cursor.local)
            .get(low)
            .vectorMemory("v128.load32_lane", offset + 8, 2);
        }
      }
      return v.result();
    }
    let loaded = -1;
    for (let which = 0; which < position.valid; which++) {
      const place = offset + which * stride;
      fn.get(cursor.local);
      if (place < 0) fn.i32(place).op("i32.add");
      if (which === 0) fn.vectorMemory(single, Math.max(place, 0));
      else fn.get(loaded).vectorMemory(lane, Math.max(place, 0), which);
      loaded = v.result();
    }
    return loaded;
  }

  /** Pushes 1 where the indices along the masked dims other than the vector dim are inside. */
  private pushInside(mask: (readonly [number, number] | null)[]): void {
    const { fn } = this;
    fn.i32(1);
    mask.forEach((range, dim) => {
      if (range === null || dim === this.analysis.vector) return;
      fn.get(this.indices[dim]!)
        .i32(range[0])
        .op("i32.sub")
        .i32(range[1] - range[0])
        .op("i32.lt_u")
        .op("i32.and");
    });
  }

  private maskedLoad(
    cursor: Cursor,
    access: Access,
    position: Position,
    mask: (readonly [number, number] | null)[],
  ): Local {
    const { fn, lanes } = this;
    const { vector } = this.analysis;
    const result = fn.local(V128);
    fn.get(this.v.i32(0)).set(result);
    this.pushInside(mask);
    fn.if();
    const range = vector < 0 ? null : mask[vector];
    if (range === null) fn.get(this.rawLoad(cursor, access, position)).set(result);
    else {
      const bytes = elementBytes(access.dtype);
      const stride = this.vectorStride(cursor);
      const first = position.copy * lanes;
      for (let which = 0; which < position.valid; which++) {
        fn.get(this.indices[vector]!)
          .i32(first + which - range[0])
          .op("i32.add")
          .i32(range[1] - range[0])
          .op("i32.lt_u")
          .if();
        fn.get(cursor.local)
          .i32((first + which) * stride)
          .op("i32.add")
          .get(result)
          .vectorMemory(bytes === 8 ? "v128.load64_lane" : "v128.load32_lane", 0, which)
          .set(result);
        fn.end();
      }
    }
    fn.end();
    return result;
  }

  private index(cursor: Cursor, expression: Extract<Expression, { kind: "index" }>, position: Position): Local {
    const { fn, v } = this;
    const stride = this.vectorStride(cursor);
    const first = position.copy * this.lanes * stride;
    fn.get(cursor.local).simd("i32x4.splat");
    let result = v.result();
    if (stride !== 0) {
      const steps = Int32Array.from({ length: 4 }, (_, lane) => first + lane * stride);
      result = v.op("i32x4.add", result, fn.constant(new Uint8Array(steps.buffer)));
    }
    const mask = expression.mask?.map((range) => (range[1] === Number.MAX_SAFE_INTEGER ? null : range));
    if (!mask?.some((range) => range !== null)) return result;
    const masked = fn.local(V128);
    fn.get(v.i32(0)).set(masked);
    this.pushInside(mask);
    fn.if();
    const range = this.analysis.vector < 0 ? null : mask[this.analysis.vector];
    if (range === null) fn.get(result).set(masked);
    else {
      fn.get(this.indices[this.analysis.vector]!).simd("i32x4.splat");
      const lanesAt = Int32Array.from({ length: 4 }, (_, lane) => position.copy * this.lanes + lane);
      const place = v.op("i32x4.add", v.result(), fn.constant(new Uint8Array(lanesAt.buffer)));
      const inside = v.op(
        "v128.and",
        v.op("i32x4.ge_s", place, v.i32(range[0])),
        v.op("i32x4.lt_s", place, v.i32(range[1])),
      );
      fn.get(v.op("v128.and", result, inside)).set(masked);
    }
    fn.end();
    return masked;
  }

  private gather(expression: Extract<Expression, { kind: "gather" }>, index: Local, position: Position): Local {
    const { fn, v } = this;
    const bytes = elementBytes(expression.dtype);
    const result = fn.local(V128);
    const outside = expression.dtype === "float32" || expression.dtype === "float64" ? Number.NaN : 0;
    fn.get(expression.dtype === "bool" ? v.i32(0) : this.scalar.constant(outside, expression.dtype)).set(result);
    const place = fn.local(I32);
    for (let which = 0; which < position.valid; which++) {
      fn.get(index).lane("i32x4.extract_lane", which).tee(place).i32(expression.length).op("i32.lt_u").if();
      fn.get(place)
        .i32(bytes)
        .op("i32.mul")
        .get(3 + expression.buffer)
        .op("i32.add")
        .get(result)
        .vectorMemory(bytes === 8 ? "v128.load64_lane" : "v128.load32_lane", 0, which)
        .set(result);
      fn.end();
    }
    return expression.dtype === "bool" ? this.scalar.widen(v.op("i32x4.ne", result, v.i32(0))) : result;
  }

  private store(which: number, value: Local, position: Position): void {
    const { fn, v, lanes } = this;
    const { access } = this.kernel.stores[which];
    const cursor = this.storeCursors[which];
    const bytes = elementBytes(access.dtype);
    const stride = this.vectorStride(cursor);
    if (access.dtype === "bool") value = v.op("v128.and", this.scalar.narrow(value), v.i32(1));
    const lane = bytes === 8 ? "v128.store64_lane" : "v128.store32_lane";
    const offset = position.copy * lanes * stride;
    if (stride === bytes && position.valid * bytes === 16) {
      fn.get(cursor.local).get(value).vectorMemory("v128.store", offset);
      return;
    }
    if (stride === bytes && bytes === 4 && position.valid >= 2) {
      fn.get(cursor.local).get(value).vectorMemory("v128.store64_lane", offset, 0);
      if (position.valid === 3)
        fn.get(cursor.local)
          .get(value)
          .vectorMemory("v128.store32_lane", offset + 8, 2);
      return;
    }
    const count = stride === 0 ? 1 : position.valid;
    for (let at = 0; at < count; at++) {
      fn.get(cursor.local)
        .get(value)
        .vectorMemory(lane, offset + at * stride, at);
    }
  }
}
