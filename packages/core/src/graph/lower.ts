import { type Access, type Expression, expressionKey, type LoopKernel, type Store } from "../kernel/kernel.ts";
import { type DType, elementBytes } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { constantValue } from "./constant.ts";
import { type Group, outputDims } from "./fuse.ts";
import type { Operand, Unit } from "./unit.ts";
import { isContiguous, type Start, type View } from "./view.ts";

/** A place that a kernel gets a pointer to: a buffer, elements from its start, and slice starts. */
export interface Place {
  /** A unit's output or a leaf's value. */
  readonly source: Unit | Tensor;
  /** In elements. */
  readonly offset: number;
  readonly starts: readonly Start[];
  readonly dtype: DType;
}

/** A loop kernel with what its pointers and scalars stand for. */
export interface BoundLoop {
  readonly kernel: LoopKernel;
  readonly places: Place[];
  readonly scalars: Tensor[];
}

/** Builds the kernel of a group: expressions of its units, stores of those that are needed outside. */
export function lowerLoop(group: Group, stored: readonly Unit[]): BoundLoop {
  const lowering = new LoopLowering(group.extents.length);
  for (const unit of group.units) lowering.unit(unit);
  const stores: Store[] = stored.map((unit) => ({
    expression: lowering.expressionOf(unit),
    access: lowering.access(
      { source: unit, offset: 0, starts: [], dtype: unit.node.dtype },
      outputStrides(unit, group.extents.length),
      null,
    ),
  }));
  return lowering.finish(group.extents, group.reduced, stores);
}

/** The kernel that copies one operand into a region of a concat's output. */
export function lowerCopy(
  operand: Operand,
  shape: readonly number[],
  strides: readonly number[],
  into: Place,
): BoundLoop {
  const dims: number[] = [];
  const extents: number[] = [];
  const targetStrides: number[] = [];
  shape.forEach((extent, dim) => {
    dims.push(extent === 1 ? -1 : extents.length);
    if (extent === 1) return;
    extents.push(extent);
    targetStrides.push(strides[dim]);
  });
  const lowering = new LoopLowering(extents.length);
  const expression = lowering.operand(operand, dims, into.dtype);
  const access = lowering.access(into, targetStrides, null);
  return lowering.finish(
    extents,
    extents.map(() => false),
    [{ expression, access }],
  );
}

function outputStrides(unit: Unit, rank: number): number[] {
  const strides = new Array<number>(rank).fill(0);
  for (const output of outputDims(unit)) strides[output.dim] = output.stride;
  return strides;
}

class LoopLowering {
  private readonly expressions: Expression[] = [];
  private readonly known = new Map<string, number>();
  private readonly places: Place[] = [];
  private readonly scalars: Tensor[] = [];
  private readonly ofUnit = new Map<Unit, number>();

  constructor(private readonly rank: number) {}

  expressionOf(unit: Unit): number {
    return this.ofUnit.get(unit)!;
  }

  finish(extents: number[], reduced: boolean[], stores: Store[]): BoundLoop {
    const kernel: LoopKernel = {
      kind: "loop",
      extents,
      reduced,
      expressions: this.expressions,
      stores,
      buffers: this.places.length,
      scalars: this.scalars.length,
    };
    return { kernel, places: this.places, scalars: this.scalars };
  }

  private push(expression: Expression): number {
    const key = expressionKey(expression);
    let index = this.known.get(key);
    if (index === undefined) {
      index = this.expressions.push(expression) - 1;
      this.known.set(key, index);
    }
    return index;
  }

  unit(unit: Unit): void {
    this.ofUnit.set(unit, this.expressionFor(unit));
  }

  private expressionFor(unit: Unit): number {
    const { node } = unit;
    switch (unit.kind) {
      case "copy":
        return this.operand(unit.operands[0], unit.dims, node.dtype);
      case "map": {
        const operands = unit.operands.map((operand, which) =>
          this.operand(operand, unit.dims, node.inputs[which].dtype),
        );
        return this.push({ kind: "map", fn: node.op.scalar!.name, operands, dtype: node.dtype });
      }
      case "reduce": {
        const operand = this.operand(unit.operands[0], unit.dims, node.dtype);
        if (!unit.domain.some((_, dim) => unit.reduces(dim))) return operand;
        return this.push({ kind: "reduce", reduction: node.op.reduction!, operand, dtype: node.dtype });
      }
      case "gather": {
        const source = unit.operands[0];
        const buffer = this.buffer({
          source: (source.unit ?? source.leaf)!,
          offset: 0,
          starts: [],
          dtype: node.dtype,
        });
        const length = source.view.shape.reduce((size, extent) => size * extent, 1);
        return this.push({
          kind: "gather",
          buffer,
          length,
          operand: this.operand(unit.operands[1], unit.dims, "int32"),
          dtype: node.dtype,
        });
      }
      case "matmul":
        return this.push({
          kind: "load",
          access: this.access(
            { source: unit, offset: 0, starts: [], dtype: node.dtype },
            outputStrides(unit, this.rank),
            null,
          ),
          dtype: node.dtype,
        });
      default:
        throw new Error(`${unit.kind} is not part of a loop`);
    }
  }

  /** The expression of an operand seen from a unit that runs along `dims`. */
  operand(operand: Operand, dims: readonly number[], dtype: DType): number {
    const { view, leaf, unit } = operand;
    if (unit !== null && this.ofUnit.has(unit)) return this.ofUnit.get(unit)!;
    const { strides, mask, empty } = this.along(view, dims);
    if (empty) return this.push({ kind: "constant", value: 0, dtype });
    if (unit === null && leaf!.value === null) {
      const number = this.number(leaf!, strides, view, mask);
      if (number !== null) return number;
    }
    const place: Place = { source: (unit ?? leaf)!, offset: view.offset, starts: view.starts, dtype };
    return this.push({ kind: "load", access: this.access(place, strides, mask), dtype });
  }

  /** Leaves that are no buffer: scalars, constants and indices. */
  private number(leaf: Tensor, strides: number[], view: View, mask: Access["mask"]): number | null {
    if (leaf.op.kind === "iota") {
      if (view.starts.length > 0) throw new Error("an index has no slice start");
      return this.push({ kind: "index", strides, offset: view.offset, mask, dtype: "int32" });
    }
    let value: number;
    if (leaf.op.kind === "scalar") {
      let scalar = this.scalars.indexOf(leaf);
      if (scalar < 0) scalar = this.scalars.push(leaf) - 1;
      value = this.push({ kind: "scalar", scalar, dtype: leaf.dtype });
    } else if (leaf.op.kind === "constant") {
      value = this.push({ kind: "constant", value: constantValue(leaf), dtype: leaf.dtype });
    } else return null;
    if (mask === null) return value;
    const inside = this.push({ kind: "index", strides: strides.map(() => 0), offset: 1, mask, dtype: "int32" });
    const condition = this.push({ kind: "map", fn: "cast", operands: [inside], dtype: "bool" });
    const zero = this.push({ kind: "constant", value: 0, dtype: leaf.dtype });
    return this.push({ kind: "map", fn: "where", operands: [condition, value, zero], dtype: leaf.dtype });
  }

  /** A view's strides and mask by the kernel's dims. */
  private along(view: View, dims: readonly number[]): { strides: number[]; mask: Access["mask"]; empty: boolean } {
    const strides = new Array<number>(this.rank).fill(0);
    let mask: (readonly [number, number])[] | null = null;
    let empty = false;
    for (let dim = 0; dim < view.shape.length; dim++) {
      const range = view.mask?.[dim];
      if (range && range[0] >= range[1]) empty = true;
      if (view.shape[dim] === 1) {
        if (range && (range[0] > 0 || range[1] < 1)) empty = true;
        continue;
      }
      strides[dims[dim]] += view.strides[dim];
      if (range && (range[0] > 0 || range[1] < view.shape[dim])) {
        mask ??= strides.map(() => [0, Number.MAX_SAFE_INTEGER] as const);
        mask[dims[dim]] = range;
      }
    }
    return { strides, mask, empty };
  }

  access(place: Place, strides: number[], mask: Access["mask"]): Access {
    return { buffer: this.buffer(place), dtype: place.dtype, strides, mask };
  }

  private buffer(place: Place): number {
    const found = this.places.findIndex(
      (other) =>
        other.source === place.source &&
        other.offset === place.offset &&
        other.starts.length === place.starts.length &&
        other.starts.every(
          (start, which) => start.node === place.starts[which].node && start.stride === place.starts[which].stride,
        ),
    );
    return found >= 0 ? found : this.places.push(place) - 1;
  }
}

/** Whether a unit's group reads a leaf at the very element that the unit writes. */
export function readsInPlace(unit: Unit, operand: Operand, reader: Unit): boolean {
  if (!isContiguous(operand.view)) return false;
  const written = outputDims(unit);
  const read: { extent: number; dim: number }[] = [];
  operand.view.shape.forEach((extent, dim) => {
    if (extent !== 1) read.push({ extent, dim: reader.dims[dim] });
  });
  return (
    read.length === written.length &&
    read.every((part, which) => part.dim === written[which].dim && part.extent === written[which].extent)
  );
}

export function bytesOf(unit: Unit): number {
  return unit.node.shape.reduce((size, extent) => size * extent, 1) * elementBytes(unit.node.dtype);
}
