import { context } from "../graph/context.ts";
import { constantNode, resolve } from "../graph/node.ts";
import { identity } from "../ops/broadcast.ts";
import { isFloat } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { propagate, seed } from "./backward.ts";
import { enableGrad } from "./no-grad.ts";

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
    const outer = x.requiresGrad && context.gradEnabled;
    const recording = context.gradEnabled;
    return enableGrad(() => {
      const input = identity(x);
      input.requiresGrad = true;
      const output = resolve(f(input, ...rest));
      if (!output.requiresGrad) return constantNode(0, x.shape, x.dtype);
      let result: Tensor | null = null;
      propagate(
        output,
        seed(output, undefined, "grad"),
        true,
        (leaf, gradient) => {
          if (leaf === input) result = gradient;
        },
        (node) => node === input,
      );
      const found = (result as Tensor | null) ?? constantNode(0, x.shape, x.dtype);
      if (!outer) {
        input.requiresGrad = false;
        settle(found, recording);
      }
      if (context.moduleDepth === 0) found.kept = true;
      return found as Tensor<S>;
    }) as Tensor<S>;
  };
}

/** After the argument has stopped needing a gradient: what still does, because it depends on something else that does. */
function settle(root: Tensor, recording: boolean): void {
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
      if (node.inputs.length > 0) node.requiresGrad = recording && node.inputs.some((input) => input.requiresGrad);
      stack.pop();
      progress.pop();
    }
  }
}
