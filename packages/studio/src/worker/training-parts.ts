import { nn, optim, type Tensor } from "@noron/core";
import type { LossType, OptimizerType } from "../experiment/catalog.ts";
import type { Part } from "../experiment/options.ts";
import { Problem } from "./problem.ts";

export function makeLoss({ type, options }: Part<LossType>): nn.Loss {
  const made: Record<LossType, () => nn.Loss> = {
    CrossEntropyLoss: () => new nn.CrossEntropyLoss(options),
    NLLLoss: () => new nn.NLLLoss(options),
    BCEWithLogitsLoss: () => new nn.BCEWithLogitsLoss(options),
    BCELoss: () => new nn.BCELoss(options),
    MSELoss: () => new nn.MSELoss(options),
    L1Loss: () => new nn.L1Loss(options),
    HuberLoss: () => new nn.HuberLoss(options),
  };
  return made[type]();
}

export type StudioOptimizer = optim.SGD | optim.Adagrad | optim.RMSprop | optim.Adam | optim.AdamW;

/** @throws Problem for a Nesterov without momentum; RangeError for other options that do not go together */
export function makeOptimizer({ type, options }: Part<OptimizerType>, parameters: Tensor[]): StudioOptimizer {
  const { beta1, beta2, ...rest } = options;
  if (options.nesterov && (!options.momentum || options.dampening)) throw new Problem("optimizer", "nesterov-alone");
  // The catalog has the options that each class knows, under its names, but for the pair of betas.
  const settings = (beta1 === undefined ? rest : { ...rest, betas: [beta1, beta2] }) as { lr: number };
  const made: Record<OptimizerType, () => StudioOptimizer> = {
    SGD: () => new optim.SGD(parameters, settings),
    Adagrad: () => new optim.Adagrad(parameters, settings),
    RMSprop: () => new optim.RMSprop(parameters, settings),
    Adam: () => new optim.Adam(parameters, settings),
    AdamW: () => new optim.AdamW(parameters, settings),
  };
  return made[type]();
}
