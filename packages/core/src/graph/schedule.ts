import { type DType, elementBytes } from "../tensor/dtype.ts";
import { sizeOf, stridesOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Call, matmulCall, placesOf, scanCall, scatterCall, transposedCall } from "./call.ts";
import { Fusion, type Group } from "./fuse.ts";
import { bytesOf, lowerCopy, lowerLoop, type Place, readsInPlace } from "./lower.ts";
import { defineOp } from "./op.ts";
import { Recomputation } from "./recompute.ts";
import type { Block, Slot } from "./slot.ts";
import { splitReduction } from "./split-reduction.ts";
import { inMemory, type Operand, Unit, UnitBuilder } from "./unit.ts";
import { isContiguous } from "./view.ts";

/** Where a unit's output lies: a stretch of the arena, or part of a slot's storage. */
export interface Buffer {
  readonly bytes: number;
  /** The slot that the buffer is, for values written in place. */
  readonly slot: Slot | null;
  /** First and last call that touch it. */
  first: number;
  last: number;
  /** Bytes from the start of the arena; set by the memory planner. */
  address: number;
}

/** A unit's place within a buffer. */
export interface Placement {
  readonly buffer: Buffer;
  /** In bytes. */
  readonly offset: number;
}

/** An effect whose value could not be written in place: copied once all readers of the old value have run. */
export interface Copy {
  readonly unit: Unit;
  readonly slot: Slot;
}

export interface Schedule {
  readonly calls: Call[];
  readonly placements: Map<Unit, Placement>;
  readonly buffers: Buffer[];
  /** For each root, the unit that holds its elements, or the leaf that it is. */
  readonly roots: (Unit | Tensor)[];
  readonly copies: Copy[];
  /** Leaves that lie in memory, with the first and last call that reads them. */
  readonly leaves: Map<Tensor, { first: number; last: number }>;
}

/** What stands for a value that only kernels of one group see. */
const BETWEEN = defineOp("partial result", "map");

interface SlotReader {
  readonly reader: Unit;
  readonly operand: Operand;
  readonly slot: Slot;
}

interface Range {
  readonly slot: Slot;
  readonly offset: number;
  readonly length: number;
}

function overlaps(a: Range, b: Range): boolean {
  return a.slot.block === b.slot.block && a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

/** Decides which kernels compute `roots` and `effects`, in which order, and where each result lies. */
export function schedule(
  order: readonly Tensor[],
  roots: readonly Tensor[],
  effects: readonly { slot: Slot; value: Tensor }[],
  fuse = true,
): Schedule {
  return new Scheduler(order, roots, effects, fuse).run();
}

class Scheduler {
  private readonly builder = new UnitBuilder();
  private readonly rootUnits: (Unit | Tensor)[];
  private readonly effectUnits: { slot: Slot; unit: Unit }[];
  /** Units whose outputs are wanted as such. */
  private readonly wanted = new Set<Unit>();
  private readonly fusion: Fusion;
  private readonly groups: Group[];
  private readonly placements = new Map<Unit, Placement>();
  private readonly buffers: Buffer[] = [];
  private readonly copies: Copy[] = [];
  /** Extra orderings: a group that must wait until others have read. */
  private readonly after = new Map<Group, Set<Group>>();
  private readonly stored = new Set<Unit>();
  private slotReaders: Map<Block, SlotReader[]> | null = null;

  constructor(
    order: readonly Tensor[],
    roots: readonly Tensor[],
    effects: readonly { slot: Slot; value: Tensor }[],
    fuse: boolean,
  ) {
    for (const node of order) this.builder.operand(node);
    this.rootUnits = roots.map((root) => {
      const operand = this.builder.operand(root);
      if (operand.unit === null && isContiguous(operand.view) && inMemory(operand.leaf!)) return operand.leaf!;
      return this.builder.materialize(root);
    });
    this.effectUnits = effects.map(({ slot, value }) => ({ slot, unit: this.builder.materialize(value) }));
    for (const { unit } of this.effectUnits) this.wanted.add(unit);
    for (const root of this.rootUnits) if (root instanceof Unit) this.wanted.add(root);
    this.fusion = new Fusion(this.builder.units, fuse);
    if (fuse) {
      new Recomputation(this.fusion, this.builder.units, this.wanted).run();
      this.fusion.fuseSiblings();
    }
    this.groups = this.fusion.groups;
    this.groups.forEach((group, index) => {
      group.order = index;
    });
  }

  run(): Schedule {
    for (const unit of this.builder.units) if (this.isStored(unit)) this.stored.add(unit);
    this.placeEffects();
    this.placeConcats();
    const ordered = this.sort();
    const calls: Call[] = [];
    const leaves = new Map<Tensor, { first: number; last: number }>();
    for (const group of ordered) {
      for (const call of this.lower(group)) {
        for (const place of placesOf(call)) this.touch(place, calls.length, leaves);
        calls.push(call);
      }
    }
    const end = calls.length;
    for (const root of this.rootUnits) {
      if (root instanceof Unit) this.buffer(root).last = end;
      else this.touch({ source: root, offset: 0, starts: [], dtype: root.dtype }, end, leaves);
    }
    for (const { unit } of this.copies) this.buffer(unit).last = end;
    return {
      calls,
      placements: this.placements,
      buffers: this.buffers,
      roots: this.rootUnits,
      copies: this.copies,
      leaves,
    };
  }

  private groupOf(unit: Unit): Group {
    return this.fusion.groupOf.get(unit)!;
  }

  /** Whether a unit's output is needed outside its own kernel. */
  private isStored(unit: Unit): boolean {
    if (this.wanted.has(unit)) return true;
    const group = this.groupOf(unit);
    if (group.kind === "other") return true;
    return unit.users.some((user) => this.groupOf(user) !== group);
  }

  private buffer(unit: Unit): Buffer {
    return this.placement(unit).buffer;
  }

  private placement(unit: Unit): Placement {
    let placement = this.placements.get(unit);
    if (placement === undefined) {
      const buffer = { bytes: bytesOf(unit), slot: null, first: Number.POSITIVE_INFINITY, last: -1, address: 0 };
      this.buffers.push(buffer);
      placement = { buffer, offset: 0 };
      this.placements.set(unit, placement);
    }
    return placement;
  }

  private touch(place: Place, call: number, leaves: Map<Tensor, { first: number; last: number }>): void {
    if (place.source instanceof Unit) {
      const buffer = this.buffer(place.source);
      buffer.first = Math.min(buffer.first, call);
      buffer.last = Math.max(buffer.last, call);
    } else {
      const use = leaves.get(place.source);
      if (use) use.last = call;
      else leaves.set(place.source, { first: call, last: call });
    }
  }

  // ---- Writing effects in place ----

  private placeEffects(): void {
    for (const { slot, unit } of this.effectUnits) {
      const range = { slot, offset: slot.offset, length: slot.length };
      if (!this.placements.has(unit) && this.reserve(unit, range)) this.placeInSlot(unit, slot, 0);
      else {
        this.stored.add(unit);
        this.copies.push({ unit, slot });
      }
    }
  }

  private placeInSlot(unit: Unit, slot: Slot, offset: number): void {
    const buffer = { bytes: bytesOf(unit), slot, first: Number.POSITIVE_INFINITY, last: -1, address: 0 };
    this.buffers.push(buffer);
    this.placements.set(unit, { buffer, offset });
  }

  /** Whether `unit` may write over a slot's old value; if so, notes that its group waits for all readers of it. */
  private reserve(unit: Unit, range: Range): boolean {
    const writer = this.groupOf(unit);
    const readers = new Set<Group>();
    for (const { reader, operand, slot } of this.readersOf(range.slot.block)) {
      if (!overlaps(range, { slot, offset: slot.offset, length: slot.length })) continue;
      const group = this.groupOf(reader);
      if (group !== writer) readers.add(group);
      else if (reader.kind === "concat" && slot.offset === range.offset + this.partOffset(reader, operand)) continue;
      else if (writer.kind === "other" || reader.kind === "gather" || reader.kind === "matmul") return false;
      else if (slot.offset !== range.offset || slot.length !== range.length) return false;
      else if (!readsInPlace(unit, operand, reader) || !this.storesLast(unit, writer)) return false;
    }
    for (const root of this.rootUnits) {
      const slot = root instanceof Unit ? null : root.source?.slot;
      if (slot && overlaps(range, { slot, offset: slot.offset, length: slot.length })) return false;
    }
    for (const reader of readers) if (this.waitsFor(reader, writer)) return false;
    const after = this.after.get(writer) ?? new Set();
    for (const reader of readers) after.add(reader);
    this.after.set(writer, after);
    return true;
  }

  /** The units that read slots of a block. */
  private readersOf(block: Block): readonly SlotReader[] {
    if (this.slotReaders === null) {
      this.slotReaders = new Map();
      for (const reader of this.builder.units) {
        for (const operand of reader.operands) {
          const slot = operand.leaf?.source?.slot;
          if (operand.leaf?.value !== null || !slot) continue;
          const list = this.slotReaders.get(slot.block);
          if (list === undefined) this.slotReaders.set(slot.block, [{ reader, operand, slot }]);
          else list.push({ reader, operand, slot });
        }
      }
    }
    return this.slotReaders.get(block) ?? [];
  }

  /** Whether a unit's store comes after everything its kernel reads: it is outer, or there is only one stage. */
  private storesLast(unit: Unit, group: Group): boolean {
    if (!group.hasReduction) return true;
    return !unit.dims.some((dim) => dim >= 0 && group.reduced[dim]) || unit.kind === "reduce";
  }

  private partOffset(concat: Unit, operand: Operand): number {
    const dim = concat.node.attributes[0];
    const stride = stridesOf(concat.node.shape)[dim];
    let start = 0;
    for (const part of concat.operands) {
      if (part === operand) break;
      start += part.view.shape[dim];
    }
    return start * stride;
  }

  /** Whether `group` depends on `other`, by operands or by the orderings noted so far. */
  private waitsFor(group: Group, other: Group): boolean {
    const seen = new Set<Group>([group]);
    const stack = [group];
    while (stack.length > 0) {
      for (const next of this.dependencies(stack.pop()!)) {
        if (next === other) return true;
        if (!seen.has(next)) {
          seen.add(next);
          stack.push(next);
        }
      }
    }
    return false;
  }

  private dependencies(group: Group): Set<Group> {
    const dependencies = new Set(this.after.get(group));
    for (const unit of group.units)
      for (const operand of unit.operands) {
        if (operand.unit === null) continue;
        const producer = this.groupOf(operand.unit);
        if (producer !== group) dependencies.add(producer);
      }
    return dependencies;
  }

  // ---- Concats whose parts are computed where they end up ----

  private placeConcats(): void {
    for (const unit of this.builder.units) {
      if (unit.kind !== "concat") continue;
      const dim = unit.node.attributes[0];
      if (sizeOf(unit.node.shape.slice(0, dim)) !== 1) continue;
      const whole = this.placement(unit);
      const { slot } = whole.buffer;
      const bytes = elementBytes(unit.node.dtype);
      unit.operands.forEach((operand) => {
        const part = operand.unit;
        if (part === null || part.kind === "concat" || !isContiguous(operand.view) || this.placements.has(part)) return;
        const offset = this.partOffset(unit, operand);
        const length = sizeOf(operand.view.shape);
        if (slot !== null && !this.reserve(part, { slot, offset: slot.offset + offset, length })) return;
        this.placements.set(part, { buffer: whole.buffer, offset: whole.offset + offset * bytes });
      });
    }
  }

  // ---- Order ----

  /** Groups in an order that keeps dependencies and otherwise the program's own. */
  private sort(): Group[] {
    const waiting = new Map<Group, number>();
    const users = new Map<Group, Group[]>();
    for (const group of this.groups) {
      const dependencies = this.dependencies(group);
      waiting.set(group, dependencies.size);
      for (const dependency of dependencies) {
        const list = users.get(dependency);
        if (list === undefined) users.set(dependency, [group]);
        else list.push(group);
      }
    }
    // Those that wait for nothing, the program's first at the end.
    const ready = this.groups
      .filter((group) => waiting.get(group) === 0)
      .sort((a, b) => b.units[0].index - a.units[0].index);
    const release = (group: Group): void => {
      let place = ready.length;
      while (place > 0 && ready[place - 1].units[0].index <= group.units[0].index) place--;
      ready.splice(place, 0, group);
    };
    const ordered: Group[] = [];
    for (let group = ready.pop(); group !== undefined; group = ready.pop()) {
      ordered.push(group);
      for (const user of users.get(group) ?? []) {
        const left = waiting.get(user)! - 1;
        waiting.set(user, left);
        if (left === 0) release(user);
      }
    }
    if (ordered.length !== this.groups.length) throw new Error("the schedule has a cycle");
    return ordered;
  }

  // ---- Kernels ----

  private lower(group: Group): Call[] {
    if (group.kind === "loop") {
      const stored = group.units.filter((unit) => this.stored.has(unit));
      if (stored.length === 0) return [];
      const loops = splitReduction(lowerLoop(group, stored), (shape, dtype) => this.makeBuffer(shape, dtype));
      return loops.map((loop) => ({ kind: "loop", loop }));
    }
    if (group.kind === "matmul") return [this.lowerMatmul(group)];
    const unit = group.units[0];
    if (unit.kind === "concat") return this.lowerConcat(unit);
    return [unit.kind === "scatter" ? scatterCall(unit) : scanCall(unit)];
  }

  /** Memory between two kernels of one group. */
  private makeBuffer(shape: readonly number[], dtype: DType): Unit {
    return new Unit(
      this.builder.units.length,
      new Tensor(BETWEEN, [], [...shape], dtype, [], []),
      "map",
      [],
      [...shape],
    );
  }

  private lowerConcat(unit: Unit): Call[] {
    const strides = stridesOf(unit.node.shape);
    const whole = this.placement(unit);
    const bytes = elementBytes(unit.node.dtype);
    const calls: Call[] = [];
    unit.operands.forEach((operand) => {
      const offset = this.partOffset(unit, operand);
      if (sizeOf(operand.view.shape) === 0) return;
      const inside = operand.unit && this.placements.get(operand.unit);
      if (
        inside &&
        inside.buffer === whole.buffer &&
        inside.offset === whole.offset + offset * bytes &&
        isContiguous(operand.view)
      )
        return;
      if (whole.buffer.slot !== null && isSlotRange(operand, whole.buffer.slot, offset)) return;
      const into: Place = { source: unit, offset, starts: [], dtype: unit.node.dtype };
      calls.push({ kind: "loop", loop: lowerCopy(operand, operand.view.shape, strides, into) });
    });
    return calls;
  }

  private lowerMatmul(group: Group): Call {
    const unit = group.units.find((candidate) => candidate.kind === "matmul")!;
    const stored = group.units.filter((candidate) => candidate !== unit && this.stored.has(candidate));
    const epilogue = stored.length > 0 ? lowerLoop(group, stored) : null;
    if (epilogue === null || this.stored.has(unit)) return matmulCall(unit, epilogue);
    const transposed = transposedCall(unit, epilogue);
    if (transposed !== null) return transposed;
    if (!this.placements.has(unit)) this.shareProduct(unit, stored, group);
    return matmulCall(unit, epilogue);
  }

  /** Lets the product lie where the epilogue's result goes, so that no memory is spent on it. */
  private shareProduct(unit: Unit, stored: readonly Unit[], group: Group): void {
    for (const result of stored) {
      if (bytesOf(result) !== bytesOf(unit) || result.node.dtype === "bool") continue;
      if (elementBytes(result.node.dtype) !== elementBytes(unit.node.dtype) || !sameLayout(result, unit)) continue;
      const placement = this.placement(result);
      const { slot } = placement.buffer;
      const readsSlot = group.units.some((reader) =>
        reader.operands.some((operand) => {
          const other = operand.leaf?.source?.slot;
          return slot !== null && other !== undefined && other !== null && other.block === slot.block;
        }),
      );
      if (readsSlot) continue;
      this.placements.set(unit, placement);
      return;
    }
  }
}

/** Whether two units of a group lay their elements out alike. */
function sameLayout(first: Unit, second: Unit): boolean {
  const a = first.dims.filter((dim) => dim >= 0);
  const b = second.dims.filter((dim) => dim >= 0);
  return a.length === b.length && a.every((dim, which) => dim === b[which]);
}

function isSlotRange(operand: Operand, slot: Slot, offset: number): boolean {
  const other = operand.leaf?.source?.slot;
  if (!other || operand.leaf?.value !== null || !isContiguous(operand.view)) return false;
  return other.block === slot.block && other.offset === slot.offset + offset;
}
