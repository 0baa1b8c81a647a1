import { times } from "../ops/arithmetic.ts";
import { castTo, reshapeTo } from "../ops/broadcast.ts";
import { mean as meanOf, varMean } from "../ops/reduction.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { affine, channelShape, standardize } from "./normalize.ts";
import { RunningNorm, type RunningNormOptions } from "./running-norm.ts";
import type { flow, SameFlow } from "./shapes.ts";

/**
 * Instance normalization (Ulyanov et al., 2016): y = γ (x − μ)/√(σ² + eps) + β for each channel of each example, over its
 * places. With trackRunningStats the means over examples of μ and unbiased σ² are kept, and used in evaluation mode.
 */
abstract class InstanceNorm<const Channels extends number = number> extends RunningNorm<Channels> {
  declare readonly [flow]: SameFlow;
  /** The rank of a batch; one less is a single example. */
  protected abstract readonly rank: number;

  constructor(numFeatures: Channels, options: RunningNormOptions = {}) {
    super(numFeatures, options, { affine: false, trackRunningStats: false });
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    const single = x.shape.length === this.rank - 1;
    this.requireInput(x, [this.rank, this.rank - 1], single ? 0 : 1);
    const batch = single ? reshapeTo(x, [1, ...x.shape]) : x;
    return reshapeTo(this.overPlaces(batch), x.shape) as Tensor as Tensor<S>;
  }

  private overPlaces(x: Tensor): Tensor {
    const { numFeatures, running_mean, running_var, eps } = this;
    const spread = channelShape(numFeatures, this.rank);
    if (!this.training && running_mean !== null && running_var !== null) {
      const place = (statistic: Tensor): Tensor => reshapeTo(castTo(statistic, x.dtype), spread);
      return affine(standardize(x, place(running_mean), place(running_var), eps), this.weight, this.bias, spread);
    }
    const count = sizeOf(x.shape.slice(2));
    if (this.training && count <= 1) throw this.tooFew(x, "place a channel");
    const dims = x.shape.map((_, dim) => dim).slice(2);
    const [variance, mean] = varMean(x, dims, { correction: 0, keepdim: true });
    if (this.training && running_mean !== null) {
      const unbiased = times(variance.detach(), count / (count - 1));
      this.track(meanOf(mean.detach(), 0), meanOf(unbiased, 0), false);
    }
    return affine(standardize(x, mean, variance, eps), this.weight, this.bias, spread);
  }
}

/**
 * Instance normalization of [rows, channels, length] or [channels, length]: y = γ (x − μ)/√(σ² + eps) + β for each channel
 * of each row, over its length. Options: eps 1e-5, momentum 0.1, affine (off), trackRunningStats (off) (Ulyanov et al.,
 * 2016).
 * @throws ShapeError for other shapes; Error in training on a length of 1.
 */
export class InstanceNorm1d<const Channels extends number = number> extends InstanceNorm<Channels> {
  protected override readonly rank = 3;
}

/**
 * Instance normalization of [images, channels, height, width] or [channels, height, width]: as InstanceNorm1d, over places.
 * @throws ShapeError for other shapes; Error in training on one place.
 */
export class InstanceNorm2d<const Channels extends number = number> extends InstanceNorm<Channels> {
  protected override readonly rank = 4;
}
