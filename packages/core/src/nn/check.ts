import { className } from "./call.ts";
import type { Module } from "./module.ts";

/** @throws RangeError unless the number is whole and positive. */
export function requireExtent(layer: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${layer} needs a positive whole number for ${name}, not ${value}`);
}

/** @throws RangeError unless the number is a probability. */
export function requireProbability(layer: string, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${layer} needs a probability between 0 and 1, not ${p}`);
  return p;
}

/** The only elements of an options object that differ from the defaults: what a config needs to say. */
export function changed(options: Record<string, unknown>, defaults: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => value !== defaults[name]));
}

/** The config of a layer without positional arguments. */
export function plainConfig(
  module: Module,
  options: Record<string, unknown> = {},
): {
  layer: string;
  args: unknown[];
  options: Record<string, unknown>;
} {
  return { layer: className(module), args: [], options };
}
