import { context } from "../graph/context.ts";
import { constantNode, resolve } from "../graph/node.ts";
import { identity, withoutGradient } from "../ops/broadcast.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { propagate, seed } from "./backward.ts";
import { enableGrad } from "./no-grad.ts";

/** Arguments of the grad() calls that are open: they need a gradient whatever they come from. */
const open = new Set<Tensor>();

/**
 * The gradient of a scalar function as a function: grad(f)(x) is df/dx at x, of x's shape. It can be differentiated
 * itself, as in grad((x) => grad(f)(x).sum()), and touches no `grad`. Further arguments are passed on to f.
 * @throws ShapeError if f gives more than one element.
 */
export function grad<S extends Shape, Rest extends unknown[]>(
  f: (x: Tensor<S>, ...rest: Rest) => Tensor,
): (x: Tensor<S>, ...rest: Rest) => Tensor<S> {
  return (x, ...rest) => {
    if (!isFloat(x.dtype)) throw new TypeError(`grad needs a floating-point tensor, not ${x.dtype}`);
    const recording = context.gradEnabled;
    const needed = x.requiresGrad && recording;
    const input = identity(x);
    let forward: Tensor[] = [];
    let result: Tensor = constantNode(0, x.shape, x.dtype);
    open.add(input);
    try {
      enableGrad(() => {
        input.needsGrad = true;
        const output = resolve(f(input, ...rest));
        if (!output.requiresGrad) return;
        const isInput = (node: Tensor): boolean => node === input;
        const arrive = (leaf: Tensor, gradient: Tensor): void => {
          if (leaf === input) result = gradient;
        };
        forward = propagate(output, seed(output, undefined, "grad"), true, arrive, isInput);
      });
    } finally {
      open.delete(input);
    }
    if (!needed) {
      input.needsGrad = false;
      for (let index = forward.length - 1; index >= 0; index--) settle(forward[index]);
      settleBehind(result);
    }
    if (!recording) result = withoutGradient(result);
    if (context.moduleDepth === 0) result.kept = true;
    return result as Tensor<S>;
  };
}

/** Once the argument needs no gradient: a node does if it also depends on something else that does. */
function settle(node: Tensor): void {
  if (node.requiresGrad && node.inputs.length > 0 && !open.has(node))
    node.needsGrad = node.inputs.some((input) => input.requiresGrad);
}

/** Settles everything that a node is computed from, inputs first. */
function settleBehind(root: Tensor): void {
  const seen = new Set<Tensor>([root]);
  const stack: Tensor[] = [root];
  const progress: number[] = [0];
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    const next = progress[progress.length - 1]++;
    if (next < node.inputs.length) {
      const input = node.inputs[next];
      if (!input.requiresGrad || seen.has(input)) continue;
      seen.add(input);
      stack.push(input);
      progress.push(0);
    } else {
      settle(node);
      stack.pop();
      progress.pop();
    }
  }
}
