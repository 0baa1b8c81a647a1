import type { CallValues, Explanation } from "../../formula/explanation.ts";
import { value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";

const y = value("y");
const x = value("x");
const gradX = value("gradX", "\\frac{\\partial L}{\\partial x}", "∂L/∂x");
const gradY = value("gradY", "\\frac{\\partial L}{\\partial y}", "∂L/∂y");

const forward = formula("Identity.forward", y, x);
const backward = formula("Identity.backward", gradX, gradY);

/** What passes every element on: y = x, in another shape perhaps. */
export const identity = {
  formulas: [forward, backward],
  forward: ({ inputs: [input], output }: CallValues, place: number): Line[] => [
    line(forward, { x: input.value.values[place], y: output.value.values[place] }),
  ],
  backward: ({ inputs: [input], output }: CallValues, place: number): Line[] =>
    input.gradient === null || output.gradient === null
      ? []
      : [line(backward, { gradX: input.gradient.values[place], gradY: output.gradient.values[place] })],
} satisfies Explanation;
