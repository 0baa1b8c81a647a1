import { nn, optim, type Tensor } from "@noron/core";
import type { Task } from "@noron/tabular";

/** What can be chosen by name on the command line. */

export const ACTIVATIONS = {
  relu: () => new nn.ReLU(),
  "leaky-relu": () => new nn.LeakyReLU(),
  gelu: () => new nn.GELU(),
  silu: () => new nn.SiLU(),
  elu: () => new nn.ELU(),
  softplus: () => new nn.Softplus(),
  sigmoid: () => new nn.Sigmoid(),
  tanh: () => new nn.Tanh(),
} satisfies Record<string, () => nn.Layer>;
export type ActivationName = keyof typeof ACTIVATIONS;

export const NORMS = {
  none: () => null,
  batch: (features: number) => new nn.BatchNorm1d(features),
  layer: (features: number) => new nn.LayerNorm(features),
  rms: (features: number) => new nn.RMSNorm(features),
} satisfies Record<string, (features: number) => nn.Layer | null>;
export type NormName = keyof typeof NORMS;

interface LossChoice {
  task: Task;
  make(): nn.Loss;
}

export const LOSSES = {
  "cross-entropy": { task: "classification", make: () => new nn.CrossEntropyLoss() },
  mse: { task: "regression", make: () => new nn.MSELoss() },
  mae: { task: "regression", make: () => new nn.L1Loss() },
  huber: { task: "regression", make: () => new nn.HuberLoss() },
} satisfies Record<string, LossChoice>;
export type LossName = keyof typeof LOSSES;

interface OptimizerChoice {
  /** The learning rate unless one is given. */
  lr: number;
  make(parameters: Tensor[], lr: number): optim.AnyOptimizer;
}

export const OPTIMIZERS = {
  sgd: { lr: 0.05, make: (parameters, lr) => new optim.SGD(parameters, { lr }) },
  momentum: { lr: 0.01, make: (parameters, lr) => new optim.SGD(parameters, { lr, momentum: 0.9 }) },
  nesterov: { lr: 0.01, make: (parameters, lr) => new optim.SGD(parameters, { lr, momentum: 0.9, nesterov: true }) },
  adagrad: { lr: 0.01, make: (parameters, lr) => new optim.Adagrad(parameters, { lr }) },
  rmsprop: { lr: 0.001, make: (parameters, lr) => new optim.RMSprop(parameters, { lr }) },
  adam: { lr: 0.001, make: (parameters, lr) => new optim.Adam(parameters, { lr }) },
  adamw: { lr: 0.001, make: (parameters, lr) => new optim.AdamW(parameters, { lr }) },
} satisfies Record<string, OptimizerChoice>;
export type OptimizerName = keyof typeof OPTIMIZERS;
