import { nn, optim, type Tensor, tensor } from "@noron/core";
import type { Task } from "@noron/tabular";
import { UsageError } from "../errors.ts";

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

/** What can be asked of an optimizer's rule, by the library's names; `betas` are asked for one by one. */
export interface OptimizerRequest {
  weightDecay?: number;
  momentum?: number;
  nesterov?: boolean;
  beta1?: number;
  beta2?: number;
  alpha?: number;
}

/** What is not the default of an optimizer's rule, by the library's names. */
export interface OptimizerOptions {
  weightDecay?: number;
  momentum?: number;
  nesterov?: boolean;
  betas?: [number, number];
  alpha?: number;
}

interface OptimizerChoice {
  /** The learning rate unless one is given. */
  lr: number;
  algorithm: new (parameters: Tensor[], options: OptimizerOptions & { lr: number }) => Optimizer;
  /** What is not the algorithm's default. */
  options?: Readonly<OptimizerOptions>;
  /** What else can be asked for. */
  takes: readonly (keyof OptimizerRequest)[];
}

const OF_ADAM = ["weightDecay", "beta1", "beta2"] as const;
const CHOICES = {
  sgd: { lr: 0.05, algorithm: optim.SGD, takes: ["weightDecay", "momentum", "nesterov"] },
  momentum: { lr: 0.01, algorithm: optim.SGD, options: { momentum: 0.9 }, takes: ["weightDecay", "momentum"] },
  nesterov: {
    ...{ lr: 0.01, algorithm: optim.SGD },
    options: { momentum: 0.9, nesterov: true },
    takes: ["weightDecay", "momentum"],
  },
  adagrad: { lr: 0.01, algorithm: optim.Adagrad, takes: ["weightDecay"] },
  rmsprop: { lr: 0.001, algorithm: optim.RMSprop, takes: ["weightDecay", "momentum", "alpha"] },
  adam: { lr: 0.001, algorithm: optim.Adam, takes: OF_ADAM },
  adamw: { lr: 0.001, algorithm: optim.AdamW, takes: OF_ADAM },
} satisfies Record<string, OptimizerChoice>;
export type OptimizerName = keyof typeof CHOICES;
export const OPTIMIZERS: Record<OptimizerName, OptimizerChoice> = CHOICES;

const FLAGS: Readonly<Record<keyof OptimizerRequest, string>> = {
  weightDecay: "--weight-decay",
  momentum: "--momentum",
  nesterov: "--nesterov",
  beta1: "--beta1",
  beta2: "--beta2",
  alpha: "--alpha",
};

/**
 * What of an optimizer's rule is not the library's default.
 * @throws UsageError for what the optimizer does not have
 */
export function chooseOptimizerOptions(name: OptimizerName, request: OptimizerRequest): OptimizerOptions {
  const { options, takes } = OPTIMIZERS[name];
  for (const option of Object.keys(FLAGS) as (keyof OptimizerRequest)[]) {
    if (request[option] === undefined || takes.includes(option)) continue;
    const those = Object.entries(OPTIMIZERS).filter(([, choice]) => choice.takes.includes(option));
    const names = those.map(([each]) => each).join(", ");
    throw new UsageError("not-of-optimizer", { option: FLAGS[option], optimizer: name, fitting: names });
  }
  const { beta1, beta2, ...rest } = request;
  const asked = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const own = beta1 !== undefined || beta2 !== undefined;
  const betas: OptimizerOptions = own ? { betas: [beta1 ?? 0.9, beta2 ?? 0.999] } : {};
  const chosen: OptimizerOptions = { ...options, ...asked, ...betas };
  if (chosen.nesterov && !chosen.momentum) throw new UsageError("nesterov-without-momentum");
  return chosen;
}

/** An optimizer with all that its rule depends on. */
export interface OptimizerSettings {
  optimizer: OptimizerName;
  optimizerOptions: OptimizerOptions;
  lr: number;
}

/** The optimizer of that name over parameters. */
export function makeOptimizer({ optimizer, optimizerOptions, lr }: OptimizerSettings, parameters: Tensor[]): Optimizer {
  return new OPTIMIZERS[optimizer].algorithm(parameters, { lr, ...optimizerOptions });
}
