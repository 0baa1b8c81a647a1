import type { Slot } from "../graph/slot.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A value to be written into a slot at the end of an evaluation. */
export interface Effect {
  readonly slot: Slot;
  readonly value: Tensor;
}

/** Who runs graphs: sets `value` of every root and writes every effect's slot. */
export interface Backend {
  readonly name: string;
  run(roots: readonly Tensor[], effects: readonly Effect[]): void;
}
