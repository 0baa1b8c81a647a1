import type { OptionSpec, OptionSpecs } from "./options.ts";

/** Every layer, loss and optimizer that a network here can be made of, with the options and defaults of the library. */

const MOST_UNITS = 512;
const yes: OptionSpec = { kind: "boolean", default: true };
const no: OptionSpec = { kind: "boolean", default: false };
const eps: OptionSpec = { kind: "number", default: 1e-5, least: 0, most: 1, logarithmic: true };
const probability: OptionSpec = { kind: "number", default: 0.5, least: 0, most: 0.95 };
const inFeatures: OptionSpec = { kind: "size", default: null, nullable: true, most: 1e6 };
const outFeatures: OptionSpec = { kind: "size", default: 8, nullable: true, most: MOST_UNITS };
const channels: OptionSpec = { kind: "size", default: null, nullable: true, most: 1e6 };

export const INITIALISATIONS = [
  "default",
  "xavierUniform",
  "xavierNormal",
  "kaimingUniform",
  "kaimingNormal",
  "normal",
  "zeros",
] as const;
export type Initialisation = (typeof INITIALISATIONS)[number];
const init: OptionSpec = { kind: "choice", default: "default", values: INITIALISATIONS };

export type LayerGroup = "linear" | "activation" | "normalization" | "regularization" | "shape";

interface Entry {
  options: OptionSpecs;
}
interface LayerEntry extends Entry {
  group: LayerGroup;
}

export const LAYERS = {
  Linear: { group: "linear", options: { outFeatures, inFeatures, bias: yes, init } },
  DropConnect: { group: "linear", options: { outFeatures, inFeatures, p: probability, bias: yes, init } },
  ReLU: { group: "activation", options: {} },
  LeakyReLU: {
    group: "activation",
    options: { negativeSlope: { kind: "number", default: 0.01, least: 0, most: 1 } },
  },
  Tanh: { group: "activation", options: {} },
  Sigmoid: { group: "activation", options: {} },
  GELU: {
    group: "activation",
    options: { approximate: { kind: "choice", default: "none", values: ["none", "tanh"] } },
  },
  SiLU: { group: "activation", options: {} },
  ELU: { group: "activation", options: { alpha: { kind: "number", default: 1, least: 0, most: 10, open: true } } },
  Softplus: {
    group: "activation",
    options: {
      beta: { kind: "number", default: 1, least: 0, most: 10, open: true },
      threshold: { kind: "number", default: 20, least: 0, most: 100 },
    },
  },
  Softmax: { group: "activation", options: {} },
  LogSoftmax: { group: "activation", options: {} },
  Identity: { group: "activation", options: {} },
  BatchNorm1d: {
    group: "normalization",
    options: {
      eps,
      momentum: { kind: "number", default: 0.1, least: 0, most: 1 },
      affine: yes,
      trackRunningStats: yes,
      numFeatures: channels,
    },
  },
  LayerNorm: { group: "normalization", options: { eps, elementwiseAffine: yes, bias: yes, normalizedShape: channels } },
  RMSNorm: { group: "normalization", options: { eps: { ...eps, default: 2 ** -23 }, elementwiseAffine: yes } },
  GroupNorm: {
    group: "normalization",
    options: { numGroups: { kind: "size", default: 2, nullable: false, most: MOST_UNITS }, eps, affine: yes },
  },
  InstanceNorm1d: { group: "normalization", options: { eps, affine: no, trackRunningStats: no } },
  InstanceNorm2d: { group: "normalization", options: { eps, affine: no, trackRunningStats: no } },
  BatchNorm2d: {
    group: "normalization",
    options: {
      eps,
      momentum: { kind: "number", default: 0.1, least: 0, most: 1 },
      affine: yes,
      trackRunningStats: yes,
    },
  },
  Dropout: { group: "regularization", options: { p: probability } },
  Flatten: { group: "shape", options: {} },
  Unflatten: {
    group: "shape",
    options: { channels: { kind: "size", default: 2, nullable: false, most: MOST_UNITS } },
  },
} as const satisfies Record<string, LayerEntry>;
export type LayerType = keyof typeof LAYERS;

const reduction: OptionSpec = { kind: "choice", default: "mean", values: ["mean", "sum"] };

export type Task = "classification" | "regression";

interface LossEntry extends Entry {
  tasks: readonly Task[];
}

export const LOSSES = {
  CrossEntropyLoss: {
    tasks: ["classification"],
    options: {
      input: { kind: "choice", default: "logits", values: ["logits", "probabilities"] },
      labelSmoothing: { kind: "number", default: 0, least: 0, most: 1 },
      reduction,
    },
  },
  NLLLoss: { tasks: ["classification"], options: { reduction } },
  BCEWithLogitsLoss: { tasks: ["classification"], options: { reduction } },
  BCELoss: { tasks: ["classification"], options: { reduction } },
  MSELoss: { tasks: ["classification", "regression"], options: { reduction } },
  L1Loss: { tasks: ["classification", "regression"], options: { reduction } },
  HuberLoss: {
    tasks: ["classification", "regression"],
    options: { delta: { kind: "number", default: 1, least: 0, most: 100, open: true }, reduction },
  },
} as const satisfies Record<string, LossEntry>;
export type LossType = keyof typeof LOSSES;

const rate = (value: number): OptionSpec => ({
  kind: "number",
  default: value,
  least: 0,
  most: 1000,
  open: true,
  logarithmic: true,
});
const share = (value: number): OptionSpec => ({ kind: "number", default: value, least: 0, most: 0.9999 });
const weightDecay = (value: number): OptionSpec => ({
  kind: "number",
  default: value,
  least: 0,
  most: 10,
  logarithmic: true,
});
const small = (value: number): OptionSpec => ({ ...eps, default: value });
const ADAM: OptionSpecs = {
  lr: rate(0.001),
  beta1: share(0.9),
  beta2: share(0.999),
  eps: small(1e-8),
  weightDecay: weightDecay(0),
  amsgrad: no,
};

export const OPTIMIZERS = {
  SGD: {
    options: { lr: rate(0.001), momentum: share(0), dampening: share(0), nesterov: no, weightDecay: weightDecay(0) },
  },
  Adagrad: {
    options: {
      lr: rate(0.01),
      lrDecay: weightDecay(0),
      weightDecay: weightDecay(0),
      initialAccumulatorValue: weightDecay(0),
      eps: small(1e-10),
    },
  },
  RMSprop: {
    options: {
      lr: rate(0.01),
      alpha: share(0.99),
      eps: small(1e-8),
      weightDecay: weightDecay(0),
      momentum: share(0),
      centered: no,
    },
  },
  Adam: { options: ADAM },
  AdamW: { options: { ...ADAM, weightDecay: weightDecay(0.01) } },
} as const satisfies Record<string, Entry>;
export type OptimizerType = keyof typeof OPTIMIZERS;
