import type { Tensor } from "../tensor/tensor.ts";
import { applyView, identityView, isContiguous, type View } from "./view.ts";

/** What a unit of work does; a copy lays out what a view shows. */
export type UnitKind = "map" | "copy" | "reduce" | "gather" | "matmul" | "scatter" | "scan" | "concat";

/** Where an operand comes from: another unit's output or a leaf, seen through a view. */
export interface Operand {
  readonly unit: Unit | null;
  readonly leaf: Tensor | null;
  readonly view: View;
}

/** One computation of the graph, its operands resolved through views to what lies in buffers. */
export class Unit {
  /** For each dim of `domain`, the dim of its group that it runs along; −1 for extents of 1. */
  dims: number[] = [];
  readonly users: Unit[] = [];

  constructor(
    readonly index: number,
    readonly node: Tensor,
    readonly kind: UnitKind,
    public operands: readonly Operand[],
    /** The extents that it iterates over: its output's, or for a reduction its input's. */
    readonly domain: readonly number[],
  ) {
    for (const operand of operands) operand.unit?.users.push(this);
  }

  /** Lets it read another unit's output instead of one that is the same. */
  redirect(from: Unit, to: Unit): void {
    this.operands = this.operands.map((operand) => {
      if (operand.unit !== from) return operand;
      from.users.splice(from.users.indexOf(this), 1);
      to.users.push(this);
      return { ...operand, unit: to };
    });
  }

  reduces(dim: number): boolean {
    return this.kind === "reduce" && this.node.shape[dim] !== this.domain[dim];
  }
}

const VIEWS = new Set(["reshape", "permute", "expand", "slice", "pad"]);
const LEAVES = new Set(["data", "state", "scalar", "constant", "iota"]);

/** Turns nodes into units, resolving views; copies appear only where no strides can say what a view shows. */
export class UnitBuilder {
  readonly units: Unit[] = [];
  private readonly operands = new Map<Tensor, Operand>();
  private readonly copies = new Map<Tensor, Unit>();
  /** Units without effects by what they compute, so that the same is computed once. */
  private readonly known = new Map<string, Unit>();
  private readonly leafNumbers = new Map<Tensor, number>();

  private add(node: Tensor, kind: UnitKind, operands: readonly Operand[], domain: readonly number[]): Unit {
    const unit = new Unit(this.units.length, node, kind, operands, domain);
    this.units.push(unit);
    return unit;
  }

  /** A unit whose output is the node's elements in row-major order. */
  materialize(node: Tensor): Unit {
    const operand = this.operand(node);
    if (operand.unit !== null && isContiguous(operand.view)) return operand.unit;
    let copy = this.copies.get(node);
    if (copy === undefined) {
      copy = this.add(node, "copy", [operand], node.shape);
      this.copies.set(node, copy);
    }
    return copy;
  }

  /** An operand that lies in memory in row-major order: a unit's whole output or a leaf's whole value. */
  private contiguous(node: Tensor): Operand {
    const operand = this.operand(node);
    if (isContiguous(operand.view) && (operand.unit !== null || inMemory(operand.leaf!))) return operand;
    return { unit: this.materialize(node), leaf: null, view: identityView(node.shape) };
  }

  /** How the node's elements are read. Called in topological order, so that recursion stays shallow. */
  operand(node: Tensor): Operand {
    const known = this.operands.get(node);
    if (known !== undefined) return known;
    const operand = this.resolve(node);
    this.operands.set(node, operand);
    return operand;
  }

  private resolve(node: Tensor): Operand {
    if (node.value !== null || LEAVES.has(node.op.kind))
      return { unit: null, leaf: node, view: identityView(node.shape) };
    if (VIEWS.has(node.op.kind)) {
      const input = this.operand(node.inputs[0]);
      const view = applyView(node, input.view);
      if (view !== null) return { ...input, view };
      const copy = this.materialize(node.inputs[0]);
      return { unit: copy, leaf: null, view: applyView(node, identityView(node.inputs[0].shape))! };
    }
    return { unit: this.compute(node), leaf: null, view: identityView(node.shape) };
  }

  /** The unit that computes the same already, or a new one. */
  private once(node: Tensor, kind: "map" | "reduce", operands: readonly Operand[], domain: readonly number[]): Unit {
    let key = `${node.op.code} ${node.dtype} ${node.shape};${node.attributes};${domain}`;
    for (const { unit, leaf, view } of operands) {
      key += `|${unit === null ? this.leafKey(leaf!) : unit.index} ${view.strides};${view.offset}`;
      for (const start of view.starts) key += ` from ${this.leafKey(start.node)} by ${start.stride}`;
      if (view.mask !== null) key += ` within ${view.mask}`;
    }
    let unit = this.known.get(key);
    if (unit === undefined) {
      unit = this.add(node, kind, operands, domain);
      this.known.set(key, unit);
    }
    return unit;
  }

  private leafKey(leaf: Tensor): string {
    if (leaf.op.kind === "constant" && leaf.value === null) return `${leaf.dtype} ${leaf.attributes}`;
    let number = this.leafNumbers.get(leaf);
    if (number === undefined) {
      number = this.leafNumbers.size;
      this.leafNumbers.set(leaf, number);
    }
    return `leaf ${number}`;
  }

  private compute(node: Tensor): Unit {
    const inputs = node.inputs;
    switch (node.op.kind) {
      case "map":
        return this.once(
          node,
          "map",
          inputs.map((input) => this.operand(input)),
          node.shape,
        );
      case "reduce":
        return this.once(node, "reduce", [this.operand(inputs[0])], inputs[0].shape);
      case "gather":
        return this.add(node, "gather", [this.contiguous(inputs[0]), this.operand(inputs[1])], node.shape);
      case "matmul":
        return this.add(
          node,
          "matmul",
          inputs.map((input) => {
            const operand = this.operand(input);
            if (operand.view.mask === null && (operand.unit !== null || inMemory(operand.leaf!))) return operand;
            return { unit: this.materialize(input), leaf: null, view: identityView(input.shape) };
          }),
          node.shape,
        );
      case "scatter":
        return this.add(node, "scatter", [this.contiguous(inputs[0]), this.contiguous(inputs[1])], node.shape);
      case "scan":
        return this.add(node, "scan", [this.contiguous(inputs[0])], node.shape);
      case "concat":
        return this.add(
          node,
          "concat",
          inputs.map((input) => this.operand(input)),
          node.shape,
        );
      default:
        throw new Error(`${node.op.name} cannot be computed`);
    }
  }
}

/** Whether a leaf lies in a buffer (the others are numbers or indices). */
export function inMemory(leaf: Tensor): boolean {
  return leaf.value !== null || leaf.op.kind === "state" || leaf.op.kind === "data";
}
