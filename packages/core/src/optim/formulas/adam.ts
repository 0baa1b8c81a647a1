import type { UpdateExplanation } from "../../formula/explanation.ts";
import { add, call, divide, multiply, power, subtract, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { direction, directionFormulas, directionLines } from "./direction.ts";

const after = value("after", "w'", "w′");
const parameter = value("parameter", "w");
const decayedParameter = value("decayed", "\\tilde w", "w̃");
const rate = value("lr", "\\eta", "η");
const decay = value("decay", "\\lambda", "λ");
const beta1 = value("beta1", "\\beta_1", "β₁");
const beta2 = value("beta2", "\\beta_2", "β₂");
const mean = value("mean", "m");
const nextMean = value("nextMean", "m'", "m′");
const square = value("square", "v");
const nextSquare = value("nextSquare", "v'", "v′");
const most = value("most", "u");
const nextMost = value("nextMost", "u'", "u′");
const eps = value("eps", "\\varepsilon", "ε");
const step = value("step", "t");

const corrected = (moment: typeof nextSquare, beta: typeof beta1) => divide(moment, subtract(1, power(beta, step)));
const stepFrom = (from: typeof parameter, second: typeof nextSquare) =>
  subtract(from, divide(multiply(rate, corrected(nextMean, beta1)), add(call("sqrt", corrected(second, beta2)), eps)));

const FORMULAS = {
  decayed: formula("AdamW.decayed", decayedParameter, multiply(subtract(1, multiply(rate, decay)), parameter)),
  mean: formula("Adam.mean", nextMean, add(multiply(beta1, mean), multiply(subtract(1, beta1), direction))),
  square: formula(
    "Adam.square",
    nextSquare,
    add(multiply(beta2, square), multiply(subtract(1, beta2), power(direction, 2))),
  ),
  most: formula("Adam.most", nextMost, call("max", most, nextSquare)),
  step: formula("Adam.step", after, stepFrom(parameter, nextSquare)),
  mostStep: formula("Adam.amsgradStep", after, stepFrom(parameter, nextMost)),
  decayedStep: formula("AdamW.step", after, stepFrom(decayedParameter, nextSquare)),
  decayedMostStep: formula("AdamW.amsgradStep", after, stepFrom(decayedParameter, nextMost)),
};

/** Adam and AdamW: the parameter that the optimizer steps from says which. */
export const adam: UpdateExplanation = {
  formulas: [...directionFormulas, ...Object.values(FORMULAS)],
  update(update, place): Line[] {
    const { settings, memory, noted } = update;
    const [b1, b2] = settings.betas as readonly [number, number];
    // AdamW alone takes the decay from the parameter.
    const apart = noted.decayed !== undefined;
    const numbers: Record<string, number> = {
      parameter: update.before.values[place],
      after: update.after.values[place],
      direction: noted.direction.values[place],
      mean: memory.exp_avg.before.values[place],
      nextMean: memory.exp_avg.after.values[place],
      square: memory.exp_avg_sq.before.values[place],
      nextSquare: memory.exp_avg_sq.after.values[place],
      lr: settings.lr as number,
      decay: settings.weightDecay as number,
      beta1: b1,
      beta2: b2,
      eps: settings.eps as number,
      step: update.step,
    };
    const lines = directionLines(update, place, !apart);
    if (apart) {
      numbers.decayed = noted.decayed.values[place];
      lines.push(line(FORMULAS.decayed, numbers));
    }
    lines.push(line(FORMULAS.mean, numbers), line(FORMULAS.square, numbers));
    if (memory.max_exp_avg_sq === undefined)
      return [...lines, line(apart ? FORMULAS.decayedStep : FORMULAS.step, numbers)];
    numbers.most = memory.max_exp_avg_sq.before.values[place];
    numbers.nextMost = memory.max_exp_avg_sq.after.values[place];
    return [
      ...lines,
      line(FORMULAS.most, numbers),
      line(apart ? FORMULAS.decayedMostStep : FORMULAS.mostStep, numbers),
    ];
  },
};
