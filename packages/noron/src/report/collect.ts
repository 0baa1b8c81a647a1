import type { ColumnType, Note, Reason } from "@noron/tabular";
import type { AnyPreprocessing, Examples } from "../data/examples.ts";
import { LOSSES } from "../model/choices.ts";
import type { Network } from "../model/network.ts";
import { computeOutputs } from "../model/outputs.ts";
import { type Scores, scoreBaseline, scoreOutputs } from "../model/scores.ts";
import type { KnownConfig } from "../run/config.ts";
import { type EvaluatedRows, evaluatedRows, rowErrors } from "./evaluated-rows.ts";
import { type ClassMeasures, measureClasses } from "./measure-classes.ts";
import { measureNumbers, type NumberMeasures } from "./measure-numbers.ts";
import { type Importance, permutationImportance } from "./permutation-importance.ts";

/** A row that is predicted badly. */
export interface WorstRow {
  /** Its number, as a spreadsheet counts; of images the first is 0. */
  row: number;
  /** What it is called: its number, behind its file where that is not the report's data; of images their own file. */
  where: string;
  actual: string;
  predicted: string;
  /** The probability of the class that was predicted; null for numbers. */
  probability: number | null;
  error: number;
  /** Its cells by column, or its pixels. */
  cells: { name: string; value: string }[];
  pixels: Uint8Array | null;
}

/** What is in a row. */
export type RowContents = Pick<WorstRow, "row" | "where" | "cells" | "pixels">;

/** Everything that a report shows. */
export interface Report {
  name: string;
  config: KnownConfig;
  data: {
    name: string;
    rows: number;
    why: Reason | null;
    columns: ColumnType[];
    image: { height: number; width: number; channels: 1 | 3 } | null;
    notes: Note[];
    classes: { name: string; rows: number }[];
  };
  split: { training: number; validation: number; test: number };
  epochs: readonly ReportEpoch[];
  bestEpoch: number | null;
  parameters: number;
  /** Whether the rows are those that were held out, or data given for the report. */
  heldOut: boolean;
  /** The files with rows that it was trained on, where whole files were measured. */
  trainedFiles: readonly string[];
  evaluated: EvaluatedRows;
  scores: Scores;
  baseline: Scores;
  classMeasures: ClassMeasures | null;
  numberMeasures: NumberMeasures | null;
  importance: Importance[];
  worst: WorstRow[];
  settings: Readonly<Record<string, unknown>>;
  environment: { name: string; value: string }[];
}

export interface ReportEpoch {
  epoch: number;
  loss: number;
  validationLoss: number | null;
  validationAccuracy: number | null;
}

/** What is measured for a report, of labelled rows. */
export interface MeasureRequest {
  model: Network;
  config: KnownConfig;
  preprocessing: AnyPreprocessing;
  examples: Examples;
  /** Of importance's permutations. */
  seed: number;
  /** The cells of rows, by their places in the table or among the images. */
  describeRows(places: readonly number[]): Promise<RowContents[]>;
}

type Measured = Pick<
  Report,
  "evaluated" | "scores" | "baseline" | "classMeasures" | "numberMeasures" | "importance" | "worst"
>;

/** Rows that a report shows of those that are predicted worst. */
export const WORST = 20;
const LEAST_SURE = 5;

/** Scores, measures, importance and worst rows of a network. */
export async function measureReport(request: MeasureRequest): Promise<Measured> {
  const { model, config, preprocessing, examples, seed } = request;
  const { outputs } = config.network;
  const said = await computeOutputs(model, examples, outputs);
  const evaluated = evaluatedRows(preprocessing, said, examples);
  const classes = evaluated.kind === "classes" ? evaluated.classes.length : 0;
  return {
    evaluated,
    scores: scoreOutputs(said, preprocessing, examples, LOSSES[config.loss].make()),
    baseline: scoreBaseline({ value: config.baseline }, examples, classes),
    classMeasures: evaluated.kind === "classes" ? measureClasses(evaluated) : null,
    numberMeasures: evaluated.kind === "number" ? measureNumbers(evaluated) : null,
    importance: await permutationImportance(model, preprocessing, examples, outputs, seed),
    worst: await worstRows(evaluated, examples, request.describeRows),
  };
}

/** The rows with the largest errors: of classes those that are wrong, or if none is, some of the least sure. */
async function worstRows(
  evaluated: EvaluatedRows,
  { rows }: Examples,
  describeRows: MeasureRequest["describeRows"],
): Promise<WorstRow[]> {
  const errors = rowErrors(evaluated);
  const wrong = Array.from(errors.keys()).filter(
    (row) => evaluated.kind === "number" || predictedClass(evaluated, row) !== evaluated.actual[row],
  );
  const shown = wrong.length > 0 ? wrong : Array.from(errors.keys());
  shown.sort((a, b) => errors[b] - errors[a]);
  const worst = shown.slice(0, wrong.length > 0 ? WORST : LEAST_SURE);
  const contents = await describeRows(worst.map((row) => rows[row]));
  return worst.map((row, index) => {
    const found = { ...contents[index], error: errors[row] };
    if (evaluated.kind === "number")
      return {
        ...found,
        actual: short(evaluated.actual[row]),
        predicted: short(evaluated.predicted[row]),
        probability: null,
      };
    const said = predictedClass(evaluated, row);
    const { classes, actual, probabilities } = evaluated;
    return { ...found, actual: classes[actual[row]], predicted: classes[said], probability: probabilities[row][said] };
  });
}

function predictedClass({ probabilities }: EvaluatedRows & { kind: "classes" }, row: number): number {
  return probabilities[row].indexOf(Math.max(...probabilities[row]));
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Rows of each class among examples. */
export function countClasses(parts: readonly Examples[], classes: readonly string[]): { name: string; rows: number }[] {
  const times = new Array<number>(classes.length).fill(0);
  for (const { target } of parts) if (target?.kind === "classes") for (const label of target.classes) times[label]++;
  return classes.map((name, index) => ({ name, rows: times[index] }));
}
