import type { Effect } from "../backend/backend.ts";
import { backend } from "../backend/registry.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { StaleTensorError } from "../tensor/errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { pending, resolve } from "./node.ts";

const NO_INPUTS: readonly Tensor[] = [];

/** Values that are evaluated and still hold their graph, because a backward may come through them. */
let open: Tensor[] = [];
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
    else if (node.stale) verdict = true;
    else for (const input of node.inputs) if (isStale(input, visit)) verdict = true;
  }
  node.verdict = verdict;
  return verdict;
}

/** Whether anything behind a node, evaluated or not, depends on state that has moved. */
function dependsOnMoved(node: Tensor, visit: number): boolean {
  if (node.mark === visit) return node.verdict;
  node.mark = visit;
  let verdict = false;
  if (node.source !== null) verdict = node.version !== node.source.slot!.block.version;
  else for (const input of node.inputs) if (dependsOnMoved(input, visit)) verdict = true;
  node.verdict = verdict;
  return verdict;
}

function staleError(tensor: Tensor): StaleTensorError {
  const layer = tensor.path === "" ? "" : ` in layer "${tensor.path}"`;
  return new StaleTensorError(
    `the result of ${tensor.op.name}${layer} was not kept, and the parameters or buffers it was computed from have changed ` +
      `since; call .keep() on it when it is made, or read it before the step`,
  );
}

/** Drops what a node was computed from; without a value it can no longer be read. */
function release(node: Tensor): void {
  if (node.inputs.length === 0) return;
  node.inputs = NO_INPUTS;
  if (node.value === null) node.stale = true;
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
    if (node.verdict) release(node);
    else roots.push(node);
  }
  pending.created = [];
  pending.slots = new Set();
  for (const { slot } of effects) slot.pending = null;
  if (roots.length > 0 || effects.length > 0) backend().run(roots, effects);
  for (const { slot } of effects) {
    slot.block.version++;
    slot.reader = null;
  }
  if (effects.length > 0) releaseMoved(created);
  for (const node of roots) {
    if (node.released || !node.requiresGrad) release(node);
    else if (node.inputs.length > 0) open.push(node);
  }
  for (const node of created) if (node.released) release(node);
}

/** After state has moved: a graph that read the older version can no longer be computed, nor differentiated rightly. */
function releaseMoved(created: readonly Tensor[]): void {
  const visit = ++walk;
  for (const node of created) dependsOnMoved(node, visit);
  open = open.filter((node) => {
    if (node.inputs.length === 0) return false;
    if (!node.released && !dependsOnMoved(node, visit)) return true;
    release(node);
    return false;
  });
  for (const node of created) if (node.verdict) release(node);
}

/** The elements of a tensor, evaluated if they are not yet. The array is the tensor's own: copy before giving it away. */
export function valueOf(tensor: Tensor): TypedArray {
  if (tensor.slot !== null) {
    if (tensor.slot.pending !== null) evaluate();
    return tensor.slot.block.storage.read(tensor.slot.offset, tensor.slot.length);
  }
  if (tensor.value === null) {
    tensor.kept = true;
    evaluate([resolve(tensor)]);
  }
  return tensor.value!;
}
