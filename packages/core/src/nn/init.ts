import { mul } from "../ops/arithmetic.ts";
import { full } from "../ops/creation.ts";
import { randn } from "../ops/random.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { uniformLike } from "./uniform-like.ts";

/** Ways to fill a parameter before training. Each writes to the tensor it is given, and gives it back. */

export interface KaimingOptions {
  /** The negative slope of the leaky ReLU that follows (√5 is PyTorch's default for linear layers). */
  a?: number;
  /** Whether the variance is held in the forward (inputs counted) or the backward pass (outputs). */
  mode?: "fanIn" | "fanOut";
  /** What follows the layer. */
  nonlinearity?: Nonlinearity;
}

export type Nonlinearity = "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** The factor by which the standard deviation grows for what follows: √2 for ReLU, √(2/(1 + a²)) for leaky ReLU. */
export function gain(nonlinearity: Nonlinearity, a = 0.01): number {
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.SQRT2;
  if (nonlinearity === "leakyRelu") return Math.sqrt(2 / (1 + a * a));
  if (nonlinearity === "selu") return 3 / 4;
  return 1;
}

/** How many inputs and outputs an element of a weight [out, in, …] has. */
export function fans(tensor: Tensor): { fanIn: number; fanOut: number } {
  const { shape } = tensor;
  if (shape.length < 2) throw new RangeError(`a weight has two dimensions at least, not shape ${formatShape(shape)}`);
  const field = sizeOf(shape.slice(2));
  return { fanIn: shape[1] * field, fanOut: shape[0] * field };
}

function write<T extends Tensor>(tensor: T, value: Tensor): T {
  tensor.assign(value);
  return tensor;
}

/** Uniform numbers in [low, high). */
export function uniform<T extends Tensor>(tensor: T, low = 0, high = 1): T {
  return write(tensor, uniformLike(tensor, low, high));
}

/** Normal numbers. */
export function normal<T extends Tensor>(tensor: T, mean = 0, std = 1): T {
  return write(tensor, mul(randn(tensor.shape, { dtype: tensor.dtype }), std).add(mean));
}

/** One number everywhere. */
export function constant<T extends Tensor>(tensor: T, value: number): T {
  return write(tensor, full(tensor.shape, value, { dtype: tensor.dtype }));
}

export function zeros<T extends Tensor>(tensor: T): T {
  return constant(tensor, 0);
}

export function ones<T extends Tensor>(tensor: T): T {
  return constant(tensor, 1);
}

function kaimingStd(tensor: Tensor, { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions): number {
  return gain(nonlinearity, a) / Math.sqrt(fans(tensor)[mode]);
}

/** U(−b, b) with b = gain · √(3/fan) (He et al., "Delving deep into rectifiers", 2015). */
export function kaimingUniform<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingStd(tensor, options);
  return uniform(tensor, -bound, bound);
}

/** N(0, s²) with s = gain / √fan (He et al., 2015). */
export function kaimingNormal<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  return normal(tensor, 0, kaimingStd(tensor, options));
}

function xavierStd(tensor: Tensor, factor: number): number {
  const { fanIn, fanOut } = fans(tensor);
  return factor * Math.sqrt(2 / (fanIn + fanOut));
}

/** U(−b, b) with b = gain · √(6/(in + out)) (Glorot and Bengio, 2010). */
export function xavierUniform<T extends Tensor>(tensor: T, factor = 1): T {
  const bound = Math.sqrt(3) * xavierStd(tensor, factor);
  return uniform(tensor, -bound, bound);
}

/** N(0, s²) with s = gain · √(2/(in + out)) (Glorot and Bengio, 2010). */
export function xavierNormal<T extends Tensor>(tensor: T, factor = 1): T {
  return normal(tensor, 0, xavierStd(tensor, factor));
}
