import type { Effect } from "../backend/backend.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The nodes that are needed for `roots` and the values of `effects`. */
export function topologicalTo(roots: readonly Tensor[], effects: readonly Effect[]): Tensor[] {
  return topological(effects.length === 0 ? roots : [...roots, ...effects.map((effect) => effect.value)]);
}

/**
 * The nodes that are needed for `roots`, inputs before users; evaluated ones stand as leaves. Iterative, since a loop
 * that adds to a total makes chains of any depth.
 */
export function topological(roots: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: Tensor[] = [];
  const progress: number[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push(root);
    progress.push(0);
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const next = progress[progress.length - 1];
      if (node.value === null && next < node.inputs.length) {
        progress[progress.length - 1]++;
        const input = node.inputs[next];
        if (!seen.has(input)) {
          seen.add(input);
          stack.push(input);
          progress.push(0);
        }
      } else {
        order.push(node);
        stack.pop();
        progress.pop();
      }
    }
  }
  return order;
}
