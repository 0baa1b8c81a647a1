import { inspect, tensor } from "@noron/core";
import {
  featureNames,
  placeOf as fileOf,
  type ImagePreprocessing,
  isMissingTarget,
  type Note,
  type Table,
} from "@noron/tabular";
import { type Examples, labelledExamples, type MemoryExamples, plainExamples } from "../data/examples.ts";
import type { LoadedData } from "../data/source.ts";
import { InputError } from "../errors.ts";
import { LOSSES, makeOptimizer } from "../model/choices.ts";
import { interpretOutputs, type Prediction } from "../predict/predictions.ts";
import type { Run } from "../run/parse.ts";

/** One row on its way through a run's network and back. */
export interface RowExplanation {
  /** Its number, as messages count: of tables the header is row 1, of images the first is image 0. */
  row: number;
  /** The file that it is in; of an image that has one of its own, this. */
  file: string;
  /** The cells as they were read; none of images. */
  cells: { name: string; value: string; target: boolean }[];
  /** What the network was given. */
  features: { name: string; value: number }[];
  prediction: Prediction;
  /** What the row really is, where that is known: a class's name, or a number in the target's unit. */
  known: string | number | null;
  /** Layer by layer; without a loss, gradients and updates where the target is not known. */
  step: inspect.StepExplanation;
  /** What there is to warn of in how the row was read. */
  notes: Note[];
}

/**
 * Takes a run's prediction for one row apart: features, layers, prediction and, where the target is known, loss, gradients
 * and what the run's optimizer would do in a first step on this row alone. The network is in evaluation mode, as for any
 * prediction: nothing is dropped, and batch norm takes its running statistics.
 * @throws InputError where there is no such row; DataError for cells that training could not have had
 */
export function explainRow(run: Run, loaded: LoadedData, row: number): RowExplanation {
  const place = placeOf(loaded, row);
  const cells = loaded.kind === "table" ? cellsOf(loaded.table, place, run.config.target) : [];
  const file = loaded.kind === "table" ? fileOf(loaded.table, place).file : loaded.images.files?.[place];
  return explainFound(run, { row, file: file ?? loaded.name, cells, examples: examplesOf(run, loaded, place) });
}

/** A row that was found, by itself. */
export interface FoundRow extends Pick<RowExplanation, "row" | "file" | "cells"> {
  /** One row, with its target where it has one. */
  examples: MemoryExamples;
}

/** The same of a row that was read already. */
export function explainFound(run: Run, { row, file, cells, examples }: FoundRow): RowExplanation {
  const { config, model, preprocessing } = run;
  const x = tensor(examples.inputs, { shape: [1, examples.width], dtype: "float32" });
  const target = targetOf(examples);
  model.eval();
  const step = inspect.explainStep(
    model,
    x,
    target === null
      ? {}
      : {
          loss: LOSSES[config.loss].make(),
          target,
          optimizer: makeOptimizer(config, model.parameters()),
        },
  );
  const output = step.layers.at(-1)!.output.value.values;
  const names =
    preprocessing.input === "images"
      ? Array.from(examples.inputs, (_, feature) => pixelName(preprocessing, feature))
      : featureNames(preprocessing);
  return {
    row,
    file,
    cells,
    features: names.map((name, index) => ({ name, value: examples.inputs[index] })),
    prediction: interpretOutputs(preprocessing, Float32Array.from(output))[0],
    known: knownOf(run, examples),
    step,
    notes: examples.notes,
  };
}

/** Row and column of a pixel, and its colour where there are three. */
function pixelName({ height, width, channels = 1 }: ImagePreprocessing, feature: number): string {
  const pixel = feature % (height * width);
  const place = `${Math.floor(pixel / width)},${pixel % width}`;
  return channels === 1 ? place : `${["red", "green", "blue"][Math.floor(feature / (height * width))]} ${place}`;
}

/** The place of a row among those that were read. @throws InputError if there is none */
function placeOf(loaded: LoadedData, row: number): number {
  if (loaded.kind === "images") {
    if (row >= 0 && row < loaded.images.count) return row;
    throw new InputError("no-such-image", { file: loaded.name, row, last: loaded.images.count - 1 });
  }
  const { rowNumbers, rowCount } = loaded.table;
  const place = rowNumbers.indexOf(row);
  if (place >= 0) return place;
  if (rowCount === 0) throw new InputError("empty-table", { file: loaded.name });
  throw noSuchRow(loaded.name, row, rowNumbers[0], rowNumbers[rowCount - 1]);
}

/** @param first the number of the first row: 2 behind a header, 1 of JSON, which has none */
export function noSuchRow(file: string, row: number, first: number, last: number): InputError {
  return new InputError(first === 2 && row < first ? "row-is-header" : "no-such-row", { file, row, first, last });
}

/** The row as the network takes it, with its target where it has one. */
function examplesOf(run: Run, loaded: LoadedData, place: number): MemoryExamples {
  const { preprocessing } = run;
  const rows = [place];
  if (preprocessing.input === "images" || loaded.kind === "images") return plainExamples(preprocessing, loaded, rows);
  const target = loaded.table.columns.find(({ name }) => name === preprocessing.target.name);
  if (target === undefined || isMissingTarget(target.cells[place], run.classes))
    return plainExamples(preprocessing, loaded, rows);
  return labelledExamples(preprocessing, loaded, rows);
}

function targetOf({ target }: Examples) {
  if (target === null) return null;
  if (target.kind === "classes") return tensor(target.classes, { dtype: "int32" });
  return tensor(target.values, { shape: [1, 1], dtype: "float32" });
}

function knownOf({ classes }: Run, { target }: Examples): string | number | null {
  if (target === null) return null;
  return target.kind === "classes" ? classes[target.classes[0]] : target.original[0];
}

/** The cells of a row of a table. */
export function cellsOf(table: Table, place: number, target: string): RowExplanation["cells"] {
  return table.columns.map(({ name, cells }) => ({ name, value: cells[place], target: name === target }));
}
