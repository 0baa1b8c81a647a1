import type { Effect, Prepared } from "../backend/backend.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Told of every node as it is made, while something is being inspected. */
export interface Observer {
  created(node: Tensor): void;
  /** A backward has reached a node, with all of its gradient. */
  gradient?(node: Tensor, gradient: Tensor): void;
  /** A composed operation (softmax, say) begins or ends. */
  enter?(name: string): void;
  leave?(result: unknown): void;
  /** A layer, loss or optimizer says what it calls a tensor. */
  noted?(name: string, tensor: Tensor): void;
  /** A call of a module begins or ends. */
  called?(module: object, path: string, inputs: readonly unknown[]): void;
  returned?(module: object, result: unknown): void;
}

/** Told of what a compiled step must do on the host before each of its runs. */
export interface Capture {
  /** Repeats what tracing did besides making nodes: counting a step, drawing random numbers. */
  onReplay(action: () => void): void;
  /** Something that what is traced depends on besides tensors: where it no longer holds, the step is traced anew. */
  guard(holds: () => boolean): void;
  /** Whether a parameter has a gradient is about to be used or changed. */
  gradientOf(parameter: Tensor): void;
  /** An evaluation is about to run. */
  evaluating(prepared: Prepared, roots: readonly Tensor[], effects: readonly Effect[]): void;
}

/** What the program is doing at this moment: the few pieces of global state that tracing needs. */
export const context = {
  gradEnabled: true,
  /** The path of the layer whose forward is running ("" outside any). */
  layerPath: "",
  /** How many Module calls are open. */
  moduleDepth: 0,
  /** The node whose gradient rule is running: what is made now belongs to a backward. */
  differentiating: null as Tensor | null,
  observer: null as Observer | null,
  /** The step that is being compiled. */
  capture: null as Capture | null,
};
