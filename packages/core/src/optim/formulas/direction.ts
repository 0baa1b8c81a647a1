import type { UpdateValues } from "../../formula/explanation.ts";
import { add, call, multiply, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";

/** What most optimizers begin with: the gradient, its sign where the loss is to grow, and weight decay added to it. */

export const direction = value("direction", "g'", "g′");
const gradient = value("gradient", "g");
const parameter = value("parameter", "w");
const decay = value("decay", "\\lambda", "λ");

const plain = formula("update.gradient", direction, gradient);
const reversed = formula("update.maximize", direction, call("negative", gradient));
const decayed = formula("update.decay", direction, add(gradient, multiply(decay, parameter)));
const reversedDecayed = formula(
  "update.maximizeDecay",
  direction,
  add(call("negative", gradient), multiply(decay, parameter)),
);

export const directionFormulas = [plain, reversed, decayed, reversedDecayed];

/** @param coupled whether weight decay is part of the gradient. */
export function directionLines(update: UpdateValues, place: number, coupled = true): Line[] {
  const { settings, noted } = update;
  const numbers = {
    gradient: update.gradient.values[place],
    direction: noted.direction.values[place],
    parameter: update.before.values[place],
    decay: settings.weightDecay as number,
  };
  const decays = coupled && numbers.decay !== 0;
  const which = settings.maximize === true ? (decays ? reversedDecayed : reversed) : decays ? decayed : plain;
  return [line(which, numbers)];
}
