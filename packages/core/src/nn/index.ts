export {
  ELU,
  type ELUOptions,
  GELU,
  Identity,
  LeakyReLU,
  type LeakyReLUOptions,
  LogSoftmax,
  ReLU,
  Sigmoid,
  SiLU,
  Softmax,
  type SoftmaxOptions,
  Softplus,
  Tanh,
} from "./activation.ts";
export { BatchNorm1d, BatchNorm2d } from "./batch-norm.ts";
export { BCELoss, type BCELossOptions, BCEWithLogitsLoss, type BCEWithLogitsLossOptions } from "./binary-loss.ts";
export { fromConfig } from "./config.ts";
export { Flatten, ModuleList, Sequential, Unflatten } from "./container.ts";
export { CrossEntropyLoss, type CrossEntropyLossOptions, NLLLoss, type NLLLossOptions } from "./cross-entropy.ts";
export { Dropout, type DropoutOptions } from "./dropout.ts";
export { GroupNorm, type GroupNormOptions } from "./group-norm.ts";
export * as init from "./init.ts";
export { InstanceNorm1d, InstanceNorm2d } from "./instance-norm.ts";
export { LayerNorm, type LayerNormOptions, RMSNorm, type RMSNormOptions } from "./layer-norm.ts";
export { DropConnect, type DropConnectOptions, Linear, type LinearOptions } from "./linear.ts";
export { Loss, type LossOptions, type Reduction } from "./loss.ts";
export { type BufferOptions, type Layer, type LayerConfig, Module } from "./module.ts";
export { Parameter, type ParameterOptions } from "./parameter.ts";
export { HuberLoss, type HuberLossOptions, L1Loss, L1Loss as MAELoss, MSELoss } from "./regression-loss.ts";
export type { RunningNormOptions } from "./running-norm.ts";
export type { ChannelFlow, FeatureFlow, FlattenFlow, Flow, flow, SameFlow } from "./shapes.ts";
export type { LoadOptions, LoadReport, StateDict } from "./state-dict.ts";
export type { LayerSummary, Summary, SummaryOptions } from "./summary.ts";
