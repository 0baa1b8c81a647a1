import type { Slot } from "../graph/slot.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A value to be written into a slot at the end of an evaluation. */
export interface Effect {
  readonly slot: Slot;
  readonly value: Tensor;
}

/** A graph that has been made ready to run, as often as wanted, with the present values of its leaves. */
export interface Prepared {
  /** What the run consists of: equal for equal structures. */
  readonly plan: object;
  /** The nodes, inputs first. */
  readonly order: readonly Tensor[];
  /** Sets the values of `roots`, which stand for the prepared ones in their order, and writes the effects. */
  run(roots: readonly Tensor[]): void;
}

/** What a run consisted of. */
export interface RunInfo {
  /** Functions that were called one after the other. */
  readonly kernels: number;
  /** Bytes that they read and wrote, without what was copied from and to arrays of the host. */
  readonly bytesMoved: number;
}

/** Who runs graphs: sets `value` of every root and writes every effect's slot. */
export interface Backend {
  readonly name: string;
  run(roots: readonly Tensor[], effects: readonly Effect[]): void;
  prepare(roots: readonly Tensor[], effects: readonly Effect[]): Prepared;
  /** Of what was run last; null where it is not known. */
  lastRun?(): RunInfo | null;
}
