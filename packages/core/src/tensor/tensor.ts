import type { Dependencies } from "../graph/dependencies.ts";
import type { Op } from "../graph/op.ts";
import type { Slot } from "../graph/slot.ts";
import type { DType, TypedArray } from "./dtype.ts";
import type { Shape } from "./shape.ts";

const NO_INPUTS: readonly Tensor[] = [];

/**
 * An array of numbers, and a node of the lazy graph: what computes it (`op`, `inputs`) until it is evaluated, its value
 * afterwards. Operations are methods; see the ops folder. Nothing is computed until a value is read.
 */
export class Tensor<S extends Shape = Shape> {
  readonly shape: S;
  readonly dtype: DType;
  /** @internal */ op: Op;
  /** Its inputs, while the node itself holds them. */
  #inputs: readonly Tensor[] | null;
  /** Who holds its inputs, once it has been through an evaluation. */
  #holder: Dependencies | null = null;
  /** @internal The blocks that it depends on; undefined until an evaluation has found them. */
  dependencies: Dependencies | null | undefined = undefined;
  /** @internal Integers that are part of the operation's structure (dims, pads). */
  readonly attributes: readonly number[];
  /** @internal Numbers that are inputs of a plan, not structure (scalars, slice starts). */
  readonly parameters: readonly number[];
  /** @internal Computes the parameter of a scalar again when a compiled step is repeated. */
  live: (() => number) | null = null;
  /** @internal Whether backward() computes a gradient for it, or through it: requiresGrad without what assigning does. */
  needsGrad = false;
  /** @internal The evaluated elements in row-major order. */
  value: TypedArray | null = null;
  /** @internal The storage that it stands for, if it is a parameter, gradient or buffer. */
  slot: Slot | null = null;
  /** @internal The slot tensor that a state node was read from. */
  source: Tensor | null = null;
  /** @internal The version of the slot's storage when it was read. */
  version = 0;
  /** @internal How many nodes use it. */
  consumers = 0;
  /** @internal Whether its value is stored at the next evaluation. */
  kept = false;
  /** @internal Whether a backward has passed and released the graph behind it. */
  released = false;
  /** @internal The path of the layer that made it. */
  path = "";
  /** @internal The gradient of a leaf that is not a slot; of one that is, its gradient while it can be differentiated. */
  leafGrad: Tensor | null = null;
  /** @internal Where the gradient of a slot lies, once it has had one. */
  gradSlot: Tensor | null = null;
  /** @internal Whether the gradient slot holds a gradient now. */
  hasGrad = false;
  /** @internal The gradient that the backward going on has collected so far. */
  adjoint: Tensor | null = null;
  /** @internal The backward that passed it last. */
  passed = 0;
  /** @internal Number of this node in the plan that is being built or bound. */
  local = -1;
  /** @internal The walk that visited it last. */
  mark = 0;
  /** @internal What that walk found. */
  verdict = false;

  /** @internal Use tensor(), zeros(), … */
  constructor(
    op: Op,
    inputs: readonly Tensor[],
    shape: S,
    dtype: DType,
    attributes: readonly number[],
    parameters: readonly number[],
  ) {
    this.op = op;
    this.#inputs = inputs;
    this.shape = shape;
    this.dtype = dtype;
    this.attributes = attributes;
    this.parameters = parameters;
  }

  /** Whether backward() computes a gradient for it, or through it. To assign it is to call requiresGrad_(). */
  get requiresGrad(): boolean {
    return this.needsGrad;
  }

  set requiresGrad(requiresGrad: boolean) {
    this.requiresGrad_(Boolean(requiresGrad));
  }

  /** @internal What it is computed from; nothing for leaves, and once that is no longer needed or right. */
  get inputs(): readonly Tensor[] {
    return this.#inputs ?? this.#holder?.inputsOf(this) ?? NO_INPUTS;
  }

  /** @internal Forgets what it was computed from. */
  dropInputs(): void {
    this.#inputs = NO_INPUTS;
    this.#holder?.drop(this);
    this.#holder = null;
  }

  /** @internal Lets go of its inputs when one of the blocks it depends on moves. */
  holdInputs(holder: Dependencies): void {
    if (this.#inputs === null || this.#inputs.length === 0) return;
    holder.keep(this, this.#inputs);
    this.#holder = holder;
    this.#inputs = null;
  }
}
