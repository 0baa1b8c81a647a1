import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Elementwise } from "./activation.ts";
import { plainConfig, requireProbability } from "./check.ts";
import { dropped } from "./linear.ts";
import type { LayerConfig } from "./module.ts";

export interface DropoutOptions {
  /** The probability with which an element is dropped. */
  p?: number;
}

/**
 * In training, y = m ∘ x / (1 − p) with mᵢ = 1 with probability 1 − p and else 0: the division keeps the expectation
 * ("inverted" dropout), so that in evaluation mode y = x (Srivastava et al., "Dropout", 2014).
 * @throws RangeError if p is no probability.
 */
export class Dropout extends Elementwise {
  readonly p: number;

  constructor(options: number | DropoutOptions = {}) {
    super();
    this.p = requireProbability("Dropout", (typeof options === "number" ? options : options.p) ?? 0.5);
  }

  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return (this.training ? dropped(x, this.p) : x) as Tensor as Tensor<S>;
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { p: this.p });
  }
}
