import type { CallValues, Explanation } from "../../formula/explanation.ts";
import { add, divide, multiply, subtract, sum, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { range } from "../../formula/places.ts";

const y = value("y", "y_j", "yⱼ");
const x = value("x", "x_i", "xᵢ");
const weight = value("weight", "w_{ji}", "wⱼᵢ");
const bias = value("bias", "b_j", "bⱼ");
const mask = value("mask", "m_{ji}", "mⱼᵢ");
const p = value("p");
const dropped = value("dropped", "\\tilde w_{ji}", "w̃ⱼᵢ");
const gradX = value("gradX", "\\frac{\\partial L}{\\partial x_i}", "∂L/∂xᵢ");
const gradWeight = value("gradWeight", "\\frac{\\partial L}{\\partial w_{ji}}", "∂L/∂wⱼᵢ");
const gradDropped = value("gradDropped", "\\frac{\\partial L}{\\partial \\tilde w_{ji}}", "∂L/∂w̃ⱼᵢ");
const gradBias = value("gradBias", "\\frac{\\partial L}{\\partial b_j}", "∂L/∂bⱼ");
const delta = value("delta", "\\delta_j", "δⱼ");

const products = sum("products", "i", multiply(weight, x));
const droppedProducts = sum("products", "i", multiply(dropped, x));
const backProducts = sum("products", "j", multiply(weight, delta));
const droppedBackProducts = sum("products", "j", multiply(dropped, delta));
const overBatch = sum("products", "n", multiply(delta, x));
const overBatchAlone = sum("products", "n", delta);
const kept = divide(mask, subtract(1, p));

const FORMULAS = {
  forward: formula("Linear.forward", y, add(products, bias)),
  forwardWithoutBias: formula("Linear.forwardWithoutBias", y, products),
  backward: formula("Linear.backward", gradX, backProducts),
  weight: formula("Linear.weight", gradWeight, overBatch),
  bias: formula("Linear.bias", gradBias, overBatchAlone),
  dropped: formula("DropConnect.dropped", dropped, multiply(weight, kept)),
  droppedForward: formula("DropConnect.forward", y, add(droppedProducts, bias)),
  droppedForwardWithoutBias: formula("DropConnect.forwardWithoutBias", y, droppedProducts),
  droppedBackward: formula("DropConnect.backward", gradX, droppedBackProducts),
  droppedWeight: formula("DropConnect.droppedWeight", gradDropped, overBatch),
  weightOfDropped: formula("DropConnect.weight", gradWeight, multiply(gradDropped, kept)),
};

/** The weights that the products are made with, and their extents. */
function weights({ parameters, noted }: CallValues) {
  const used = noted.dropped ?? parameters.weight;
  const [outputs, inputs] = used.value.shape;
  return { used, outputs, inputs, drops: noted.dropped !== undefined };
}

/** How a weight came to be dropped or kept: shown of the first of a neuron's. */
function droppedLines({ noted, parameters, settings }: CallValues, place: number): Line[] {
  if (settings.p === 1) return [];
  return [
    line(FORMULAS.dropped, {
      dropped: noted.dropped.value.values[place],
      weight: parameters.weight.value.values[place],
      mask: noted.mask.value.values[place],
      p: settings.p as number,
    }),
  ];
}

/** y = Σᵢ wⱼᵢ xᵢ + bⱼ, with weights dropped or not. */
export const linear: Explanation = {
  formulas: Object.values(FORMULAS),

  forward(call: CallValues, place: number): Line[] {
    const { used, outputs, inputs, drops } = weights(call);
    const [row, j] = [Math.floor(place / outputs), place % outputs];
    const given = call.inputs[0].value.values;
    const terms = range(inputs).map((i) => [used.value.values[j * inputs + i], given[row * inputs + i]]);
    const result = call.output.value.values[place];
    const first = drops ? droppedLines(call, j * inputs) : [];
    const { bias } = call.parameters;
    if (bias === undefined)
      return [
        ...first,
        line(
          drops ? FORMULAS.droppedForwardWithoutBias : FORMULAS.forwardWithoutBias,
          { y: result },
          { products: terms },
        ),
      ];
    const numbers = { y: result, bias: bias.value.values[j] };
    return [...first, line(drops ? FORMULAS.droppedForward : FORMULAS.forward, numbers, { products: terms })];
  },

  backward(call: CallValues, place: number): Line[] {
    const { used, outputs, inputs, drops } = weights(call);
    const [row, i] = [Math.floor(place / inputs), place % inputs];
    const arrived = call.inputs[0].gradient;
    const sent = call.output.gradient;
    if (arrived === null || sent === null) return [];
    const terms = range(outputs).map((j) => [used.value.values[j * inputs + i], sent.values[row * outputs + j]]);
    const which = drops ? FORMULAS.droppedBackward : FORMULAS.backward;
    return [line(which, { gradX: arrived.values[place] }, { products: terms })];
  },

  parameter(call: CallValues, name: string, place: number): Line[] {
    const { used, outputs, inputs, drops } = weights(call);
    const gradient = call.parameters[name].gradient;
    const sent = call.output.gradient;
    if (gradient === null || sent === null) return [];
    const rows = range(sent.values.length / outputs);
    if (name === "bias") {
      const terms = rows.map((row) => [sent.values[row * outputs + place]]);
      return [line(FORMULAS.bias, { gradBias: gradient.values[place] }, { products: terms })];
    }
    const [j, i] = [Math.floor(place / inputs), place % inputs];
    const given = call.inputs[0].value.values;
    const terms = rows.map((row) => [sent.values[row * outputs + j], given[row * inputs + i]]);
    const gradWeight = gradient.values[place];
    if (!drops) return [line(FORMULAS.weight, { gradWeight }, { products: terms })];
    const gradDropped = used.gradient!.values[place];
    const numbers = {
      gradWeight,
      gradDropped,
      mask: call.noted.mask.value.values[place],
      p: call.settings.p as number,
    };
    return [
      line(FORMULAS.droppedWeight, { gradDropped }, { products: terms }),
      ...(numbers.p < 1 ? [line(FORMULAS.weightOfDropped, numbers)] : []),
    ];
  },
};
