export * from "./autograd/index.ts";
export * as nn from "./nn/index.ts";
export * from "./ops/index.ts";
export { getRandomState, manualSeed, type RandomState, setRandomState } from "./random/generator.ts";
export { RandomStream } from "./random/random.ts";
export type { ArrayOf, DType, TypedArray } from "./tensor/dtype.ts";
export { OutOfMemoryError, ShapeError, StaleTensorError } from "./tensor/errors.ts";
export type { Shape } from "./tensor/shape.ts";
export { Tensor } from "./tensor/tensor.ts";
