import { context } from "../graph/context.ts";
import { iotaNode, resolve } from "../graph/node.ts";
import { divide, fixed, mul, multiply, negative, plus, shifted, times } from "../ops/arithmetic.ts";
import { castTo, expandTo, inLayer, reshapeTo, shapeError, sumDims } from "../ops/broadcast.ts";
import { choose, eq, ge, logicalAnd, logicalNot, logicalOr, lt, ne } from "../ops/comparison.ts";
import { note } from "../ops/note.ts";
import { sum } from "../ops/reduction.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { floor, log } from "../ops/unary.ts";
import { isFloat, type TypedArray } from "../tensor/dtype.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { className } from "./call.ts";
import { Loss, type LossOptions } from "./loss.ts";

export interface NLLLossOptions extends LossOptions {
  /** A weight for each class. */
  weight?: Tensor;
  /** The class index that says that a place does not count. */
  ignoreIndex?: number;
}

export interface CrossEntropyLossOptions extends NLLLossOptions {
  /** What the input is: what comes before a softmax, or the probabilities after it. */
  input?: "logits" | "probabilities";
  /** The share of each target that is spread evenly over all classes. */
  labelSmoothing?: number;
}

/** Where the classes lie: dimension 1 of a batch, or the only dimension of one example. */
const classDim = (shape: Shape): number => (shape.length > 1 ? 1 : 0);

/** What the losses of classes share: a target as class indices, picked by comparison, so that all fuses into one kernel. */
abstract class ClassLoss extends Loss {
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;

  constructor(options: NLLLossOptions) {
    super(options);
    this.weight = options.weight ?? null;
    this.ignoreIndex = options.ignoreIndex ?? -100;
  }

  protected requireClasses(input: Tensor): number {
    const { shape } = input;
    if (shape.length === 0) throw shapeError(`${className(this)} needs a dimension of classes, not shape []`);
    const classes = shape[classDim(shape)];
    if (this.weight !== null && !sameShape(this.weight.shape, [classes])) {
      throw shapeError(
        `${className(this)} needs one weight for each of the ${classes} classes, not weights of shape ${formatShape(this.weight.shape)}`,
      );
    }
    return classes;
  }

  /** The weights along the classes of an input. */
  protected classWeights(input: Tensor): Tensor | null {
    if (this.weight === null) return null;
    const line = input.shape.map((extent, dim) => (dim === classDim(input.shape) ? extent : 1));
    return note("classWeights", expandTo(reshapeTo(castTo(this.weight, input.dtype), line), input.shape));
  }

  /**
   * The loss for class indices. `of` gives the logarithms of probabilities that were picked out of the input; `spread`, if
   * there is smoothing, those of all classes.
   */
  protected indexed(
    input: Tensor,
    target: Tensor,
    of: (picked: Tensor) => Tensor,
    smoothing = 0,
    all: Tensor | null = null,
  ): Tensor {
    const classes = this.requireClasses(input);
    const dim = classDim(input.shape);
    const outer = input.shape.map((extent, place) => (place === dim ? 1 : extent));
    const { ignores, known } = this.checkTarget(input, target, classes);
    const labels = reshapeTo(castTo(target, "int32"), outer);
    const line = input.shape.map((extent, place) => (place === dim ? extent : 1));
    const isClass = eq(expandTo(labels, input.shape), expandTo(reshapeTo(iotaNode(classes), line), input.shape));
    const none = fixed(0, input);
    const pick = (values: Tensor): Tensor => sumDims(choose(isClass, values, none), [dim]);

    const weights = this.classWeights(input);
    let picked = pick(input);
    const counts = ignores ? ne(labels, this.ignoreIndex) : null;
    // An ignored place picks nothing: its logarithm is taken of 1.
    if (counts !== null) picked = choose(counts, picked, fixed(1, picked));
    const logarithm = note("logarithm", of(picked));
    let losses = negative(logarithm);
    if (counts !== null) losses = choose(counts, losses, fixed(0, losses));
    // What cannot be checked now must not pass for a perfect prediction.
    if (!known) losses = choose(isClassOf(target, counts!, classes, outer), losses, fixed(Number.NaN, losses));
    const shares = weights === null ? null : pick(weights);
    if (shares !== null) losses = multiply(losses, note("shares", shares));
    if (smoothing > 0) {
      let even = negative(sumDims(weights === null ? all! : multiply(all!, weights), [dim]));
      if (counts !== null) even = choose(counts, even, fixed(0, even));
      losses = plus(times(note("sharp", losses), 1 - smoothing), times(note("even", even), smoothing / classes));
    }
    note("losses", losses);
    if (this.reduction === "none") return reshapeTo(losses, target.shape);
    const total = sum(losses);
    if (this.reduction === "sum") return total;
    if (shares === null && counts === null) return divide(total, fixed(sizeOf(target.shape), total));
    const share = shares ?? fixed(1, losses);
    return divide(total, note("divisor", sum(counts === null ? share : choose(counts, share, fixed(0, share)))));
  }

  /**
   * Whether the target is known now, and whether places may have to be ignored.
   * @throws RangeError for a class outside or between two, where the target is known.
   */
  private checkTarget(input: Tensor, target: Tensor, classes: number): { ignores: boolean; known: boolean } {
    const dim = classDim(input.shape);
    const expected = input.shape.filter((_, place) => place !== dim);
    if (!sameShape(target.shape, expected)) {
      throw shapeError(
        `${className(this)} needs, for an input of shape ${formatShape(input.shape)}, class indices of shape ` +
          `${formatShape(expected)}${isFloat(target.dtype) ? "" : " (int32)"}, but the target has shape ${formatShape(target.shape)}`,
      );
    }
    const known = resolve(target);
    if (known.value === null) return { ignores: true, known: false };
    const ignores = this.checkLabels(known.value, classes);
    // A compiled step's labels are new at each run.
    context.capture?.guard(() => this.checkLabels(known.value!, classes) === ignores);
    return { ignores, known: true };
  }

  /** Whether any label is to be ignored. @throws RangeError for a class outside or between two. */
  private checkLabels(value: TypedArray, classes: number): boolean {
    let ignores = false;
    for (let place = 0; place < value.length; place++) {
      const label = value[place];
      if (label === this.ignoreIndex) ignores = true;
      else if (label > -1 && label < classes && !Number.isInteger(label)) {
        throw new RangeError(
          `${inLayer()}the target at place ${place} is ${label}, but a class index is a whole number; a distribution over ` +
            "the classes has the input's shape",
        );
      } else if (!(label >= 0 && label < classes)) {
        throw new RangeError(
          `${inLayer()}the target at place ${place} is class ${label}, but the input has ${classes} classes, 0 to ` +
            `${classes - 1}${label === classes ? "; are the classes counted from 1?" : ""}`,
        );
      }
    }
    return ignores;
  }
}

/** Where a target that is computed later names a class, or is to be ignored. */
function isClassOf(target: Tensor, counts: Tensor, classes: number, outer: Shape): Tensor {
  const labels = reshapeTo(target, outer);
  let valid = logicalAnd(ge(labels, 0), lt(labels, classes));
  if (isFloat(target.dtype)) valid = logicalAnd(valid, eq(labels, floor(labels)));
  return logicalOr(valid, logicalNot(counts));
}

/**
 * The negative log likelihood: −w_y x_y for log probabilities x [rows, classes, …] and class indices y [rows, …] (int32).
 * The mean divides by the sum of the weights w_y; places whose index is `ignoreIndex` do not count.
 * @throws ShapeError unless the shapes fit; RangeError for a class outside.
 */
export class NLLLoss extends ClassLoss {
  constructor(options: NLLLossOptions = {}) {
    super(options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return this.indexed(input, target, (picked) => picked);
  }
}

/**
 * Cross entropy of logits x [rows, classes, …]: −w_y ln softmax(x)_y for class indices y [rows, …] (int32), or
 * −Σ_c w_c y_c ln softmax(x)_c for a distribution y of the input's shape. Label smoothing ε takes (1 − ε) y + ε/C for the
 * target y (Szegedy et al., 2016). The mean divides by the sum of the weights w_y, or for distributions by the number of places.
 *
 * With `{ input: "probabilities" }` the input is what a softmax gave, and no other is applied. The lecture's categorical
 * cross entropy, CCE = −Σᵢ Σ_c y_ic ln ŷ_ic, is `{ input: "probabilities", reduction: "sum" }`.
 * @throws ShapeError unless the shapes fit; RangeError for a class outside.
 */
export class CrossEntropyLoss extends ClassLoss {
  readonly input: "logits" | "probabilities";
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyLossOptions = {}) {
    super(options);
    this.input = options.input ?? "logits";
    if (this.input !== "logits" && this.input !== "probabilities")
      throw new RangeError(`CrossEntropyLoss takes "logits" or "probabilities" as its input, not "${this.input}"`);
    this.labelSmoothing = options.labelSmoothing ?? 0;
    if (!(this.labelSmoothing >= 0 && this.labelSmoothing <= 1))
      throw new RangeError(`labelSmoothing is between 0 and 1, not ${this.labelSmoothing}`);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const logits = this.input === "logits";
    if (logits) pointOutSoftmax(input);
    const dim = classDim(input.shape);
    if (sameShape(input.shape, target.shape) && isFloat(target.dtype)) return this.distributed(input, target);
    this.requireClasses(input);
    const smoothing = this.labelSmoothing;
    if (logits) {
      const logs = note("logProbabilities", logSoftmax(input, dim));
      return this.indexed(logs, target, (picked) => picked, smoothing, logs);
    }
    return this.indexed(input, target, log, smoothing, smoothing > 0 ? log(input) : null);
  }

  private distributed(input: Tensor, target: Tensor): Tensor {
    const classes = this.requireClasses(input);
    const dim = classDim(input.shape);
    let share = castTo(target, input.dtype);
    if (this.labelSmoothing > 0) share = shifted(times(share, 1 - this.labelSmoothing), this.labelSmoothing / classes);
    let logs: Tensor;
    if (this.input === "logits") logs = logSoftmax(input, dim);
    // 0 ln 0 = 0: where the target has no share, the logarithm is taken of 1.
    else logs = log(choose(eq(share, fixed(0, share)), fixed(1, input), input));
    const weights = this.classWeights(input);
    if (weights !== null) share = multiply(share, weights);
    note("logProbabilities", logs);
    const losses = note("losses", negative(sumDims(multiply(note("target", share), logs), [dim])));
    const places = input.shape.filter((_, place) => place !== dim);
    if (this.reduction === "none") return reshapeTo(losses, places);
    const total = sum(losses);
    return this.reduction === "sum" ? total : mul(total, 1 / sizeOf(places));
  }
}

let pointedOut = false;

/** Says, once, that a softmax stands in front of the loss that applies one itself. */
function pointOutSoftmax(input: Tensor): void {
  if (pointedOut || !isSoftmax(input)) return;
  pointedOut = true;
  console.warn(
    "noron: CrossEntropyLoss takes logits and applies softmax itself, but its input comes from a Softmax. Applied twice, " +
      "it flattens the probabilities and training is slow. Leave the Softmax out of the model, or use " +
      'new nn.CrossEntropyLoss({ input: "probabilities" }).',
  );
}

/** Whether a node is a softmax's last: powers divided by their own sum. */
function isSoftmax(node: Tensor): boolean {
  if (node.op.name !== "div" || node.inputs.length < 2) return false;
  const [powers, spread] = node.inputs;
  if (powers.op.name !== "exp") return false;
  const total = spread.op.kind === "expand" ? spread.inputs[0] : spread;
  return total?.op.kind === "reduce" && total.inputs[0] === powers;
}
