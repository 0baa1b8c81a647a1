import { mul } from "../ops/arithmetic.ts";
import { rand } from "../ops/random.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Numbers from U(low, high) of a tensor's shape and dtype. */
export function uniformLike({ shape, dtype }: Tensor, low: number, high: number): Tensor {
  return mul(rand(shape, { dtype }), high - low).add(low);
}
