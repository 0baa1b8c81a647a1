import type { Effect } from "../backend/backend.ts";
import { backend } from "../backend/registry.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { StaleTensorError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { context } from "./context.ts";
import { Dependencies } from "./dependencies.ts";
import { fillSlots, runEffects } from "./effects.ts";
import { pending, resolve } from "./node.ts";
import { isLeaf } from "./op.ts";

let walk = 0;

/** How many nodes have been traced since the last evaluation. */
export function pendingNodes(): number {
  return pending.created.length;
}

/** Whether computing a node again would read state that has moved since. Visits share their verdicts. */
function isStale(node: Tensor, visit: number): boolean {
  if (node.mark === visit) return node.verdict;
  node.mark = visit;
  let verdict = false;
  if (node.value === null) {
    if (node.source !== null) verdict = node.version !== node.source.slot!.block.version;
    else {
      const { inputs } = node;
      if (inputs.length === 0) verdict = !isLeaf(node.op);
      for (let index = 0; index < inputs.length; index++) if (isStale(inputs[index], visit)) verdict = true;
    }
  }
  node.verdict = verdict;
  return verdict;
}

/** The blocks that a node depends on, evaluated or not. Called in the order of creation, so that it never goes deep. */
function dependenciesOf(node: Tensor): Dependencies | null {
  if (node.dependencies !== undefined) return node.dependencies;
  let dependencies: Dependencies | null = null;
  if (node.source !== null) dependencies = Dependencies.of(node.source.slot!.block);
  else {
    const { inputs } = node;
    for (let index = 0; index < inputs.length; index++) {
      const more = dependenciesOf(inputs[index]);
      if (more === null || more === dependencies) continue;
      dependencies = dependencies === null ? more : dependencies.union(more);
    }
  }
  node.dependencies = dependencies;
  return dependencies;
}

function staleError(tensor: Tensor): StaleTensorError {
  const layer = tensor.path === "" ? "" : ` in layer "${tensor.path}"`;
  return new StaleTensorError(
    `the result of ${tensor.op.name}${layer} was not kept, and the parameters or buffers it was computed from have changed ` +
      `since; call .keep() on it when it is made, or read it before the step`,
  );
}

/**
 * The matrix products behind values that are read while a backward may still come through them: stored with the values,
 * so that the backward computes only what is cheap a second time.
 */
function productsBehind(wanted: readonly Tensor[]): Tensor[] {
  const products: Tensor[] = [];
  const visit = ++walk;
  const stack = wanted.filter((node) => node.requiresGrad && !node.released);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.mark === visit || node.value !== null) continue;
    node.mark = visit;
    if (node.op.kind === "matmul") products.push(node);
    for (const input of node.inputs) if (input.requiresGrad) stack.push(input);
  }
  return products;
}

/**
 * Runs everything pending: values that are kept, effects on slots, and `wanted`. Afterwards what no backward can come
 * through drops its inputs.
 */
export function evaluate(wanted: readonly Tensor[] = []): void {
  const created = pending.created;
  const effects: Effect[] = [];
  const roots: Tensor[] = [];
  const visit = ++walk;
  // In the order of creation, so that the walk never goes deep.
  for (const node of created) isStale(node, visit);
  for (const node of wanted) {
    if (isStale(node, visit)) throw staleError(node);
    if (node.value === null) roots.push(node);
  }
  for (const slot of pending.slots) if (slot.pending !== null) effects.push({ slot, value: slot.pending });
  for (const node of created) {
    if (node.value !== null || !(node.kept || (node.consumers === 0 && node.path === ""))) continue;
    if (wanted.includes(node)) continue;
    if (node.verdict) node.dropInputs();
    else roots.push(node);
  }
  if (context.gradEnabled) for (const node of productsBehind(wanted)) if (!roots.includes(node)) roots.push(node);
  pending.created = [];
  pending.slots = new Set();
  for (const { slot } of effects) slot.pending = null;
  if (roots.length > 0 || effects.length > 0) run(roots, effects);
  for (const node of roots) if (node.released || !node.requiresGrad) node.dropInputs();
  for (const node of created) dependenciesOf(node);
  for (const { slot } of effects) {
    slot.block.moved(visit);
    slot.reader = null;
  }
  for (const node of created) {
    const dependencies = node.dependencies!;
    if (node.released || dependencies?.movedAt === visit) node.dropInputs();
    else if (dependencies !== null) node.holdInputs(dependencies);
  }
}

function run(roots: readonly Tensor[], effects: readonly Effect[]): void {
  if (context.capture === null) {
    runEffects(roots, effects);
    return;
  }
  const prepared = backend().prepare(roots, effects);
  context.capture.evaluating(prepared, roots, effects);
  prepared.run(roots);
}

/** A number for an evaluation, larger than all before. */
export function nextEvaluation(): number {
  return ++walk;
}

/** The elements of a tensor, evaluated if they are not yet. The array is the tensor's own: copy before giving it away. */
export function valueOf(tensor: Tensor): TypedArray {
  if (context.capture !== null)
    throw new Error(
      "a compiled function reads a value (item(), data(), printing), which would be that of its first calls for ever: " +
        "return the tensor and read it outside",
    );
  if (tensor.slot !== null) {
    fillSlots();
    if (tensor.slot.pending !== null) evaluate();
    return tensor.slot.block.storage.read(tensor.slot.offset, tensor.slot.length);
  }
  if (tensor.value === null) {
    tensor.kept = true;
    evaluate([resolve(tensor)]);
  }
  return tensor.value!;
}
