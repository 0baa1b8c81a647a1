export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { type ClipNormOptions, clipGradNorm, clipGradValue } from "./clip.ts";
export {
  type CommonOptions,
  type Group,
  Optimizer,
  type OptimizerState,
  type ParameterGroup,
  type Update,
} from "./optimizer.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export {
  type AnyOptimizer,
  CosineAnnealingLR,
  ExponentialLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  type OneCycleOptions,
  type PlateauOptions,
  ReduceLROnPlateau,
  Scheduler,
  type SchedulerState,
  StepLR,
} from "./scheduler.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
