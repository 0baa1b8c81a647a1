import type { Module } from "../nn/module.ts";
import { undisturbed } from "../nn/undisturbed.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Operation, type Trace, type TracedLoss, trace } from "./trace.ts";
import type { Values } from "./values.ts";

/** What a weight (a parameter of two dimensions or more) was in a forward and backward, as roots of mean squares. */
export interface WeightMeasure {
  name: string;
  shape: readonly number[];
  size: number;
  /** null without a loss, and where no gradient passes. */
  gradient: number | null;
  /** What the optimizer's next step would change it by; null without an optimizer. */
  update: number | null;
}

/** How far a sigmoid or tanh is at its limits. */
export interface SaturationMeasure {
  of: "sigmoid" | "tanh";
  /** Share of the elements, 0 to 1. */
  share: number;
}

/** Units of a ReLU: its elements but for the first dimension, the batch's. */
export interface DeadMeasure {
  units: number;
  /** Those that gave 0 for every row of the batch. */
  dead: number;
}

/** What a layer did in one forward and backward. */
export interface LayerMeasure {
  /** Its path, as errors name it. */
  path: string;
  /** Its class. */
  layer: string;
  /** Rows that it was given. */
  rows: number;
  /** The largest magnitude of its output; NaN if there is one, else Infinity if there is one. */
  largest: number;
  /** Root of the mean square of d(loss)/d(output) over its elements; null without a loss and where no gradient passes. */
  gradient: number | null;
  saturation: SaturationMeasure | null;
  dead: DeadMeasure | null;
  weights: WeightMeasure[];
}

/** Where the first number that is not finite appeared. */
export interface FirstNonFinite {
  phase: "input" | "parameter" | "forward" | "loss" | "backward";
  /** The layer; "" for an input and the loss. */
  path: string;
  layer: string;
  value: "NaN" | "Infinity" | "-Infinity";
}

/** What diagnose() judges: numbers of one forward and backward on one batch. */
export interface Measures {
  /** Layers in the order in which they ran, those that hold others only where they compute something themselves. */
  layers: LayerMeasure[];
  /** null where output, loss, parameters and gradients are all finite. */
  nonFinite: FirstNonFinite | null;
  /** The largest magnitude of the inputs. */
  largestInput: number;
  /** null without a loss. */
  loss: number | null;
}

export interface MeasureOptions {
  loss?: TracedLoss;
  target?: Tensor;
  /** What trains the model: its next update is computed, and not made. */
  optimizer?: { preview(gradients: ReadonlyMap<Tensor, ArrayLike<number>>): Map<Tensor, ArrayLike<number>> };
  /** Where a tanh counts as saturated: at this magnitude and above. */
  saturatedAt?: number;
}

/**
 * |tanh x| from here on counts as saturated: its slope is below 6 % of the largest. A. Karpathy takes the same in the
 * lecture "Building makemore part 3: activations and gradients" (2022). A sigmoid is a tanh of another scale,
 * σ(x) = (1 + tanh(x/2))/2, so that the same point of the curve is σ ≤ 0.015 or σ ≥ 0.985.
 */
export const SATURATED_AT = 0.97;

/**
 * Runs a model on a batch, forward and, with a loss, backward, and measures every layer: the size of outputs and
 * gradients, saturation, dead units, updates. Like trace() it leaves model, gradients, optimizer and random numbers as they
 * were, and runs in the mode that the model is in.
 * @throws ShapeError as trace()
 */
export function measure(model: Module, inputs: Tensor | readonly unknown[], options: MeasureOptions = {}): Measures {
  const { loss, target, optimizer, saturatedAt = SATURATED_AT } = options;
  const traced = trace(model, inputs, { loss, target });
  const updates = optimizer === undefined ? null : updatesOf(model, traced, optimizer);
  const own = traced.operations.slice(0, endOfModel(traced));
  const layers = new Map<string, LayerMeasure>();
  for (const operation of own) {
    let layer = layers.get(operation.path);
    if (layer === undefined) {
      const [rows = 1] = traced.inputs[0]?.value.shape ?? [];
      const { path, layer: name } = operation;
      layer = { path, layer: name, rows, largest: 0, gradient: null, saturation: null, dead: null, weights: [] };
      layers.set(path, layer);
    }
    if (operation.composition === null) addActivation(layer, operation, traced, saturatedAt);
    if (isLastOf(operation, own, traced)) {
      layer.largest = largestOf(operation.output);
      layer.gradient = rootMeanSquare(operation.gradient);
    }
  }
  for (const { name, value, gradient } of traced.parameters) {
    if (value.shape.length < 2) continue;
    const layer = layers.get(name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : rootPath(model));
    const update = updates?.get(name) ?? null;
    const { shape } = value;
    layer?.weights.push({ name, shape, size: rootMeanSquare(value)!, gradient: rootMeanSquare(gradient), update });
  }
  return {
    layers: [...layers.values()],
    nonFinite: firstNonFinite(traced, own.length),
    largestInput: Math.max(0, ...traced.inputs.map(({ value }) => largestOf(value))),
    loss: traced.loss,
  };
}

function rootPath(model: Module): string {
  return model.constructor.name || "Module";
}

/** Where the model's own operations end and the loss's begin. */
function endOfModel({ operations, outputs }: Trace): number {
  const forward = operations.filter(({ phase }) => phase === "forward");
  const results = new Set(outputs.map(({ value }) => value));
  const last = forward.findLastIndex(({ output }) => results.has(output));
  return last + 1;
}

/** Whether an operation gives a layer's result: the last one before the layer is left. */
function isLastOf({ index, path, output }: Operation, own: readonly Operation[], { outputs }: Trace): boolean {
  return own[index + 1]?.path !== path || outputs.some(({ value }) => value === output);
}

function addActivation(layer: LayerMeasure, { op, output }: Operation, { outputs }: Trace, saturatedAt: number): void {
  if (op === "sigmoid" || op === "tanh") {
    // At the end of a network limits are what is wanted: a sure answer.
    if (outputs.some(({ value }) => value === output)) return;
    const of = op;
    const share = saturatedShare(output, of, saturatedAt);
    if (layer.saturation === null || share > layer.saturation.share) layer.saturation = { of, share };
  }
  if (op === "relu" && output.shape.length > 1) {
    const units = output.values.length / output.shape[0];
    const alive = new Uint8Array(units);
    output.values.forEach((value, place) => {
      // NaN is not 0, and a fault of another kind.
      if (value !== 0) alive[place % units] = 1;
    });
    const dead = units - alive.reduce((sum, each) => sum + each, 0);
    layer.dead = { units: (layer.dead?.units ?? 0) + units, dead: (layer.dead?.dead ?? 0) + dead };
  }
}

function saturatedShare({ values }: Values, of: "sigmoid" | "tanh", limit: number): number {
  let count = 0;
  for (const value of values) if (Math.abs(of === "tanh" ? value : 2 * value - 1) >= limit) count++;
  return count / Math.max(1, values.length);
}

function largestOf({ values }: Values): number {
  let largest = 0;
  for (const value of values) {
    if (Number.isNaN(value)) return Number.NaN;
    largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}

function rootMeanSquare(of: { values: ArrayLike<number> } | null): number | null {
  if (of === null) return null;
  let sum = 0;
  for (let place = 0; place < of.values.length; place++) sum += of.values[place] ** 2;
  return Math.sqrt(sum / Math.max(1, of.values.length));
}

/** By the parameter's name, the root of the mean square of what the next step would change it by. */
function updatesOf(model: Module, { parameters }: Trace, optimizer: NonNullable<MeasureOptions["optimizer"]>) {
  const tensors = new Map(model.namedParameters());
  const gradients = new Map<Tensor, ArrayLike<number>>();
  for (const { name, gradient } of parameters)
    if (gradient !== null && tensors.has(name)) gradients.set(tensors.get(name)!, gradient.values);
  const next = undisturbed([model], () => optimizer.preview(gradients));
  const updates = new Map<string, number>();
  for (const { name, value } of parameters) {
    const after = next.get(tensors.get(name)!);
    if (after === undefined) continue;
    const change = Float64Array.from(value.values, (before, place) => after[place] - before);
    updates.set(name, rootMeanSquare({ values: change })!);
  }
  return updates;
}

/** The first number that is not finite, if one reaches the output, the loss or a gradient. */
function firstNonFinite(traced: Trace, end: number): FirstNonFinite | null {
  const { operations, inputs, outputs, parameters, loss } = traced;
  const finite =
    outputs.every(({ value }) => badOf(value) === null) &&
    (loss === null || Number.isFinite(loss)) &&
    parameters.every(({ value, gradient }) => badOf(value) === null && (gradient === null || badOf(gradient) === null));
  // An infinity that the network makes finite again, such as e^−∞ of a mask, is none.
  if (finite) return null;
  for (const { value } of inputs) {
    const bad = badOf(value);
    if (bad !== null) return { phase: "input", path: "", layer: "", value: bad };
  }
  for (const { name, value } of parameters) {
    const bad = badOf(value);
    if (bad === null) continue;
    const path = name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : (operations[0]?.path ?? "");
    return { phase: "parameter", path, layer: operations.find((each) => each.path === path)?.layer ?? "", value: bad };
  }
  for (const { index, phase, path, layer, output } of operations) {
    const bad = badOf(output);
    if (bad === null) continue;
    if (phase === "backward") return { phase, path, layer, value: bad };
    if (index < end) return { phase: "forward", path, layer, value: bad };
    // A loss out of range of outputs that are in it: the layer that gave them.
    const last = operations[end - 1];
    return { phase: "loss", path: last?.path ?? "", layer: last?.layer ?? "", value: bad };
  }
  return null;
}

function badOf({ values }: Values): FirstNonFinite["value"] | null {
  let infinite: FirstNonFinite["value"] | null = null;
  for (const value of values) {
    if (value - value === 0) continue;
    if (Number.isNaN(value)) return "NaN";
    infinite ??= value > 0 ? "Infinity" : "-Infinity";
  }
  return infinite;
}
