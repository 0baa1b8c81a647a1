import type { CallValues, Explanation } from "../../formula/explanation.ts";
import {
  add,
  call,
  divide,
  type Expression,
  multiply,
  subtract,
  sum,
  type Value,
  value,
} from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { around, lineThrough, placeAt, termsAt } from "../../formula/places.ts";
import { type Shape, sameShape } from "../../tensor/shape.ts";
import { divisor, divisorOf, reductionFormulas, reductionLines, single } from "./reduction.ts";
import { stable, stableFormulas, stableLines } from "./softmax.ts";

/** Negative log likelihood and cross entropy: of class indices or distributions, of logits, log probabilities or probabilities. */

const picked = value("input", "x_y", "x_y");
const probability = value("input", "\\hat y_y", "ŷ_y");
const x = value("input", "x_j", "xⱼ");
const probabilityJ = value("input", "\\hat y_j", "ŷⱼ");
const largest = value("largest", "m");
const total = value("total", "S");
const logarithm = value("logarithm", "\\ln \\hat y_y", "ln ŷ_y");
const logarithmJ = value("logarithm", "\\ln \\hat y_j", "ln ŷⱼ");
const share = value("share", "w_y");
const target = value("target", "y_j", "yⱼ");
const sharp = value("sharp", "a");
const even = value("even", "e");
const smoothing = value("smoothing", "\\varepsilon", "ε");
const classes = value("classes", "C");
const classWeight = value("classWeight", "w_j", "wⱼ");
const gradient = value("gradient", "\\frac{\\partial L}{\\partial x_j}", "∂L/∂xⱼ");
const probabilityGradient = value("gradient", "\\frac{\\partial L}{\\partial \\hat y_j}", "∂L/∂ŷⱼ");
const gradLogarithm = value("gradLogarithm", "\\frac{\\partial L}{\\partial \\ln \\hat y_j}", "∂L/∂ln ŷⱼ");

const softmax = divide(call("exp", subtract(x, largest)), total);
const smoothed = add(multiply(subtract(1, smoothing), target), divide(smoothing, classes));

const FORMULAS = {
  logSoftmax: formula("CrossEntropyLoss.logarithm", logarithm, subtract(picked, largest, call("ln", total))),
  logProbability: formula("NLLLoss.logarithm", logarithm, picked),
  smoothed: formula(
    "ClassLoss.smoothed",
    single,
    add(multiply(subtract(1, smoothing), sharp), multiply(divide(smoothing, classes), even)),
  ),
  distributed: formula(
    "CrossEntropyLoss.distributed",
    single,
    call("negative", sum("products", "j", multiply(target, logarithmJ))),
  ),
  logitBackward: formula("CrossEntropyLoss.backward", gradient, divide(subtract(softmax, target), divisor)),
  generalBackward: formula(
    "CrossEntropyLoss.generalBackward",
    gradient,
    subtract(gradLogarithm, multiply(softmax, sum("gradients", "j", gradLogarithm))),
  ),
};

/** The loss of a place by its logarithm, with and without the weight of its class and smoothing. */
function lossOf(id: string, logarithm: Expression) {
  return {
    plain: formula(`${id}.plain`, single, call("negative", logarithm)),
    weighted: formula(`${id}.weighted`, single, call("negative", multiply(share, logarithm))),
    sharp: formula(`${id}.sharp`, sharp, call("negative", logarithm)),
    weightedSharp: formula(`${id}.weightedSharp`, sharp, call("negative", multiply(share, logarithm))),
  };
}

const OF_LOGARITHM = lossOf("ClassLoss", logarithm);
const OF_PROBABILITY = lossOf("ProbabilityLoss", call("ln", probability));

/** −target/below, and with the weight of the class. */
function backwardOf(id: string, result: Value, above: Expression, below: Expression) {
  return {
    plain: formula(id, result, call("negative", divide(above, below))),
    weighted: formula(`${id}Weighted`, result, call("negative", divide(multiply(classWeight, above), below))),
  };
}

const ofProbability = multiply(probabilityJ, divisor);
const BACKWARD = {
  probability: backwardOf("CrossEntropyLoss.probabilityBackward", probabilityGradient, target, ofProbability),
  smoothedProbability: backwardOf(
    "CrossEntropyLoss.smoothedProbabilityBackward",
    probabilityGradient,
    smoothed,
    ofProbability,
  ),
  logProbability: backwardOf("NLLLoss.backward", gradient, target, divisor),
};

/** Where a place of the input stands: its line of classes, and the place of its target. */
interface Position {
  readonly shape: Shape;
  readonly dim: number;
  readonly along: number;
  /** The flat place in targets and losses of class indices. */
  readonly outer: number;
}

function positionOf({ inputs: [input] }: CallValues, place: number): Position {
  const { shape } = input.value;
  const dim = shape.length > 1 ? 1 : 0;
  const { outer, along, inner } = around(shape, dim, place);
  const reduced = shape.map((extent, each) => (each === dim ? 1 : extent));
  return { shape, dim, along, outer: placeAt(reduced, dim, { outer, along: 0, inner }) };
}

function isDistribution({ inputs: [input, target], noted }: CallValues): boolean {
  return noted.target !== undefined && sameShape(input.value.shape, target.value.shape);
}

type Input = "logits" | "probabilities" | "logProbabilities";

const inputOf = ({ settings }: CallValues): Input => (settings.input as Input | undefined) ?? "logProbabilities";

function forward(values: CallValues, place: number): Line[] {
  const { shape, dim, outer } = positionOf(values, place);
  const { noted, settings } = values;
  const input = inputOf(values);
  const stableForm = input === "logits" ? stableLines(values, shape, dim, place) : [];
  const single = noted.losses.value.values[outer];
  if (isDistribution(values)) {
    const products = lineThrough(shape, dim, place).map((each) => [
      noted.target.value.values[each],
      noted.logProbabilities.value.values[each],
    ]);
    return [...stableForm, line(FORMULAS.distributed, { single }, { products }), ...reductionLines(values)];
  }
  const label = values.inputs[1].value.values[outer];
  if (label === settings.ignoreIndex) return reductionLines(values);
  const numbers: Record<string, number> = {
    ...(input === "logits" ? stable(values, shape, dim, place) : {}),
    input: values.inputs[0].value.values[placeAt(shape, dim, { ...around(shape, dim, place), along: label })],
    logarithm: noted.logarithm.value.values[outer],
    single,
    smoothing: (settings.labelSmoothing as number | undefined) ?? 0,
    classes: shape[dim],
  };
  if (noted.shares !== undefined) numbers.share = noted.shares.value.values[outer];
  const weighted = noted.shares !== undefined;
  const lines = [...stableForm];
  if (input === "logits") lines.push(line(FORMULAS.logSoftmax, numbers));
  if (input === "logProbabilities") lines.push(line(FORMULAS.logProbability, numbers));
  const losses = input === "probabilities" ? OF_PROBABILITY : OF_LOGARITHM;
  if (noted.even === undefined) lines.push(line(weighted ? losses.weighted : losses.plain, numbers));
  else {
    numbers.sharp = noted.sharp.value.values[outer];
    numbers.even = noted.even.value.values[outer];
    lines.push(line(weighted ? losses.weightedSharp : losses.sharp, numbers), line(FORMULAS.smoothed, numbers));
  }
  return [...lines, ...reductionLines(values)];
}

function backward(values: CallValues, place: number): Line[] {
  const arrived = values.inputs[0].gradient;
  if (arrived === null) return [];
  const { shape, dim, along, outer } = positionOf(values, place);
  const { noted, settings } = values;
  const input = inputOf(values);
  const distribution = isDistribution(values);
  const label = distribution ? Number.NaN : values.inputs[1].value.values[outer];
  if (label === settings.ignoreIndex) return [];
  const weights = noted.classWeights?.value.values;
  const numbers: Record<string, number> = {
    gradient: arrived.values[place],
    input: values.inputs[0].value.values[place],
    target: distribution ? noted.target.value.values[place] : label === along ? 1 : 0,
    classWeight: weights?.[place] ?? 1,
    divisor: distribution && settings.reduction === "mean" ? noted.losses.value.values.length : divisorOf(values),
    smoothing: (settings.labelSmoothing as number | undefined) ?? 0,
    classes: shape[dim],
  };
  if (input !== "logits") {
    const which = input === "logProbabilities" ? "logProbability" : noted.even ? "smoothedProbability" : "probability";
    // A distribution's target was multiplied with the weights already.
    return [line(BACKWARD[which][distribution || weights === undefined ? "plain" : "weighted"], numbers)];
  }
  Object.assign(numbers, stable(values, shape, dim, place));
  if (!distribution && weights === undefined && noted.even === undefined)
    return [line(FORMULAS.logitBackward, numbers)];
  const gradients = noted.logProbabilities.gradient;
  if (gradients === null) return [];
  numbers.gradLogarithm = gradients.values[place];
  const terms = { gradients: termsAt(gradients, lineThrough(shape, dim, place)) };
  return [line(FORMULAS.generalBackward, numbers, terms)];
}

export const negativeLogLikelihood: Explanation = {
  formulas: [
    FORMULAS.logProbability,
    OF_LOGARITHM.plain,
    OF_LOGARITHM.weighted,
    ...Object.values(BACKWARD.logProbability),
    ...reductionFormulas,
  ],
  forward,
  backward,
};

export const crossEntropy: Explanation = {
  formulas: [
    ...stableFormulas,
    ...Object.values(FORMULAS),
    ...Object.values(OF_LOGARITHM),
    ...Object.values(OF_PROBABILITY),
    ...Object.values(BACKWARD).flatMap((each) => Object.values(each)),
    ...reductionFormulas,
  ],
  forward,
  backward,
};
