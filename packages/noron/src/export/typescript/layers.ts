import type { nn } from "@noron/core";
import { UsageError } from "../../errors.ts";

/**
 * Layers in evaluation mode as TypeScript: the one place beside the engine where layers are computed. A test compares
 * every one of them with the engine.
 */

/** How a layer is written. */
interface WrittenLayer {
  /** An expression that makes it; take(n) gives the next n weights. null for what does nothing in evaluation mode. */
  expression: string | null;
  /** Names of its weights, in the order in which the expression takes them. */
  weights: readonly string[];
  /** Functions that the expression calls. */
  helpers: readonly HelperName[];
}

export type HelperName = keyof typeof HELPERS;

/** Functions of the module, each written where a layer needs it. */
export const HELPERS = {
  layer: `
/** A vector to a vector. */
type Layer = (x: ArrayLike<number>) => ArrayLike<number>;`,
  linear: `
/** W x + b, W row by row. */
function linear(inputs: number, weight: Float32Array, bias: Float32Array): Layer {
  return (x) => {
    const y = new Float64Array(bias.length);
    for (let row = 0, at = 0; row < y.length; row++) {
      let sum = bias[row]!;
      for (let column = 0; column < inputs; column++) sum += weight[at++]! * x[column]!;
      y[row] = sum;
    }
    return y;
  };
}`,
  each: `
/** A function of every element. */
function each(f: (x: number) => number): Layer {
  return (x) => {
    const y = new Float64Array(x.length);
    for (let i = 0; i < y.length; i++) y[i] = f(x[i]!);
    return y;
  };
}`,
  batchNorm: `
/** γ (x − μ) / √(σ² + eps) + β with the statistics of training. */
function batchNorm(mean: Float32Array, variance: Float32Array, weight: Float32Array, bias: Float32Array, eps: number): Layer {
  return (x) =>
    Float64Array.from(x, (value, i) => ((value - mean[i]!) / Math.sqrt(variance[i]! + eps)) * weight[i]! + bias[i]!);
}`,
  layerNorm: `
/** γ (x − μ) / √(σ² + eps) + β with the mean and variance of x. */
function layerNorm(weight: Float32Array, bias: Float32Array, eps: number): Layer {
  return (x) => {
    let mean = 0;
    for (let i = 0; i < x.length; i++) mean += x[i]! / x.length;
    let variance = 0;
    for (let i = 0; i < x.length; i++) variance += (x[i]! - mean) ** 2 / x.length;
    const scale = 1 / Math.sqrt(variance + eps);
    return Float64Array.from(x, (value, i) => (value - mean) * scale * weight[i]! + bias[i]!);
  };
}`,
  rmsNorm: `
/** γ x / √(mean(x²) + eps). */
function rmsNorm(weight: Float32Array, eps: number): Layer {
  return (x) => {
    let square = 0;
    for (let i = 0; i < x.length; i++) square += x[i]! ** 2 / x.length;
    const scale = 1 / Math.sqrt(square + eps);
    return Float64Array.from(x, (value, i) => value * scale * weight[i]!);
  };
}`,
  erf: `
/** erf x = 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)). */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}`,
  softmax: `
/** exp xᵢ / Σ exp xⱼ. */
function softmax(x: ArrayLike<number>): number[] {
  const most = Math.max(...Array.from(x));
  const powers = Array.from(x, (value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}`,
} as const;

type Options = Record<string, unknown>;

const ones = (count: number) => `new Float32Array(${count}).fill(1)`;
const zeros = (count: number) => `new Float32Array(${count})`;
const each = (formula: string, ...helpers: HelperName[]): WrittenLayer => ({
  expression: `each((x) => ${formula})`,
  weights: [],
  helpers: ["each", ...helpers],
});
const nothing: WrittenLayer = { expression: null, weights: [], helpers: [] };

/** Weights that may be there, and what the expression has for each: the next ones, or what changes nothing. */
function taken(size: number, names: Readonly<Record<string, boolean>>): { weights: string[]; arguments: string[] } {
  return {
    weights: Object.keys(names).filter((name) => names[name]),
    arguments: Object.entries(names).map(([name, there]) => {
      if (there) return `take(${size})`;
      return name === "bias" ? zeros(size) : ones(size);
    }),
  };
}

function linear([inputs, outputs]: number[], { bias }: Options): WrittenLayer {
  const weights = bias === false ? ["weight"] : ["weight", "bias"];
  const last = bias === false ? zeros(outputs) : `take(${outputs})`;
  return { expression: `linear(${inputs}, take(${inputs * outputs}), ${last})`, weights, helpers: ["linear"] };
}

/** Rows of one layer each; what it gives null for cannot be written. */
const LAYERS: Record<string, (args: number[], options: Options) => WrittenLayer | null> = {
  Linear: linear,
  DropConnect: linear,
  BatchNorm1d([size], { affine = true, trackRunningStats = true, eps = 1e-5 }) {
    // The statistics of a batch are no property of one row.
    if (trackRunningStats === false) return null;
    const learned = affine === true;
    const statistics = { running_mean: true, running_var: true, weight: learned, bias: learned };
    const { weights, arguments: list } = taken(size, statistics);
    return { expression: `batchNorm(${list.join(", ")}, ${eps})`, weights, helpers: ["batchNorm"] };
  },
  LayerNorm([shape], { elementwiseAffine = true, bias = true, eps = 1e-5 }) {
    const size = onlyExtent(shape);
    if (size === null) return null;
    const { weights, arguments: list } = taken(size, {
      weight: elementwiseAffine === true,
      bias: elementwiseAffine === true && bias === true,
    });
    return { expression: `layerNorm(${list.join(", ")}, ${eps})`, weights, helpers: ["layerNorm"] };
  },
  RMSNorm([shape], { elementwiseAffine = true, eps }) {
    const size = onlyExtent(shape);
    if (size === null) return null;
    const { weights, arguments: list } = taken(size, { weight: elementwiseAffine === true });
    return { expression: `rmsNorm(${list.join(", ")}, ${eps ?? 2 ** -23})`, weights, helpers: ["rmsNorm"] };
  },
  Identity: () => nothing,
  Dropout: () => nothing,
  Flatten: (_, { startDim = 1 }) => (startDim === 1 ? nothing : null),
  ReLU: () => each("Math.max(0, x)"),
  LeakyReLU: (_, { negativeSlope = 0.01 }) => each(`x > 0 ? x : ${negativeSlope} * x`),
  ELU: (_, { alpha = 1 }) => each(`x > 0 ? x : ${alpha} * Math.expm1(x)`),
  Sigmoid: () => each("1 / (1 + Math.exp(-x))"),
  Tanh: () => each("Math.tanh(x)"),
  SiLU: () => each("x / (1 + Math.exp(-x))"),
  GELU: (_, { approximate }) =>
    approximate === "tanh"
      ? each("(x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))")
      : each("(x / 2) * (1 + erf(x / Math.SQRT2))", "erf"),
  Softplus: (_, { beta = 1, threshold = 20 }) =>
    each(`${beta} * x > ${threshold} ? x : Math.log1p(Math.exp(${beta} * x)) / ${beta}`),
  Softmax: (_, { dim = -1 }) => (isLast(dim) ? { expression: "softmax", weights: [], helpers: ["softmax"] } : null),
  LogSoftmax: (_, { dim = -1 }) =>
    isLast(dim) ? { expression: "(x) => softmax(x).map(Math.log)", weights: [], helpers: ["softmax"] } : null,
};

function isLast(dim: unknown): boolean {
  return dim === -1 || dim === 1;
}

/** The size of a shape of one dimension, however it was given. */
function onlyExtent(shape: unknown): number | null {
  if (typeof shape === "number") return shape;
  return Array.isArray(shape) && shape.length === 1 ? (shape[0] as number) : null;
}

/** A network as expressions, one a layer, the keys of their weights in order, and the helpers they need. */
export interface WrittenNetwork {
  expressions: string[];
  weights: string[];
  helpers: Set<HelperName>;
}

/**
 * Writes a network of the library's layers.
 * @throws UsageError that names a layer which cannot be written
 */
export function writeLayers(model: nn.Module): WrittenNetwork {
  const network: WrittenNetwork = { expressions: [], weights: [], helpers: new Set(["layer"]) };
  writeLayer(configOf(model), "", network);
  return network;
}

function configOf(model: nn.Module): nn.LayerConfig {
  try {
    return model.toConfig();
  } catch (error) {
    throw unknownLayer((error as Error).message);
  }
}

function writeLayer({ layer, args, options }: nn.LayerConfig, path: string, network: WrittenNetwork): void {
  const key = (name: string) => (path === "" ? name : `${path}.${name}`);
  if (layer === "Sequential") {
    args.forEach((inner, index) => {
      writeLayer(inner as nn.LayerConfig, key(String(index)), network);
    });
    return;
  }
  const written = Object.hasOwn(LAYERS, layer) ? LAYERS[layer](args as number[], options) : null;
  if (written === null) throw unknownLayer(`${key(layer)} with ${JSON.stringify({ args, options })} is none of them`);
  network.weights.push(...written.weights.map(key));
  for (const helper of written.helpers) network.helpers.add(helper);
  if (written.expression !== null) network.expressions.push(written.expression);
}

function unknownLayer(why: string): UsageError {
  const known = Object.keys(LAYERS).join(", ");
  return new UsageError("layer-not-exported", { known, problem: why });
}
