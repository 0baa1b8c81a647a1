import { multiply, shifted } from "../ops/arithmetic.ts";
import { expandTo, shapeError } from "../ops/broadcast.ts";
import { ones, zeros } from "../ops/creation.ts";
import { note } from "../ops/note.ts";
import { mean as meanOf, varMean } from "../ops/reduction.ts";
import { rsqrt } from "../ops/unary.ts";
import type { DType } from "../tensor/dtype.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { className } from "./call.ts";
import { requireExtent } from "./check.ts";
import { type LayerConfig, Module } from "./module.ts";
import { affine, standardize } from "./normalize.ts";
import { Parameter } from "./parameter.ts";
import type { FeatureFlow, Fits, flow } from "./shapes.ts";

export interface LayerNormOptions {
  /** Added to the variance, so that nothing is divided by zero. */
  eps?: number;
  /** Whether the result is scaled and shifted, element by element, by what is learned. */
  elementwiseAffine?: boolean;
  /** Whether it is shifted, if it is scaled. */
  bias?: boolean;
  dtype?: DType;
}

export interface RMSNormOptions {
  /** Added to the mean square; null is the smallest step of the input's dtype at 1. */
  eps?: number | null;
  /** Whether the result is scaled, element by element, by what is learned. */
  elementwiseAffine?: boolean;
  dtype?: DType;
}

/** The extent of the last dimension, as far as the types know it. */
type LastOf<N> = N extends number ? N : N extends readonly [...unknown[], infer E extends number] ? E : number;

/** What layer and RMS norm share: they work over the last dimensions, whose extents are given. */
abstract class LastDims<const N extends number | readonly number[] = number | readonly number[]> extends Module {
  declare readonly [flow]: FeatureFlow<LastOf<N>, LastOf<N>>;
  readonly normalizedShape: readonly number[];

  constructor(normalizedShape: N) {
    super();
    this.normalizedShape =
      typeof normalizedShape === "number" ? [normalizedShape] : [...(normalizedShape as readonly number[])];
    for (const extent of this.normalizedShape) requireExtent(className(this), "normalizedShape", extent);
  }

  forward<S extends Shape>(x: Tensor<S> & Fits<S, FeatureFlow<LastOf<N>, LastOf<N>>>): Tensor<S> {
    const { normalizedShape } = this;
    const lead = x.shape.length - normalizedShape.length;
    if (lead < 0 || normalizedShape.some((extent, dim) => extent !== x.shape[lead + dim])) {
      throw shapeError(
        `${className(this)} needs an input whose last extents are ${formatShape(normalizedShape)}, but it has shape ` +
          `${formatShape(x.shape)}; give it the extents of what comes before`,
      );
    }
    const dims = normalizedShape.map((_, dim) => lead + dim);
    const shape = x.shape.map((extent, dim) => (dim < lead ? 1 : extent));
    return this.normalize(x, dims, shape) as Tensor as Tensor<S>;
  }

  /** `shape` is the input's with 1 for all dimensions that are not normalised. */
  protected abstract normalize(x: Tensor, dims: number[], shape: Shape): Tensor;

  override exampleShape(): Shape {
    return [1, ...this.normalizedShape];
  }
}

/**
 * y = γ (x − μ)/√(σ² + eps) + β, where mean and (biased) variance run over the last dimensions of each example (Ba et al.,
 * "Layer normalization", 2016). `normalizedShape` is their extents, or the one extent.
 * @throws ShapeError if the input's last extents differ.
 */
export class LayerNorm<const N extends number | readonly number[] = number | readonly number[]> extends LastDims<N> {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;

  constructor(normalizedShape: N, options: LayerNormOptions = {}) {
    super(normalizedShape);
    const { eps = 1e-5, elementwiseAffine = true, bias = true, dtype = "float32" } = options;
    this.eps = eps;
    const shape = this.normalizedShape;
    this.weight = elementwiseAffine ? new Parameter(ones(shape, { dtype }) as Tensor) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(shape, { dtype }) as Tensor) : null;
  }

  protected override normalize(x: Tensor, dims: number[], shape: Shape): Tensor {
    const [variance, mean] = varMean(x, dims, { correction: 0, keepdim: true });
    return affine(standardize(x, mean, variance, this.eps), this.weight, this.bias, shape);
  }

  override toConfig(): LayerConfig {
    const { weight, bias, eps } = this;
    const dtype = weight?.dtype ?? "float32";
    const options = { eps, elementwiseAffine: weight !== null, bias: bias !== null || weight === null, dtype };
    return { layer: "LayerNorm", args: [[...this.normalizedShape]], options };
  }
}

/**
 * y = γ x/√(mean(x²) + eps) over the last dimensions of each example: layer norm without the mean (Zhang and Sennrich, "Root
 * mean square layer normalization", 2019).
 * @throws ShapeError if the input's last extents differ.
 */
export class RMSNorm<const N extends number | readonly number[] = number | readonly number[]> extends LastDims<N> {
  readonly weight: Parameter | null;
  readonly eps: number | null;

  constructor(normalizedShape: N, options: RMSNormOptions = {}) {
    super(normalizedShape);
    const { eps = null, elementwiseAffine = true, dtype = "float32" } = options;
    this.eps = eps;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { dtype }) as Tensor) : null;
  }

  protected override normalize(x: Tensor, dims: number[], shape: Shape): Tensor {
    const eps = this.eps ?? (x.dtype === "float64" ? 2 ** -52 : 2 ** -23);
    const square = note("meanSquare", meanOf(multiply(x, x), dims, { keepdim: true }));
    const normal = note("normalized", multiply(x, expandTo(rsqrt(shifted(square, eps)), x.shape)));
    return affine(normal, this.weight, null, shape);
  }

  override toConfig(): LayerConfig {
    const options = {
      eps: this.eps,
      elementwiseAffine: this.weight !== null,
      dtype: this.weight?.dtype ?? "float32",
    };
    return { layer: "RMSNorm", args: [[...this.normalizedShape]], options };
  }
}
