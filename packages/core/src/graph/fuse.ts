import type { Tensor } from "../tensor/tensor.ts";
import type { Operand, Unit } from "./unit.ts";

/** No more units than this in one kernel: longer functions compile slowly and spill. */
export const MAXIMUM_UNITS = 160;

/**
 * Units that run as one kernel over a common iteration space. Some dims may be reduced; then a unit is either full (it
 * runs along all dims) or outer (along the others: what reductions gave, and vectors beside it).
 */
export class Group {
  units: Unit[] = [];
  /** Above that of every group that it waits for: what is not below a group cannot be waited for by it. */
  level = 0;
  /** Counts walks, to tell visited groups. */
  mark = 0;
  order = 0;

  constructor(
    readonly kind: "loop" | "matmul" | "other",
    public extents: number[],
    public reduced: boolean[],
  ) {}

  get hasReduction(): boolean {
    return this.reduced.includes(true);
  }
}

const LOOP_KINDS = new Set(["map", "copy", "reduce", "gather"]);

/** Puts units into groups, fusing each with its producers wherever the iteration spaces line up and no cycle comes of it. */
export class Fusion {
  readonly groupOf = new Map<Unit, Group>();
  private walk = 0;

  constructor(
    units: readonly Unit[],
    /** Without fusion every unit is a kernel of its own. */
    enabled = true,
  ) {
    for (const unit of units) {
      const group = singleton(unit);
      this.groupOf.set(unit, group);
      group.level = this.levelAbove(group, null);
      if (!enabled || !LOOP_KINDS.has(unit.kind)) continue;
      for (const operand of unit.operands) {
        if (operand.unit === null) continue;
        this.fuse(this.groupOf.get(operand.unit)!, this.groupOf.get(unit)!);
      }
    }
    if (enabled) this.fuseSiblings();
  }

  get groups(): Group[] {
    return [...new Set(this.groupOf.values())];
  }

  /** Groups with the same space that read the same things run together, where neither waits for the other. */
  fuseSiblings(): void {
    const siblings = new Siblings();
    for (const group of this.groups) {
      if (group.kind !== "loop") continue;
      const candidates = siblings.of(group);
      const found = candidates.length === 0 ? undefined : this.firstIndependent(group, candidates);
      if (found === undefined) siblings.add(group);
      else {
        siblings.join(found, group);
        this.merge(
          found,
          group,
          group.extents.map((_, dim) => dim),
        );
      }
    }
  }

  /** The first candidate that has no other group between itself and `group`, nor waits for it, nor it for that. */
  private firstIndependent(group: Group, candidates: readonly Group[]): Group | undefined {
    const levels = candidates.map(({ level }) => level);
    const below = this.reached(group, Math.min(...levels), ({ operands }) => operands.map(({ unit }) => unit));
    const above = this.reached(group, Math.max(...levels), ({ users }) => users);
    return candidates.find((candidate) => !below.has(candidate) && !above.has(candidate));
  }

  /** The groups that are come to from one by a unit's neighbours, as far as some level. */
  private reached(from: Group, level: number, neighbours: (unit: Unit) => readonly (Unit | null)[]): Set<Group> {
    const down = level <= from.level;
    const reached = new Set<Group>();
    const stack = [from];
    while (stack.length > 0) {
      for (const unit of stack.pop()!.units) {
        for (const neighbour of neighbours(unit)) {
          if (neighbour === null) continue;
          const next = this.groupOf.get(neighbour)!;
          if (next === from || reached.has(next) || (down ? next.level < level : next.level > level)) continue;
          reached.add(next);
          stack.push(next);
        }
      }
    }
    return reached;
  }

  /** Whether `from` depends on `to`, through any other group (or directly too). */
  private reaches(from: Group, to: Group, direct: boolean): boolean {
    if (from.level <= to.level) return false;
    const mark = ++this.walk;
    const stack: Group[] = [];
    const visit = (group: Group): boolean => {
      for (const unit of group.units) {
        for (const operand of unit.operands) {
          if (operand.unit === null) continue;
          const next = this.groupOf.get(operand.unit)!;
          if (next === to) {
            if (direct || group !== from) return true;
          } else if (next.mark !== mark && next.level > to.level) {
            next.mark = mark;
            stack.push(next);
          }
        }
      }
      return false;
    };
    from.mark = mark;
    if (visit(from)) return true;
    while (stack.length > 0) if (visit(stack.pop()!)) return true;
    return false;
  }

  private fuse(producer: Group, consumer: Group): void {
    if (producer === consumer || producer.kind === "other" || consumer.kind !== "loop") return;
    if (producer.units.length + consumer.units.length > MAXIMUM_UNITS) return;
    const mapping = this.match(producer, consumer);
    if (mapping === null) return;
    if (this.reaches(consumer, producer, false) || this.reaches(producer, consumer, true)) return;
    if (consumer.extents.length <= producer.extents.length) this.merge(producer, consumer, mapping);
    else this.merge(consumer, producer, invert(mapping, producer.extents.length));
  }

  /** For every dim of the consumer the producer's dim that it runs along (−1 for none); null where they do not line up. */
  private match(producer: Group, consumer: Group): number[] | null {
    const mapping = new Array<number>(consumer.extents.length).fill(-1);
    const apart: [number, Set<number>][] = [];
    for (const unit of consumer.units) {
      for (const operand of unit.operands) {
        if (operand.unit === null || this.groupOf.get(operand.unit) !== producer) continue;
        if (unit.kind === "gather" && operand === unit.operands[0]) return null;
        const { view } = operand;
        if (view.mask !== null || view.starts.length > 0 || view.offset !== 0) return null;
        const outputs = outputDims(operand.unit);
        const used = new Set<number>();
        for (let dim = 0; dim < view.shape.length; dim++) {
          if (view.shape[dim] === 1) continue;
          const mine = unit.dims[dim];
          if (view.strides[dim] === 0) {
            apart.push([mine, new Set(outputs.map((output) => output.dim))]);
            continue;
          }
          const output = outputs.find(
            (candidate) =>
              candidate.stride === view.strides[dim] &&
              candidate.extent === view.shape[dim] &&
              !used.has(candidate.dim),
          );
          if (output === undefined) return null;
          used.add(output.dim);
          if (mapping[mine] !== -1 && mapping[mine] !== output.dim) return null;
          mapping[mine] = output.dim;
        }
        if (used.size !== outputs.length) return null;
      }
    }
    if (!this.complete(producer, consumer, mapping)) return null;
    for (const [dim, forbidden] of apart) if (forbidden.has(mapping[dim])) return null;
    return mapping;
  }

  /** Maps the dims that no operand ties, by extent in order, and checks that the two spaces fit in one kernel. */
  private complete(producer: Group, consumer: Group, mapping: number[]): boolean {
    const taken = new Set(mapping.filter((dim) => dim >= 0));
    if (taken.size !== mapping.filter((dim) => dim >= 0).length) return false;
    const more = consumer.extents.length - producer.extents.length;
    if (more > 0) {
      // The producer is a vector beside the consumer's reductions: it must cover exactly the consumer's outer dims.
      if (producer.kind !== "loop" || producer.hasReduction || !consumer.hasReduction) return false;
      for (let dim = 0; dim < mapping.length; dim++) if (mapping[dim] < 0 !== consumer.reduced[dim]) return false;
      return taken.size === producer.extents.length;
    }
    let next = 0;
    for (let dim = 0; dim < mapping.length; dim++) {
      if (mapping[dim] >= 0) continue;
      while (
        next < producer.extents.length &&
        (taken.has(next) || producer.extents[next] !== consumer.extents[dim] || (more < 0 && producer.reduced[next]))
      )
        next++;
      if (next === producer.extents.length) return false;
      mapping[dim] = next;
      taken.add(next);
    }
    if (more < 0) {
      // The consumer works on what the producer's reductions gave.
      if (producer.kind !== "loop" || !producer.hasReduction || consumer.hasReduction) return false;
      for (let dim = 0; dim < producer.extents.length; dim++)
        if (taken.has(dim) === producer.reduced[dim]) return false;
      return true;
    }
    if (producer.kind === "matmul") return !consumer.hasReduction;
    if (!producer.hasReduction || !consumer.hasReduction) return true;
    return mapping.every((dim, mine) => producer.reduced[dim] === consumer.reduced[mine]);
  }

  /** Moves the units of `from` into `into`; `mapping` gives for each dim of `from` that of `into`. */
  private merge(into: Group, from: Group, mapping: readonly number[]): void {
    for (const unit of from.units) {
      unit.dims = unit.dims.map((dim) => (dim < 0 ? -1 : mapping[dim]));
      this.groupOf.set(unit, into);
    }
    from.reduced.forEach((reduced, dim) => {
      if (reduced) into.reduced[mapping[dim]] = true;
    });
    const level = Math.max(into.level, this.levelAbove(from, into));
    const raised = level > Math.min(into.level, from.level);
    into.level = level;
    into.units = [...into.units, ...from.units].sort((a, b) => a.index - b.index);
    from.units = [];
    if (raised) this.raiseUsers(into);
  }

  /** The least level above all groups that `group` waits for, but for one that it is about to join. */
  private levelAbove(group: Group, joining: Group | null): number {
    let level = 0;
    for (const unit of group.units) {
      for (const operand of unit.operands) {
        if (operand.unit === null) continue;
        const producer = this.groupOf.get(operand.unit)!;
        if (producer !== group && producer !== joining) level = Math.max(level, producer.level + 1);
      }
    }
    return level;
  }

  /** Puts what waits for a group above it again. */
  private raiseUsers(group: Group): void {
    const stack = [group];
    while (stack.length > 0) {
      const raised = stack.pop()!;
      for (const unit of raised.units) {
        for (const user of unit.users) {
          const next = this.groupOf.get(user);
          if (next === undefined || next === raised || next.level > raised.level) continue;
          next.level = raised.level + 1;
          stack.push(next);
        }
      }
    }
  }
}

/** Groups of loops by their space and what they read, so that those that could run together are found without a search. */
class Siblings {
  private readonly readers = new Map<string, Map<Unit | Tensor | null, Group[]>>();
  private readonly place = new Map<Group, number>();

  /** Groups with the same space that read something that `group` reads and have room for its units, in order. */
  of(group: Group): Group[] {
    const readers = this.readers.get(space(group));
    if (readers === undefined) return [];
    const found = new Set<Group>();
    for (const source of sourcesOf(group)) {
      const list = readers.get(source);
      if (list === undefined) continue;
      const open = list.filter((other) => other.units.length < MAXIMUM_UNITS);
      readers.set(source, open);
      for (const other of open) if (other.units.length + group.units.length <= MAXIMUM_UNITS) found.add(other);
    }
    return [...found].sort((a, b) => this.place.get(a)! - this.place.get(b)!);
  }

  add(group: Group): void {
    this.place.set(group, this.place.size);
    this.join(group, group);
  }

  /** Notes that a group here reads what another reads that becomes part of it. */
  join(group: Group, other: Group): void {
    const key = space(group);
    let readers = this.readers.get(key);
    if (readers === undefined) {
      readers = new Map();
      this.readers.set(key, readers);
    }
    for (const source of sourcesOf(other)) {
      const list = readers.get(source);
      if (list === undefined) readers.set(source, [group]);
      else if (!list.includes(group)) list.push(group);
    }
  }
}

function space({ extents, reduced }: Group): string {
  return `${extents};${reduced}`;
}

/** What a group reads that is worth reading once; groups of one element run together whatever they read. */
function sourcesOf(group: Group): Set<Unit | Tensor | null> {
  if (group.extents.length === 0) return new Set([null]);
  const sources = new Set<Unit | Tensor | null>();
  for (const unit of group.units)
    for (const operand of unit.operands) if (large(operand)) sources.add(operand.unit ?? operand.leaf);
  return sources;
}

function large(operand: Operand): boolean {
  if (
    operand.leaf !== null &&
    (operand.leaf.op.kind === "scalar" || operand.leaf.op.kind === "constant" || operand.leaf.op.kind === "iota")
  )
    return false;
  return true;
}

function invert(mapping: readonly number[], length: number): number[] {
  const inverse = new Array<number>(length).fill(-1);
  mapping.forEach((to, from) => {
    if (to >= 0) inverse[to] = from;
  });
  return inverse;
}

function singleton(unit: Unit): Group {
  const extents: number[] = [];
  const reduced: boolean[] = [];
  unit.dims = unit.domain.map((extent, dim) => {
    if (extent === 1) return -1;
    extents.push(extent);
    reduced.push(unit.reduces(dim));
    return extents.length - 1;
  });
  const kind = unit.kind === "matmul" ? "matmul" : LOOP_KINDS.has(unit.kind) ? "loop" : "other";
  const group = new Group(kind, extents, reduced);
  group.units.push(unit);
  return group;
}

interface OutputDim {
  readonly extent: number;
  readonly stride: number;
  /** The group's dim that it runs along. */
  readonly dim: number;
}

/** The dims of a unit's output that are longer than 1, with their row-major strides. */
export function outputDims(unit: Unit): OutputDim[] {
  const shape = unit.node.shape;
  const dims: OutputDim[] = [];
  let stride = 1;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    if (shape[dim] === 1) continue;
    dims.push({ extent: shape[dim], stride, dim: unit.dims[dim] });
    stride *= shape[dim];
  }
  return dims.reverse();
}
