import { constantValue } from "../graph/constant.ts";
import { fillSlots } from "../graph/effects.ts";
import { allocate, type DType, type TypedArray } from "../tensor/dtype.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A tensor's elements at one moment, in row-major order. */
export class Values {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly values: TypedArray,
  ) {}

  /** With an ordinary array; what JSON has no number for is a string: "NaN", "Infinity", "-Infinity". */
  toJSON(): { shape: Shape; dtype: DType; values: (number | string)[] } {
    const values = Array.from(this.values, (value) => (Number.isFinite(value) ? value : String(value)));
    return { shape: this.shape, dtype: this.dtype, values };
  }
}

/** The present elements of a slot. */
export function slotValues(tensor: Tensor): TypedArray {
  fillSlots();
  const { block, offset, length } = tensor.slot!;
  return block.storage.read(offset, length);
}

/** The elements of a node that needs no computing: evaluated, read from a slot, one number everywhere, or indices. */
export function leafValues(node: Tensor): TypedArray {
  if (node.value !== null) return node.value;
  if (node.slot !== null) return slotValues(node);
  if (node.source !== null) return slotValues(node.source);
  const values = allocate(node.dtype, sizeOf(node.shape));
  const { kind } = node.op;
  if (kind === "constant") values.fill(constantValue(node));
  else if (kind === "scalar") values.fill(node.parameters[0]);
  else if (kind === "iota") for (let index = 0; index < values.length; index++) values[index] = index;
  else throw new Error(`${node.op.name} has not been evaluated`);
  return values;
}
