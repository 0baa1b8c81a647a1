import type { UpdateExplanation } from "../../formula/explanation.ts";
import { add, call, divide, multiply, power, subtract, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { direction, directionFormulas, directionLines } from "./direction.ts";

const after = value("after", "w'", "w′");
const parameter = value("parameter", "w");
const rate = value("lr", "\\eta", "η");
const total = value("total", "s");
const nextTotal = value("nextTotal", "s'", "s′");
const eps = value("eps", "\\varepsilon", "ε");
const decay = value("lrDecay", "\\kappa", "κ");
const step = value("step", "t");

const sumOfSquares = formula("Adagrad.total", nextTotal, add(total, power(direction, 2)));
const root = add(call("sqrt", nextTotal), eps);
const plain = formula("Adagrad.step", after, subtract(parameter, divide(multiply(rate, direction), root)));
const decayed = formula(
  "Adagrad.decayedStep",
  after,
  subtract(parameter, divide(multiply(divide(rate, add(1, multiply(subtract(step, 1), decay))), direction), root)),
);

export const adagrad: UpdateExplanation = {
  formulas: [...directionFormulas, sumOfSquares, plain, decayed],
  update(update, place): Line[] {
    const { settings, memory, noted } = update;
    const numbers = {
      parameter: update.before.values[place],
      after: update.after.values[place],
      direction: noted.direction.values[place],
      total: memory.sum.before.values[place],
      nextTotal: memory.sum.after.values[place],
      lr: settings.lr as number,
      lrDecay: settings.lrDecay as number,
      eps: settings.eps as number,
      step: update.step,
    };
    return [
      ...directionLines(update, place),
      line(sumOfSquares, numbers),
      line(numbers.lrDecay === 0 ? plain : decayed, numbers),
    ];
  },
};
