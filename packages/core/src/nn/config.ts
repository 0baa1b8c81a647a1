import * as activations from "./activation.ts";
import { BatchNorm1d, BatchNorm2d } from "./batch-norm.ts";
import { BCELoss, BCEWithLogitsLoss } from "./binary-loss.ts";
import { Flatten, Sequential } from "./container.ts";
import { CrossEntropyLoss, NLLLoss } from "./cross-entropy.ts";
import { Dropout } from "./dropout.ts";
import { GroupNorm } from "./group-norm.ts";
import { InstanceNorm1d, InstanceNorm2d } from "./instance-norm.ts";
import { LayerNorm, RMSNorm } from "./layer-norm.ts";
import { DropConnect, Linear } from "./linear.ts";
import type { Layer, LayerConfig, Module } from "./module.ts";
import { HuberLoss, L1Loss, MSELoss } from "./regression-loss.ts";

const { Elementwise: _, ...elementwise } = activations;

const CLASSES = {
  ...elementwise,
  BatchNorm1d,
  BatchNorm2d,
  DropConnect,
  Dropout,
  Flatten,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  LayerNorm,
  Linear,
  RMSNorm,
} as unknown as Record<string, new (...args: unknown[]) => Layer>;

const LOSSES = [BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss];
const LIBRARY = new Set<unknown>([...Object.values(CLASSES), Sequential, ...LOSSES]);

/** Whether a module and all inside it are of this library: what they compute depends on nothing but tensors and modes. */
export function isOfLibrary(module: Module): boolean {
  for (const part of module.modules()) if (!LIBRARY.has(part.constructor)) return false;
  return true;
}

/**
 * Makes a layer of what its toConfig() gave, which may have been JSON in between; its parameters are new.
 * @throws Error for a class that is not among nn's.
 */
export function fromConfig({ layer, args, options }: LayerConfig): Layer {
  if (layer === "Sequential") return new Sequential(...args.map((inner) => fromConfig(inner as LayerConfig)));
  if (!Object.hasOwn(CLASSES, layer)) throw new Error(`there is no layer "${layer}" in nn`);
  return new CLASSES[layer](...args, options);
}
