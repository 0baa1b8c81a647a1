import { RandomStream } from "@noron/core";
import { featureNames, type ImagePreprocessing } from "@noron/tabular";
import { type AnyPreprocessing, type Examples, featuresOf, type MemoryExamples } from "../data/examples.ts";
import type { Network } from "../model/network.ts";
import { computeOutputs } from "../model/outputs.ts";
import { type EvaluatedRows, evaluatedRows } from "./evaluated-rows.ts";

/** How much worse the score is where what a column says is given to other rows. */
export interface Importance {
  name: string;
  /** The mean over the repeats, and their standard deviation: a lower accuracy, or a larger RMSE, is above 0. */
  mean: number;
  deviation: number;
}

/** Keeps these permutations apart from the splits of the same seed. */
const STREAM = 0x72_65_70;
/** More rows than these say hardly more; images have many squares, and wide layers. */
const MOST_ROWS = 2000;
const MOST_IMAGES = 500;
const REPEATS = 5;
/** Features that can be permuted in a time that one waits for. */
const MOST_GROUPS = 200;
/** Images are permuted in so many squares a side. */
const SQUARES = 7;

/** What is permuted together: the features of a column, or a square of pixels. */
interface Group {
  name: string;
  features: number[];
}

/**
 * Permutation importance (Breiman 2001, for any model as in Fisher, Rudin and Dominici 2019): each column in turn takes the
 * values of other rows, five times, and the loss in accuracy, or the gain in RMSE, is what it was worth. Columns that say the
 * same stand in for each other, and each looks worth less. Sorted, the most important first.
 * @param seed makes the permutations: the same ones every time
 */
export async function permutationImportance(
  model: Network,
  preprocessing: AnyPreprocessing,
  examples: Examples,
  outputs: number,
  seed: number,
): Promise<Importance[]> {
  const groups = groupsOf(preprocessing).slice(0, MOST_GROUPS);
  const some = spreadRows(examples, preprocessing.input === "images" ? MOST_IMAGES : MOST_ROWS);
  const score = async (inputs: Float32Array) =>
    scoreOf(evaluatedRows(preprocessing, await computeOutputs(model, { ...some, inputs }, outputs), some));
  const whole = await score(some.inputs);
  const random = new RandomStream(seed, STREAM);
  const found: Importance[] = [];
  for (const { name, features } of groups) {
    const losses: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++)
      losses.push(whole - (await score(permuted(some, features, random.permutation(some.count)))));
    const mean = losses.reduce((sum, loss) => sum + loss / REPEATS, 0);
    // hypot: squares of a target's errors may be larger than any number.
    const deviation = Math.hypot(...losses.map((loss) => loss - mean)) / Math.sqrt(REPEATS - 1);
    found.push({ name, mean, deviation });
  }
  return found.sort((a, b) => b.mean - a.mean);
}

function groupsOf(preprocessing: AnyPreprocessing): Group[] {
  if (preprocessing.input === "images") return squaresOf(preprocessing);
  let next = 0;
  return preprocessing.columns.map((column) => {
    const width = featureNames({ ...preprocessing, columns: [column] }).length;
    const features = Array.from({ length: width }, (_, index) => next + index);
    next += width;
    return { name: column.name, features };
  });
}

/** "1, 2" is the square of the first row and the second column, in all colours. */
function squaresOf({ height, width, channels = 1 }: ImagePreprocessing): Group[] {
  const squares = Array.from({ length: SQUARES ** 2 }, (_, index): Group => {
    const name = `${Math.floor(index / SQUARES) + 1}, ${(index % SQUARES) + 1}`;
    return { name, features: [] };
  });
  for (let feature = 0; feature < channels * height * width; feature++) {
    const [x, y] = [feature % width, Math.floor(feature / width) % height];
    const square = Math.floor((y * SQUARES) / height) * SQUARES + Math.floor((x * SQUARES) / width);
    squares[square].features.push(feature);
  }
  return squares.filter(({ features }) => features.length > 0);
}

/** Accuracy, or the RMSE below zero: more is better. */
function scoreOf(rows: EvaluatedRows): number {
  const { actual } = rows;
  if (rows.kind === "classes") {
    let right = 0;
    rows.probabilities.forEach((shares, row) => {
      if (shares.indexOf(Math.max(...shares)) === actual[row]) right++;
    });
    return right / actual.length;
  }
  return -Math.hypot(...rows.predicted.map((value, row) => value - actual[row])) / Math.sqrt(actual.length);
}

/** At most so many rows, spread evenly over the examples. */
function spreadRows(examples: Examples, most: number): MemoryExamples {
  const { target, rows } = examples;
  const count = Math.min(most, examples.count);
  const chosen = Int32Array.from({ length: count }, (_, index) => Math.floor((index * examples.count) / count));
  const picked: MemoryExamples["target"] =
    target === null
      ? null
      : target.kind === "classes"
        ? { kind: "classes", classes: chosen.map((row) => target.classes[row]) }
        : {
            kind: "number",
            values: Float32Array.from(chosen, (row) => target.values[row]),
            original: Float64Array.from(chosen, (row) => target.original[row]),
          };
  return {
    ...examples,
    inputs: featuresOf(examples, chosen),
    count,
    rows: chosen.map((row) => rows[row]),
    target: picked,
  };
}

function permuted(
  { inputs, width, count }: MemoryExamples,
  features: readonly number[],
  order: ArrayLike<number>,
): Float32Array {
  const changed = inputs.slice();
  for (let row = 0; row < count; row++)
    for (const feature of features) changed[row * width + feature] = inputs[order[row] * width + feature];
  return changed;
}
