import type { CallValues, Explanation } from "../../formula/explanation.ts";
import { call, divide, list, multiply, subtract, sum, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { around, lineThrough, placeAt, termsAt } from "../../formula/places.ts";
import { normalizeDim, type Shape } from "../../tensor/shape.ts";

/** Softmax in the form that stays finite: the largest is subtracted before the exponential. */

const y = value("y", "y_i", "yᵢ");
const x = value("x", "x_i", "xᵢ");
const largest = value("largest", "m");
const total = value("total", "S");
const gradX = value("gradX", "\\frac{\\partial L}{\\partial x_i}", "∂L/∂xᵢ");
const gradY = value("gradY", "\\delta_i", "δᵢ");
const xj = value("x", "x_j", "xⱼ");
const yj = value("y", "y_j", "yⱼ");
const gradYj = value("gradY", "\\delta_j", "δⱼ");

const FORMULAS = {
  largest: formula("softmax.largest", largest, call("max", list("elements", "x_1, \\dots, x_k", "x₁, …, xₖ"))),
  total: formula("softmax.total", total, sum("powers", "j", call("exp", subtract(xj, largest)))),
  softmax: formula("Softmax.forward", y, divide(call("exp", subtract(x, largest)), total)),
  logSoftmax: formula("LogSoftmax.forward", y, subtract(x, largest, call("ln", total))),
  softmaxBackward: formula(
    "Softmax.backward",
    gradX,
    multiply(y, subtract(gradY, sum("products", "j", multiply(gradYj, yj)))),
  ),
  logSoftmaxBackward: formula(
    "LogSoftmax.backward",
    gradX,
    subtract(gradY, multiply(call("exp", y), sum("gradients", "j", gradYj))),
  ),
};

/** The softmax's own lines, over the elements through a place: m and S. */
export const stableFormulas = [FORMULAS.largest, FORMULAS.total];

export function stableLines({ inputs, noted }: CallValues, shape: Shape, dim: number, place: number): Line[] {
  const places = lineThrough(shape, dim, place);
  const { largest, total } = stable({ noted } as CallValues, shape, dim, place);
  return [
    line(FORMULAS.largest, { largest }, { elements: termsAt(inputs[0].value, places) }),
    line(FORMULAS.total, { total, largest }, { powers: termsAt(noted.powers.value, places) }),
  ];
}

/** What is the same for all elements through a place. */
export function stable({ noted }: CallValues, shape: Shape, dim: number, place: number) {
  const reduced = shape.map((extent, each) => (each === dim ? 1 : extent));
  const at = placeAt(reduced, dim, { ...around(shape, dim, place), along: 0 });
  return { largest: noted.largest.value.values[at], total: noted.total.value.values[at] };
}

function shapeAndDim({ inputs: [input], settings }: CallValues): [shape: Shape, dim: number] {
  const shape = input.value.shape.length === 0 ? [1] : input.value.shape;
  return [shape, normalizeDim(settings.dim as number, shape.length)];
}

function explanation(which: "softmax" | "logSoftmax"): Explanation {
  const forward = FORMULAS[which];
  const backward = FORMULAS[`${which}Backward`];
  return {
    formulas: [...stableFormulas, forward, backward],
    forward(values, place): Line[] {
      const [shape, dim] = shapeAndDim(values);
      const numbers = { ...stable(values, shape, dim, place), x: values.inputs[0].value.values[place] };
      const y = values.output.value.values[place];
      return [...stableLines(values, shape, dim, place), line(forward, { ...numbers, y })];
    },
    backward(values, place): Line[] {
      const [arrived, sent] = [values.inputs[0].gradient, values.output.gradient];
      if (arrived === null || sent === null) return [];
      const [shape, dim] = shapeAndDim(values);
      const given = values.output.value.values;
      const places = lineThrough(shape, dim, place);
      const numbers = { gradX: arrived.values[place], gradY: sent.values[place], y: given[place] };
      return [
        line(backward, numbers, {
          products: places.map((each) => [sent.values[each], given[each]]),
          gradients: termsAt(sent, places),
        }),
      ];
    },
  };
}

export const softmax = explanation("softmax");
export const logSoftmax = explanation("logSoftmax");
