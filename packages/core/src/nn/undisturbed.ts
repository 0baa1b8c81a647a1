import { fillSlots } from "../graph/effects.ts";
import { pending } from "../graph/node.ts";
import type { Slot } from "../graph/slot.ts";
import { getRandomState, setRandomState } from "../random/generator.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";

interface Saved {
  readonly values: TypedArray;
  readonly version: number;
  readonly reader: Tensor | null;
}

/**
 * Runs a function that calls modules only to look at them, and puts back what calls change: modes, parameters and
 * buffers, the state of the random numbers, and what is waiting to be evaluated.
 */
export function undisturbed<Result>(roots: readonly Module[], run: () => Result): Result {
  fillSlots();
  const modules = roots.flatMap((root) => [...root.modules()]);
  const modes = modules.map((module) => [module, module.training] as const);
  const random = getRandomState();
  const { created, slots: effects } = pending;
  const values = new Map([...effects].map((slot) => [slot, slot.pending]));
  const saved = new Map<Slot, Saved>();
  for (const module of modules) {
    const own = [...module.ownParameters(), ...module.ownBuffers()].map(([, tensor]) => tensor.slot!);
    for (const slot of own) {
      const { block, offset, length, reader } = slot;
      saved.set(slot, { values: block.storage.read(offset, length), version: block.version, reader });
    }
  }
  pending.created = [];
  pending.slots = new Set();
  try {
    return run();
  } finally {
    for (const slot of pending.slots) slot.pending = null;
    pending.created = created;
    pending.slots = effects;
    for (const [slot, value] of values) slot.pending = value;
    // Written already, if the model itself had something computed.
    for (const [{ block, offset }, { values, version }] of saved)
      if (block.version !== version) block.storage.write(values, offset);
    for (const [slot, { version, reader }] of saved) {
      slot.block.version = version;
      slot.reader = reader;
    }
    for (const [module, training] of modes) module.training = training;
    setRandomState(random);
  }
}
