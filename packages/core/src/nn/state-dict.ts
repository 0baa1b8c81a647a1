import { evaluate, valueOf } from "../graph/evaluate.ts";
import { dataNode, recordEffect } from "../graph/node.ts";
import { fill } from "../ops/creation.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import { join } from "./path.ts";

/** Tensors by PyTorch's keys. */
export type StateDict = Record<string, Tensor>;

export interface LoadOptions {
  /** Whether missing and unexpected keys are errors. */
  strict?: boolean;
}

export interface LoadReport {
  /** Keys that the module has and the state dict has not. */
  missing: string[];
  /** Keys that the state dict has and the module has not. */
  unexpected: string[];
}

/** All that is saved, under every name it has: a shared layer appears under each. */
function* entries(module: Module, path = "", above: readonly Module[] = []): Generator<[key: string, tensor: Tensor]> {
  if (above.includes(module)) return;
  for (const [name, parameter] of module.ownParameters()) yield [join(path, name), parameter];
  for (const [name, buffer, persistent] of module.ownBuffers()) if (persistent) yield [join(path, name), buffer];
  for (const [name, child] of module.namedChildren()) yield* entries(child, join(path, name), [...above, module]);
}

/** Copies of all values now. */
export function snapshot(module: Module): StateDict {
  const state: StateDict = {};
  for (const [key, tensor] of entries(module)) state[key] = dataNode(valueOf(tensor), tensor.shape, tensor.dtype);
  return state;
}

/** Checks every key first, then writes all values in one evaluation, after those that still read the old ones. */
export function loadInto(module: Module, state: StateDict, { strict = true }: LoadOptions): LoadReport {
  const own = new Map(entries(module));
  const missing = [...own.keys()].filter((key) => !Object.hasOwn(state, key));
  const unexpected = Object.keys(state).filter((key) => !own.has(key));
  const problems: string[] = [];
  if (strict && missing.length > 0) problems.push(`missing: ${missing.join(", ")}`);
  if (strict && unexpected.length > 0) problems.push(`unexpected: ${unexpected.join(", ")}`);
  const found = [...own].filter(([key]) => Object.hasOwn(state, key));
  const misshapen = found.filter(([key, tensor]) => !sameShape(tensor.shape, state[key].shape));
  if (misshapen.length > 0) {
    const list = misshapen.map(
      ([key, tensor]) => `${key} is ${formatShape(state[key].shape)}, not ${formatShape(tensor.shape)}`,
    );
    problems.push(`misshapen: ${list.join("; ")}`);
  }
  if (problems.length > 0)
    throw new Error(`the state dict does not fit ${module.constructor.name}:\n  ${problems.join("\n  ")}`);
  const values = found.map(([key, tensor]) => fill(valueOf(state[key]), tensor.dtype));
  found.forEach(([, tensor], index) => {
    recordEffect(tensor, dataNode(values[index], tensor.shape, tensor.dtype));
  });
  evaluate();
  return { missing, unexpected };
}
