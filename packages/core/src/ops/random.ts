import { context } from "../graph/context.ts";
import { apply, dataNode, iotaNode, liveScalarNode } from "../graph/node.ts";
import { defineMap } from "../graph/op.ts";
import { type Draw, draw } from "../random/generator.ts";
import { RandomStream } from "../random/random.ts";
import { threefry } from "../random/threefry.ts";
import { type DType, isFloat } from "../tensor/dtype.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add, from, mul, multiply, times } from "./arithmetic.ts";
import { castTo, reshapeTo, withoutGradient } from "./broadcast.ts";
import { lt } from "./comparison.ts";
import { composed } from "./composed.ts";
import { type CreationOptions, type Literal, settle } from "./creation.ts";
import { cos, floor, log, sqrt } from "./unary.ts";

const Threefry = defineMap("threefry");
const Unit = defineMap("unit");

/** 32 random bits an element; the counter is bound now, so that computing it again gives the same. */
function bits(shape: Shape): Tensor {
  const size = sizeOf(shape);
  let drawn: Draw = draw(size);
  context.capture?.onReplay(() => {
    drawn = draw(size);
  });
  const word = (name: keyof Draw): Tensor => liveScalarNode(() => drawn[name], shape, "int32");
  const index = reshapeTo(iotaNode(size), shape);
  return apply(Threefry, [index, word("key0"), word("key1"), word("counter0"), word("counter1")], shape, "int32");
}

function unit(shape: Shape, dtype: DType): Tensor {
  return apply(Unit, [bits(shape)], shape, dtype);
}

function floatOf(name: string, options: CreationOptions): DType {
  const dtype = options.dtype ?? "float32";
  if (!isFloat(dtype)) throw new TypeError(`${name} gives float32 or float64, not ${dtype}`);
  return dtype;
}

function typed<S extends Shape>(made: Tensor, options: CreationOptions): Tensor<Literal<S>> {
  return settle(made, options) as Tensor as Tensor<Literal<S>>;
}

/** Uniform random numbers in [0, 1). */
export function rand<const S extends Shape>(shape: S, options: CreationOptions = {}): Tensor<Literal<S>> {
  return typed<S>(makeRand(shape.slice(), floatOf("rand", options)), options);
}

const makeRand = composed("rand", unit);

/** Standard normal random numbers, by √(−2 ln u₁) cos 2πu₂ (Box and Muller, 1958). */
export function randn<const S extends Shape>(shape: S, options: CreationOptions = {}): Tensor<Literal<S>> {
  return typed<S>(makeRandn(shape.slice(), floatOf("randn", options)), options);
}

const makeRandn = composed("randn", (shape: Shape, dtype: DType): Tensor => {
  const radius = sqrt(times(log(from(1, unit(shape, dtype))), -2));
  return multiply(radius, cos(times(unit(shape, dtype), 2 * Math.PI)));
});

/** Random whole numbers from low to high − 1, as int32. */
export function randint<const S extends Shape>(
  low: number,
  high: number,
  shape: S,
  options: CreationOptions = {},
): Tensor<Literal<S>> {
  if (!Number.isInteger(low) || !Number.isInteger(high) || high <= low || high - low > 2 ** 32)
    throw new RangeError(`randint needs whole numbers, low below high, not ${low} and ${high}`);
  return typed<S>(makeRandint(low, high, shape.slice(), options.dtype ?? "int32"), options);
}

const makeRandint = composed("randint", (low: number, high: number, shape: Shape, dtype: DType): Tensor => {
  return castTo(add(floor(mul(unit(shape, "float64"), high - low)), low), dtype);
});

/** 1 with probability p and else 0: of one p in a shape, or of a tensor of probabilities in its shape and dtype. */
export function bernoulli<S extends Shape>(p: Tensor<S>, options?: CreationOptions): Tensor<S>;
export function bernoulli<const S extends Shape>(p: number, shape: S, options?: CreationOptions): Tensor<Literal<S>>;
export function bernoulli(p: Tensor | number, second?: Shape | CreationOptions, third?: CreationOptions): Tensor {
  if (typeof p === "number") {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability is between 0 and 1, not ${p}`);
    return makeBernoulli(p, (second as Shape).slice(), third?.dtype ?? "float32");
  }
  const dtype = (second as CreationOptions | undefined)?.dtype ?? p.dtype;
  return makeBernoulli(withoutGradient(p), p.shape, dtype);
}

const makeBernoulli = composed("bernoulli", (p: Tensor | number, shape: Shape, dtype: DType): Tensor => {
  const precision = typeof p !== "number" && p.dtype === "float64" ? "float64" : "float32";
  return castTo(lt(unit(shape, precision), p), dtype);
});

/** The numbers 0 … length − 1 in random order, as int32. */
export function randperm(length: number): Tensor<[number]> {
  if (!Number.isInteger(length) || length < 0) throw new RangeError(`randperm cannot order ${length} numbers`);
  return dataNode(randomStream().permutation(length), [length], "int32");
}

/** A stream of numbers for the host, started by the next of the process's random numbers. */
export function randomStream(): RandomStream {
  const { key0, key1, counter0, counter1 } = draw(1);
  return new RandomStream(threefry(key0, key1, counter0, counter1), 1);
}
