import { context } from "../graph/context.ts";
import { constantNode, recordEffect, resolve, slotTensor } from "../graph/node.ts";
import { Slot } from "../graph/slot.ts";
import { plus } from "../ops/arithmetic.ts";
import { castTo, inLayer, shapeError } from "../ops/broadcast.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface BackwardOptions {
  /** Keeps the graph, so that another backward may pass. Default: createGraph. */
  retainGraph?: boolean;
  /** Lets gradients themselves be differentiated. */
  createGraph?: boolean;
}

let walk = 0;
/** Which inputs of the node at hand need a gradient; one array for all, since rules do not keep it. */
const needs: boolean[] = [];

/** What no gradient can pass any more, or never could. */
function released(node: Tensor): Error {
  const what = `${node.path === "" ? "" : `in layer "${node.path}": `}the graph behind "${node.op.name}"`;
  if (node.released) {
    return new Error(
      `${what} was released by an earlier backward(); give that one { retainGraph: true }, or detach() what comes from ` +
        "an earlier step",
    );
  }
  return new Error(
    `${what} was released, because a parameter or buffer that it was computed from has changed since; ` +
      "compute it again, or call backward() before the step",
  );
}

/** Nodes that a gradient reaches from `root`, users before their inputs. */
function reached(root: Tensor): Tensor[] {
  const visit = ++walk;
  const order: Tensor[] = [];
  const stack: Tensor[] = [root];
  const progress: number[] = [0];
  root.passed = visit;
  while (stack.length > 0) {
    const top = stack.length - 1;
    const node = stack[top];
    const inputs = node.inputs;
    let next = progress[top];
    while (next < inputs.length && (!inputs[next].requiresGrad || inputs[next].passed === visit)) next++;
    if (next < inputs.length) {
      const input = inputs[next];
      progress[top] = next + 1;
      input.passed = visit;
      stack.push(input);
      progress.push(0);
    } else {
      if (node.op.gradient !== null && (node.released || inputs.length === 0)) throw released(node);
      order.push(node);
      stack.pop();
      progress.pop();
    }
  }
  return order.reverse();
}

/**
 * Sends `gradient` from `root` to the leaves and calls `arrive` with what each gets. Rules run as if in the layer whose
 * node they belong to, so that errors and inspection name it.
 */
export function propagate(
  root: Tensor,
  gradient: Tensor,
  createGraph: boolean,
  arrive: (leaf: Tensor, gradient: Tensor) => void,
  isLeaf?: (node: Tensor) => boolean,
): Tensor[] {
  const order = reached(root);
  const gradEnabled = context.gradEnabled;
  const { layerPath, differentiating } = context;
  context.gradEnabled = createGraph;
  root.adjoint = gradient;
  try {
    for (const node of order) {
      const adjoint = node.adjoint;
      if (adjoint === null) continue;
      node.adjoint = null;
      context.differentiating = node;
      context.observer?.gradient?.(node, adjoint);
      if (node.op.gradient === null || isLeaf?.(node) === true) {
        context.layerPath = layerPath;
        arrive(node, adjoint);
        continue;
      }
      const inputs = node.inputs;
      for (let index = 0; index < inputs.length; index++) needs[index] = inputs[index].requiresGrad;
      context.layerPath = node.path;
      const gradients = node.op.gradient(node, adjoint, needs);
      for (let index = 0; index < inputs.length; index++) {
        const part = gradients[index];
        const input = inputs[index];
        if (part === null || part === undefined || !input.requiresGrad) continue;
        input.adjoint = input.adjoint === null ? part : plus(input.adjoint, part);
      }
    }
  } finally {
    for (const node of order) node.adjoint = null;
    context.gradEnabled = gradEnabled;
    context.layerPath = layerPath;
    context.differentiating = differentiating;
  }
  return order;
}

/** Lets go of a graph that no other backward will pass. */
export function release(order: readonly Tensor[]): void {
  for (const node of order) if (node.op.gradient !== null) node.released = true;
}

/** The gradient that starts a backward: the given one checked, or 1 for a single element. */
export function seed(root: Tensor, gradient: Tensor | undefined, name: string): Tensor {
  if (!root.requiresGrad) {
    throw new Error(
      `${inLayer()}${name} needs a tensor that depends on a parameter or a tensor with requiresGrad; this one ` +
        `(of shape ${formatShape(root.shape)}) does not, or was made in noGrad() or behind detach()`,
    );
  }
  if (gradient === undefined) {
    if (sizeOf(root.shape) === 1) return constantNode(1, root.shape, root.dtype);
    throw shapeError(
      `${name} without a gradient needs a tensor of one element, not of shape ${formatShape(root.shape)}; use mean() ` +
        "or sum() first, or give the gradient of its elements",
    );
  }
  if (sameShape(gradient.shape, root.shape)) return castTo(gradient, root.dtype);
  throw shapeError(
    `${name} needs a gradient of the tensor's shape, but got ${formatShape(gradient.shape)} for ${formatShape(root.shape)}`,
  );
}

/** The slot that a parameter's gradient lies in, made when first needed. */
export function gradientSlot(parameter: Tensor): Tensor {
  parameter.gradSlot ??= slotTensor(Slot.allocate(parameter.shape, parameter.dtype), parameter.shape);
  return parameter.gradSlot;
}

/** Writes a parameter's gradient at the next evaluation, in place of what it has: clipping, averaging over machines. */
export function setGradient(parameter: Tensor, gradient: Tensor): void {
  context.capture?.gradientOf(parameter);
  recordEffect(gradientSlot(parameter), gradient);
  parameter.leafGrad = null;
  parameter.hasGrad = true;
}

function accumulate(leaf: Tensor, gradient: Tensor, createGraph: boolean): void {
  const parameter = leaf.source;
  if (parameter === null) {
    const sum = leaf.leafGrad === null ? gradient : plus(leaf.leafGrad, gradient);
    sum.kept = true;
    leaf.leafGrad = sum;
    return;
  }
  context.capture?.gradientOf(parameter);
  const before = parameter.leafGrad ?? gradientSlot(parameter);
  const sum = parameter.hasGrad ? plus(before, gradient) : gradient;
  setGradient(parameter, sum);
  if (!createGraph) return;
  // The slot will hold the number; this is what a second backward goes through.
  sum.kept = true;
  parameter.leafGrad = sum;
}

/**
 * Computes d(root)/d(leaf) for every leaf with requiresGrad and adds it to the leaf's `grad`. Nothing runs before a
 * value is read or an optimizer steps.
 * @throws Error if no gradient can flow, ShapeError without a gradient unless the tensor has one element.
 */
export function backward(tensor: Tensor, gradient?: Tensor, options: BackwardOptions = {}): void {
  const { createGraph = false, retainGraph = createGraph } = options;
  const start = seed(tensor, gradient, "backward()");
  const root = resolve(tensor);
  const order = propagate(root, start, createGraph, (leaf, sum) => accumulate(leaf, sum, createGraph));
  if (tensor.slot === null) tensor.kept = true;
  if (!retainGraph) release(order);
}
