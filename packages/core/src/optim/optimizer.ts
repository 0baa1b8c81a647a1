import { noGrad } from "../autograd/no-grad.ts";
import { context } from "../graph/context.ts";
import { evaluate, valueOf } from "../graph/evaluate.ts";
import { dataNode, liveScalarNode, recordEffect, resolve, slotTensor } from "../graph/node.ts";
import { Block, Slot } from "../graph/slot.ts";
import { reshapeTo } from "../ops/broadcast.ts";
import { fill } from "../ops/creation.ts";
import { type DType, isFloat, type TypedArray } from "../tensor/dtype.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { flatGradient, flatParameter, home, type Run, runsOf, storeGradient } from "./flat.ts";

/** What every optimizer has, and each group may have its own of. */
export interface CommonOptions {
  /** The learning rate η. */
  lr: number;
}

/** Parameters with the settings that differ from the optimizer's own. */
export type ParameterGroup<Options> = { params: Iterable<Tensor> } & Partial<Options>;

/** Parameters with all their settings; these may be changed at any time, and hold from the next step on. */
export type Group<Options> = { readonly params: readonly Tensor[] } & Options;

/** What an optimizer remembers, to be saved: tensors by the parameter's number, and the groups' settings. */
export interface OptimizerState {
  state: Record<number, { step: number; [name: string]: Tensor | number }>;
  groups: ({ params: number[] } & Record<string, unknown>)[];
}

/** A run of parameters in one step: vectors over all of them. */
export interface Update<Options> {
  readonly group: Group<Options>;
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  /**
   * A number of the rule, from the group's settings and how many steps the parameters have seen, with this one: computed
   * again at each run of a compiled step, so that schedules hold there too.
   */
  number(compute: (group: Group<Options>, step: number) => number): Tensor;
  /** What is remembered under a name, before this step. */
  memory(name: string): Tensor;
  /** Notes what is to be remembered. */
  remember(name: string, value: Tensor): void;
}

/** @internal What a step would do to one parameter, as vectors over its elements. */
export interface Preview {
  readonly settings: Readonly<Record<string, unknown>>;
  /** How many steps it would have seen then. */
  readonly step: number;
  readonly value: Tensor;
  readonly memory: ReadonlyMap<string, { before: Tensor; after: Tensor }>;
}

interface Memory {
  /** By name, where the values of all parameters lie. */
  readonly blocks: Map<string, Block>;
  /** Where a parameter's values begin in them. */
  readonly offsets: Map<Tensor, number>;
  length: number;
}

/**
 * Changes parameters by their gradients. `step()` computes everything that is pending in one evaluation: forward,
 * backward and update. Parameters without a gradient since zeroGrad() are left alone.
 *
 * At construction the parameters move side by side in memory (and so do their gradients and what is remembered of
 * them), so that an update is one pass. Settings are inputs of the compiled step: a schedule needs no other.
 */
export abstract class Optimizer<Options extends CommonOptions = CommonOptions> {
  readonly groups: Group<Options>[];
  readonly #steps = new Map<Tensor, number>();
  /** For each dtype, the blocks of what is remembered. */
  readonly #memories = new Map<DType, Memory>();

  constructor(
    params: Iterable<Tensor> | Iterable<ParameterGroup<Options>>,
    readonly defaults: Options,
  ) {
    if (typeof (params as Iterable<Tensor> | null | undefined)?.[Symbol.iterator] !== "function") {
      const model = typeof (params as { parameters?: unknown } | null | undefined)?.parameters === "function";
      throw new TypeError(
        `an optimizer takes a list of parameters${model ? ", not the model: pass model.parameters()" : ", such as model.parameters()"}`,
      );
    }
    const list = [...params] as (Tensor | ParameterGroup<Options>)[];
    if (list.length === 0)
      throw new Error("an optimizer needs parameters, but the list is empty; does the model have any?");
    const grouped = "params" in list[0] && !("shape" in list[0]);
    const groups = (grouped ? list : [{ params: list }]) as ParameterGroup<Options>[];
    this.groups = groups.map((group) => {
      const { params: own, ...options } = group;
      const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
      return { ...defaults, ...set, params: [...own] } as unknown as Group<Options>;
    });
    const seen = new Set<Tensor>();
    for (const { params: own } of this.groups) {
      for (const parameter of own) {
        if (parameter?.slot === null || parameter?.slot === undefined || !isFloat(parameter.dtype))
          throw new TypeError("an optimizer takes parameters: new nn.Parameter(tensor), or model.parameters()");
        if (seen.has(parameter)) throw new Error("a parameter is given to the optimizer twice");
        seen.add(parameter);
      }
    }
    for (const group of this.groups) this.check(group);
    home([...seen]);
    for (const parameter of seen) {
      let memory = this.#memories.get(parameter.dtype);
      if (memory === undefined) {
        memory = { blocks: new Map(), offsets: new Map(), length: 0 };
        this.#memories.set(parameter.dtype, memory);
      }
      memory.offsets.set(parameter, memory.length);
      memory.length += sizeOf(parameter.shape);
    }
  }

  /** @throws RangeError for settings that make no sense. */
  protected abstract check(group: Group<Options>): void;

  /** The new value of a run of parameters. */
  protected abstract update(update: Update<Options>): Tensor;

  /** What a name's memory starts with. */
  protected initial(_name: string): number {
    return 0;
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const { params } of this.groups) for (const parameter of params) parameter.zeroGrad();
  }

  /** Updates all parameters that have a gradient, and computes everything pending with it. */
  step(): void {
    noGrad(() => {
      for (const group of this.groups) {
        const active = group.params.filter((parameter) => parameter.hasGrad);
        const sameStep = (before: Tensor, after: Tensor) => this.#steps.get(before) === this.#steps.get(after);
        for (const run of runsOf(active, (before, after) => sameStep(before, after) && this.#adjacent(before, after)))
          this.#stepRun(group, run);
      }
    });
    evaluate();
  }

  /**
   * The values that parameters would have after a step with these gradients, row-major, by parameter; nothing is changed or
   * remembered.
   */
  preview(gradients: ReadonlyMap<Tensor, ArrayLike<number>>): Map<Tensor, TypedArray> {
    const after = new Map<Tensor, Tensor>();
    for (const parameter of this.#all()) {
      const gradient = gradients.get(parameter);
      if (gradient === undefined) continue;
      const given = dataNode(fill(Float64Array.from(gradient), parameter.dtype), parameter.shape, parameter.dtype);
      after.set(parameter, this.previewOf(parameter, given).value);
    }
    return new Map([...after].map(([parameter, value]) => [parameter, valueOf(value)]));
  }

  /**
   * @internal What the next step would do to one parameter, if its gradient were the one given: nodes over what is
   * remembered now. Nothing is recorded to be written, and nothing is counted.
   */
  previewOf(parameter: Tensor, gradient: Tensor): Preview {
    const group = this.groups.find(({ params }) => params.includes(parameter));
    if (group === undefined) throw new Error("the parameter is none of this optimizer's");
    const length = sizeOf(parameter.shape);
    const step = (this.#steps.get(parameter) ?? 0) + 1;
    const run = { parameters: [parameter], length, dtype: parameter.dtype };
    const memory = new Map<string, { before: Tensor; after: Tensor }>();
    const remembered = (name: string): Tensor => {
      const blocks = this.#memories.get(parameter.dtype)!.blocks;
      if (blocks.has(name)) return resolve(this.#memory(name, run));
      const values = fill(new Float64Array(length).fill(this.initial(name)), parameter.dtype);
      return dataNode(values, [length], parameter.dtype);
    };
    const flat = (tensor: Tensor): Tensor => reshapeTo(resolve(tensor), [length]);
    const value = noGrad(() =>
      this.update({
        group,
        parameter: flat(parameter),
        gradient: flat(gradient),
        number: (compute) => liveScalarNode(() => compute(group, step), [length], parameter.dtype),
        memory: (name) => {
          if (!memory.has(name)) memory.set(name, { before: remembered(name), after: remembered(name) });
          return memory.get(name)!.before;
        },
        remember: (name, after) => {
          memory.set(name, { before: memory.get(name)?.before ?? remembered(name), after });
        },
      }),
    );
    const { params: _, ...settings } = group;
    return { settings, step, value, memory };
  }

  #stepRun(group: Group<Options>, run: Run): void {
    const gradient = flatGradient(run);
    storeGradient(run, gradient);
    const parameter = flatParameter(run);
    const [first] = run.parameters;
    const count = (): void => {
      const step = (this.#steps.get(first) ?? 0) + 1;
      for (const each of run.parameters) this.#steps.set(each, step);
    };
    count();
    context.capture?.onReplay(count);
    const value = this.update({
      group,
      parameter,
      gradient,
      number: (compute) =>
        liveScalarNode(() => compute(group, this.#steps.get(first)!), parameter.shape, parameter.dtype),
      memory: (name) => this.#memory(name, run),
      remember: (name, remembered) => recordEffect(this.#memory(name, run), remembered),
    });
    recordEffect(parameter, value);
  }

  /** Whether what is remembered of two parameters lies side by side. */
  #adjacent(before: Tensor, after: Tensor): boolean {
    const { offsets } = this.#memories.get(before.dtype)!;
    return offsets.get(before)! + sizeOf(before.shape) === offsets.get(after);
  }

  #memory(name: string, { parameters, length, dtype }: Pick<Run, "parameters" | "length" | "dtype">): Tensor {
    const memory = this.#memories.get(dtype)!;
    let block = memory.blocks.get(name);
    if (block === undefined) {
      block = new Block(dtype, memory.length);
      const initial = this.initial(name);
      if (initial !== 0) block.storage.write(fill(new Float64Array(memory.length).fill(initial), dtype), 0);
      memory.blocks.set(name, block);
    }
    return slotTensor(new Slot(block, memory.offsets.get(parameters[0])!, [length]), [length]);
  }

  #all(): Tensor[] {
    return this.groups.flatMap(({ params }) => params);
  }

  /** A copy of what is remembered: the steps taken, moments, and the groups' settings. */
  stateDict(): OptimizerState {
    evaluate();
    const all = this.#all();
    const state: OptimizerState["state"] = {};
    all.forEach((parameter, index) => {
      const step = this.#steps.get(parameter);
      if (step === undefined) return;
      const own: OptimizerState["state"][number] = { step };
      const { blocks } = this.#memories.get(parameter.dtype)!;
      for (const name of blocks.keys()) {
        const slot = this.#memory(name, {
          parameters: [parameter],
          length: sizeOf(parameter.shape),
          dtype: parameter.dtype,
        });
        own[name] = dataNode(valueOf(slot), parameter.shape, parameter.dtype);
      }
      state[index] = own;
    });
    const numbers = new Map(all.map((parameter, index) => [parameter, index]));
    const groups = this.groups.map(({ params, ...options }) => ({
      ...(options as Record<string, unknown>),
      params: params.map((parameter) => numbers.get(parameter)!),
    }));
    return { state, groups };
  }

  /**
   * Takes up where another optimizer of the same kind stood, over the same parameters in the same order.
   * @throws Error, with nothing changed, if groups, parameters or shapes differ.
   */
  loadStateDict({ state, groups }: OptimizerState): void {
    const own = this.groups.map(({ params }) => params.length).join(", ");
    const given = groups.map(({ params }) => params.length).join(", ");
    if (own !== given)
      throw new Error(`the optimizer has groups of ${own} parameters, but the state is of groups of ${given}`);
    const all = this.#all();
    const values: { parameter: Tensor; name: string; value: TypedArray }[] = [];
    for (const [key, { step, ...tensors }] of Object.entries(state)) {
      const parameter = all[Number(key)];
      if (parameter === undefined || !Number.isInteger(step) || step < 0)
        throw new Error(`the state of parameter ${key} is not one of this optimizer`);
      for (const [name, value] of Object.entries(tensors)) {
        if (typeof value === "number" || !sameShape(value.shape, parameter.shape)) {
          const shape = typeof value === "number" ? "a number" : formatShape(value.shape);
          throw new Error(`${name} of parameter ${key} is ${shape}, not ${formatShape(parameter.shape)}`);
        }
        values.push({ parameter, name, value: fill(valueOf(value), parameter.dtype) });
      }
    }
    const settings = groups.map((group, index) => this.#readSettings(index, group));
    // What this one remembers and that one does not begins anew.
    for (const [dtype, { blocks, offsets }] of this.#memories) {
      for (const name of blocks.keys()) {
        for (const parameter of offsets.keys()) {
          if (Object.hasOwn(state[all.indexOf(parameter)] ?? {}, name)) continue;
          const initial = new Float64Array(sizeOf(parameter.shape)).fill(this.initial(name));
          values.push({ parameter, name, value: fill(initial, dtype) });
        }
      }
    }
    evaluate();
    for (const { parameter, name, value } of values) {
      const slot = this.#memory(name, {
        parameters: [parameter],
        length: sizeOf(parameter.shape),
        dtype: parameter.dtype,
      });
      recordEffect(slot, dataNode(value, [sizeOf(parameter.shape)], parameter.dtype));
    }
    evaluate();
    this.#steps.clear();
    for (const [key, { step }] of Object.entries(state)) this.#steps.set(all[Number(key)], step);
    settings.forEach((options, index) => {
      Object.assign(this.groups[index], options);
    });
  }

  /** The settings of a saved group. @throws Error unless they are of this kind of optimizer, and make sense */
  #readSettings(index: number, { params: _, ...options }: OptimizerState["groups"][number]): Partial<Options> {
    const { params: _own, ...own } = this.groups[index];
    const names = Object.keys(own).sort().join(", ");
    const given = Object.keys(options).sort().join(", ");
    if (names !== given)
      throw new Error(`the optimizer has the settings ${names}, but the state is of one with ${given || "none"}`);
    for (const [name, value] of Object.entries(own)) {
      const kinds = [value, options[name]].map((one) => (Array.isArray(one) ? `list of ${one.length}` : typeof one));
      if (kinds[0] !== kinds[1]) throw new Error(`${name} in the state is a ${kinds[1]}, not a ${kinds[0]}`);
    }
    this.check({ ...this.groups[index], ...options });
    return options as Partial<Options>;
  }
}

/** @throws RangeError unless a setting is at least 0. */
export function requireNonNegative(optimizer: string, settings: Record<string, number>): void {
  for (const [name, value] of Object.entries(settings))
    if (!(value >= 0)) throw new RangeError(`${optimizer} needs ${name} of 0 at least, not ${value}`);
}

/** @throws RangeError unless a setting is in [0, 1). */
export function requireFraction(optimizer: string, settings: Record<string, number>): void {
  for (const [name, value] of Object.entries(settings))
    if (!(value >= 0 && value < 1)) throw new RangeError(`${optimizer} needs ${name} from 0 to below 1, not ${value}`);
}

/** The optimizer's defaults with what was given. */
export function withDefaults<Options extends object>(options: Partial<Options>, defaults: Options): Options {
  const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, ...set };
}
