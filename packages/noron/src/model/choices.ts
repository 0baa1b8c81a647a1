import { nn, optim, type Tensor, tensor } from "@noron/core";
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
  /** @param weight what each class counts; for losses of classes */
  make(weight?: Tensor): nn.Loss;
}

export const LOSSES = {
  "cross-entropy": { task: "classification", make: (weight?: Tensor) => new nn.CrossEntropyLoss({ weight }) },
  mse: { task: "regression", make: () => new nn.MSELoss() },
  mae: { task: "regression", make: () => new nn.L1Loss() },
  huber: { task: "regression", make: () => new nn.HuberLoss() },
} satisfies Record<string, LossChoice>;
export type LossName = keyof typeof LOSSES;

/** What a training makes small. */
export interface TrainingLoss {
  loss: LossName;
  /** What a row of each class counts, in the order of the classes; null where all count the same. */
  classWeights: readonly number[] | null;
}

/** The loss of a training. Scores are measured without weights. */
export function makeLoss({ loss, classWeights }: TrainingLoss): nn.Loss {
  return LOSSES[loss].make(classWeights === null ? undefined : tensor(classWeights));
}

export type Optimizer = optim.SGD | optim.Adagrad | optim.RMSprop | optim.Adam | optim.AdamW;

interface OptimizerChoice {
  /** The learning rate unless one is given. */
  lr: number;
  algorithm: new (parameters: Tensor[], options: { lr: number }) => Optimizer;
  /** What is not the algorithm's default. */
  options?: Readonly<Record<string, number | boolean>>;
}

const CHOICES = {
  sgd: { lr: 0.05, algorithm: optim.SGD },
  momentum: { lr: 0.01, algorithm: optim.SGD, options: { momentum: 0.9 } },
  nesterov: { lr: 0.01, algorithm: optim.SGD, options: { momentum: 0.9, nesterov: true } },
  adagrad: { lr: 0.01, algorithm: optim.Adagrad },
  rmsprop: { lr: 0.001, algorithm: optim.RMSprop },
  adam: { lr: 0.001, algorithm: optim.Adam },
  adamw: { lr: 0.001, algorithm: optim.AdamW },
} satisfies Record<string, OptimizerChoice>;
export type OptimizerName = keyof typeof CHOICES;
export const OPTIMIZERS: Record<OptimizerName, OptimizerChoice> = CHOICES;

/** The optimizer of that name over parameters. */
export function makeOptimizer(name: OptimizerName, parameters: Tensor[], lr: number): Optimizer {
  const { algorithm, options } = OPTIMIZERS[name];
  return new algorithm(parameters, { lr, ...options });
}
