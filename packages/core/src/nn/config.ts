import {
  ELU,
  GELU,
  Identity,
  LeakyReLU,
  LogSoftmax,
  ReLU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
} from "./activation.ts";
import { BatchNorm1d, BatchNorm2d } from "./batch-norm.ts";
import { BCELoss, BCEWithLogitsLoss } from "./binary-loss.ts";
import { Flatten, Sequential, Unflatten } from "./container.ts";
import { CrossEntropyLoss, NLLLoss } from "./cross-entropy.ts";
import { Dropout } from "./dropout.ts";
import { GroupNorm } from "./group-norm.ts";
import { InstanceNorm1d, InstanceNorm2d } from "./instance-norm.ts";
import { LayerNorm, RMSNorm } from "./layer-norm.ts";
import { DropConnect, Linear } from "./linear.ts";
import type { Layer, LayerConfig, Module } from "./module.ts";
import { HuberLoss, L1Loss, MSELoss } from "./regression-loss.ts";

// Written out, without a call or a spread, so that bundlers leave it out where nothing is made from a configuration.
const CLASSES = {
  BatchNorm1d,
  BatchNorm2d,
  DropConnect,
  Dropout,
  ELU,
  Flatten,
  GELU,
  GroupNorm,
  Identity,
  InstanceNorm1d,
  InstanceNorm2d,
  LayerNorm,
  LeakyReLU,
  Linear,
  LogSoftmax,
  ReLU,
  RMSNorm,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
  Unflatten,
} as unknown as Record<string, new (...args: unknown[]) => Layer>;

const LOSSES = [BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss];

/** Whether a module and all inside it are of this library: what they compute depends on nothing but tensors and modes. */
export function isOfLibrary(module: Module): boolean {
  const classes = new Set<unknown>([...Object.values(CLASSES), Sequential, ...LOSSES]);
  for (const part of module.modules()) if (!classes.has(part.constructor)) return false;
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
