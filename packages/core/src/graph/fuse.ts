import type { Operand, Unit } from "./unit.ts";

/** No more units than this in one kernel: longer functions compile slowly and spill. */
export const MAXIMUM_UNITS = 160;

/**
 * Units that run as one kernel over a common iteration space. Some dims may be reduced; then a unit is either full (it
 * runs along all dims) or outer (along the others: what reductions gave, and vectors beside it).
 */
export class Group {
  units: Unit[] = [];
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
      this.groupOf.set(unit, singleton(unit));
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
    const groups = this.groups.filter((group) => group.kind === "loop");
    for (let second = 1; second < groups.length; second++) {
      for (let first = 0; first < second; first++) {
        const a = groups[first];
        const b = groups[second];
        if (a.units.length === 0 || b.units.length === 0 || a.units.length + b.units.length > MAXIMUM_UNITS) continue;
        if (a.extents.length !== b.extents.length) continue;
        if (!a.extents.every((extent, dim) => extent === b.extents[dim] && a.reduced[dim] === b.reduced[dim])) continue;
        if (a.extents.length > 0 && !this.shareOperand(a, b)) continue;
        if (this.reaches(a, b, true) || this.reaches(b, a, true)) continue;
        this.merge(
          a,
          b,
          a.extents.map((_, dim) => dim),
        );
      }
    }
  }

  private shareOperand(a: Group, b: Group): boolean {
    const sources = new Set<unknown>();
    for (const unit of a.units)
      for (const operand of unit.operands) if (large(operand)) sources.add(operand.unit ?? operand.leaf);
    return b.units.some((unit) =>
      unit.operands.some((operand) => large(operand) && sources.has(operand.unit ?? operand.leaf)),
    );
  }

  /** Whether `from` depends on `to`, through any other group (or directly too). */
  private reaches(from: Group, to: Group, direct: boolean): boolean {
    const mark = ++this.walk;
    const stack: Group[] = [];
    const visit = (group: Group): boolean => {
      for (const unit of group.units) {
        for (const operand of unit.operands) {
          if (operand.unit === null) continue;
          const next = this.groupOf.get(operand.unit)!;
          if (next === to) {
            if (direct || group !== from) return true;
          } else if (next.mark !== mark) {
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
    into.units = [...into.units, ...from.units].sort((a, b) => a.index - b.index);
    from.units = [];
  }
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
