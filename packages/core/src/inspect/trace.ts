import { propagate, seed } from "../autograd/backward.ts";
import { enableGrad } from "../autograd/no-grad.ts";
import { WasmBackend } from "../backend/wasm/wasm.ts";
import { constantValue } from "../graph/constant.ts";
import { context, type Observer } from "../graph/context.ts";
import { valueOf } from "../graph/evaluate.ts";
import { dataNode, resolve } from "../graph/node.ts";
import { isLeaf } from "../graph/op.ts";
import type { Slot } from "../graph/slot.ts";
import { className } from "../nn/call.ts";
import { Module } from "../nn/module.ts";
import { join } from "../nn/path.ts";
import { undisturbed } from "../nn/undisturbed.ts";
import { plus } from "../ops/arithmetic.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { Tensor } from "../tensor/tensor.ts";
import { observe } from "./observe.ts";
import { leafValues, slotValues, Values } from "./values.ts";

/** Where an operation has an input from. */
export type Source =
  /** An earlier operation, by its place in the list. */
  | { kind: "operation"; index: number }
  /** One of the inputs that the trace was given. */
  | { kind: "input"; index: number }
  | { kind: "target" }
  | { kind: "parameter" | "buffer"; name: string }
  /** One number everywhere. */
  | { kind: "constant"; value: number }
  /** 0, 1, 2, … */
  | { kind: "indices" }
  /** A tensor that was made elsewhere. */
  | { kind: "tensor" };

export interface OperationInput {
  from: Source;
  value: Values;
}

/** One primitive operation that ran. */
export interface Operation {
  /** Its place in the list. */
  index: number;
  phase: "forward" | "backward";
  /** The path of its layer, as errors name it: the class of the outermost module itself, "" outside any module. */
  path: string;
  /** The class of that layer. */
  layer: string;
  op: string;
  /** The composed operation that it is a step of, by its place in `compositions`; null if of none. */
  composition: number | null;
  /** In a backward: the operation whose gradient rule made it; null where gradients from several places are added up. */
  gradientOf: number | null;
  inputs: OperationInput[];
  output: Values;
  /** d(loss)/d(output); null in the backward itself, without a loss and where no gradient passes. */
  gradient: Values | null;
}

/** An operation that is made of others, such as softmax: its steps are operations `first` to `end` − 1. */
export interface Composition {
  name: string;
  /** The composed operation around it, by its place in the list; null if there is none. */
  parent: number | null;
  path: string;
  first: number;
  end: number;
  /** The step that gives its result; null if that is no operation of its own. */
  result: number | null;
}

export interface TracedValue {
  value: Values;
  /** d(loss)/d(value); null where there is none. */
  gradient: Values | null;
}

export interface NamedValue extends TracedValue {
  name: string;
}

/** One call of a module's forward. */
export interface ModuleCall {
  /** Its path in the model, or in the loss; "" for the outermost itself. */
  path: string;
  /** Its class. */
  layer: string;
  /** Whether it belongs to the loss. */
  loss: boolean;
  training: boolean;
  /** The call that it was made in, by its place in `calls`; null for the outermost. */
  parent: number | null;
  /** The tensors that it was given. */
  inputs: TracedValue[];
  /** As a trace's outputs. */
  outputs: NamedValue[];
  /** What the layer itself noted while it ran: means, masks, what is between. */
  noted: NamedValue[];
  /** Its operations, and those of calls within, are `first` to `end` − 1. */
  first: number;
  end: number;
}

export interface Trace {
  /** Forward, loss and backward in the order in which they were recorded; inputs always come earlier in the list. */
  operations: Operation[];
  compositions: Composition[];
  /** Every call of a module, in the order in which they began. */
  calls: ModuleCall[];
  inputs: TracedValue[];
  /** What the model gives: one named "output", or those of an array ("0", "1", …) or a record by their keys. */
  outputs: NamedValue[];
  /** Null without a loss. */
  loss: number | null;
  parameters: NamedValue[];
  /** `next` is what the call would write, such as running statistics; null if nothing. */
  buffers: { name: string; value: Values; next: Values | null }[];
}

/** What turns an output and a target into one number. */
export type TracedLoss =
  | (Module & { forward(output: Tensor, target: Tensor): Tensor })
  | ((output: Tensor, target: Tensor) => Tensor);

export interface TraceOptions {
  /** Without a loss only the forward is traced. */
  loss?: TracedLoss;
  /** What the loss is given beside the output. */
  target?: Tensor;
}

interface Recorded {
  readonly node: Tensor;
  /** Its inputs when it was made: evaluation may drop them. */
  readonly inputs: readonly Tensor[];
  readonly of: Tensor | null;
  readonly composition: number | null;
}

interface RecordedCall {
  readonly module: object;
  readonly path: string;
  readonly parent: number | null;
  readonly training: boolean;
  readonly inputs: readonly Tensor[];
  readonly noted: { name: string; tensor: Tensor }[];
  readonly first: number;
  end: number;
  result: unknown;
}

/** Notes every operation as it is made, and every gradient as a backward arrives with it. */
class Recorder implements Observer {
  readonly recorded: Recorded[] = [];
  readonly index = new Map<Tensor, number>();
  readonly compositions: Composition[] = [];
  readonly gradients = new Map<Tensor, Tensor>();
  /** What state nodes stood for when they were first read. */
  readonly states = new Map<Tensor, TypedArray>();
  readonly calls: RecordedCall[] = [];
  private readonly open: number[] = [];
  private readonly openCalls: number[] = [];

  created(node: Tensor): void {
    // Should the model have something computed within its forward, then all of this is stored.
    node.kept = true;
    for (const input of node.inputs)
      if (input.source !== null && !this.states.has(input)) this.states.set(input, slotValues(input.source));
    this.index.set(node, this.recorded.length);
    const composition = this.open.at(-1) ?? null;
    this.recorded.push({ node, inputs: node.inputs, of: context.differentiating, composition });
  }

  gradient(node: Tensor, gradient: Tensor): void {
    this.gradients.set(node, gradient);
  }

  enter(name: string): void {
    const parent = this.open.at(-1) ?? null;
    const first = this.recorded.length;
    this.open.push(this.compositions.length);
    this.compositions.push({ name, parent, path: context.layerPath, first, end: first, result: null });
  }

  leave(result: unknown): void {
    const composition = this.compositions[this.open.pop()!];
    composition.end = this.recorded.length;
    const index = result instanceof Tensor ? this.index.get(result) : undefined;
    if (index !== undefined && index >= composition.first) composition.result = index;
  }

  called(module: object, path: string, inputs: readonly unknown[]): void {
    const parent = this.openCalls.at(-1) ?? null;
    const first = this.recorded.length;
    this.openCalls.push(this.calls.length);
    this.calls.push({
      module,
      path,
      parent,
      training: (module as Module).training,
      inputs: inputs.filter((input) => input instanceof Tensor).map(resolve),
      noted: [],
      first,
      end: first,
      result: undefined,
    });
  }

  returned(_module: object, result: unknown): void {
    const call = this.calls[this.openCalls.pop()!];
    call.end = this.recorded.length;
    call.result = result;
  }

  noted(name: string, tensor: Tensor): void {
    const call = this.openCalls.at(-1);
    if (call !== undefined) this.calls[call].noted.push({ name, tensor: resolve(tensor) });
  }
}

/** Runs every operation as a kernel of its own. */
let unfused: WasmBackend | null = null;

/** Values are computed so many at a time, so that the memory they pass through stays small. */
const CHUNK = 64;

function compute(nodes: readonly Tensor[]): void {
  unfused ??= new WasmBackend(false);
  const missing = nodes.filter((node) => node.value === null && !isLeaf(node.op));
  for (let start = 0; start < missing.length; start += CHUNK) unfused.run(missing.slice(start, start + CHUNK), []);
}

/**
 * Runs a model on a batch, forward and, with a loss, backward, and tells of every operation: its layer, what went in,
 * what came out, and the gradient of that. The values are those of the graph's own nodes, each computed by itself. The
 * model, its gradients and the random numbers are left as they were, so that the next ordinary call draws the same
 * dropout masks; it runs in the mode that it is in. `JSON.stringify` takes the result.
 *
 *     const { operations } = inspect.trace(model, x, { loss: new nn.CrossEntropyLoss(), target: y });
 *
 * @throws ShapeError if the loss gives more than one number.
 */
export function trace(model: Module, inputs: Tensor | readonly unknown[], options: TraceOptions = {}): Trace {
  const { loss, target } = options;
  const given = inputs instanceof Tensor ? [inputs] : inputs;
  const sources = new Map<Tensor, Source>();
  // Leaves of the trace's own, so that nothing of what they come from is touched.
  const leaf = (tensor: Tensor, source: Source): Tensor => {
    const node = dataNode(valueOf(tensor).slice(), tensor.shape, tensor.dtype);
    node.needsGrad = tensor.requiresGrad;
    sources.set(node, source);
    return node;
  };
  const tensors: Tensor[] = [];
  const entered = given.map((input) => {
    if (!(input instanceof Tensor)) return input;
    const node = leaf(input, { kind: "input", index: tensors.length });
    tensors.push(node);
    return node;
  });
  const wanted = target instanceof Tensor ? leaf(target, { kind: "target" }) : (target as never);
  const modules = loss instanceof Module ? [model, loss] : [model];
  return undisturbed(modules, () => {
    const recorder = new Recorder();
    const end = observe(recorder);
    let output: unknown;
    let result: Tensor | null = null;
    const arrived = new Map<Slot, Tensor>();
    const state = namedState(modules, sources);
    try {
      enableGrad(() => {
        output = (model as unknown as { forward(...inputs: unknown[]): unknown }).forward(...entered);
        if (loss === undefined) return;
        result = loss instanceof Module ? loss.forward(output as Tensor, wanted) : loss(output as Tensor, wanted);
      });
      if (result !== null && (result as Tensor).requiresGrad) {
        propagate(resolve(result), seed(result, undefined, "inspect.trace()"), false, (node, gradient) => {
          const slot = node.source?.slot;
          if (!slot) return;
          const before = arrived.get(slot);
          arrived.set(slot, before === undefined ? gradient : plus(before, gradient));
        });
      }
    } finally {
      end();
    }
    return report({ recorder, state, arrived, sources, modules, tensors, output, result });
  });
}

interface State {
  readonly kind: "parameter" | "buffer";
  readonly name: string;
  readonly tensor: Tensor;
  readonly value: Values;
}

/** The parameters and buffers with their present values. */
function namedState(modules: readonly Module[], sources: Map<Tensor, Source>): State[] {
  const state: State[] = [];
  const seen = new Set<Tensor>();
  const add = (kind: State["kind"], name: string, tensor: Tensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    const { pending } = tensor.slot!;
    if (pending !== null) {
      compute([pending]);
      sources.set(pending, { kind, name });
    }
    const values = pending === null ? slotValues(tensor) : leafValues(pending);
    state.push({ kind, name, tensor, value: new Values(tensor.shape, tensor.dtype, values) });
  };
  for (const root of modules) {
    for (const [path, module] of root.namedModules()) {
      for (const [name, parameter] of module.ownParameters()) add("parameter", join(path, name), parameter);
      for (const [name, buffer] of module.ownBuffers()) add("buffer", join(path, name), buffer);
    }
  }
  return state;
}

interface Findings {
  readonly recorder: Recorder;
  readonly state: readonly State[];
  readonly arrived: ReadonlyMap<Slot, Tensor>;
  readonly sources: Map<Tensor, Source>;
  readonly modules: readonly Module[];
  readonly tensors: readonly Tensor[];
  readonly output: unknown;
  readonly result: Tensor | null;
}

function report({ recorder, state, arrived, sources, modules, tensors, output, result }: Findings): Trace {
  compute(recorder.recorded.map(({ node }) => node));
  const known = new Map<Tensor, Values>();
  const valuesOf = (tensor: Tensor): Values => {
    let values = known.get(tensor);
    if (values === undefined) {
      const held = recorder.states.get(tensor) ?? leafValues(tensor);
      const own = recorder.index.has(tensor) || sources.has(tensor);
      values = new Values(tensor.shape, tensor.dtype, own ? held : held.slice());
      known.set(tensor, values);
    }
    return values;
  };
  const gradientOf = (tensor: Tensor): Values | null => {
    const gradient = recorder.gradients.get(tensor);
    return gradient === undefined ? null : valuesOf(gradient);
  };
  const slots = new Map<Slot, Source>();
  for (const { kind, name, tensor } of state) slots.set(tensor.slot!, { kind, name });
  const sourceOf = (tensor: Tensor): Source => {
    const index = recorder.index.get(tensor);
    if (index !== undefined) return { kind: "operation", index };
    const source = sources.get(tensor) ?? (tensor.source && slots.get(tensor.source.slot!));
    if (source) return source;
    if (tensor.value === null) {
      if (tensor.op.kind === "constant") return { kind: "constant", value: constantValue(tensor) };
      if (tensor.op.kind === "scalar") return { kind: "constant", value: tensor.parameters[0] };
      if (tensor.op.kind === "iota") return { kind: "indices" };
    }
    return { kind: "tensor" };
  };
  const layers = classNames(modules);
  const operations = recorder.recorded.map(({ node, inputs, of, composition }, index): Operation => {
    // Views of nothing but leaves that the trace did not see made may still wait to be computed.
    compute(inputs);
    return {
      index,
      phase: of === null ? "forward" : "backward",
      path: node.path,
      layer: layers.get(node.path) ?? "",
      op: node.op.name,
      composition,
      gradientOf: of === null ? null : (recorder.index.get(of) ?? null),
      inputs: inputs.map((input) => ({ from: sourceOf(input), value: valuesOf(input) })),
      output: valuesOf(node),
      gradient: gradientOf(node),
    };
  });
  const outputs: NamedValue[] = [];
  for (const [name, tensor] of tensorsIn(output, "output")) {
    const node = resolve(tensor);
    outputs.push({ name, value: valuesOf(node), gradient: gradientOf(node) });
  }
  const traced = (tensor: Tensor): TracedValue => {
    compute([tensor]);
    return { value: valuesOf(tensor), gradient: gradientOf(tensor) };
  };
  const lossModules = new Set<object>(modules.slice(1).flatMap((root) => [...root.modules()]));
  const calls = recorder.calls.map(
    (call): ModuleCall => ({
      path: call.path,
      layer: className(call.module as Module),
      loss: lossModules.has(call.module),
      training: call.training,
      parent: call.parent,
      inputs: call.inputs.map(traced),
      outputs: Array.from(tensorsIn(call.result, "output"), ([name, tensor]) => ({ name, ...traced(resolve(tensor)) })),
      noted: call.noted.map(({ name, tensor }) => ({ name, ...traced(tensor) })),
      first: call.first,
      end: call.end,
    }),
  );
  const parameters: NamedValue[] = [];
  const buffers: Trace["buffers"] = [];
  for (const { kind, name, tensor, value } of state) {
    const slot = tensor.slot!;
    if (kind === "parameter") {
      const gradient = arrived.get(slot);
      parameters.push({ name, value, gradient: gradient === undefined ? null : valuesOf(gradient) });
    } else {
      const next = slot.pending !== null && recorder.index.has(slot.pending) ? valuesOf(slot.pending) : null;
      buffers.push({ name, value, next });
    }
  }
  return {
    operations,
    compositions: recorder.compositions,
    calls,
    inputs: tensors.map((tensor) => ({ value: valuesOf(tensor), gradient: gradientOf(tensor) })),
    outputs,
    loss: result === null ? null : valuesOf(resolve(result)).values[0],
    parameters,
    buffers,
  };
}

/** The classes of layers by the path that operations carry. */
function classNames(modules: readonly Module[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const root of modules) {
    for (const [path, module] of root.namedModules()) {
      const key = path === "" ? className(root) : path;
      if (!names.has(key)) names.set(key, className(module));
    }
  }
  return names;
}

function* tensorsIn(value: unknown, name: string): Generator<[name: string, tensor: Tensor]> {
  if (value instanceof Tensor) yield [name, value];
  else if (typeof value === "object" && value !== null)
    for (const [key, part] of Object.entries(value)) if (part instanceof Tensor) yield [key, part];
}
