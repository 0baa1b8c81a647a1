import type { UpdateExplanation } from "../../formula/explanation.ts";
import { add, call, divide, multiply, power, subtract, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { direction, directionFormulas, directionLines } from "./direction.ts";

const after = value("after", "w'", "w′");
const parameter = value("parameter", "w");
const rate = value("lr", "\\eta", "η");
const alpha = value("alpha", "\\alpha", "α");
const square = value("square", "s");
const nextSquare = value("nextSquare", "s'", "s′");
const mean = value("mean", "m");
const nextMean = value("nextMean", "m'", "m′");
const eps = value("eps", "\\varepsilon", "ε");
const scaled = value("scaled", "d");
const momentum = value("momentum", "\\mu", "μ");
const velocity = value("velocity", "v");
const nextVelocity = value("nextVelocity", "v'", "v′");

const rest = subtract(1, alpha);
const root = add(call("sqrt", nextSquare), eps);
const centeredRoot = add(call("sqrt", subtract(nextSquare, power(nextMean, 2))), eps);

const FORMULAS = {
  square: formula("RMSprop.square", nextSquare, add(multiply(alpha, square), multiply(rest, power(direction, 2)))),
  mean: formula("RMSprop.mean", nextMean, add(multiply(alpha, mean), multiply(rest, direction))),
  scaled: formula("RMSprop.scaled", scaled, divide(direction, root)),
  centered: formula("RMSprop.centered", scaled, divide(direction, centeredRoot)),
  step: formula("RMSprop.step", after, subtract(parameter, multiply(rate, scaled))),
  velocity: formula("RMSprop.velocity", nextVelocity, add(multiply(momentum, velocity), scaled)),
  momentumStep: formula("RMSprop.momentumStep", after, subtract(parameter, multiply(rate, nextVelocity))),
};

export const rmsprop: UpdateExplanation = {
  formulas: [...directionFormulas, ...Object.values(FORMULAS)],
  update(update, place): Line[] {
    const { settings, memory, noted } = update;
    const numbers: Record<string, number> = {
      parameter: update.before.values[place],
      after: update.after.values[place],
      direction: noted.direction.values[place],
      scaled: noted.scaled.values[place],
      square: memory.square_avg.before.values[place],
      nextSquare: memory.square_avg.after.values[place],
      lr: settings.lr as number,
      alpha: settings.alpha as number,
      momentum: settings.momentum as number,
      eps: settings.eps as number,
    };
    const lines = [...directionLines(update, place), line(FORMULAS.square, numbers)];
    if (memory.grad_avg !== undefined) {
      numbers.mean = memory.grad_avg.before.values[place];
      numbers.nextMean = memory.grad_avg.after.values[place];
      lines.push(line(FORMULAS.mean, numbers), line(FORMULAS.centered, numbers));
    } else lines.push(line(FORMULAS.scaled, numbers));
    if (memory.momentum_buffer === undefined) return [...lines, line(FORMULAS.step, numbers)];
    numbers.velocity = memory.momentum_buffer.before.values[place];
    numbers.nextVelocity = memory.momentum_buffer.after.values[place];
    return [...lines, line(FORMULAS.velocity, numbers), line(FORMULAS.momentumStep, numbers)];
  },
};
