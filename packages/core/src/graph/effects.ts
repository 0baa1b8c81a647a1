import type { Effect } from "../backend/backend.ts";
import { backend } from "../backend/registry.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Slot } from "./slot.ts";

/** Computes values, and what slots take. What is there already needs no plan; it is written last, since the others read
 * what stood there before. */
export function runEffects(roots: readonly Tensor[], effects: readonly Effect[]): void {
  const [written, computed]: [Effect[], Effect[]] = [[], []];
  for (const effect of effects) (effect.value.value === null ? computed : written).push(effect);
  if (roots.length > 0 || computed.length > 0) backend().run(roots, computed);
  for (const { slot, value } of written) slot.block.storage.write(value.value!, slot.offset);
}

/** So many slots wait for their first value at most: what nobody ever reads would be held for ever. */
const WAITING_LIMIT = 256;

const waiting = new Map<Slot, Tensor>();

/**
 * Notes what a slot begins with. It is computed when any slot is first read, for all that wait in one plan; a model whose
 * values are loaded never computes it.
 */
export function beginWith(slot: Slot, value: Tensor): void {
  value.consumers++;
  waiting.set(slot, value);
  if (waiting.size >= WAITING_LIMIT) fillSlots();
}

/** A slot takes another value, before anyone has read the one that it was to begin with. */
export function dropBeginning(slot: Slot): void {
  waiting.delete(slot);
}

/** Computes what slots begin with, so that they can be read. */
export function fillSlots(): void {
  if (waiting.size === 0) return;
  const effects = Array.from(waiting, ([slot, value]) => ({ slot, value }));
  waiting.clear();
  runEffects([], effects);
}
