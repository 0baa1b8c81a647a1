import type { DataFacts } from "../worker/protocol.ts";

/** A value as it is learned, standardised, in the target's own unit; what is beyond the seven digits of float32 is nothing. */
export function inOwnUnit(value: number, unit: DataFacts["unit"]): number {
  if (unit === null) return value;
  const own = unit.mean + value * unit.standardDeviation;
  return Math.abs(own) < 1e-6 * unit.standardDeviation ? 0 : own;
}
