import { nn, noGrad, type Tensor, zeros } from "@noron/core";
import type { Initialisation, LayerType } from "../experiment/catalog.ts";
import type { OptionValue, Part } from "../experiment/options.ts";
import { type ExperimentProblem, messageOf, Problem, problemOf } from "./problem.ts";

/** A layer of the stack as it was made: its sizes are known. */
export interface BuiltLayer {
  type: LayerType;
  /** Its class with its numbers, such as "Linear(2, 8)". */
  name: string;
  /** What an example becomes; null behind a problem. */
  shape: number[] | null;
  parameters: number;
}

export interface BuiltNetwork {
  model: nn.Sequential<nn.Layer[]>;
  layers: BuiltLayer[];
}

export interface FailedNetwork {
  layers: BuiltLayer[];
  problem: ExperimentProblem;
}

/** More than this makes a page wait for ever. */
const MOST_PARAMETERS = 4e6;

/**
 * Makes the layers one after another, each for what the one before it gives: shapes and errors are the library's own, of a
 * forward on zeros.
 * @param shape of one example
 * @param outputs what a size that is left open at the end becomes
 */
export function buildNetwork(
  parts: readonly Part<LayerType>[],
  shape: readonly number[],
  outputs: number,
): BuiltNetwork | FailedNetwork {
  const layers: BuiltLayer[] = [];
  const modules: nn.Layer[] = [];
  let value: Tensor = zeros([2, ...shape]);
  let parameters = 0;
  for (const [index, part] of parts.entries()) {
    try {
      parameters += parametersOf(part, value.shape, outputs);
      if (parameters > MOST_PARAMETERS) throw new Problem(index, "too-large", { parameters, most: MOST_PARAMETERS });
      requireRank(part, value.shape.slice(1), index);
      requireEvenParts(part, value.shape[1], index);
      const module = makeLayer(part, value.shape, outputs);
      value = noGrad(() => module.eval().forward(value));
      value.dataSync();
      module.train();
      modules.push(module);
      const own = module.parameters().reduce((sum, parameter) => sum + sizeOf(parameter.shape), 0);
      layers.push({ type: part.type, name: nameOf(module), shape: value.shape.slice(1), parameters: own });
    } catch (error) {
      layers.push({ type: part.type, name: part.type, shape: null, parameters: 0 });
      if (error instanceof Problem) return { layers, problem: problemOf(error, index) };
      const values = { layer: part.type, shape: value.shape.slice(1).join(" × "), message: messageOf(error).en };
      return { layers, problem: problemOf(new Problem(index, "layer-refuses", values), index) };
    }
  }
  return { model: new nn.Sequential(...(modules as never[])) as unknown as nn.Sequential<nn.Layer[]>, layers };
}

/** Of one example: a batch of other rank would pass as a single example where its rows are as many as the channels. */
const RANKS: Partial<Record<LayerType, number>> = { InstanceNorm1d: 2, InstanceNorm2d: 3 };

function requireRank({ type }: Part<LayerType>, shape: readonly number[], index: number): void {
  const wanted = RANKS[type] ?? shape.length;
  if (shape.length !== wanted)
    throw new Problem(index, "other-rank", { layer: type, wanted, shape: shape.join(" × ") });
}

/** The channels that Unflatten makes, and the groups of GroupNorm, are of equal size. */
function requireEvenParts({ type, options }: Part<LayerType>, size: number, index: number): void {
  const parts = { Unflatten: options.channels, GroupNorm: options.numGroups }[type as "Unflatten" | "GroupNorm"];
  if (typeof parts !== "number" || size % parts === 0) return;
  const divisors = Array.from({ length: size }, (_, before) => before + 1).filter((each) => size % each === 0);
  const near = divisors.reduce((best, each) => (Math.abs(each - parts) < Math.abs(best - parts) ? each : best));
  throw new Problem(index, type === "Unflatten" ? "uneven-channels" : "uneven-groups", { size, parts, near });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** How many a layer of that size would have, before it is made. */
function parametersOf({ type, options }: Part<LayerType>, shape: readonly number[], outputs: number): number {
  if (type !== "Linear" && type !== "DropConnect") return 0;
  return ((options.outFeatures as number | null) ?? outputs) * (shape[shape.length - 1] ?? 1);
}

function nameOf(module: nn.Layer): string {
  const { layer, args } = module.toConfig();
  return `${layer}(${args.map((each) => (Array.isArray(each) ? `[${each.join(", ")}]` : String(each))).join(", ")})`;
}

type Options = Record<string, OptionValue>;

/** A layer for inputs of that shape, rows included. */
function makeLayer({ type, options }: Part<LayerType>, shape: readonly number[], outputs: number): nn.Layer {
  const last = shape[shape.length - 1];
  const channels = shape[1];
  const {
    inFeatures,
    outFeatures,
    init,
    channels: split,
    numGroups,
    numFeatures,
    normalizedShape,
    ...rest
  } = options as Options;
  const given = (value: OptionValue | undefined, otherwise: number): number =>
    (value as number | null | undefined) ?? otherwise;
  const sized = [given(inFeatures, last), given(outFeatures, outputs)] as const;
  const made: Record<LayerType, () => nn.Layer> = {
    Linear: () => initialised(new nn.Linear(...sized, rest), init),
    DropConnect: () => initialised(new nn.DropConnect(...sized, rest), init),
    ReLU: () => new nn.ReLU(),
    LeakyReLU: () => new nn.LeakyReLU(rest),
    Tanh: () => new nn.Tanh(),
    Sigmoid: () => new nn.Sigmoid(),
    GELU: () => new nn.GELU(rest),
    SiLU: () => new nn.SiLU(),
    ELU: () => new nn.ELU(rest),
    Softplus: () => new nn.Softplus(rest),
    Softmax: () => new nn.Softmax(),
    LogSoftmax: () => new nn.LogSoftmax(),
    Identity: () => new nn.Identity(),
    BatchNorm1d: () => new nn.BatchNorm1d(given(numFeatures, channels), rest),
    BatchNorm2d: () => new nn.BatchNorm2d(channels, rest),
    InstanceNorm1d: () => new nn.InstanceNorm1d(channels, rest),
    InstanceNorm2d: () => new nn.InstanceNorm2d(channels, rest),
    LayerNorm: () => new nn.LayerNorm(given(normalizedShape, last), rest),
    RMSNorm: () => new nn.RMSNorm(last, rest),
    GroupNorm: () => new nn.GroupNorm(given(numGroups, 1), channels, rest),
    Dropout: () => new nn.Dropout(rest),
    Flatten: () => new nn.Flatten(),
    Unflatten: () => new nn.Unflatten(1, [given(split, 1), -1]),
  };
  return made[type]();
}

/** Weights drawn another way than the library does by itself; biases begin at zero then. */
function initialised(layer: nn.Linear | nn.DropConnect, init: OptionValue | undefined): nn.Layer {
  const { weight, bias } = layer as nn.Linear;
  const ways: Record<Exclude<Initialisation, "default">, (weight: Tensor) => Tensor> = {
    xavierUniform: (of) => nn.init.xavierUniform(of),
    xavierNormal: (of) => nn.init.xavierNormal(of),
    kaimingUniform: (of) => nn.init.kaimingUniform(of, { nonlinearity: "relu" }),
    kaimingNormal: (of) => nn.init.kaimingNormal(of, { nonlinearity: "relu" }),
    normal: (of) => nn.init.normal(of, 0, 1),
    zeros: (of) => nn.init.zeros(of),
  };
  if (init === undefined || init === "default") return layer as unknown as nn.Layer;
  ways[init as Exclude<Initialisation, "default">](weight as Tensor);
  if (bias !== null) nn.init.zeros(bias as Tensor);
  return layer as unknown as nn.Layer;
}
