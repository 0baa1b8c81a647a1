import type { Effect, Prepared } from "../backend/backend.ts";
import { backend } from "../backend/registry.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { formatShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Capture, context } from "./context.ts";
import { evaluate, nextEvaluation, valueOf } from "./evaluate.ts";
import { dataNode, pending } from "./node.ts";

/** What a compiled function may return. */
export type Compilable = Tensor | readonly Tensor[] | { readonly [name: string]: Tensor } | undefined;

/** One trace of a function: what it evaluated, and what must be repeated on the host before every further run. */
class Trace implements Capture {
  readonly actions: (() => void)[] = [];
  /** For parameters whose gradient it uses: whether they had one before, and have one after. */
  readonly gradients = new Map<Tensor, { before: boolean; after: boolean }>();
  readonly guards: (() => boolean)[] = [];
  prepared: Prepared | null = null;
  roots: readonly Tensor[] = [];
  effects: readonly Effect[] = [];
  evaluations = 0;
  /** What uses each leaf, for messages: inputs are gone once a graph has been evaluated. */
  readonly users = new Map<Tensor, Tensor>();

  onReplay(action: () => void): void {
    this.actions.push(action);
  }

  guard(holds: () => boolean): void {
    this.guards.push(holds);
  }

  /** Whether all that it depended on is as it was. */
  holds(): boolean {
    for (const [parameter, { before }] of this.gradients) if (parameter.hasGrad !== before) return false;
    for (const guard of this.guards) if (!guard()) return false;
    return true;
  }

  gradientOf(parameter: Tensor): void {
    if (!this.gradients.has(parameter)) this.gradients.set(parameter, { before: parameter.hasGrad, after: false });
  }

  evaluating(prepared: Prepared, roots: readonly Tensor[], effects: readonly Effect[]): void {
    this.evaluations++;
    this.prepared = prepared;
    this.roots = [...roots];
    this.effects = effects;
    for (const node of prepared.order) for (const input of node.inputs) this.users.set(input, node);
  }
}

/** How a traced function's result is made again from the values of a run. */
type Shaped = (outputs: readonly Tensor[]) => unknown;

/** A trace with all that is needed to run it again. */
interface Compiled {
  readonly trace: Trace;
  readonly inputs: readonly Tensor[];
  readonly live: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly result: Shaped;
  /** Whether two traces in a row were alike. */
  settled: boolean;
}

/**
 * Compiles a function of tensors into one plan: a whole training step, with forward, backward, the optimizer's update,
 * running statistics and random numbers. Calls after the first few do no tracing: they write the arguments and the
 * numbers that move (learning rates, step counts, random counters) into place and run the plan.
 *
 *     const step = compile((x: Tensor, y: Tensor) => {
 *       optimizer.zeroGrad();
 *       const l = loss.forward(model.forward(x), y);
 *       l.backward();
 *       optimizer.step();
 *       return l;
 *     });
 *
 * The function takes tensors (whose shapes and dtypes choose the plan: another shape compiles once more) and returns
 * tensors. It must evaluate once: one optimizer.step() at most, and no reading of values inside. All else that it uses
 * is constant: calls 4, 8, 16, … and every 1,000th are traced anew, each as a real step, and a constant that has changed
 * throws and says which; make it an argument.
 * @throws Error from the calls described above, TypeError for arguments that are not tensors.
 */
export function compile<Arguments extends Tensor[], Result extends Compilable>(
  fn: (...inputs: Arguments) => Result,
): (...inputs: Arguments) => Result {
  const plans = new Map<string, { calls: number; variants: Compiled[] }>();
  return (...inputs: Arguments): Result => {
    // Within another compiled function, and while someone looks on, who must see every operation.
    if (context.capture !== null || context.observer !== null) return fn(...inputs);
    const key = keyOf(inputs);
    if (pending.created.length > 0 || pending.slots.size > 0) evaluate();
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = { calls: 0, variants: [] };
      plans.set(key, plan);
    }
    plan.calls++;
    const known = plan.variants.find((variant) => fits(variant, inputs));
    if (known?.settled && !isDue(plan.calls)) return replay(known) as Result;
    const made = trace(fn as (...inputs: Tensor[]) => unknown, inputs);
    if (known === undefined) {
      plan.variants.push(made);
      if (plan.variants.length > VARIANTS) plan.variants.shift();
    } else {
      const difference = differenceOf(known, made);
      if (difference !== null && known.settled) throw new Error(difference);
      made.settled = difference === null;
      plan.variants[plan.variants.indexOf(known)] = made;
    }
    return made.result(made.outputs) as Result;
  };
}

/** As many states of what a function depends on (modes, gradients that are there or not) are compiled side by side. */
const VARIANTS = 4;

/** Puts the arguments into a trace's places and asks whether it holds for them. */
function fits({ inputs, trace: made }: Compiled, given: readonly Tensor[]): boolean {
  const before = inputs.map((input) => input.value);
  for (let index = 0; index < inputs.length; index++) inputs[index].value = given[index].value ?? valueOf(given[index]);
  let holds = false;
  try {
    holds = made.holds();
  } finally {
    // A trace that does not hold keeps its own arguments, so that none is remembered longer than needed.
    if (!holds) for (let index = 0; index < inputs.length; index++) inputs[index].value = before[index];
  }
  return holds;
}

/** Whether a call is one of those that are traced again. */
function isDue(call: number): boolean {
  return call % 1000 === 0 || (call >= 4 && call < 1000 && (call & (call - 1)) === 0);
}

function keyOf(inputs: readonly unknown[]): string {
  let key = `${backend().name},${context.gradEnabled}`;
  for (const input of inputs) {
    if (!(input instanceof Tensor))
      throw new TypeError("a compiled function takes tensors; wrap a number as tensor(number)");
    key += `;${input.dtype}:${input.shape.join()}`;
  }
  return key;
}

function trace(fn: (...inputs: Tensor[]) => unknown, given: readonly Tensor[]): Compiled {
  const made = new Trace();
  const inputs = given.map((input) => dataNode(valueOf(input), input.shape, input.dtype));
  let result: unknown;
  context.capture = made;
  try {
    result = fn(...inputs);
    if (typeof (result as { then?: unknown } | undefined)?.then === "function")
      throw new TypeError("a compiled function is synchronous: it only records what is to be computed");
    for (const tensor of tensorsOf(result)) if (tensor.slot === null) tensor.kept = true;
    evaluate(tensorsOf(result).filter((tensor) => tensor.slot === null && tensor.value === null));
  } finally {
    context.capture = null;
  }
  if (made.evaluations !== 1)
    throw new Error(
      `a compiled function must evaluate once, but this one did ${made.evaluations} times: call optimizer.step() once at its ` +
        "end, and read values (item(), data()) outside",
    );
  for (const [parameter, state] of made.gradients) state.after = parameter.hasGrad;
  const { outputs, shaped } = outputsOf(result, made.roots);
  return {
    trace: made,
    inputs,
    live: made.prepared!.order.filter((node) => node.live !== null),
    outputs,
    result: shaped,
    settled: false,
  };
}

function tensorsOf(result: unknown): Tensor[] {
  if (result === undefined) return [];
  if (result instanceof Tensor) return [result];
  const parts = Array.isArray(result) ? result : Object.values(result as object);
  for (const part of parts)
    if (!(part instanceof Tensor))
      throw new TypeError("a compiled function returns tensors: one, an array or a record of them");
  return parts;
}

/** The values that leave the plan, as fresh tensors, and how the result is made of them. */
function outputsOf(result: unknown, roots: readonly Tensor[]): { outputs: Tensor[]; shaped: Shaped } {
  const outputs = roots.map((root) => {
    const output = dataNode(root.value!, root.shape, root.dtype);
    return output;
  });
  const place = (tensor: Tensor): ((outputs: readonly Tensor[]) => Tensor) => {
    const which = roots.indexOf(tensor);
    return which < 0 ? () => tensor : (all) => dataNode(all[which].value!, tensor.shape, tensor.dtype);
  };
  if (result === undefined) return { outputs, shaped: () => undefined };
  if (result instanceof Tensor) return { outputs, shaped: place(result) };
  if (Array.isArray(result)) {
    const places = result.map(place);
    return { outputs, shaped: (all) => places.map((make) => make(all)) };
  }
  const places = Object.entries(result as Record<string, Tensor>).map(
    ([name, tensor]) => [name, place(tensor)] as const,
  );
  return { outputs, shaped: (all) => Object.fromEntries(places.map(([name, make]) => [name, make(all)])) };
}

function replay(compiled: Compiled): unknown {
  const { trace: made, live, outputs } = compiled;
  for (const action of made.actions) action();
  for (const node of live) (node.parameters as number[])[0] = node.live!();
  made.prepared!.run(outputs);
  const evaluation = nextEvaluation();
  for (const { slot } of made.effects) {
    slot.block.moved(evaluation);
    slot.reader = null;
  }
  for (const [parameter, { after }] of made.gradients) parameter.hasGrad = after;
  return compiled.result(outputs);
}

/** What a second trace did differently, or null. Nodes are compared in order; their structure is the plan's. */
function differenceOf(known: Compiled, made: Compiled): string | null {
  const [before, after] = [known.trace.prepared!, made.trace.prepared!];
  if (before.plan !== after.plan)
    return (
      "a compiled function did other operations than before: it depends on something that has changed (a condition, a " +
      "list, an option). Compile a function of its own for each case"
    );
  for (let index = 0; index < before.order.length; index++) {
    const [old, now] = [before.order[index], after.order[index]];
    const where = now.path === "" ? "" : ` in layer "${now.path}"`;
    const [oldSlot, slot] = [old.source?.slot, now.source?.slot];
    if (oldSlot?.block !== slot?.block || oldSlot?.offset !== slot?.offset)
      return `a compiled function uses another parameter or buffer than before, of shape ${formatShape(now.shape)}`;
    if (now.op.kind === "slice" && now.parameters[0] !== old.parameters[0])
      return (
        `a compiled function sliced from ${old.parameters[0]} and now from ${now.parameters[0]}${where}; slice outside, or use ` +
        "indexSelect with the index as an argument"
      );
    if (now.op.kind === "scalar" && now.live === null && !Object.is(now.parameters[0], old.parameters[0]))
      return changedConstant(String(old.parameters[0]), String(now.parameters[0]), made.trace.users.get(now));
    if (now.op.kind === "data" && !made.inputs.includes(now) && !sameValues(old.value!, now.value!))
      return changedConstant(
        `a tensor of shape ${formatShape(now.shape)}`,
        "one with other values",
        made.trace.users.get(now),
      );
  }
  return null;
}

function changedConstant(before: string, now: string, user: Tensor | undefined): string {
  const where =
    user === undefined ? "" : ` (used by ${user.op.name}${user.path === "" ? "" : ` in layer "${user.path}"`})`;
  return `a constant of a compiled function was ${before} and is now ${now}${where}; make it an argument: tensor(value)`;
}

function sameValues(first: TypedArray, second: TypedArray): boolean {
  if (first === second) return true;
  if (first.length !== second.length) return false;
  for (let index = 0; index < first.length; index++) if (!Object.is(first[index], second[index])) return false;
  return true;
}
