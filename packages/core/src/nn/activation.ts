import * as activation from "../ops/activation.ts";
import { logSoftmax, softmax } from "../ops/softmax.ts";
import { sigmoid, tanh } from "../ops/unary.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { plainConfig } from "./check.ts";
import { type LayerConfig, Module } from "./module.ts";
import type { flow, SameFlow } from "./shapes.ts";

/** Layers without parameters that keep the shape. */
export abstract class Elementwise extends Module {
  declare readonly [flow]: SameFlow;

  abstract override forward<S extends Shape>(x: Tensor<S>): Tensor<S>;

  override toConfig(): LayerConfig {
    return plainConfig(this);
  }
}

/** y = x */
export class Identity extends Elementwise {
  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return x;
  }
}

/** σ(x) = 1/(1 + e⁻ˣ), between 0 and 1 */
export class Sigmoid extends Elementwise {
  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return sigmoid(x) as Tensor as Tensor<S>;
  }
}

/** tanh(x) = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ), between −1 and 1 */
export class Tanh extends Elementwise {
  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return tanh(x) as Tensor as Tensor<S>;
  }
}

/** ReLU(x) = max(0, x) (Nair and Hinton, 2010) */
export class ReLU extends Elementwise {
  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return activation.relu(x) as Tensor as Tensor<S>;
  }
}

export interface LeakyReLUOptions {
  /** γ, the slope below zero. */
  negativeSlope?: number;
}

/**
 * x where x > 0, else γx (Maas et al., 2013). PyTorch's default is γ = 0.01; the lecture takes 0.1, which is
 * `new LeakyReLU({ negativeSlope: 0.1 })`.
 */
export class LeakyReLU extends Elementwise {
  readonly negativeSlope: number;

  constructor(options: LeakyReLUOptions = {}) {
    super();
    this.negativeSlope = options.negativeSlope ?? 0.01;
  }

  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return activation.leakyRelu(x, this.negativeSlope) as Tensor as Tensor<S>;
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { negativeSlope: this.negativeSlope });
  }
}

/** x Φ(x), or with { approximate: "tanh" } nearly so (Hendrycks and Gimpel, "Gaussian error linear units", 2016) */
export class GELU extends Elementwise {
  readonly approximate: "none" | "tanh";

  constructor(options: activation.GeluOptions = {}) {
    super();
    this.approximate = options.approximate ?? "none";
  }

  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return activation.gelu(x, { approximate: this.approximate }) as Tensor as Tensor<S>;
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { approximate: this.approximate });
  }
}

/** x σ(x), also named swish (Ramachandran et al., 2017) */
export class SiLU extends Elementwise {
  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return activation.silu(x) as Tensor as Tensor<S>;
  }
}

export interface ELUOptions {
  /** What the function tends to, negated, far below zero. */
  alpha?: number;
}

/** x where x > 0, else α(eˣ − 1) (Clevert et al., 2015) */
export class ELU extends Elementwise {
  readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super();
    this.alpha = options.alpha ?? 1;
  }

  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return activation.elu(x, this.alpha) as Tensor as Tensor<S>;
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { alpha: this.alpha });
  }
}

/** ln(1 + e^(βx))/β, and x itself where βx > threshold */
export class Softplus extends Elementwise {
  readonly beta: number;
  readonly threshold: number;

  constructor(options: activation.SoftplusOptions = {}) {
    super();
    this.beta = options.beta ?? 1;
    this.threshold = options.threshold ?? 20;
  }

  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return activation.softplus(x, { beta: this.beta, threshold: this.threshold }) as Tensor as Tensor<S>;
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { beta: this.beta, threshold: this.threshold });
  }
}

export interface SoftmaxOptions {
  /** The dimension whose elements become probabilities; the last by default. */
  dim?: number;
}

/**
 * exp xᵢ / Σⱼ exp xⱼ along a dimension: positive, with sum 1. CrossEntropyLoss takes what comes before it, unless it is
 * given { input: "probabilities" }.
 * @throws RangeError if there is no such dimension.
 */
export class Softmax extends Elementwise {
  readonly dim: number;

  constructor(options: SoftmaxOptions = {}) {
    super();
    this.dim = options.dim ?? -1;
  }

  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return softmax(x, this.dim) as Tensor as Tensor<S>;
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { dim: this.dim });
  }
}

/**
 * xᵢ − ln Σⱼ exp xⱼ along a dimension: the logarithm of softmax, what NLLLoss takes.
 * @throws RangeError if there is no such dimension.
 */
export class LogSoftmax extends Elementwise {
  readonly dim: number;

  constructor(options: SoftmaxOptions = {}) {
    super();
    this.dim = options.dim ?? -1;
  }

  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return logSoftmax(x, this.dim) as Tensor as Tensor<S>;
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { dim: this.dim });
  }
}
