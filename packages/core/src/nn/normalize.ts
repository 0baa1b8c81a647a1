import { minus, multiply, plus, shifted } from "../ops/arithmetic.ts";
import { castTo, expandTo, reshapeTo } from "../ops/broadcast.ts";
import { note } from "../ops/note.ts";
import { rsqrt } from "../ops/unary.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** (x − mean)/√(var + eps), for statistics whose shapes broadcast to x without new dimensions. */
export function standardize(x: Tensor, mean: Tensor, variance: Tensor, eps: number): Tensor {
  const scale = rsqrt(shifted(note("variance", variance), eps));
  const centered = note("centered", minus(x, expandTo(note("mean", mean), x.shape)));
  return note("normalized", multiply(centered, expandTo(scale, x.shape)));
}

/** x · weight + bias, where the parameters lie along some dims of x (their shape with extents of 1 between). */
export function affine(x: Tensor, weight: Tensor | null, bias: Tensor | null, shape: Shape): Tensor {
  const spread = (parameter: Tensor): Tensor => expandTo(reshapeTo(castTo(parameter, x.dtype), shape), x.shape);
  if (weight !== null) x = multiply(x, spread(weight));
  return bias === null ? x : plus(x, spread(bias));
}

/** [1, channels, 1, …] of a rank. */
export function channelShape(channels: number, rank: number): number[] {
  return Array.from({ length: rank }, (_, dim) => (dim === 1 ? channels : 1));
}
