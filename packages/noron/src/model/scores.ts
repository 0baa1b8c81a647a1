import { type nn, type Tensor, tensor, train } from "@noron/core";
import { restoreTarget } from "@noron/tabular";
import type { AnyPreprocessing, Examples } from "../data/examples.ts";

/** Numbers that say how good predictions are, in the order in which they are shown. */
export interface Scores {
  [name: string]: number;
}

/** What does nothing with the inputs: always the class, or the number, that is most likely. */
export interface Baseline {
  /** Number of a class, or a number in the target's own unit. */
  value: number;
}

/** The most frequent class of the training rows, or their mean. */
export function findBaseline({ target }: Examples): Baseline {
  if (target?.kind === "classes") {
    const times = new Map<number, number>();
    for (const label of target.classes) times.set(label, (times.get(label) ?? 0) + 1);
    return { value: [...times].reduce((best, other) => (other[1] > best[1] ? other : best))[0] };
  }
  const values = target?.original ?? new Float64Array();
  return { value: values.reduce((sum, value) => sum + value / values.length, 0) };
}

/** How good a network's outputs are. Of numbers, in the target's own unit. */
export function scoreOutputs(
  outputs: Float32Array,
  preprocessing: AnyPreprocessing,
  { target }: Examples,
  loss: nn.Loss,
): Scores {
  const scorer = new Scorer(preprocessing, loss);
  scorer.update(outputs, target);
  return scorer.scores();
}

/** How good the baseline is on the same rows. */
export function scoreBaseline({ value }: Baseline, { target }: Examples, classes: number): Scores {
  const scorer = new BaselineScorer(value, classes);
  scorer.update(target);
  return scorer.scores();
}

/** Scores a network's outputs, at once or some rows at a time. Of numbers, in the target's own unit. */
export class Scorer {
  readonly #metrics = new Metrics();
  #rows = 0;
  #loss: number | undefined;
  readonly #actual = new Set<number>();
  readonly #answers = new Set<number>();

  constructor(
    private readonly preprocessing: AnyPreprocessing,
    private readonly loss: nn.Loss,
  ) {}

  update(outputs: Float32Array, target: Examples["target"]): void {
    if (target?.kind === "classes") {
      const rows = target.classes.length;
      this.#metrics.classes(outputs, target.classes);
      const width = outputs.length / rows;
      for (const [row, label] of target.classes.entries()) {
        this.#actual.add(label);
        this.#answers.add(largestAt(outputs, row * width, width));
      }
      const logits = tensor(outputs, { shape: [rows, width] });
      const loss = this.loss.forward(logits, tensor(target.classes)).itemSync();
      this.#rows += rows;
      this.#loss = this.#loss === undefined ? loss : this.#loss + ((loss - this.#loss) * rows) / this.#rows;
      return;
    }
    const { preprocessing } = this;
    if (target === null || preprocessing.input === "images" || preprocessing.target.kind === "classes")
      throw new Error("there is nothing to compare the outputs with");
    this.#metrics.numbers(restoreTarget(preprocessing.target, outputs), target.original);
  }

  scores(): Scores {
    const scores = this.#metrics.compute();
    return this.#loss === undefined ? scores : { ...scores, loss: this.#loss };
  }

  /** The class that every row is taken for, although they are of several; null where answers differ. */
  onlyAnswer(): number | null {
    return this.#answers.size === 1 && this.#actual.size > 1 ? [...this.#answers][0] : null;
  }
}

/** Where the largest of a row's outputs is, the first of equal ones. */
function largestAt(outputs: Float32Array, from: number, width: number): number {
  let largest = 0;
  for (let at = 1; at < width; at++) if (outputs[from + at] > outputs[from + largest]) largest = at;
  return largest;
}

/** Scores what always says the same, at once or some rows at a time. */
export class BaselineScorer {
  readonly #metrics = new Metrics();

  /** @param value a class's number, or a number in the target's own unit */
  constructor(
    private readonly value: number,
    private readonly classes: number,
  ) {}

  update(target: Examples["target"]): void {
    const { value, classes } = this;
    if (target === null) throw new Error("there is nothing to compare the baseline with");
    if (target.kind === "number") {
      this.#metrics.numbers(new Float64Array(target.original.length).fill(value), target.original);
      return;
    }
    const rows = target.classes.length;
    const outputs = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row++) outputs[row * classes + value] = 1;
    this.#metrics.classes(outputs, target.classes);
  }

  scores(): Scores {
    return this.#metrics.compute();
  }
}

/** The metrics of a task, the task being what they are first told of. */
class Metrics {
  #metrics: train.Metric<number>[] = [];

  classes(outputs: Float32Array, classes: Int32Array): void {
    if (this.#metrics.length === 0) this.#begin([train.accuracy(), train.f1({ average: "macro" })]);
    this.#update(tensor(outputs, { shape: [classes.length, outputs.length / classes.length] }), tensor(classes));
  }

  numbers(predicted: Float64Array, actual: Float64Array): void {
    if (this.#metrics.length === 0) this.#begin([train.rmse(), train.mae(), train.r2()]);
    this.#update(tensor(predicted), tensor(actual));
  }

  compute(): Scores {
    return Object.fromEntries(this.#metrics.map((metric) => [metric.name, metric.compute()]));
  }

  #begin(metrics: train.Metric<number>[]): void {
    this.#metrics = metrics;
    for (const metric of metrics) metric.reset();
  }

  #update(prediction: Tensor, target: Tensor): void {
    for (const metric of this.#metrics) metric.update(prediction, target);
  }
}
