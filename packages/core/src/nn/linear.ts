import { beginWith } from "../graph/effects.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { shapeError } from "../ops/broadcast.ts";
import { zeros } from "../ops/creation.ts";
import { matmul } from "../ops/matmul.ts";
import { note } from "../ops/note.ts";
import { bernoulli } from "../ops/random.ts";
import { transpose } from "../ops/shape.ts";
import type { DType } from "../tensor/dtype.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireExtent, requireProbability } from "./check.ts";
import { type LayerConfig, Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import type { FeatureFlow, Fits, flow, Through } from "./shapes.ts";
import { uniformLike } from "./uniform-like.ts";

export interface LinearOptions {
  /** Whether something is added to the products. */
  bias?: boolean;
  dtype?: DType;
}

/**
 * y = x Wᵀ + b over the last dimension: [..., in] → [..., out], with W [out, in] and b [out]. (A lecture writes y = W x
 * for a column x; a batch has its examples in rows, as in PyTorch, and W is stored as in that formula.)
 *
 * Starts with U(−1/√in, 1/√in) for both, which is He's uniform initialisation with a = √5, PyTorch's default.
 * @throws ShapeError unless the last extent of the input is `in`.
 */
export class Linear<const In extends number = number, const Out extends number = number> extends Module {
  declare readonly [flow]: FeatureFlow<In, Out>;
  readonly weight: Parameter<[Out, In]>;
  readonly bias: Parameter<[Out]> | null;

  constructor(
    readonly inFeatures: In,
    readonly outFeatures: Out,
    options: LinearOptions = {},
  ) {
    super();
    requireExtent("Linear", "inFeatures", inFeatures);
    requireExtent("Linear", "outFeatures", outFeatures);
    const { bias = true, dtype = "float32" } = options;
    const bound = 1 / Math.sqrt(inFeatures);
    const start = <const S extends Shape>(shape: S): Parameter<never> => {
      const parameter = new Parameter(zeros(shape, { dtype })) as Tensor as Parameter<never>;
      beginWith(parameter.slot!, uniformLike(parameter, -bound, bound));
      return parameter;
    };
    this.weight = start([outFeatures, inFeatures]);
    this.bias = bias ? start([outFeatures]) : null;
  }

  forward<S extends Shape>(x: Tensor<S> & Fits<S, FeatureFlow<In, Out>>): Tensor<Through<S, FeatureFlow<In, Out>>> {
    return this.apply(x, this.weight) as Tensor as Tensor<Through<S, FeatureFlow<In, Out>>>;
  }

  protected apply(x: Tensor, weight: Tensor): Tensor {
    const { inFeatures } = this;
    const rank = x.shape.length;
    if (rank === 0 || x.shape[rank - 1] !== inFeatures) {
      const transposed = rank === 2 && x.shape[0] === inFeatures;
      throw shapeError(
        `Linear(${inFeatures}, ${this.outFeatures}) needs a last extent of ${inFeatures}, but the input has shape ` +
          `${formatShape(x.shape)}; ${transposed ? "it looks transposed: use transpose(0, 1)" : `make it Linear(${x.shape[rank - 1] ?? "…"}, ${this.outFeatures}), or flatten or reshape the input`}`,
      );
    }
    const product = matmul(x, transpose(weight, 0, 1));
    return this.bias === null ? product : add(product, this.bias as Tensor);
  }

  override exampleShape(): Shape {
    return [1, this.inFeatures];
  }

  override toConfig(): LayerConfig {
    const { inFeatures, outFeatures, weight, bias } = this;
    return { layer: "Linear", args: [inFeatures, outFeatures], options: { bias: bias !== null, dtype: weight.dtype } };
  }
}

export interface DropConnectOptions extends LinearOptions {
  /** The probability with which a weight is dropped. */
  p?: number;
}

/**
 * A linear layer whose weights, not activations, are dropped at random in training: y = x (M ∘ W)ᵀ / (1 − p) + b, with
 * Mᵢⱼ = 1 with probability 1 − p and else 0, drawn anew for every batch (one mask a batch, where the paper draws one an
 * example). In evaluation mode it is Linear (Wan et al., "Regularization of neural networks using DropConnect", 2013).
 * @throws ShapeError as Linear.
 */
export class DropConnect<const In extends number = number, const Out extends number = number> extends Linear<In, Out> {
  readonly p: number;

  constructor(inFeatures: In, outFeatures: Out, options: DropConnectOptions = {}) {
    super(inFeatures, outFeatures, options);
    this.p = requireProbability("DropConnect", options.p ?? 0.5);
  }

  override forward<S extends Shape>(
    x: Tensor<S> & Fits<S, FeatureFlow<In, Out>>,
  ): Tensor<Through<S, FeatureFlow<In, Out>>> {
    return this.apply(x, this.training ? dropped(this.weight, this.p) : this.weight) as Tensor as Tensor<
      Through<S, FeatureFlow<In, Out>>
    >;
  }

  override toConfig(): LayerConfig {
    const config = super.toConfig();
    return { ...config, layer: "DropConnect", options: { ...config.options, p: this.p } };
  }
}

/** Elements set to zero with probability p, the others divided by 1 − p so that the expectation stays. */
export function dropped(x: Tensor, p: number): Tensor {
  if (p === 0) return x;
  const mask = note("mask", bernoulli(1 - p, x.shape, { dtype: x.dtype }));
  return note("dropped", mul(x, mul(mask, p === 1 ? 0 : 1 / (1 - p))));
}
