import type { Access, Expression, LoopKernel, Store } from "../kernel/kernel.ts";
import type { DType } from "../tensor/dtype.ts";
import { sizeOf, stridesOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { BoundLoop, Place } from "./lower.ts";
import { CHEAP } from "./recompute.ts";
import type { Unit } from "./unit.ts";

/** What is split, and how finely; a test lowers these, so that small graphs are split as well. */
export const SPLITTING = {
  /** A kernel of fewer places is done before another thread has joined. */
  places: 2 ** 16,
  /** With as many places that are not reduced, threads share those. */
  outer: 16,
  /** A shorter dim is not worth it. */
  extent: 16,
  /** A dim is cut into about this many. */
  pieces: 64,
};

/** Makes the memory for a value between two kernels. */
type MakeBuffer = (shape: readonly number[], dtype: DType) => Unit;

/**
 * A kernel that reduces much to little as several, so that threads can share it: one that reduces pieces of a dim, one
 * for what is left over, and one that puts the pieces together; again for every stage that needs what an earlier one
 * reduced. Pieces follow from the shape alone. Other kernels stay as they are.
 */
export function splitReduction(loop: BoundLoop, makeBuffer: MakeBuffer): BoundLoop[] {
  const dim = dimToSplit(loop.kernel);
  return dim < 0 ? [loop] : new Splitting(loop, dim, makeBuffer).run();
}

/** The longest reduced dim, −1 where nothing is gained by splitting one. */
function dimToSplit(kernel: LoopKernel): number {
  const { extents, reduced } = kernel;
  const outer = sizeOf(extents.filter((_, dim) => !reduced[dim]));
  if (sizeOf(extents) < SPLITTING.places || outer >= SPLITTING.outer) return -1;
  let best = -1;
  extents.forEach((extent, dim) => {
    if (!reduced[dim] || extent < SPLITTING.extent || (best >= 0 && extents[best] >= extent)) return;
    if (!kernel.expressions.some((expression) => isMasked(maskOf(expression), dim))) best = dim;
  });
  return best;
}

function maskOf(expression: Expression): Access["mask"] {
  if (expression.kind === "load") return expression.access.mask;
  return expression.kind === "index" ? expression.mask : null;
}

function isMasked(mask: Access["mask"], dim: number): boolean {
  return mask !== null && mask[dim][1] !== Number.MAX_SAFE_INTEGER;
}

function operandsOf(expression: Expression): readonly number[] {
  if (expression.kind === "map") return expression.operands;
  return expression.kind === "reduce" || expression.kind === "gather" ? [expression.operand] : [];
}

type Mask = NonNullable<Access["mask"]>;

/** An iteration space made of the original one. */
interface Space {
  readonly extents: number[];
  readonly reduced: boolean[];
  /** Strides and masks by its dims, from those by the original ones. */
  strides(strides: readonly number[]): number[];
  mask(mask: Mask): Mask;
  /** The dim that was split, by the original ones, and where this space begins along it. */
  readonly dim: number;
  readonly start: number;
}

/** A value, in an expression's stead: where it lies, by the original dims. */
interface Stored {
  readonly place: Place;
  readonly strides: readonly number[];
}

class Splitting {
  private readonly kernel: LoopKernel;
  /** Whether an expression depends on the reduced dims. */
  private readonly full: boolean[] = [];
  /** The pass over the reduced dims in which an expression is known. */
  private readonly stage: number[] = [];
  /** The dims that are not reduced. */
  private readonly outer: number[];
  private readonly pieces: Space;
  /** What the pieces leave over. */
  private readonly rest: Space;
  /** The original space, with nothing reduced. */
  private readonly whole: Space;
  /** The pieces of every outer place. */
  private readonly joined: Space;
  /** The outer places. */
  private readonly around: Space;
  /** What earlier stages reduced to. */
  private readonly results = new Map<number, Stored>();
  private readonly calls: BoundLoop[] = [];

  constructor(
    private readonly loop: BoundLoop,
    private readonly dim: number,
    private readonly makeBuffer: MakeBuffer,
  ) {
    this.kernel = loop.kernel;
    const { extents, reduced, expressions } = this.kernel;
    expressions.forEach((expression, index) => {
      const operands = operandsOf(expression);
      const walk = expression.kind === "load" ? expression.access : expression.kind === "index" ? expression : null;
      this.full[index] =
        walk !== null
          ? reduced.some((isReduced, which) => isReduced && (walk.strides[which] !== 0 || isMasked(walk.mask, which)))
          : expression.kind !== "reduce" && operands.some((operand) => this.full[operand]);
      this.stage[index] = Math.max(
        0,
        ...operands.map((operand) => this.stage[operand] + (expressions[operand].kind === "reduce" ? 1 : 0)),
      );
    });
    this.outer = extents.flatMap((_, which) => (reduced[which] ? [] : [which]));
    const even = Math.ceil(extents[dim] / SPLITTING.pieces);
    // Whole cache lines, where that makes little difference.
    const length = even < 256 ? even : Math.ceil(even / 64) * 64;
    const count = Math.floor(extents[dim] / length);
    const same = { strides: (strides: readonly number[]) => [...strides], mask: (mask: Mask) => mask };
    this.whole = { extents, reduced: extents.map(() => false), ...same, dim, start: 0 };
    this.pieces = {
      extents: extents.flatMap((extent, which) => (which === dim ? [count, length] : [extent])),
      reduced: reduced.flatMap((isReduced, which) => (which === dim ? [false, true] : [isReduced])),
      strides: (strides) => strides.flatMap((stride, which) => (which === dim ? [stride * length, stride] : [stride])),
      mask: (mask) => mask.flatMap((range, which) => (which === dim ? [range, range] : [range])),
      dim,
      start: 0,
    };
    this.rest = {
      extents: extents.map((extent, which) => (which === dim ? extent - count * length : extent)),
      reduced,
      ...same,
      dim,
      start: count * length,
    };
    this.joined = {
      extents: [...this.outer.map((which) => extents[which]), this.rest.extents[dim] > 0 ? count + 1 : count],
      reduced: [...this.outer.map(() => false), true],
      strides: (strides) => [...this.outer.map((which) => strides[which]), 0],
      mask: (mask) => [...this.outer.map((which) => mask[which]), [0, Number.MAX_SAFE_INTEGER]],
      dim,
      start: 0,
    };
    this.around = {
      extents: this.outer.map((which) => extents[which]),
      reduced: this.outer.map(() => false),
      strides: (strides) => this.outer.map((which) => strides[which]),
      mask: (mask) => this.outer.map((which) => mask[which]),
      dim,
      start: 0,
    };
  }

  run(): BoundLoop[] {
    const { expressions, stores } = this.kernel;
    const reductions = expressions.flatMap((expression, index) => (expression.kind === "reduce" ? [index] : []));
    const inside = stores.filter((store) => this.isInside(store));
    const after = stores.filter((store) => !this.isInside(store));
    const stageOf = (index: number): number => this.stage[index];
    const passOf = ({ expression }: Store): number =>
      stageOf(expression) + (expressions[expression].kind === "reduce" ? 1 : 0);
    if (this.computesTwice(reductions, inside)) return [this.loop];
    const end = Math.max(...reductions.map(stageOf), ...inside.map(passOf));
    for (let stage = 0; stage <= end; stage++) {
      const sums = reductions.filter((index) => stageOf(index) === stage);
      const stored = inside.filter((store) => passOf(store) === stage);
      if (sums.length > 0) this.reduce(sums, stored, end === 0 ? after : []);
      else if (stored.length > 0) this.calls.push(new Writer(this.loop, this.whole, this.results).finish(stored, []));
    }
    // Last, since they may write over what the passes read.
    if (end > 0 && after.length > 0)
      this.calls.push(new Writer(this.loop, this.around, this.results).finish(after, []));
    return this.calls;
  }

  /** Whether a store has a place for every one of the reduced dims, be it for what is the same all along them. */
  private isInside({ expression, access }: Store): boolean {
    return this.full[expression] || access.strides.some((stride, dim) => stride !== 0 && this.kernel.reduced[dim]);
  }

  /** Whether two passes need a value that is dear to compute, which one kernel would store in between. */
  private computesTwice(reductions: readonly number[], inside: readonly Store[]): boolean {
    const passes = new Map<number, number>();
    const { expressions } = this.kernel;
    const visit = (index: number, stage: number): boolean => {
      const expression = expressions[index];
      if (!this.full[index] || passes.get(index) === stage) return false;
      const again = passes.has(index) && expression.kind === "map" && !CHEAP.has(expression.fn);
      passes.set(index, stage);
      return again || operandsOf(expression).some((operand) => visit(operand, stage));
    };
    return (
      reductions.some((index) => operandsOf(expressions[index]).some((operand) => visit(operand, this.stage[index]))) ||
      inside.some(({ expression }) => visit(expression, this.stage[expression]))
    );
  }

  /** Reduces piece by piece, storing what the same pass stores, and puts the pieces together. */
  private reduce(sums: readonly number[], stored: readonly Store[], after: readonly Store[]): void {
    const { extents, expressions } = this.kernel;
    const shape = this.outer.map((which) => extents[which]);
    const count = this.joined.extents[shape.length];
    const across = stridesOf([...shape, count]);
    const partial = sums.map((sum) => this.memory([...shape, count], expressions[sum].dtype));

    // By the original dims, and with a step from piece to piece.
    const outward = this.outward(across);
    const pieces = new Writer(this.loop, this.pieces, this.results);
    const steps = outward.flatMap((stride, which) => (which === this.dim ? [1, 0] : [stride]));
    this.calls.push(
      pieces.finish(
        stored,
        sums.map((sum, which) => ({ sum, place: partial[which], strides: steps })),
      ),
    );
    if (this.rest.extents[this.dim] > 0) {
      const rest = new Writer(this.loop, this.rest, this.results);
      const left = partial.map((place) => ({ ...place, offset: count - 1 }));
      this.calls.push(
        rest.finish(
          stored,
          sums.map((sum, which) => ({ sum, place: left[which], strides: outward })),
        ),
      );
    }

    const join = new Writer(this.loop, this.joined, this.results);
    sums.forEach((sum, which) => {
      join.reduceFrom(sum, { place: partial[which], strides: across });
    });
    const strides = stridesOf(shape);
    const kept = sums.map((sum) => ({
      sum,
      place: this.memory(shape, expressions[sum].dtype),
      strides: [...strides, 0],
    }));
    const wanted = kept.filter(({ sum }) => this.isNeededLater(sum, after));
    this.calls.push(join.finish(after, wanted));
    for (const { sum, place } of wanted) this.results.set(sum, { place, strides: this.outward(strides) });
  }

  /** Whether a kernel after the one that completes a sum uses it. */
  private isNeededLater(sum: number, stored: readonly Store[]): boolean {
    const { expressions, stores } = this.kernel;
    const uses = new Set([sum]);
    expressions.forEach((expression, index) => {
      if (operandsOf(expression).some((operand) => uses.has(operand))) uses.add(index);
    });
    return (
      [...uses].some((index) => index !== sum && (this.full[index] || expressions[index].kind === "reduce")) ||
      stores.some((store) => uses.has(store.expression) && !stored.includes(store))
    );
  }

  /** Strides by the outer dims as strides by all of the original ones. */
  private outward(strides: readonly number[]): number[] {
    const all = this.kernel.extents.map(() => 0);
    this.outer.forEach((which, index) => {
      all[which] = strides[index];
    });
    return all;
  }

  private memory(shape: readonly number[], dtype: DType): Place {
    return { source: this.makeBuffer(shape, dtype), offset: 0, starts: [], dtype };
  }
}

/** Writes one of the kernels: the expressions that its stores need, over its own space. */
class Writer {
  private readonly expressions: Expression[] = [];
  private readonly places: Place[] = [];
  private readonly scalars: Tensor[] = [];
  private readonly written = new Map<number, number>();

  constructor(
    private readonly loop: BoundLoop,
    private readonly space: Space,
    private readonly results: ReadonlyMap<number, Stored>,
  ) {}

  /** Makes a reduction one of values that lie in memory, by strides along this space. */
  reduceFrom(sum: number, { place, strides }: Stored): void {
    const { reduction, dtype } = this.loop.kernel.expressions[sum] as Extract<Expression, { kind: "reduce" }>;
    const operand = this.push({ kind: "load", access: this.access(place, [...strides]), dtype });
    this.written.set(sum, this.push({ kind: "reduce", reduction, operand, dtype }));
  }

  /** @param reduced Reductions that are stored, by strides along this space. */
  finish(
    stores: readonly Store[],
    reduced: readonly { readonly sum: number; readonly place: Place; readonly strides: readonly number[] }[],
  ): BoundLoop {
    const { kernel, places } = this.loop;
    const made: Store[] = [];
    for (const { sum, place, strides } of reduced)
      made.push({ expression: this.expression(sum), access: this.access(place, [...strides]) });
    for (const { expression, access } of stores)
      made.push({ expression: this.expression(expression), access: this.moved(access, places[access.buffer]) });
    return {
      kernel: {
        kind: kernel.kind,
        extents: this.space.extents,
        reduced: this.space.reduced,
        expressions: this.expressions,
        stores: made,
        buffers: this.places.length,
        scalars: this.scalars.length,
      },
      places: this.places,
      scalars: this.scalars,
    };
  }

  private expression(index: number): number {
    let made = this.written.get(index);
    if (made === undefined) {
      made = this.push(this.translate(index));
      this.written.set(index, made);
    }
    return made;
  }

  private translate(index: number): Expression {
    const { kernel, places, scalars } = this.loop;
    const expression = kernel.expressions[index];
    const result = this.results.get(index);
    if (result !== undefined) {
      const access = this.access(result.place, this.space.strides(result.strides));
      return { kind: "load", access, dtype: expression.dtype };
    }
    switch (expression.kind) {
      case "load":
        return { ...expression, access: this.moved(expression.access, places[expression.access.buffer]) };
      case "index":
        return {
          ...expression,
          strides: this.space.strides(expression.strides),
          offset: expression.offset + this.shift(expression.strides),
          mask: expression.mask && this.space.mask(expression.mask),
        };
      case "scalar":
        return { ...expression, scalar: numberOf(this.scalars, scalars[expression.scalar]) };
      case "constant":
        return expression;
      case "map":
        return { ...expression, operands: expression.operands.map((operand) => this.expression(operand)) };
      case "reduce":
        return { ...expression, operand: this.expression(expression.operand) };
      case "gather":
        return {
          ...expression,
          buffer: this.buffer(places[expression.buffer]),
          operand: this.expression(expression.operand),
        };
    }
  }

  /** An access of the original kernel, over this space. */
  private moved({ strides, mask }: Access, place: Place): Access {
    const from = { ...place, offset: place.offset + this.shift(strides) };
    return this.access(from, this.space.strides(strides), mask && this.space.mask(mask));
  }

  private shift(strides: readonly number[]): number {
    return this.space.start === 0 ? 0 : this.space.start * strides[this.space.dim];
  }

  private access(place: Place, strides: number[], mask: Access["mask"] = null): Access {
    return { buffer: this.buffer(place), dtype: place.dtype, strides, mask };
  }

  private buffer(place: Place): number {
    const found = this.places.findIndex(
      ({ source, offset, starts }) => source === place.source && offset === place.offset && starts === place.starts,
    );
    return found >= 0 ? found : this.places.push(place) - 1;
  }

  private push(expression: Expression): number {
    return this.expressions.push(expression) - 1;
  }
}

function numberOf<Value>(list: Value[], value: Value): number {
  const found = list.indexOf(value);
  return found >= 0 ? found : list.push(value) - 1;
}
