import "./methods.ts";

export type { GeluOptions, SoftplusOptions } from "./activation.ts";
export type { Operand } from "./arithmetic.ts";
export { where } from "./comparison.ts";
export {
  arange,
  type CreationOptions,
  eye,
  full,
  type Literal,
  linspace,
  type Nested,
  type NumericArray,
  ones,
  onesLike,
  type ShapeOf,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./creation.ts";
export { matmul } from "./matmul.ts";
export type { Reshaped } from "./methods.ts";
export { bernoulli, rand, randint, randn, randperm } from "./random.ts";
export { type Dims, type NormOptions, type ReductionOptions, type VarianceOptions, varMean } from "./reduction.ts";
export { concat, stack } from "./shape.ts";
export { maximum, minimum } from "./unary.ts";
