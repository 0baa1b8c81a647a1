import { noGrad } from "../autograd/no-grad.ts";
import { zeros } from "../ops/creation.ts";
import type { DType } from "../tensor/dtype.ts";
import { formatShape, type Shape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { calls, className } from "./call.ts";
import type { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { undisturbed } from "./undisturbed.ts";

export interface SummaryOptions {
  /** The dtype of an input that is given by its shape. */
  dtype?: DType;
}

/** A call of a layer. */
export interface LayerSummary {
  /** Its path in the model, "" for the model itself. */
  path: string;
  /** The name of its class. */
  type: string;
  /** Null where the model could not be traced, or does not give one tensor. */
  outputShape: Shape | null;
  /** The number of its own parameters' elements; of a shared parameter, at its first layer only. */
  parameters: number;
}

export interface Summary {
  layers: LayerSummary[];
  /** Elements of all parameters, each counted once. */
  parameters: number;
  /** Those that have a gradient. */
  trainable: number;
  /** The table. */
  toString(): string;
}

interface Call {
  module: Module;
  path: string;
  shape: Shape | null;
}

export function summarize(model: Module, input: Tensor | Shape | undefined, options: SummaryOptions): Summary {
  const named = [...model.namedModules()];
  let traced: Call[] | null = null;
  if (input !== undefined) {
    traced = trace(model, input instanceof Tensor ? input : zeros(input, { dtype: options.dtype ?? "float32" }));
  } else {
    const shape = named.map(([, module]) => module.exampleShape()).find((example) => example !== null);
    const first = named.flatMap(([, module]) => module.parameters())[0];
    const dtype = options.dtype ?? first?.dtype ?? "float32";
    try {
      if (shape) traced = trace(model, zeros(shape, { dtype }));
    } catch {
      // The guess was wrong: the layers are listed without shapes.
    }
  }
  const called = traced ?? named.map(([path, module]) => ({ path, module, shape: null }));
  const counted = new Set<Parameter>();
  const layers: LayerSummary[] = [];
  for (const { path, module, shape } of called) {
    const own = [...module.ownParameters()].map(([, parameter]) => parameter);
    const leaf = module.children.length === 0;
    if (!leaf && own.length === 0) continue;
    layers.push({ path, type: className(module), outputShape: shape, parameters: count(own, counted) });
  }
  const all = model.parameters();
  const summary = {
    layers,
    parameters: count(all, new Set()),
    trainable: count(
      all.filter((parameter) => parameter.requiresGrad),
      new Set(),
    ),
  };
  return { ...summary, toString: () => table(summary) };
}

function count(parameters: readonly Parameter[], counted: Set<Parameter>): number {
  let total = 0;
  for (const parameter of parameters) {
    if (!counted.has(parameter)) total += sizeOf(parameter.shape);
    counted.add(parameter);
  }
  return total;
}

/** The calls of a forward in evaluation mode, in the order in which they end, with nothing left behind. */
function trace(model: Module, input: Tensor): Call[] {
  const found: Call[] = [];
  const outer = calls.ended;
  calls.ended = (module, path, result) => {
    found.push({ module, path, shape: result instanceof Tensor ? result.shape : null });
  };
  try {
    undisturbed([model], () => {
      model.eval();
      noGrad(() => {
        (model as unknown as { forward(x: Tensor): unknown }).forward(input);
      });
    });
  } finally {
    calls.ended = outer;
  }
  return found;
}

function table({ layers, parameters, trainable }: Omit<Summary, "toString">): string {
  const rows = [
    ["layer", "type", "output shape", "parameters"],
    ...layers.map((layer) => [
      layer.path,
      layer.type,
      layer.outputShape === null ? "?" : formatShape(layer.outputShape),
      layer.parameters.toLocaleString("en-US"),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 3 ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join("  ")
      .trimEnd(),
  );
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const frozen = parameters - trainable;
  const total = `${parameters.toLocaleString("en-US")} parameters${frozen > 0 ? `, ${frozen.toLocaleString("en-US")} of them frozen` : ""}`;
  return [lines[0], rule, ...lines.slice(1), rule, total].join("\n");
}
