import type { CallValues, Explanation } from "../../formula/explanation.ts";
import { add, call, divide, multiply, subtract, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { broadcastPlace } from "../../formula/places.ts";
import { divisor, divisorOf, reductionFormulas, reductionLines, single } from "./reduction.ts";

const prediction = value("prediction", "\\hat y_i", "ŷᵢ");
const logit = value("prediction", "x_i", "xᵢ");
const target = value("target", "y_i", "yᵢ");
const logarithm = value("logarithm", "a_i", "aᵢ");
const otherLogarithm = value("otherLogarithm", "b_i", "bᵢ");
const outside = value("outside", "s_i", "sᵢ");
const unweighted = value("unweighted", "u_i", "uᵢ");
const weight = value("weight", "w_i", "wᵢ");
const posWeight = value("posWeight", "p");
const gradient = value("gradient", "\\frac{\\partial L}{\\partial \\hat y_i}", "∂L/∂ŷᵢ");
const logitGradient = value("gradient", "\\frac{\\partial L}{\\partial x_i}", "∂L/∂xᵢ");

const rest = subtract(1, target);
const weighted = formula("BCE.weighted", single, multiply(weight, unweighted));

const PROBABILITIES = {
  // Held above −100: ln 0 gives no infinity.
  logarithm: formula("BCELoss.logarithm", logarithm, call("max", call("ln", prediction), -100)),
  otherLogarithm: formula(
    "BCELoss.otherLogarithm",
    otherLogarithm,
    call("max", call("ln", subtract(1, prediction)), -100),
  ),
  of: (result: typeof single, id: string) =>
    formula(id, result, call("negative", add(multiply(target, logarithm), multiply(rest, otherLogarithm)))),
  slope: divide(
    subtract(prediction, target),
    multiply(call("max", multiply(prediction, subtract(1, prediction)), 1e-12), divisor),
  ),
};
const probabilityForward = PROBABILITIES.of(single, "BCELoss.forward");
const probabilityUnweighted = PROBABILITIES.of(unweighted, "BCELoss.unweighted");
const probabilityBackward = formula("BCELoss.backward", gradient, PROBABILITIES.slope);
const probabilityWeightedBackward = formula(
  "BCELoss.weightedBackward",
  gradient,
  multiply(weight, PROBABILITIES.slope),
);

const softplus = formula(
  "BCEWithLogitsLoss.outside",
  outside,
  add(call("max", call("negative", logit), 0), call("ln", add(1, call("exp", call("negative", call("abs", logit)))))),
);
const inside = multiply(rest, logit);
const positive = add(1, multiply(subtract(posWeight, 1), target));
const sigmoid = call("sigmoid", logit);
const logitForms = (result: typeof single, name: string) => ({
  plain: formula(`BCEWithLogitsLoss.${name}`, result, add(inside, outside)),
  positive: formula(`BCEWithLogitsLoss.${name}Positive`, result, add(inside, multiply(positive, outside))),
});
const logitForward = logitForms(single, "forward");
const logitUnweighted = logitForms(unweighted, "unweighted");
const plainSlope = divide(subtract(sigmoid, target), divisor);
const positiveSlope = divide(
  subtract(multiply(rest, sigmoid), multiply(posWeight, target, subtract(1, sigmoid))),
  divisor,
);
const logitBackward = {
  plain: formula("BCEWithLogitsLoss.backward", logitGradient, plainSlope),
  positive: formula("BCEWithLogitsLoss.backwardPositive", logitGradient, positiveSlope),
  weightedPlain: formula("BCEWithLogitsLoss.weightedBackward", logitGradient, multiply(weight, plainSlope)),
  weightedPositive: formula(
    "BCEWithLogitsLoss.weightedBackwardPositive",
    logitGradient,
    multiply(weight, positiveSlope),
  ),
};

function numbersAt(values: CallValues, place: number): Record<string, number> {
  const { inputs, noted } = values;
  const numbers: Record<string, number> = {
    prediction: inputs[0].value.values[place],
    target: inputs[1].value.values[place],
    single: noted.losses.value.values[place],
    divisor: divisorOf(values),
  };
  const shape = inputs[0].value.shape;
  for (const name of ["logarithm", "otherLogarithm", "outside", "unweighted", "weight", "posWeight"])
    if (noted[name] !== undefined)
      numbers[name] = noted[name].value.values[broadcastPlace(noted[name].value.shape, shape, place)];
  return numbers;
}

export const binaryCrossEntropy: Explanation = {
  formulas: [
    PROBABILITIES.logarithm,
    PROBABILITIES.otherLogarithm,
    probabilityForward,
    probabilityUnweighted,
    weighted,
    probabilityBackward,
    probabilityWeightedBackward,
    ...reductionFormulas,
  ],
  forward(values, place): Line[] {
    const numbers = numbersAt(values, place);
    const { logarithm, otherLogarithm } = PROBABILITIES;
    const own =
      numbers.weight === undefined
        ? [line(probabilityForward, numbers)]
        : [line(probabilityUnweighted, numbers), line(weighted, numbers)];
    return [line(logarithm, numbers), line(otherLogarithm, numbers), ...own, ...reductionLines(values)];
  },
  backward(values, place): Line[] {
    const arrived = values.inputs[0].gradient;
    if (arrived === null) return [];
    const numbers: Record<string, number> = { ...numbersAt(values, place), gradient: arrived.values[place] };
    return [line(numbers.weight === undefined ? probabilityBackward : probabilityWeightedBackward, numbers)];
  },
};

export const binaryCrossEntropyOfLogits: Explanation = {
  formulas: [
    softplus,
    ...Object.values(logitForward),
    ...Object.values(logitUnweighted),
    weighted,
    ...Object.values(logitBackward),
    ...reductionFormulas,
  ],
  forward(values, place): Line[] {
    const numbers = numbersAt(values, place);
    const form = numbers.posWeight === undefined ? "plain" : "positive";
    const own =
      numbers.weight === undefined
        ? [line(logitForward[form], numbers)]
        : [line(logitUnweighted[form], numbers), line(weighted, numbers)];
    return [line(softplus, numbers), ...own, ...reductionLines(values)];
  },
  backward(values, place): Line[] {
    const arrived = values.inputs[0].gradient;
    if (arrived === null) return [];
    const numbers: Record<string, number> = { ...numbersAt(values, place), gradient: arrived.values[place] };
    const weighted = numbers.weight !== undefined;
    const form = numbers.posWeight === undefined ? "plain" : "positive";
    const name = weighted ? (form === "plain" ? "weightedPlain" : "weightedPositive") : form;
    return [line(logitBackward[name], numbers)];
  },
};
