import { context } from "../graph/context.ts";
import { valueOf } from "../graph/evaluate.ts";
import { becomeLeaf, dropEffect } from "../graph/node.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type BackwardOptions, backward } from "./backward.ts";

declare module "../tensor/tensor.ts" {
  interface Tensor<S extends Shape = Shape> {
    /** The gradient that backward() has collected for this leaf; null before the first, and after zeroGrad(). */
    readonly grad: Tensor<S> | null;
    /**
     * Computes the gradient of this tensor for every leaf with requiresGrad that it depends on, and adds it to the leaf's
     * `grad`. A tensor of more than one element needs the gradient of its elements.
     */
    backward(gradient?: Tensor | null, options?: BackwardOptions): void;
    backward(options: BackwardOptions): void;
    /** Forgets the gradient. */
    zeroGrad(): void;
    /** Makes a leaf of this tensor that backward() computes a gradient for, or none. */
    requiresGrad_(requiresGrad?: boolean): this;
  }
}

/** A tensor's gradient as its user sees it. */
function gradientOf(tensor: Tensor): Tensor | null {
  if (tensor.slot === null) return tensor.leafGrad;
  if (!tensor.hasGrad) return null;
  return tensor.leafGrad ?? tensor.gradSlot;
}

Object.defineProperty(Tensor.prototype, "grad", {
  configurable: true,
  get(this: Tensor): Tensor | null {
    return gradientOf(this);
  },
});

const METHODS = {
  backward(this: Tensor, first?: Tensor | BackwardOptions | null, second?: BackwardOptions): void {
    if (first instanceof Tensor) backward(this, first, second);
    else backward(this, undefined, first ?? second);
  },
  zeroGrad(this: Tensor): void {
    if (this.slot !== null) context.capture?.gradientOf(this);
    this.leafGrad = null;
    this.hasGrad = false;
    if (this.gradSlot !== null) dropEffect(this.gradSlot.slot!);
  },
  requiresGrad_(this: Tensor, requiresGrad = true): Tensor {
    if (this.requiresGrad === requiresGrad) return this;
    if (requiresGrad && !isFloat(this.dtype))
      throw new TypeError(`only floating-point tensors have gradients, not ${this.dtype}`);
    if (!requiresGrad && this.op.gradient !== null)
      throw new Error("only a leaf can stop needing a gradient; use detach() on what is computed");
    if (this.slot === null && this.op.kind !== "data") {
      valueOf(this);
      becomeLeaf(this);
    }
    this.needsGrad = requiresGrad;
    return this;
  },
} satisfies Partial<Record<keyof Tensor, unknown>>;

for (const [name, value] of Object.entries(METHODS))
  Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true });
