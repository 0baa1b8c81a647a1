import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireMethod, wrapForward } from "./call.ts";
import { Parameter, storageFor } from "./parameter.ts";
import { join } from "./path.ts";
import { type LoadOptions, type LoadReport, loadInto, type StateDict, snapshot } from "./state-dict.ts";
import { type Summary, type SummaryOptions, summarize } from "./summary.ts";
import { formatModule } from "./tree.ts";

export interface BufferOptions {
  /** Whether it belongs to the state dict. */
  persistent?: boolean;
}

/** How a layer can be made again: the name of its class and the arguments of its constructor. */
export interface LayerConfig {
  layer: string;
  args: unknown[];
  options: Record<string, unknown>;
}

/**
 * Part of a network: a function of tensors (`forward`) with what it learns. Properties that hold a Module, a Parameter
 * or an array of them are found under the property's name, as `fc1.weight` or `blocks.0.norm.bias`; buffers are those
 * given to registerBuffer.
 *
 * Call a module as `model.forward(x)`. The results of an outermost call can be read at any later time.
 */
export abstract class Module {
  /** Whether dropout drops and batch norm normalises by the batch; see train() and eval(). */
  training = true;
  readonly #buffers = new Map<string, { tensor: Tensor; persistent: boolean }>();

  constructor() {
    wrapForward(this);
  }

  /** What the module computes. */
  abstract forward(...inputs: never[]): unknown;

  /** Puts the module and all inside it into training mode, or with false out of it. */
  train(training = true): this {
    for (const module of this.modules()) module.training = training;
    return this;
  }

  /** Puts the module and all inside it into evaluation mode: as train(false). */
  eval(): this {
    return this.train(false);
  }

  /**
   * Gives the module storage that is saved with it but not learned, such as running statistics; from now on it is the
   * property `name`, written by `this.name.assign(value)`.
   */
  registerBuffer<S extends Shape>(name: string, value: Tensor<S>, options: BufferOptions = {}): Tensor<S> {
    if (name === "" || name.includes(".")) throw new RangeError(`a buffer cannot be named "${name}"`);
    if (this.#buffers.has(name) || (name in this && (this as Record<string, unknown>)[name] !== undefined))
      throw new Error(`there is a property "${name}" already`);
    const tensor = storageFor(value) as Tensor as Tensor<S>;
    this.#buffers.set(name, { tensor, persistent: options.persistent ?? true });
    Object.defineProperty(this, name, {
      enumerable: true,
      configurable: true,
      get: () => tensor,
      set: () => {
        throw new TypeError(`"${name}" is a buffer: write to it with assign(value)`);
      },
    });
    return tensor;
  }

  /** The modules that are direct properties of this one, with their names. */
  *namedChildren(): Generator<[name: string, module: Module]> {
    for (const [name, value] of ownEntries(this)) if (value instanceof Module) yield [name, value];
  }

  /** The modules that are direct properties of this one. */
  get children(): Module[] {
    return Array.from(this.namedChildren(), ([, module]) => module);
  }

  /** This module under the name "" and all inside it, each once, parents before children. */
  *namedModules(): Generator<[path: string, module: Module]> {
    yield* walk(this, "", new Set());
  }

  /** This module and all inside it, each once. */
  *modules(): Generator<Module> {
    for (const [, module] of this.namedModules()) yield module;
  }

  /** The parameters that are properties of this module itself, not of those inside it. */
  *ownParameters(): Generator<[name: string, parameter: Parameter]> {
    for (const [name, value] of ownEntries(this)) if (value instanceof Parameter) yield [name, value];
  }

  /** The buffers of this module itself. */
  *ownBuffers(): Generator<[name: string, buffer: Tensor, persistent: boolean]> {
    for (const [name, { tensor, persistent }] of this.#buffers) yield [name, tensor, persistent];
  }

  /** All parameters with their paths, each once, even if layers share it. */
  *namedParameters(): Generator<[path: string, parameter: Parameter]> {
    const seen = new Set<Parameter>();
    for (const [path, module] of this.namedModules()) {
      for (const [name, parameter] of module.ownParameters()) {
        if (seen.has(parameter)) continue;
        seen.add(parameter);
        yield [join(path, name), parameter];
      }
    }
  }

  /** All parameters, each once: what an optimizer takes. */
  parameters(): Parameter[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** All buffers with their paths. */
  *namedBuffers(): Generator<[path: string, buffer: Tensor]> {
    for (const [path, module] of this.namedModules())
      for (const [name, buffer] of module.ownBuffers()) yield [join(path, name), buffer];
  }

  /** All buffers. */
  buffers(): Tensor[] {
    return Array.from(this.namedBuffers(), ([, buffer]) => buffer);
  }

  /** A copy of the present values of all parameters and buffers, under PyTorch's keys ("0.weight", "1.running_mean"). */
  stateDict(): StateDict {
    return snapshot(this);
  }

  /**
   * Takes the values of a state dict.
   * @throws Error that names every missing, unexpected and misshapen key; then nothing has changed. With
   * `{ strict: false }` missing and unexpected keys are reported in the result instead.
   */
  loadStateDict(state: StateDict, options: LoadOptions = {}): LoadReport {
    return loadInto(this, state, options);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Freezes all parameters (false) or lets them learn (true). */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /**
   * The layers in the order of their calls, with output shapes and numbers of parameters, as a table
   * (`String(model.summary([1, 784]))`) and as data. Traced with an input of the given shape or an example; running
   * statistics and random numbers stay as they are. Without an input one is guessed from the first layer, and where that
   * does not work, output shapes are null.
   */
  summary(input?: Tensor | Shape, options: SummaryOptions = {}): Summary {
    return summarize(this, input, options);
  }

  /** The module and all inside it as a tree, with the sizes of its layers. */
  toString(): string {
    return formatModule(this);
  }

  /** @internal As Node and others show it. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return formatModule(this);
  }

  /** The shape of one batch of one row that this module could start a network with; null if it takes any. */
  exampleShape(): Shape | null {
    return null;
  }

  /** How this layer can be made again, by nn.fromConfig(). @throws Error for a class of the user's own. */
  toConfig(): LayerConfig {
    throw new Error(`${this.constructor.name} does not say how it is made again; give it a toConfig() of its own`);
  }
}

/** A module of one tensor to one tensor, as a Sequential or a Trainer takes it. */
export type Layer = Module & { forward(input: Tensor): Tensor };

/** Own enumerable properties in the order of their definition, arrays opened. */
function* ownEntries(module: Module): Generator<[name: string, value: unknown]> {
  for (const name of Object.keys(module)) {
    const value = (module as unknown as Record<string, unknown>)[name];
    if (Array.isArray(value)) yield* arrayEntries(value, name);
    else yield [name, value];
  }
}

function* arrayEntries(values: unknown[], name: string): Generator<[name: string, value: unknown]> {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (Array.isArray(value)) yield* arrayEntries(value, `${name}.${index}`);
    else if (typeof value === "object") yield [`${name}.${index}`, value];
  }
}

function* walk(module: Module, path: string, seen: Set<Module>): Generator<[path: string, module: Module]> {
  if (seen.has(module)) return;
  seen.add(module);
  requireMethod(module);
  yield [path, module];
  for (const [name, child] of module.namedChildren()) yield* walk(child, join(path, name), seen);
}
