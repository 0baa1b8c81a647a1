import type { CallValues, Explanation } from "../../formula/explanation.ts";
import { divide, multiply, subtract, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { identity } from "./identity.ts";

const y = value("y");
const x = value("x");
const mask = value("mask", "m");
const p = value("p");
const gradX = value("gradX", "\\frac{\\partial L}{\\partial x}", "∂L/∂x");
const gradY = value("gradY", "\\frac{\\partial L}{\\partial y}", "∂L/∂y");

const scale = divide(mask, subtract(1, p));
const forward = formula("Dropout.forward", y, multiply(x, scale));
const backward = formula("Dropout.backward", gradX, multiply(gradY, scale));
const droppedForward = formula("Dropout.allDropped", y, multiply(x, mask));
const droppedBackward = formula("Dropout.allDroppedBackward", gradX, multiply(gradY, mask));

/** y = x m/(1 − p), or x where nothing is dropped. */
export const dropout = {
  formulas: [forward, backward, droppedForward, droppedBackward, ...identity.formulas],
  forward(call: CallValues, place: number): Line[] {
    if (call.noted.mask === undefined) return identity.forward(call, place);
    const p = call.settings.p as number;
    const mask = p === 1 ? 0 : call.noted.mask.value.values[place];
    const numbers = { x: call.inputs[0].value.values[place], y: call.output.value.values[place], mask };
    return [p === 1 ? line(droppedForward, numbers) : line(forward, { ...numbers, p })];
  },
  backward(call: CallValues, place: number): Line[] {
    if (call.noted.mask === undefined) return identity.backward(call, place);
    const p = call.settings.p as number;
    const mask = p === 1 ? 0 : call.noted.mask.value.values[place];
    const [arrived, sent] = [call.inputs[0].gradient, call.output.gradient];
    if (arrived === null || sent === null) return [];
    const numbers = { gradX: arrived.values[place], gradY: sent.values[place], mask };
    return [p === 1 ? line(droppedBackward, numbers) : line(backward, { ...numbers, p })];
  },
} satisfies Explanation;
