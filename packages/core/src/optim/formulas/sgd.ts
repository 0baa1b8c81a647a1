import type { UpdateExplanation } from "../../formula/explanation.ts";
import { add, multiply, subtract, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { direction, directionFormulas, directionLines } from "./direction.ts";

const after = value("after", "w'", "w′");
const parameter = value("parameter", "w");
const rate = value("lr", "\\eta", "η");
const change = value("change", "d");
const momentum = value("momentum", "\\mu", "μ");
const dampening = value("dampening", "\\tau", "τ");
const velocity = value("velocity", "v");
const nextVelocity = value("nextVelocity", "v'", "v′");

const FORMULAS = {
  first: formula("SGD.firstMomentum", nextVelocity, direction),
  momentum: formula("SGD.momentum", nextVelocity, add(multiply(momentum, velocity), direction)),
  dampened: formula(
    "SGD.dampened",
    nextVelocity,
    add(multiply(momentum, velocity), multiply(subtract(1, dampening), direction)),
  ),
  plainStep: formula("SGD.step", after, subtract(parameter, multiply(rate, direction))),
  momentumStep: formula("SGD.momentumStep", after, subtract(parameter, multiply(rate, nextVelocity))),
  nesterov: formula("SGD.nesterov", change, add(direction, multiply(momentum, nextVelocity))),
  nesterovStep: formula("SGD.nesterovStep", after, subtract(parameter, multiply(rate, change))),
};

export const sgd: UpdateExplanation = {
  formulas: [...directionFormulas, ...Object.values(FORMULAS)],
  update(update, place): Line[] {
    const { settings, memory, noted, step } = update;
    const lines = directionLines(update, place);
    const numbers: Record<string, number> = {
      parameter: update.before.values[place],
      after: update.after.values[place],
      direction: noted.direction.values[place],
      change: noted.change.values[place],
      lr: settings.lr as number,
      momentum: settings.momentum as number,
      dampening: settings.dampening as number,
    };
    if (memory.momentum_buffer === undefined) return [...lines, line(FORMULAS.plainStep, numbers)];
    numbers.velocity = memory.momentum_buffer.before.values[place];
    numbers.nextVelocity = memory.momentum_buffer.after.values[place];
    const moved = step === 1 ? FORMULAS.first : numbers.dampening === 0 ? FORMULAS.momentum : FORMULAS.dampened;
    lines.push(line(moved, numbers));
    if (settings.nesterov !== true) return [...lines, line(FORMULAS.momentumStep, numbers)];
    return [...lines, line(FORMULAS.nesterov, numbers), line(FORMULAS.nesterovStep, numbers)];
  },
};
