import type { CallValues, Elements, Explanation } from "../../formula/explanation.ts";
import { add, call, divide, multiply, power, subtract, sum, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { around, broadcastPlace, range, termsAt } from "../../formula/places.ts";
import { sameShape } from "../../tensor/shape.ts";

/**
 * Normalization: y = γ x̂ + β with x̂ = (x − μ)/√(σ² + ε). Batch, layer, group and instance norm differ in what μ and σ² run
 * over and in where γ and β lie; the shapes of what the layer noted tell both.
 */

const x = value("x");
const y = value("y");
const xi = value("x", "x_i", "xᵢ");
const count = value("count", "n");
const mean = value("mean", "\\mu", "μ");
const variance = value("variance", "\\sigma^2", "σ²");
const square = value("meanSquare", "s");
const eps = value("eps", "\\varepsilon", "ε");
const normal = value("normalized", "\\hat x", "x̂");
const normalI = value("normalized", "\\hat x_i", "x̂ᵢ");
const weight = value("weight", "\\gamma", "γ");
const bias = value("bias", "\\beta", "β");
const gradX = value("gradX", "\\frac{\\partial L}{\\partial x}", "∂L/∂x");
const gradY = value("gradY", "\\delta", "δ");
const gradYi = value("gradY", "\\delta_i", "δᵢ");
const gradNormal = value("gradNormalized", "\\frac{\\partial L}{\\partial \\hat x}", "∂L/∂x̂");
const gradNormalI = value("gradNormalized", "\\frac{\\partial L}{\\partial \\hat x_i}", "∂L/∂x̂ᵢ");
const gradWeight = value("gradWeight", "\\frac{\\partial L}{\\partial \\gamma}", "∂L/∂γ");
const gradBias = value("gradBias", "\\frac{\\partial L}{\\partial \\beta}", "∂L/∂β");
const momentum = value("momentum", "\\alpha", "α");
const batches = value("batches", "k");
const unbiased = value("unbiased", "s^2", "s²");
const newMean = value("new", "\\mu", "μ");
const newVariance = value("new", "s^2", "s²");
const running = (letter: string, exponent: string, text: string) => ({
  old: value("old", `${letter}_{\\text{run}}^{${exponent}}`, `${text}_run`),
  next: value("next", `${letter}_{\\text{run}}^{${exponent}\\prime}`, `${text}_run′`),
});
const runningMean = running("\\mu", "", "μ");
const runningVariance = running("\\sigma", "2", "σ²");

const deviation = call("sqrt", add(variance, eps));
const rootMeanSquare = call("sqrt", add(square, eps));
const average = (of: Parameters<typeof multiply>[0]) => divide(of, count);
const correlation = average(sum("products", "i", multiply(gradNormalI, normalI)));

const FORMULAS = {
  mean: formula("norm.mean", mean, average(sum("elements", "i", xi))),
  variance: formula("norm.variance", variance, average(sum("squares", "i", power(subtract(xi, mean), 2)))),
  normalized: formula("norm.normalized", normal, divide(subtract(x, mean), deviation)),
  meanSquare: formula("RMSNorm.meanSquare", square, average(sum("squares", "i", power(xi, 2)))),
  rmsNormalized: formula("RMSNorm.normalized", normal, divide(x, rootMeanSquare)),
  affine: formula("norm.affine", y, add(multiply(weight, normal), bias)),
  scaled: formula("norm.scaled", y, multiply(weight, normal)),
  plain: formula("norm.plain", y, normal),
  unbiased: formula("BatchNorm.unbiased", unbiased, divide(multiply(count, variance), subtract(count, 1))),
  runningMean: formula(
    "norm.runningMean",
    runningMean.next,
    add(multiply(subtract(1, momentum), runningMean.old), multiply(momentum, newMean)),
  ),
  runningVariance: formula(
    "norm.runningVariance",
    runningVariance.next,
    add(multiply(subtract(1, momentum), runningVariance.old), multiply(momentum, newVariance)),
  ),
  averageMean: formula(
    "norm.averageMean",
    runningMean.next,
    add(runningMean.old, divide(subtract(newMean, runningMean.old), batches)),
  ),
  averageVariance: formula(
    "norm.averageVariance",
    runningVariance.next,
    add(runningVariance.old, divide(subtract(newVariance, runningVariance.old), batches)),
  ),
  gradNormalized: formula("norm.gradNormalized", gradNormal, multiply(weight, gradY)),
  plainGradNormalized: formula("norm.plainGradNormalized", gradNormal, gradY),
  backward: formula(
    "norm.backward",
    gradX,
    divide(subtract(gradNormal, average(sum("gradients", "i", gradNormalI)), multiply(normal, correlation)), deviation),
  ),
  fixedBackward: formula("norm.fixedBackward", gradX, divide(gradNormal, deviation)),
  rmsBackward: formula(
    "RMSNorm.backward",
    gradX,
    divide(subtract(gradNormal, multiply(normal, correlation)), rootMeanSquare),
  ),
  weight: formula("norm.weight", gradWeight, sum("products", "i", multiply(gradYi, normalI))),
  bias: formula("norm.bias", gradBias, sum("gradients", "i", gradYi)),
};

/** Where γ and β lie: one a channel, or one for each of the last elements. */
type Along = "channels" | "last";

interface Kind {
  readonly along: Along;
  /** Whether only the root mean square is taken, without a mean. */
  readonly rootMeanSquare?: boolean;
}

function normalization({ along, rootMeanSquare = false }: Kind): Explanation {
  const used = Object.values(FORMULAS);
  const statistic = ({ noted }: CallValues): Elements => (rootMeanSquare ? noted.meanSquare : noted.mean).value;
  const statisticPlace = (values: CallValues, place: number): number =>
    broadcastPlace(statistic(values).shape, values.noted.normalized.value.shape, place);
  const isFixed = ({ training, buffers }: CallValues): boolean => !training && buffers.running_mean !== undefined;
  const epsOf = ({ settings, inputs }: CallValues): number => {
    const wide = inputs[0].value.values instanceof Float64Array;
    return (settings.eps as number | null) ?? (wide ? 2 ** -52 : 2 ** -23);
  };
  /** The places that share μ and σ² with one. */
  const group = (values: CallValues, place: number): number[] => {
    const at = statisticPlace(values, place);
    return range(values.noted.normalized.value.values.length).filter((each) => statisticPlace(values, each) === at);
  };
  const parameterPlace = (values: CallValues, place: number): number => {
    if (along === "last") return place % values.parameters.weight.value.values.length;
    // A single example of instance norm is noted as a batch of one.
    const [whole, given] = [values.noted.normalized.value.shape, values.output.value.shape];
    return around(given, sameShape(whole.slice(1), given) ? 0 : 1, place).along;
  };
  const numbersAt = (values: CallValues, place: number): Record<string, number> => {
    const numbers: Record<string, number> = {
      x: values.inputs[0].value.values[place],
      y: values.output.value.values[place],
      normalized: values.noted.normalized.value.values[place],
      eps: epsOf(values),
    };
    const at = statisticPlace(values, place);
    for (const name of ["mean", "variance", "meanSquare"])
      if (values.noted[name] !== undefined) numbers[name] = values.noted[name].value.values[at];
    for (const name of ["weight", "bias"])
      if (values.parameters[name] !== undefined)
        numbers[name] = values.parameters[name].value.values[parameterPlace(values, place)];
    return numbers;
  };
  const statisticLines = (values: CallValues, place: number, numbers: Record<string, number>): Line[] => {
    const places = group(values, place);
    const given = { ...numbers, count: places.length };
    if (rootMeanSquare) {
      const squares = places.map((each) => [values.inputs[0].value.values[each], values.inputs[0].value.values[each]]);
      return [line(FORMULAS.meanSquare, given, { squares })];
    }
    const centered = values.noted.centered.value.values;
    return [
      line(FORMULAS.mean, given, { elements: termsAt(values.inputs[0].value, places) }),
      line(FORMULAS.variance, given, { squares: places.map((each) => [centered[each], centered[each]]) }),
    ];
  };
  /** What becomes of the running statistics. */
  const runningLines = (values: CallValues, place: number, numbers: Record<string, number>): Line[] => {
    const { buffers, noted, settings } = values;
    const [mean, variance] = [buffers.running_mean, buffers.running_var];
    if (noted.newMean === undefined || !mean?.next || !variance?.next) return [];
    const channel = parameterPlace(values, place);
    const batches = buffers.num_batches_tracked.next?.values[0];
    const averaged = settings.momentum === null && batches !== undefined;
    const of = (buffer: typeof mean, name: string) => ({
      momentum: (settings.momentum as number | null) ?? 0,
      batches: batches ?? 0,
      old: buffer.value.values[channel],
      next: buffer.next!.values[channel],
      new: noted[name].value.values[channel],
    });
    const count = group(values, place).length;
    const unbiased = noted.newVariance.value.values[channel];
    // Of instance norm it is an average over examples.
    const single = statistic(values).values.length === noted.newVariance.value.values.length;
    return [
      line(averaged ? FORMULAS.averageMean : FORMULAS.runningMean, of(mean, "newMean")),
      ...(single ? [line(FORMULAS.unbiased, { ...numbers, count, unbiased })] : []),
      line(averaged ? FORMULAS.averageVariance : FORMULAS.runningVariance, of(variance, "newVariance")),
    ];
  };
  return {
    formulas: used,

    forward(values, place): Line[] {
      const numbers = numbersAt(values, place);
      const { weight, bias } = values.parameters;
      const last = bias !== undefined ? FORMULAS.affine : weight !== undefined ? FORMULAS.scaled : FORMULAS.plain;
      return [
        ...(isFixed(values) ? [] : statisticLines(values, place, numbers)),
        line(rootMeanSquare ? FORMULAS.rmsNormalized : FORMULAS.normalized, numbers),
        line(last, numbers),
        ...runningLines(values, place, numbers),
      ];
    },

    backward(values, place): Line[] {
      const [arrived, sent] = [values.inputs[0].gradient, values.output.gradient];
      const gradient = values.noted.normalized.gradient;
      if (arrived === null || sent === null || gradient === null) return [];
      const numbers = {
        ...numbersAt(values, place),
        gradX: arrived.values[place],
        gradY: sent.values[place],
        gradNormalized: gradient.values[place],
      };
      const scaled = values.parameters.weight === undefined ? FORMULAS.plainGradNormalized : FORMULAS.gradNormalized;
      if (isFixed(values)) return [line(scaled, numbers), line(FORMULAS.fixedBackward, numbers)];
      const places = group(values, place);
      const normal = values.noted.normalized.value.values;
      return [
        line(scaled, numbers),
        line(
          rootMeanSquare ? FORMULAS.rmsBackward : FORMULAS.backward,
          { ...numbers, count: places.length },
          {
            gradients: termsAt(gradient, places),
            products: places.map((each) => [gradient.values[each], normal[each]]),
          },
        ),
      ];
    },

    parameter(values, name, place): Line[] {
      const gradient = values.parameters[name].gradient;
      const sent = values.output.gradient;
      if (gradient === null || sent === null) return [];
      const places = range(sent.values.length).filter((each) => parameterPlace(values, each) === place);
      if (name === "bias")
        return [line(FORMULAS.bias, { gradBias: gradient.values[place] }, { gradients: termsAt(sent, places) })];
      const normal = values.noted.normalized.value.values;
      const products = places.map((each) => [sent.values[each], normal[each]]);
      return [line(FORMULAS.weight, { gradWeight: gradient.values[place] }, { products })];
    },
  };
}

/** Batch, group and instance norm. */
export const channelNormalization = normalization({ along: "channels" });
export const layerNormalization = normalization({ along: "last" });
export const rmsNormalization = normalization({ along: "last", rootMeanSquare: true });
