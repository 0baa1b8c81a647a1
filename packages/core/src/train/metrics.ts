import { valueOf } from "../graph/evaluate.ts";
import { BCEWithLogitsLoss } from "../nn/binary-loss.ts";
import { ShapeError } from "../tensor/errors.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * A number (or a table) that says how good predictions are, over all batches of a pass. Metrics read values that a step
 * has computed anyway, so that they cost no kernels, and add them up in float64.
 */
export interface Metric<Value = unknown> {
  /** Its key in logs and results. */
  readonly name: string;
  /** Which values are better. */
  readonly mode: "min" | "max";
  /** Tells it which loss the predictions are made for. */
  attach?(loss: unknown): void;
  /** Forgets all batches. */
  reset(): void;
  /** Takes a batch, whose values are known or are computed now. */
  update(prediction: Tensor, target: Tensor): void;
  /** The metric over the batches since reset(). */
  compute(): Value;
  /** What it has added up, for a checkpoint in the middle of an epoch: records, lists, numbers and tensors. */
  stateDict?(): unknown;
  /** Takes up what it had added up. @throws Error for what is none of its states */
  loadStateDict?(state: unknown): void;
}

export interface ClassMetricOptions {
  /**
   * For a single output: the value above which it says yes. By default 0 for logits (with BCEWithLogitsLoss) and else 0.5.
   */
  threshold?: number;
}

/** Calls `visit` with the predicted and the true class of each place. */
type Labels = (prediction: Tensor, target: Tensor, visit: (predicted: number, actual: number) => void) => number;

/** Reads classes: the largest of several outputs, or a threshold on one; targets as indices or as distributions. */
function labelReader(options: ClassMetricOptions): { attach(loss: unknown): void; read: Labels } {
  let threshold = options.threshold ?? 0.5;
  return {
    attach(loss) {
      if (options.threshold === undefined) threshold = loss instanceof BCEWithLogitsLoss ? 0 : 0.5;
    },
    read(prediction, target, visit) {
      const scores = valueOf(prediction);
      const truth = valueOf(target);
      const shape = prediction.shape;
      const classes = shape.length > 1 ? shape[1] : 1;
      const inner = sizeOf(shape.slice(2));
      const places = scores.length / Math.max(1, classes);
      if (classes <= 1) {
        if (truth.length !== scores.length) throw mismatch(prediction, target);
        for (let place = 0; place < scores.length; place++)
          visit(scores[place] > threshold ? 1 : 0, truth[place] > 0.5 ? 1 : 0);
        return 2;
      }
      const distributed = sameShape(shape, target.shape);
      if (!distributed && truth.length !== places) throw mismatch(prediction, target);
      for (let place = 0; place < places; place++) {
        const start = Math.floor(place / inner) * classes * inner + (place % inner);
        const actual = distributed ? largest(truth, start, inner, classes) : truth[place];
        visit(largest(scores, start, inner, classes), actual);
      }
      return classes;
    },
  };
}

function largest(values: ArrayLike<number>, start: number, stride: number, count: number): number {
  let best = 0;
  for (let index = 1; index < count; index++)
    if (values[start + index * stride] > values[start + best * stride]) best = index;
  return best;
}

function mismatch(prediction: Tensor, target: Tensor): ShapeError {
  return new ShapeError(
    `a metric got predictions of shape ${formatShape(prediction.shape)} and targets of shape ${formatShape(target.shape)}, ` +
      "which do not belong together",
  );
}

/** The share of places whose class is right. Places with a negative class (ignored ones) do not count. */
export function accuracy(options: ClassMetricOptions = {}): Metric<number> {
  const labels = labelReader(options);
  let right = 0;
  let all = 0;
  return {
    name: "accuracy",
    mode: "max",
    attach: labels.attach,
    reset() {
      right = 0;
      all = 0;
    },
    update(prediction, target) {
      labels.read(prediction, target, (predicted, actual) => {
        if (actual < 0) return;
        all++;
        if (predicted === actual) right++;
      });
    },
    compute: () => right / all,
    stateDict: () => ({ right, all }),
    loadStateDict(state) {
      [right, all] = readNumbers("accuracy", state, ["right", "all"]);
    },
  };
}

/** How often class i (row) was taken for class j (column). */
export function confusionMatrix(options: ClassMetricOptions = {}): Metric<number[][]> {
  const labels = labelReader(options);
  let counts: number[][] = [];
  const grow = (classes: number): void => {
    for (const row of counts) while (row.length < classes) row.push(0);
    while (counts.length < classes) counts.push(new Array<number>(classes).fill(0));
  };
  return {
    name: "confusionMatrix",
    mode: "max",
    attach: labels.attach,
    reset() {
      counts = [];
    },
    update(prediction, target) {
      const seen: [number, number][] = [];
      const classes = labels.read(prediction, target, (predicted, actual) => seen.push([predicted, actual]));
      grow(Math.max(classes, 0));
      for (const [predicted, actual] of seen) {
        if (actual < 0) continue;
        grow(Math.max(counts.length, actual + 1));
        counts[actual][predicted]++;
      }
    },
    compute: () => counts.map((row) => [...row]),
    stateDict: () => ({ counts: counts.map((row) => [...row]) }),
    loadStateDict(state) {
      const rows = (state as { counts?: unknown } | null)?.counts;
      const isRow = (row: unknown): row is number[] =>
        Array.isArray(row) && row.length === (rows as unknown[]).length && row.every(Number.isSafeInteger);
      if (!Array.isArray(rows) || !rows.every(isRow)) throw new Error("this is no state of a confusion matrix");
      counts = rows.map((row) => [...row]);
    },
  };
}

export interface F1Options extends ClassMetricOptions {
  /**
   * "binary": of class 1 alone; "macro": the mean over the classes that occur among targets or predictions; "micro": from the counts of all classes; "weighted": the
   * mean weighted by how often classes occur. By default "binary" for two classes and else "macro".
   */
  average?: "binary" | "macro" | "micro" | "weighted";
}

/**
 * F1 = 2 TP/(2 TP + FP + FN): the harmonic mean of precision and recall. A class that occurs neither among targets nor among
 * predictions has none, and is left out of the mean, as scikit-learn's f1_score does.
 */
export function f1(options: F1Options = {}): Metric<number> {
  const matrix = confusionMatrix(options);
  return {
    ...matrix,
    name: "f1",
    compute() {
      const counts = matrix.compute();
      const average = options.average ?? (counts.length === 2 ? "binary" : "macro");
      const perClass = counts.map((row, index) => {
        const right = row[index];
        const actual = row.reduce((sum, count) => sum + count, 0);
        const predicted = counts.reduce((sum, other) => sum + other[index], 0);
        return { right, actual, predicted };
      });
      const score = ({ right, actual, predicted }: (typeof perClass)[number]): number =>
        actual + predicted === 0 ? 0 : (2 * right) / (actual + predicted);
      if (average === "binary") {
        if (counts.length > 2)
          throw new RangeError(`F1 of ${counts.length} classes needs another average than "binary"`);
        return perClass.length < 2 ? 0 : score(perClass[1]);
      }
      const total = perClass.reduce((sum, { actual }) => sum + actual, 0);
      if (average === "micro") return perClass.reduce((sum, { right }) => sum + right, 0) / total;
      const sum = perClass.reduce((all, one) => all + score(one) * (average === "weighted" ? one.actual : 1), 0);
      const occurring = perClass.filter(({ actual, predicted }) => actual + predicted > 0).length;
      return sum / (average === "weighted" ? total : occurring);
    },
  };
}

/** The named numbers of a metric's state. @throws Error where they are not there */
function readNumbers(metric: string, state: unknown, names: readonly string[]): number[] {
  return names.map((name) => {
    const value = (state as Record<string, unknown> | null)?.[name];
    if (typeof value !== "number") throw new Error(`this is no state of ${metric}: ${name} is no number`);
    return value;
  });
}

/** Metrics of numbers: `add` takes prediction and target of each place into the sums, `finish` makes the result. */
function ofNumbers<Sum extends string>(
  name: string,
  mode: "min" | "max",
  empty: Readonly<Record<Sum, number>>,
  add: (sums: Record<Sum, number>, predicted: number, actual: number) => void,
  finish: (sums: Record<Sum, number>) => number,
): Metric<number> {
  let sums: Record<Sum, number> = { ...empty };
  return {
    name,
    mode,
    reset() {
      sums = { ...empty };
    },
    update(prediction, target) {
      const predicted = valueOf(prediction);
      const actual = valueOf(target);
      if (predicted.length !== actual.length) throw mismatch(prediction, target);
      for (let place = 0; place < predicted.length; place++) add(sums, predicted[place], actual[place]);
    },
    compute: () => finish(sums),
    stateDict: () => ({ ...sums }),
    loadStateDict(state) {
      const names = Object.keys(empty);
      const values = readNumbers(name, state, names);
      sums = Object.fromEntries(names.map((key, index) => [key, values[index]])) as Record<Sum, number>;
    },
  };
}

/** The mean absolute error, (1/n) Σ |yᵢ − ŷᵢ|. */
export function mae(): Metric<number> {
  return ofNumbers(
    "mae",
    "min",
    { sum: 0, count: 0 },
    (sums, predicted, actual) => {
      sums.sum += Math.abs(actual - predicted);
      sums.count++;
    },
    ({ sum, count }) => sum / count,
  );
}

/** What sums of squares begin with; larger numbers take a unit near their size. */
const SMALLEST_UNIT = 2 ** -1000;
/** Squares of numbers this many units large can still be added up. */
const MOST_UNITS = 2 ** 400;

/**
 * The unit to square a number in, a power of two, so that sums of squares neither overflow nor vanish, and are rounded as
 * without it: the one there is, or a larger one.
 */
function unitOf(unit: number, size: number): number {
  return size / unit > MOST_UNITS && Number.isFinite(size) ? 2 ** Math.floor(Math.log2(size)) : unit;
}

/** The root of the mean squared error, √((1/n) Σ (yᵢ − ŷᵢ)²). */
export function rmse(): Metric<number> {
  return ofNumbers(
    "rmse",
    "min",
    { unit: SMALLEST_UNIT, sum: 0, count: 0 },
    (sums, predicted, actual) => {
      const error = actual - predicted;
      const unit = unitOf(sums.unit, Math.abs(error));
      const change = sums.unit / unit;
      sums.sum = sums.sum * change * change + (error / unit) ** 2;
      sums.unit = unit;
      sums.count++;
    },
    ({ unit, sum, count }) => unit * Math.sqrt(sum / count),
  );
}

/**
 * R² = 1 − Σ (yᵢ − ŷᵢ)²/Σ (yᵢ − ȳ)²: the share of the variance that is explained; 0 is as good as the mean. NaN for targets that
 * are all equal.
 */
export function r2(): Metric<number> {
  return ofNumbers(
    "r2",
    "max",
    { unit: SMALLEST_UNIT, residual: 0, mean: 0, spread: 0, count: 0 },
    (sums, predicted, actual) => {
      // Welford's recurrence: no difference of large sums.
      sums.count++;
      const before = actual - sums.mean;
      sums.mean += before / sums.count;
      const error = actual - predicted;
      const unit = unitOf(sums.unit, Math.max(Math.abs(error), Math.abs(before)));
      const change = sums.unit / unit;
      sums.residual = sums.residual * change * change + (error / unit) ** 2;
      sums.spread = sums.spread * change * change + (before / unit) * ((actual - sums.mean) / unit);
      sums.unit = unit;
    },
    ({ residual, spread }) => (spread === 0 ? Number.NaN : 1 - residual / spread),
  );
}
