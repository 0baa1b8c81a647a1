import type { ColumnKind, Task as TableTask } from "@noron/tabular";
import { LAYERS, type LayerType, LOSSES, type LossType, OPTIMIZERS, type OptimizerType } from "./catalog.ts";
import { defaultOptions, type OptionValue, type Part } from "./options.ts";

export const SAMPLES = ["spirals", "moons", "circles", "xor", "blobs", "digits", "curve"] as const;
export type SampleName = (typeof SAMPLES)[number];

/** Data that the library makes. */
export interface SampleData {
  source: "sample";
  name: SampleName;
  count: number;
  noise: number;
  /** Of spirals and blobs. */
  classes: number;
}

/** A file of the user's own; its bytes are with the worker, and in no link. */
export interface TableData {
  source: "table";
  name: string;
  target: string;
  /** As the target says, unless it is given. */
  task: TableTask | null;
  /** What columns are to be used as, where the inference was corrected. */
  kinds: Record<string, ColumnKind>;
}

/** All that a training follows from: the same experiment gives the same numbers at every step. */
export interface Experiment {
  data: SampleData | TableData;
  /** The share of the examples that is not trained on, 0 to 0.9. */
  validation: number;
  layers: Part<LayerType>[];
  loss: Part<LossType>;
  optimizer: Part<OptimizerType>;
  batchSize: number;
  /** Of data, split, weights, order and masks. */
  seed: number;
}

/** Whether examples are normalized with the others of their batch, so that a last batch of one joins the one before it. */
export function joinsLast({ layers }: Experiment): boolean {
  return layers.some(({ type }) => type === "BatchNorm1d" || type === "BatchNorm2d");
}

type Options = Record<string, OptionValue>;

/** A layer with its defaults but for what is given. */
export function layer(type: LayerType, options: Options = {}): Part<LayerType> {
  return { type, options: { ...defaultOptions(LAYERS[type].options), ...options } };
}

export function loss(type: LossType, options: Options = {}): Part<LossType> {
  return { type, options: { ...defaultOptions(LOSSES[type].options), ...options } };
}

export function optimizer(type: OptimizerType, options: Options = {}): Part<OptimizerType> {
  return { type, options: { ...defaultOptions(OPTIMIZERS[type].options), ...options } };
}

/** How a sample comes unless something else is asked for: with a noise that can be learned through. */
export function sample(name: SampleName): SampleData {
  const noise: Record<SampleName, number> = {
    spirals: 0.02,
    moons: 0.1,
    circles: 0.05,
    xor: 0.15,
    blobs: 0.15,
    digits: 0.05,
    curve: 0.05,
  };
  return {
    source: "sample",
    name,
    count: name === "digits" ? 1000 : 300,
    noise: noise[name],
    classes: name === "blobs" ? 3 : 2,
  };
}
