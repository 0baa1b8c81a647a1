import { gradientSlot } from "../autograd/backward.ts";
import { fillSlots } from "../graph/effects.ts";
import { evaluate } from "../graph/evaluate.ts";
import { dropEffect, recordEffect, rehome, resolve, slotTensor } from "../graph/node.ts";
import { Block, Slot } from "../graph/slot.ts";
import { reshapeTo } from "../ops/broadcast.ts";
import { concat, slice } from "../ops/shape.ts";
import type { DType } from "../tensor/dtype.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Parameters and their gradients side by side in memory, so that a norm, a clip or an update of many is one pass over
 * one long vector.
 */

/** Parameters that follow each other in one block, their gradients likewise. */
export interface Run {
  readonly parameters: readonly Tensor[];
  /** Where each begins, from the start of the run. */
  readonly offsets: readonly number[];
  readonly length: number;
  readonly dtype: DType;
}

/** Moves the slots that have a block of their own into a common one, in order; those in a common block stay. */
function gather(slots: readonly Slot[]): void {
  const alone = slots.filter((slot) => slot.block.length === slot.length);
  for (const dtype of new Set(alone.map((slot) => slot.dtype))) {
    const moved = alone.filter((slot) => slot.dtype === dtype);
    if (moved.length < 2) continue;
    const block = new Block(
      dtype,
      moved.reduce((total, slot) => total + slot.length, 0),
    );
    // Above every version so far: what read an old one stays out of date.
    block.version = Math.max(...moved.map((slot) => slot.block.version)) + 1;
    let offset = 0;
    for (const slot of moved) {
      const { reader } = slot;
      const current = reader !== null && reader.version === slot.block.version;
      rehome(slot, block, offset);
      if (current) {
        reader.version = block.version;
        slot.reader = reader;
      }
      offset += slot.length;
    }
  }
}

/** Gives parameters that have no gradients yet theirs side by side. */
function placeGradients(parameters: readonly Tensor[]): void {
  for (const dtype of new Set(parameters.map((parameter) => parameter.dtype))) {
    const own = parameters.filter((parameter) => parameter.dtype === dtype);
    if (own.length < 2 || own.some(({ gradSlot }) => gradSlot !== null)) continue;
    const block = new Block(
      dtype,
      own.reduce((total, { shape }) => total + sizeOf(shape), 0),
    );
    let offset = 0;
    for (const parameter of own) {
      parameter.gradSlot = slotTensor(new Slot(block, offset, parameter.shape), parameter.shape);
      offset += sizeOf(parameter.shape);
    }
  }
}

/** Puts parameters and their gradients side by side. */
export function home(parameters: readonly Tensor[]): void {
  fillSlots();
  evaluate();
  gather(parameters.map((parameter) => parameter.slot!));
  placeGradients(parameters);
  gather(parameters.map((parameter) => gradientSlot(parameter).slot!));
}

function follows(slot: Slot, next: Slot): boolean {
  return slot.block === next.block && slot.offset + slot.length === next.offset;
}

/** Cuts a list of parameters where one does not follow the other in memory, or where `together` says so. */
export function runsOf(
  parameters: readonly Tensor[],
  together: (before: Tensor, after: Tensor) => boolean = () => true,
): Run[] {
  const runs: Tensor[][] = [];
  for (const parameter of parameters) {
    const last = runs.at(-1)?.at(-1);
    const joined =
      last !== undefined &&
      follows(last.slot!, parameter.slot!) &&
      follows(gradientSlot(last).slot!, gradientSlot(parameter).slot!) &&
      together(last, parameter);
    if (joined) runs.at(-1)!.push(parameter);
    else runs.push([parameter]);
  }
  return runs.map((list) => {
    const offsets: number[] = [];
    let length = 0;
    for (const parameter of list) {
      offsets.push(length);
      length += sizeOf(parameter.shape);
    }
    return { parameters: list, offsets, length, dtype: list[0].dtype };
  });
}

/** All the parameters of a run as one vector that can be assigned. */
export function flatParameter(run: Run): Tensor {
  return flatSlot(run, run.parameters[0].slot!);
}

function flatSlot(run: Run, first: Slot): Tensor {
  return slotTensor(new Slot(first.block, first.offset, [run.length]), [run.length]);
}

/** Vectors whose parts were handed out as gradients, by the part. */
const wholes = new WeakMap<Tensor, { whole: Tensor; offset: number }>();

/** The gradients of a run as one vector. */
export function flatGradient(run: Run): Tensor {
  const slots = run.parameters.map((parameter) => gradientSlot(parameter).slot!);
  const pending = slots.map((slot) => slot.pending);
  if (run.parameters.length === 1) return flatten(gradientSlot(run.parameters[0]));
  if (pending.every((value) => value === null)) return resolve(flatSlot(run, slots[0]));
  const first = wholes.get(pending[0]!);
  if (first !== undefined && first.whole.shape[0] === run.length) {
    const parts = pending.map((value) => (value === null ? undefined : wholes.get(value)));
    if (parts.every((part, index) => part?.whole === first.whole && part.offset === run.offsets[index]))
      return first.whole;
  }
  return concat(run.parameters.map((parameter) => flatten(gradientSlot(parameter))));
}

function flatten(tensor: Tensor): Tensor {
  return reshapeTo(resolve(tensor), [sizeOf(tensor.shape)]);
}

/** Writes a run's gradients in one piece, instead of one by one, where all are yet to be written. */
export function storeGradient(run: Run, flat: Tensor): void {
  const slots = run.parameters.map((parameter) => gradientSlot(parameter).slot!);
  if (slots.length < 2 || slots.some((slot) => slot.pending === null)) return;
  for (const slot of slots) dropEffect(slot);
  recordEffect(flatSlot(run, slots[0]), flat);
}

/** Gives every parameter of a run its part of a vector as its gradient. */
export function setGradients(run: Run, flat: Tensor): void {
  run.parameters.forEach((parameter, index) => {
    const offset = run.offsets[index];
    const part = reshapeTo(slice(flat, 0, offset, offset + sizeOf(parameter.shape)), parameter.shape);
    recordEffect(gradientSlot(parameter), part);
    parameter.leafGrad = null;
    wholes.set(resolve(part), { whole: resolve(flat), offset });
  });
}
