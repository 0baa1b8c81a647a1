import { reshapeTo, shapeError } from "../ops/broadcast.ts";
import { ones, zeros } from "../ops/creation.ts";
import { varMean } from "../ops/reduction.ts";
import type { DType } from "../tensor/dtype.ts";
import { formatShape, type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireExtent } from "./check.ts";
import { type LayerConfig, Module } from "./module.ts";
import { affine, channelShape, standardize } from "./normalize.ts";
import { Parameter } from "./parameter.ts";
import type { ChannelFlow, Fits, flow } from "./shapes.ts";

export interface GroupNormOptions {
  /** Added to the variance, so that nothing is divided by zero. */
  eps?: number;
  /** Whether the result is scaled and shifted, a channel each, by what is learned. */
  affine?: boolean;
  dtype?: DType;
}

/**
 * y = γ (x − μ)/√(σ² + eps) + β for [rows, channels, …], where mean and (biased) variance run over a group of neighbouring
 * channels of one example (Wu and He, "Group normalization", 2018).
 * @throws RangeError unless the groups divide the channels; ShapeError if the input has other channels.
 */
export class GroupNorm<const Channels extends number = number> extends Module {
  declare readonly [flow]: ChannelFlow<Channels>;
  readonly weight: Parameter<[Channels]> | null;
  readonly bias: Parameter<[Channels]> | null;
  readonly eps: number;

  constructor(
    readonly numGroups: number,
    readonly numChannels: Channels,
    options: GroupNormOptions = {},
  ) {
    super();
    requireExtent("GroupNorm", "numGroups", numGroups);
    requireExtent("GroupNorm", "numChannels", numChannels);
    if (numChannels % numGroups !== 0)
      throw new RangeError(`GroupNorm cannot put ${numChannels} channels into ${numGroups} groups of equal size`);
    const { eps = 1e-5, affine: learned = true, dtype = "float32" } = options;
    this.eps = eps;
    const shape: [Channels] = [numChannels];
    const parameter = (start: Tensor): Parameter<[Channels]> => new Parameter(start as Tensor as Tensor<[Channels]>);
    this.weight = learned ? parameter(ones(shape, { dtype })) : null;
    this.bias = learned ? parameter(zeros(shape, { dtype })) : null;
  }

  forward<S extends Shape>(x: Tensor<S> & Fits<S, ChannelFlow<Channels>>): Tensor<S> {
    const { numGroups, numChannels } = this;
    const shape: Shape = x.shape;
    if (shape.length < 2 || shape[1] !== numChannels) {
      throw shapeError(
        `GroupNorm(${numGroups}, ${numChannels}) needs ${numChannels} channels in dimension 1, but the input has shape ` +
          `${formatShape(shape)}; make it GroupNorm(${numGroups}, ${shape[1] ?? "…"}), or reshape the input`,
      );
    }
    const grouped = reshapeTo(x, [shape[0], numGroups, sizeOf(shape.slice(1)) / numGroups]);
    const [variance, mean] = varMean(grouped, 2, { correction: 0, keepdim: true });
    const normal = reshapeTo(standardize(grouped, mean, variance, this.eps), shape);
    return affine(normal, this.weight, this.bias, channelShape(numChannels, shape.length)) as Tensor as Tensor<S>;
  }

  override exampleShape(): Shape {
    return [1, this.numChannels];
  }

  override toConfig(): LayerConfig {
    const { numGroups, numChannels, weight, eps } = this;
    const options = { eps, affine: weight !== null, dtype: weight?.dtype ?? "float32" };
    return { layer: "GroupNorm", args: [numGroups, numChannels], options };
  }
}
