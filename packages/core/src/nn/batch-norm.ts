import { times } from "../ops/arithmetic.ts";
import { castTo, reshapeTo } from "../ops/broadcast.ts";
import { varMean } from "../ops/reduction.ts";
import type { Shape } from "../tensor/shape.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { affine, channelShape, standardize } from "./normalize.ts";
import { RunningNorm, type RunningNormOptions } from "./running-norm.ts";
import type { ChannelFlow, Fits, flow } from "./shapes.ts";

/**
 * Batch normalization (Ioffe and Szegedy, 2015): y = γ (x − μ)/√(σ² + eps) + β for each channel. In training μ and σ² are
 * the mean and (biased) variance of the batch, and the running statistics move towards the batch's mean and unbiased
 * variance, running ← (1 − momentum) running + momentum batch; in evaluation mode μ and σ² are those running statistics.
 * γ starts as 1 and β as 0.
 */
export abstract class BatchNorm<const Channels extends number = number> extends RunningNorm<Channels> {
  declare readonly [flow]: ChannelFlow<Channels>;
  protected abstract readonly ranks: readonly number[];

  constructor(numFeatures: Channels, options: RunningNormOptions = {}) {
    super(numFeatures, options, { affine: true, trackRunningStats: true });
  }

  forward<S extends Shape>(x: Tensor<S> & Fits<S, ChannelFlow<Channels>>): Tensor<S> {
    return this.overBatch(x) as Tensor as Tensor<S>;
  }

  private overBatch(x: Tensor): Tensor {
    this.requireInput(x, this.ranks);
    const { numFeatures, running_mean, running_var, eps } = this;
    const rank = x.shape.length;
    const spread = channelShape(numFeatures, rank);
    if (!this.training && running_mean !== null && running_var !== null) {
      const place = (statistic: Tensor): Tensor => reshapeTo(castTo(statistic, x.dtype), spread);
      return affine(standardize(x, place(running_mean), place(running_var), eps), this.weight, this.bias, spread);
    }
    const count = sizeOf(x.shape) / numFeatures;
    if (this.training && count <= 1) throw this.tooFew(x, "value a channel");
    const dims = x.shape.map((_, dim) => dim).filter((dim) => dim !== 1);
    const [variance, mean] = varMean(x, dims, { correction: 0, keepdim: true });
    if (this.training) this.track(mean.detach(), times(variance.detach(), count / (count - 1)), true);
    return affine(standardize(x, mean, variance, eps), this.weight, this.bias, spread);
  }
}

/**
 * Batch normalization of [rows, channels] or [rows, channels, length]: y = γ (x − μ)/√(σ² + eps) + β for each channel, over
 * rows and lengths. Options: eps 1e-5, momentum 0.1 (null averages over all batches), affine, trackRunningStats
 * (Ioffe and Szegedy, 2015).
 * @throws ShapeError for other shapes; Error in training on one value a channel.
 */
export class BatchNorm1d<const Channels extends number = number> extends BatchNorm<Channels> {
  protected override readonly ranks = [2, 3];

  override exampleShape(): Shape {
    return [1, this.numFeatures];
  }
}

/**
 * Batch normalization of [images, channels, height, width]: y = γ (x − μ)/√(σ² + eps) + β for each channel, over images and
 * places. Options as BatchNorm1d.
 * @throws ShapeError for other shapes; Error in training on one value a channel.
 */
export class BatchNorm2d<const Channels extends number = number> extends BatchNorm<Channels> {
  protected override readonly ranks = [4];
}
