import type { nn } from "@noron/core";
import { type ImagePreprocessing, imageFeatures, type LabelledImages, type Preprocessing } from "@noron/tabular";
import { plainExamples } from "../data/examples.ts";
import { InputError } from "../errors.ts";
import { computeOutputs } from "../model/outputs.ts";
import type { NetworkDefinition, OwnModule } from "../model/own-network.ts";
import { parseRunFiles, type Run, type RunBytes, type Unfinished } from "../run/parse.ts";
import { type ClassPrediction, interpretOutputs, type NumberPrediction, type Prediction } from "./predictions.ts";
import { type Row, tableOfRows } from "./rows.ts";

interface Trained<P> {
  /** The column that is predicted; "label" for images. */
  readonly target: string;
  /** The network, in evaluation mode: [rows, features] to logits [rows, classes], or to [rows, 1] standardised. */
  readonly model: nn.Layer;
  /** What is done to rows before they reach the network, and to what it says. */
  readonly preprocessing: Preprocessing | ImagePreprocessing;
  /** Of a training that has not ended: the epoch whose weights these are, the best so far, and how many are whole. */
  readonly unfinished: Unfinished | null;
  /**
   * The same answers as `noron predict`, one a row, in order.
   * @throws tabular.DataError, InputError for rows that are not of the kind that training had
   */
  predict(rows: readonly PredictRow[]): Promise<P[]>;
}

/**
 * A row by the names of its columns, or for a run on images the pixels of one, 0 to 255, row by row. null, undefined,
 * NaN, "" and a column that is not there are missing values; a column that no row has is taken for a mistake and refused.
 * Columns that training did not use may be there. Texts are read as in a file: "3.5" is a number, "yes" a truth value.
 */
export type PredictRow = Row | ArrayLike<number>;

/** A run that chooses among classes. */
export interface TrainedClassifier extends Trained<ClassPrediction> {
  readonly task: "classification";
  /** Names of the classes, in the order of the network's outputs. */
  readonly classes: readonly string[];
}

/** A run that predicts a number. */
export interface TrainedRegression extends Trained<NumberPrediction> {
  readonly task: "regression";
}

/** A run ready for new rows; `run.task === "classification"` tells which of the two it is. */
export type TrainedRun = TrainedClassifier | TrainedRegression;

export interface RunOptions {
  /** What makes the network, for a run that was trained with `--model FILE`: the default export of that file. */
  model?: NetworkDefinition;
}

/**
 * A run from the bytes of its files, for a page that has fetched them. Nothing in them is trusted and no code in them is
 * run.
 * @param options and `name`: where the files come from, for messages
 * @throws InputError, tabular.DataError that say which file is damaged and where
 */
export function parseRun(files: RunBytes, options: RunOptions & { name?: string } = {}): TrainedRun {
  return trainedRun(parseRunFiles(options.name ?? "run", files, ownModule(options)));
}

/** A definition as what was loaded from a file. */
export function ownModule({ model }: RunOptions): OwnModule | undefined {
  return model === undefined ? undefined : { path: "model", definition: model };
}

/** A run as programs use it. */
export function trainedRun(run: Run): TrainedRun {
  const { config, preprocessing, classes, model, unfinished } = run;
  const { task, target } = config;
  const predict = (rows: readonly PredictRow[]) => predictRows(run, rows);
  return { task, target, classes, model, preprocessing, unfinished, predict } as unknown as TrainedRun;
}

async function predictRows({ preprocessing, model, config }: Run, rows: readonly PredictRow[]): Promise<Prediction[]> {
  if (rows.length === 0) return [];
  const loaded = { name: "rows", source: [], files: [], hash: "" };
  const examples =
    preprocessing.input === "images"
      ? plainExamples(preprocessing, { ...loaded, kind: "images", images: imagesOf(preprocessing, rows) })
      : plainExamples(preprocessing, { ...loaded, kind: "table", table: tableOfRows(preprocessing, rows as Row[]) });
  return interpretOutputs(preprocessing, await computeOutputs(model, examples, config.network.outputs));
}

function imagesOf(preprocessing: ImagePreprocessing, rows: readonly PredictRow[]): LabelledImages {
  const { height, width, channels } = preprocessing;
  const size = imageFeatures(preprocessing);
  const pixels = new Uint8Array(rows.length * size);
  rows.forEach((row, index) => {
    const { length } = row as ArrayLike<number>;
    if (length !== size) {
      throw new InputError("image-pixels", { image: index, found: length ?? 0, height, width });
    }
    pixels.set(row as ArrayLike<number>, index * size);
  });
  return { name: "rows", count: rows.length, height, width, channels, pixels };
}
