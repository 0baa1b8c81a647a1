import type { DType, TypedArray } from "../tensor/dtype.ts";
import { isFloat } from "../tensor/dtype.ts";
import { type Shape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { encodeConstant } from "./constant.ts";
import { context } from "./context.ts";
import { dropBeginning, fillSlots } from "./effects.ts";
import { defineOp, type Op } from "./op.ts";
import { type Block, Slot } from "./slot.ts";

const NONE: readonly number[] = [];
const NO_INPUTS: readonly Tensor[] = [];

const Data = defineOp("data", "data");
const State = defineOp("state", "state");
const Scalar = defineOp("scalar", "scalar");
const Constant = defineOp("constant", "constant");
const Iota = defineOp("iota", "iota");

/** What has been traced since the last evaluation. */
export const pending = {
  /** Every node, in the order in which they were made. */
  created: [] as Tensor[],
  /** Slots with a value to be written. */
  slots: new Set<Slot>(),
};

/** The node that stands for a tensor in a graph: itself, or for a slot its present value. */
export function resolve(tensor: Tensor): Tensor {
  const slot = tensor.slot;
  if (slot === null) return tensor;
  if (slot.pending !== null) return slot.pending;
  fillSlots();
  const reader = slot.reader;
  if (
    reader !== null &&
    reader.version === slot.block.version &&
    reader.requiresGrad === tensor.requiresGrad &&
    (reader.source === tensor || !tensor.requiresGrad)
  )
    return reader;
  const node = new Tensor(State, NO_INPUTS, slot.shape, slot.dtype, NONE, NONE);
  node.source = tensor;
  node.version = slot.block.version;
  node.needsGrad = tensor.needsGrad;
  slot.reader = node;
  return node;
}

/** Records an operation. Its inputs' shapes have been checked by the caller. */
export function apply<S extends Shape>(
  op: Op,
  inputs: readonly Tensor[],
  shape: S,
  dtype: DType,
  attributes: readonly number[] = NONE,
  parameters: readonly number[] = NONE,
): Tensor<S> {
  const resolved = new Array<Tensor>(inputs.length);
  let requiresGrad = false;
  for (let index = 0; index < inputs.length; index++) {
    const input = resolve(inputs[index]);
    input.consumers++;
    if (input.needsGrad) requiresGrad = true;
    resolved[index] = input;
  }
  const node = new Tensor(op, resolved, shape, dtype, attributes, parameters);
  node.needsGrad = requiresGrad && context.gradEnabled && op.gradient !== null && isFloat(dtype);
  node.path = context.layerPath;
  pending.created.push(node);
  if (context.observer !== null) context.observer.created(node);
  return node;
}

/** A leaf that holds values on the host, row-major. */
export function dataNode<S extends Shape>(value: TypedArray, shape: S, dtype: DType): Tensor<S> {
  const node = new Tensor(Data, NO_INPUTS, shape, dtype, NONE, NONE);
  node.value = value;
  return node;
}

/** Makes a leaf of a computed node: it keeps its value and forgets what it was computed from. */
export function becomeLeaf(node: Tensor): void {
  node.op = Data;
  node.dropInputs();
}

/** One number everywhere, an input of the plan: another number needs no other plan. */
export function scalarNode<S extends Shape>(value: number, shape: S, dtype: DType): Tensor<S> {
  return new Tensor(Scalar, NO_INPUTS, shape, dtype, NONE, [value]);
}

/** A scalar whose number is computed again before every run of a compiled step: a learning rate, say. */
export function liveScalarNode<S extends Shape>(compute: () => number, shape: S, dtype: DType): Tensor<S> {
  const node = scalarNode(compute(), shape, dtype);
  node.live = compute;
  return node;
}

/** One number everywhere, part of the structure: for the fixed numbers of formulas. */
export function constantNode<S extends Shape>(value: number, shape: S, dtype: DType): Tensor<S> {
  return new Tensor(Constant, NO_INPUTS, shape, dtype, encodeConstant(value), NONE);
}

/** 0, 1, … length − 1 as int32. */
export function iotaNode(length: number): Tensor<readonly [number]> {
  return new Tensor(Iota, NO_INPUTS, [length] as const, "int32", NONE, NONE);
}

/** A tensor that stands for a slot. */
export function slotTensor<S extends Shape>(slot: Slot, shape: S): Tensor<S> {
  const tensor = new Tensor(State, NO_INPUTS, shape, slot.dtype, NONE, NONE);
  tensor.slot = slot;
  return tensor;
}

/** A tensor with storage of its own in engine memory, holding `values`, or zeros. */
export function stateTensor<S extends Shape>(values: TypedArray | null, shape: S, dtype: DType): Tensor<S> {
  const slot = Slot.allocate(shape, dtype);
  if (values !== null) slot.block.storage.write(values, 0);
  return slotTensor(slot, shape);
}

/**
 * Notes that a slot takes a value at the next evaluation; until then its readers see the value itself. Readers of the
 * old version run first.
 */
export function recordEffect(tensor: Tensor, value: Tensor): void {
  const slot = tensor.slot;
  if (slot === null) throw new Error("only a parameter, gradient or buffer can be assigned");
  if (!sameShape(value.shape, slot.shape) || value.dtype !== slot.dtype) throw new Error("an effect must fit its slot");
  const node = resolve(value);
  node.consumers++;
  slot.pending = node;
  pending.slots.add(slot);
  dropBeginning(slot);
}

/** Forgets a value that a slot was to take. */
export function dropEffect(slot: Slot): void {
  slot.pending = null;
  pending.slots.delete(slot);
}

/** Moves a slot to a place in a block, with its contents. */
export function rehome(slot: Slot, block: Block, offset: number): void {
  block.storage.copy(slot.block.storage, slot.offset, slot.length, offset);
  slot.block = block;
  slot.offset = offset;
  slot.reader = null;
}
