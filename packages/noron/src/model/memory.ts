import { totalmem } from "node:os";
import { UsageError } from "../errors.ts";

/** What WebAssembly's memory holds at most. */
const ENGINE_BYTES = 2 ** 32;
/** Copies of every parameter while training: itself, its gradient, two of the optimizer's, two while it is updated. */
const COPIES = 6;
/** Copies of every activation: itself, normalised, its gradient. */
const ACTIVATION_COPIES = 4;

/**
 * Refuses a network that cannot be trained here, before any memory is taken for it.
 * @param widths features between its layers, inputs and outputs included
 * @throws UsageError that says how much it would need
 */
export function requireMemory(parameters: number, widths: readonly number[], batch: number): void {
  const activations = batch * widths.reduce((sum, width) => sum + width, 0);
  const needed = 4 * (COPIES * parameters + ACTIVATION_COPIES * activations);
  const machine = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  const limit = Math.min(ENGINE_BYTES, totalmem(), machine);
  if (needed <= limit) return;
  throw new UsageError("network-too-large", {
    parameters,
    batch,
    needed: gibibytes(needed),
    limit: gibibytes(limit),
  });
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toLocaleString("en-US", { maximumFractionDigits: 1 });
}
