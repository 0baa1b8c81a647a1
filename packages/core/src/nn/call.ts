import { context } from "../graph/context.ts";
import { evaluate, pendingNodes } from "../graph/evaluate.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";

/**
 * What happens around every call of a module's forward: the path of the layer is noted for errors and inspection, the
 * results of an outermost call are kept, and a layer that no parent knows of is found.
 */

/** A longer graph than this is run before an outermost call begins. */
const PENDING_LIMIT = 2000;

type Forward = (this: Module, ...inputs: unknown[]) => unknown;

const wrapped = new WeakSet<Forward>();
const pathsWithin = new WeakMap<Module, Map<Module, string>>();

/** The calls that are open, outermost first, and each module's path in the outermost. */
const open: Module[] = [];
const openPaths: string[] = [];

/** Told of every call that has ended, while summary() is tracing. */
export const calls = {
  ended: null as ((module: Module, path: string, result: unknown) => void) | null,
};

/** Wraps the forward of a module's class, the first time that one of its instances is made. */
export function wrapForward(module: Module): void {
  for (
    let prototype = Object.getPrototypeOf(module);
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    if (!Object.hasOwn(prototype, "forward")) continue;
    const forward = prototype.forward as Forward;
    if (wrapped.has(forward)) return;
    const call: Forward = function (...inputs) {
      return run(this, forward, inputs);
    };
    Object.defineProperty(call, "name", { value: "forward" });
    Object.defineProperty(call, "length", { value: forward.length });
    wrapped.add(call);
    Object.defineProperty(prototype, "forward", { value: call, writable: true, configurable: true });
    return;
  }
}

/** Refuses a module whose forward is a property of its own: calls of it could not be followed. */
export function requireMethod(module: Module): void {
  if (!Object.hasOwn(module, "forward")) return;
  throw new TypeError(
    `${className(module)} has forward as a property (forward = (x) => …); write it as a method, forward(x) { … }, so that ` +
      "its layers and results are known",
  );
}

export function className(module: Module): string {
  return module.constructor.name || "Module";
}

function run(module: Module, forward: Forward, inputs: unknown[]): unknown {
  const depth = open.length;
  // super.forward(x), or a module that calls itself.
  if (depth > 0 && open[depth - 1] === module) return forward.apply(module, inputs);
  if (depth === 0 && pendingNodes() > PENDING_LIMIT) evaluate();
  if (context.capture !== null) {
    const { training } = module;
    context.capture.guard(() => module.training === training);
  }
  const path = depth === 0 ? "" : pathOf(module);
  const outerPath = context.layerPath;
  open.push(module);
  openPaths.push(path);
  context.layerPath = path === "" ? className(module) : path;
  context.moduleDepth++;
  context.observer?.called?.(module, path, inputs);
  let result: unknown;
  try {
    result = forward.apply(module, inputs);
    if (typeof (result as { then?: unknown } | null | undefined)?.then === "function")
      throw new TypeError(
        `forward of ${className(module)} is asynchronous; a forward only records what is to be computed`,
      );
    if (depth === 0) keepResults(result);
    calls.ended?.(module, path, result);
    return result;
  } catch (error) {
    throw forward.length > 0 ? explained(error, module, inputs[0]) : error;
  } finally {
    context.observer?.returned?.(module, result);
    open.length = depth;
    openPaths.length = depth;
    context.layerPath = outerPath;
    context.moduleDepth--;
  }
}

const EXPLAINED = new WeakSet<object>();

/** What a module threw; where it is a TypeError over numbers in the place of a tensor, one that says so. */
function explained(error: unknown, module: Module, input: unknown): unknown {
  if (!(error instanceof TypeError) || EXPLAINED.has(error)) return error;
  const what =
    input === undefined
      ? "nothing"
      : typeof input === "number"
        ? "a number"
        : ArrayBuffer.isView(input) || isNumbers(input)
          ? "an array"
          : null;
  if (what === null) return error;
  const better = new TypeError(
    `${className(module)}.forward takes a tensor, but was given ${what}; write tensor(…) around the values (${error.message})`,
    { cause: error },
  );
  EXPLAINED.add(better);
  return better;
}

function isNumbers(value: unknown): boolean {
  while (Array.isArray(value)) value = value[0];
  return typeof value === "number";
}

/** Has the tensors of a result stored at the next evaluation. */
function keepResults(result: unknown): void {
  if (result instanceof Tensor) {
    if (result.slot === null) result.kept = true;
  } else if (Array.isArray(result)) {
    for (const part of result) keepResults(part);
  } else if (typeof result === "object" && result !== null && Object.getPrototypeOf(result) === Object.prototype) {
    for (const part of Object.values(result)) keepResults(part);
  }
}

/** The path, from the outermost module, of one that is called inside others. */
function pathOf(module: Module): string {
  for (let depth = open.length - 1; depth >= 0; depth--) {
    const within = relativePath(open[depth], module);
    if (within !== undefined) return openPaths[depth] === "" ? within : `${openPaths[depth]}.${within}`;
  }
  const parent = open[open.length - 1];
  throw new Error(
    `${className(parent)} calls a layer of class ${className(module)} that is not among its modules, so that it would never ` +
      `train: it is held in a #private field, a local variable or another object. Make it an ordinary property of ` +
      `${className(parent)}, an array of modules or a ModuleList`,
  );
}

function relativePath(parent: Module, module: Module): string | undefined {
  const known = pathsWithin.get(parent)?.get(module);
  if (known !== undefined) return known;
  const paths = new Map<Module, string>();
  for (const [path, found] of parent.namedModules()) if (found !== parent) paths.set(found, path);
  pathsWithin.set(parent, paths);
  return paths.get(module);
}
