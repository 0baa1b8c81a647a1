import { propagate } from "../autograd/backward.ts";
import { enableGrad } from "../autograd/no-grad.ts";
import type { CallValues, Elements, UpdateValues, WithGradient } from "../formula/explanation.ts";
import { valueOf } from "../graph/evaluate.ts";
import { constantNode, dataNode, resolve } from "../graph/node.ts";
import { Elementwise, LogSoftmax, Softmax } from "../nn/activation.ts";
import { Dropout } from "../nn/dropout.ts";
import { explanationName } from "../nn/formulas/index.ts";
import type { Loss } from "../nn/loss.ts";
import type { Module } from "../nn/module.ts";
import { join } from "../nn/path.ts";
import { undisturbed } from "../nn/undisturbed.ts";
import { updateExplanationName } from "../optim/formulas/index.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { observe } from "./observe.ts";
import { type ModuleCall, type Operation, type Trace, trace } from "./trace.ts";
import { Values } from "./values.ts";

/** One layer's part of a step: what went in and came out, what it computed with, and the gradients coming back. */
export interface LayerStep extends CallValues {
  /** Its path in the model; of a loss that of the loss. */
  readonly path: string;
  /** Its class. */
  readonly layer: string;
  /** The name of its formulas; null for a class of the user's own, whose operations are listed instead. */
  readonly explanation: string | null;
  /** The step whose output it was given; null for the batch itself and for what operations made in between. */
  readonly from: number | null;
  /** Its primitive operations, in order. */
  readonly operations: readonly Operation[];
}

/** What the optimizer does to one parameter, or would do. */
export interface ParameterUpdate extends UpdateValues {
  /** The parameter's path, such as "0.weight". */
  readonly name: string;
  /** The optimizer's class. */
  readonly optimizer: string;
  /** The name of its formulas; null for a class of the user's own. */
  readonly explanation: string | null;
}

/** A training step on one batch, taken apart. Plain data: it can be sent to another thread or written as JSON. */
export interface StepExplanation {
  /** The layers in the order in which they were called. */
  readonly layers: readonly LayerStep[];
  /** Null without a loss, and where the loss is a plain function. */
  readonly lossStep: LayerStep | null;
  readonly loss: number | null;
  /** Of each parameter with a gradient; empty without an optimizer. */
  readonly updates: readonly ParameterUpdate[];
}

export interface ExplainOptions {
  /** Without a loss only the forward is explained. */
  loss?: Loss;
  /** What the loss is given beside the model's output. */
  target?: Tensor;
  /** Whose next step is explained, from this batch's gradients alone, as after zeroGrad(). */
  optimizer?: Optimizer<never> | Optimizer;
  /** Whether the step is then really made: zeroGrad, forward, backward and step, with the same random numbers. */
  perform?: boolean;
}

/**
 * Takes one training step apart: each layer with what went in and came out, what it computed with and the gradients that
 * came back, the loss, and what the optimizer makes of each parameter. All numbers are those of the library's own nodes
 * as they ran. `elementLines`, `gradientLines`, `parameterLines` and `updateLines` write single ones of them out in
 * formulas.
 *
 *     const step = inspect.explainStep(model, x, { loss, target: y, optimizer });
 *
 * Weights, running statistics, gradients, the optimizer and the random numbers are left bit by bit as they were, unless
 * `perform` is given. The model runs in the mode that it is in.
 * @throws Error for `perform` without loss, target and optimizer; whatever the model or the loss throws.
 */
export function explainStep(model: Module, input: Tensor, options: ExplainOptions = {}): StepExplanation {
  const { loss, target, optimizer, perform = false } = options;
  if (perform && (loss === undefined || target === undefined || optimizer === undefined))
    throw new Error("to make the step, explainStep needs a loss, a target and an optimizer");
  if (loss !== undefined && target === undefined) throw new Error("explainStep needs a target for the loss");
  // A leaf of its own, so that the gradient of the input is told too.
  const x = dataNode(valueOf(input).slice(), input.shape, input.dtype);
  x.needsGrad = loss !== undefined && (input.dtype === "float32" || input.dtype === "float64");
  const traced = trace(model, x, { loss, target });
  const steps = stepsOf(model, loss, traced);
  const updates = optimizer === undefined ? [] : updatesOf(model, traced, optimizer as Optimizer);
  if (perform) {
    optimizer!.zeroGrad();
    loss!.forward((model as unknown as { forward(x: Tensor): Tensor }).forward(input), target!).backward();
    optimizer!.step();
  }
  return {
    layers: steps.filter(({ loss: of }) => !of).map(({ step }) => step),
    lossStep: steps.find(({ loss: of }) => of)?.step ?? null,
    loss: traced.loss,
    updates,
  };
}

interface Part {
  readonly loss: boolean;
  readonly step: LayerStep;
}

/** The calls that compute something themselves, in order. */
function stepsOf(model: Module, loss: Loss | undefined, traced: Trace): Part[] {
  const modules = { model: byPath(model), loss: loss === undefined ? new Map<string, Module>() : byPath(loss) };
  const parts: Part[] = [];
  const giver = new Map<Elements, number>();
  const { calls, operations } = traced;
  const forward = (first: number, end: number): Operation[] =>
    operations.slice(first, end).filter(({ phase }) => phase === "forward");
  const add = (call: ModuleCall, explanation: string | null, own: Operation[], output: WithGradient): void => {
    const module = modules[call.loss ? "loss" : "model"].get(call.path)!;
    const from = call.inputs.length > 0 ? (giver.get(call.inputs[0].value) ?? null) : null;
    const values = valuesOf(call, module, traced, output, own);
    const index = parts.length;
    parts.push({
      loss: call.loss,
      step: { path: call.path, layer: call.layer, explanation, from, operations: own, ...values },
    });
    if (!call.loss) giver.set(output.value, index);
  };
  const visit = (index: number): void => {
    const call = calls[index];
    const module = modules[call.loss ? "loss" : "model"].get(call.path)!;
    const name = explanationName(module);
    const output = call.outputs[0] ?? null;
    if (name !== null && output !== null) {
      add(call, name, forward(call.first, call.end), output);
      return;
    }
    // Of a module of the user's own: the operations between the calls of others.
    let done = call.first;
    const between = (end: number): void => {
      const own = forward(done, end);
      const last = own.at(-1);
      if (last !== undefined) add(call, null, own, { value: last.output, gradient: last.gradient });
    };
    for (let inner = index + 1; inner < calls.length; inner++) {
      if (calls[inner].parent !== index) continue;
      between(calls[inner].first);
      visit(inner);
      done = calls[inner].end;
    }
    between(call.end);
  };
  calls.forEach(({ parent }, index) => {
    if (parent === null) visit(index);
  });
  return parts;
}

function byPath(root: Module): Map<string, Module> {
  return new Map(root.namedModules());
}

function valuesOf(
  call: ModuleCall,
  module: Module,
  traced: Trace,
  output: WithGradient,
  own: readonly Operation[],
): CallValues {
  const parameters: Record<string, WithGradient> = {};
  const buffers: Record<string, CallValues["buffers"][string]> = {};
  // A model and a loss may both have a parameter of one name; a loss has none that a path does not tell.
  for (const { name, value, gradient } of traced.parameters)
    for (const [local] of module.ownParameters())
      if (join(call.path, local) === name) parameters[local] = { value, gradient };
  for (const { name, value, next } of traced.buffers)
    for (const [local] of module.ownBuffers()) if (join(call.path, local) === name) buffers[local] = { value, next };
  const noted: Record<string, WithGradient> = {};
  for (const { name, value, gradient } of call.noted) noted[name] = { value, gradient };
  return {
    training: call.training,
    settings: settingsOf(module),
    inputs: call.inputs,
    output,
    parameters,
    buffers,
    noted,
    slope: own.length === 0 ? null : slopeOf(module, call),
  };
}

/** The settings of a layer that are plain values: its own properties. */
function settingsOf(module: Module): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(module)) {
    if (name === "training") continue;
    if (value === null || ["number", "string", "boolean"].includes(typeof value)) settings[name] = value;
  }
  return settings;
}

/** dy/dx of a function of single elements: what a backward through the layer makes of ones. */
function slopeOf(module: Module, { inputs }: ModuleCall): Values | null {
  const pointwise =
    module instanceof Elementwise &&
    !(module instanceof Softmax || module instanceof LogSoftmax || module instanceof Dropout);
  if (!pointwise) return null;
  const { shape, dtype, values } = inputs[0].value;
  return undisturbed([module], () =>
    enableGrad(() => {
      const x = dataNode(values, shape, dtype);
      x.needsGrad = true;
      const y = resolve(module.forward(x));
      let slope: Tensor | null = null;
      propagate(y, constantNode(1, y.shape, y.dtype), false, (_, gradient) => {
        slope = gradient;
      });
      return slope === null ? null : new Values(shape, dtype, valueOf(slope as Tensor).slice());
    }),
  );
}

function updatesOf(model: Module, traced: Trace, optimizer: Optimizer): ParameterUpdate[] {
  const optimized = new Set(optimizer.groups.flatMap(({ params }) => [...params]));
  const gradients = new Map(traced.parameters.map(({ name, gradient }) => [name, gradient]));
  const updates: ParameterUpdate[] = [];
  for (const [name, parameter] of model.namedParameters()) {
    const gradient = gradients.get(name);
    if (!gradient || !optimized.has(parameter)) continue;
    updates.push(
      undisturbed([model], () => {
        const noted = new Map<string, Tensor>();
        const end = observe({ created: () => {}, noted: (what, tensor) => noted.set(what, tensor) });
        const given = dataNode(gradient.values, gradient.shape, gradient.dtype);
        const { settings, step, value, memory } = (() => {
          try {
            return optimizer.previewOf(parameter, given);
          } finally {
            end();
          }
        })();
        const elements = (tensor: Tensor): Values =>
          new Values(parameter.shape, parameter.dtype, valueOf(tensor).slice());
        return {
          name,
          optimizer: optimizer.constructor.name,
          explanation: updateExplanationName(optimizer),
          settings,
          step,
          before: elements(parameter),
          gradient,
          after: elements(value),
          memory: Object.fromEntries(
            Array.from(memory, ([key, { before, after }]) => [
              key,
              { before: elements(before), after: elements(after) },
            ]),
          ),
          noted: Object.fromEntries(Array.from(noted, ([key, tensor]) => [key, elements(tensor)])),
        };
      }),
    );
  }
  return updates;
}
