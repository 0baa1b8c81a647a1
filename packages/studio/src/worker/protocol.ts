import type { EngineInfo, inspect, train } from "@noron/core";
import type { ColumnKind } from "@noron/tabular";
import type { Task } from "../experiment/catalog.ts";
import type { ExperimentProblem } from "./problem.ts";

/** What goes between the page and the worker: plain data. */

/** A layer of the stack as it was made. */
export interface LayerFacts {
  type: string;
  /** Its class with its numbers, such as "Linear(2, 8)". */
  name: string;
  /** What an example becomes; null behind a problem. */
  shape: number[] | null;
  parameters: number;
}

/** Some examples of a part, row-major. */
export interface Part {
  count: number;
  x: Float32Array;
  /** Class numbers, or values as they are learned: standardised where the data have a unit. */
  labels: Int32Array | Float32Array;
  /** The number of each in its file, as the command counts them: 2 is the first row below a header. */
  places: Int32Array | null;
}

/** The data as the page shows them. */
export interface DataFacts {
  task: Task;
  shape: number[];
  features: string[];
  classes: string[];
  /** How many numbers the network is to give. */
  outputs: number;
  training: Part;
  validation: Part | null;
  /** What a plot of two features, or of one and the target, spans: [least, most] of each axis. */
  extent: [number, number][];
  /** What a regression on a table learns is standardised: its unit. */
  unit: { mean: number; standardDeviation: number } | null;
}

/** What became of an experiment. */
export interface Opened {
  /** Tells snapshots of one experiment from those of another. */
  id: number;
  data: DataFacts | null;
  layers: LayerFacts[];
  parameters: number;
  problem: ExperimentProblem | null;
  /** What can be trained and is hardly meant. */
  cautions: ExperimentProblem[];
}

/** What the library found in this browser, as the worker that trains has it. */
export interface Diagnosis {
  engine: EngineInfo;
  /** Whether the page is cross-origin isolated, so that memory can be shared. */
  isolated: boolean;
  /** Processor cores that the browser tells of. */
  cores: number;
}

/** What a network says of a region: of two features, or a curve over one. */
export type Field =
  | {
      kind: "classes";
      /** Points along a side; row by row from the upper left. */
      side: number;
      classes: Uint8Array;
      /** How sure it is of that class, 0 to 1. */
      confidence: Float32Array;
    }
  | { kind: "values"; side: number; values: Float32Array }
  | { kind: "curve"; x: Float32Array; y: Float32Array };

/** What the units of a layer give for each point of the region. */
export interface UnitMaps {
  /** The layer's place. */
  layer: number;
  units: number;
  /** How many of the units are in `values`. */
  shown: number;
  /** [shown, side, side], or of a curve [shown, side]. */
  values: Float32Array;
}

export interface WeightMap {
  layer: number;
  /** [outputs, inputs] */
  shape: number[];
  values: Float32Array;
}

export interface Neurons {
  side: number;
  maps: UnitMaps[];
  weights: WeightMap[];
}

/** Parts that cost time and are made only while they are looked at. */
export interface Watched {
  field: boolean;
  neurons: boolean;
  confusion: boolean;
  histograms: boolean;
  remarks: boolean;
  answers: boolean;
}

export interface Confusion {
  /** [actual][predicted] over the validation set, or the training set where there is none. */
  counts: number[][];
  part: "training" | "validation";
}

export interface LayerHistogram {
  /** The layer's path. */
  path: string;
  layer: string;
  /** "output", or the parameter's name. */
  name: string;
  of: "activations" | "weights" | "gradients";
  histogram: inspect.Histogram;
}

/** What the network says of the first examples of a part: class numbers, or values as they are learned. */
export interface Answers {
  part: "training" | "validation";
  values: Int32Array | Float32Array;
}

interface Words {
  what: string;
  advice: string;
}

/** A text in both languages. */
export interface InBoth {
  en: string;
  vi: string;
}

/** What the inference says of a column. */
export interface ColumnFacts {
  name: string;
  isTarget: boolean;
  kind: ColumnKind;
  reason: InBoth;
  missing: number;
  unique: number;
  /** Of numbers and dates: the least and the largest. */
  range: [number, number] | [string, string] | null;
  /** Of others: the most frequent values. */
  values: string[];
  /** Why it cannot be used as was asked for; what else is said of it is as it was found. */
  refused: InBoth | null;
  /** How strongly it goes with the target, 0 to 1 or −1 to 1; null where it cannot be said. */
  association: number | null;
}

/** What the inference says of a table. */
export interface TableFacts {
  name: string;
  rows: number;
  target: string;
  task: Task | null;
  /** Why the target cannot be learned. */
  problem: InBoth | null;
  columns: ColumnFacts[];
  notes: InBoth[];
  warnings: InBoth[];
}

/** What is in the files of a finished run. */
export interface RunFacts {
  parameters: number;
  /** Parameters of two dimensions or more. */
  weights: { name: string; shape: number[]; histogram: inspect.Histogram }[];
}

/** Something that is wrong with a training, in words. */
export interface Remark {
  code: string;
  /** The path of the layer that it is about. */
  layer: string | null;
  en: Words;
  vi: Words;
}

/** Why a training does not go on. */
export interface Divergence {
  loss: number;
  remark: Remark | null;
  /** The losses of the last batches before. */
  losses: { step: number; loss: number }[];
}

/** Where a training stands. Parts that are not watched, or have not changed, are left out. */
export interface Snapshot {
  id: number;
  running: boolean;
  step: number;
  epoch: number;
  /** Batches of the present epoch that are done, and in all. */
  batch: number;
  batches: number;
  stepsPerSecond: number;
  /** Of the last batch. */
  loss: number | null;
  /** Epochs since the last snapshot. */
  epochs: train.EpochLog[];
  /** Why it does not go on. */
  diverged: Divergence | null;
  /** What a step threw: it does not go on either. */
  problem: ExperimentProblem | null;
  field?: Field;
  neurons?: Neurons;
  confusion?: Confusion;
  histograms?: LayerHistogram[];
  answers?: Answers;
  remarks?: Remark[];
}
