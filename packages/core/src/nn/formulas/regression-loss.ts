import type { CallValues, Explanation } from "../../formula/explanation.ts";
import { call, divide, type Expression, multiply, power, subtract, value } from "../../formula/expression.ts";
import { type Condition, formula, type Line, line } from "../../formula/formula.ts";
import { divisor, divisorOf, reductionFormulas, reductionLines, single } from "./reduction.ts";

const prediction = value("prediction", "\\hat y_i", "ŷᵢ");
const target = value("target", "y_i", "yᵢ");
const difference = value("difference", "d_i", "dᵢ");
const delta = value("delta", "\\delta", "δ");
const gradient = value("gradient", "\\frac{\\partial L}{\\partial \\hat y_i}", "∂L/∂ŷᵢ");

const differenceFormula = formula("loss.difference", difference, subtract(prediction, target));

interface Piece {
  readonly holds?: (difference: number, settings: CallValues["settings"]) => boolean;
  readonly where?: Condition;
  readonly of: Expression;
  readonly slope: Expression;
}

/** A loss of the difference d = ŷ − y of each element. */
function ofDifference(name: string, pieces: readonly Piece[]): Explanation {
  const made = pieces.map(({ holds, where, of, slope }, index) => {
    const id = pieces.length === 1 ? name : `${name}.${index}`;
    return {
      holds,
      forward: formula(`${id}.forward`, single, of, where),
      backward: formula(`${id}.backward`, gradient, divide(slope, divisor), where),
    };
  });
  const numbersAt = (values: CallValues, place: number): Record<string, number> => ({
    prediction: values.inputs[0].value.values[place],
    target: values.inputs[1].value.values[place],
    difference: values.noted.difference.value.values[place],
    single: values.noted.losses.value.values[place],
    delta: (values.settings.delta as number | undefined) ?? 0,
    divisor: divisorOf(values),
  });
  const pieceAt = (numbers: Record<string, number>, settings: CallValues["settings"]) =>
    made.find(({ holds }) => holds?.(numbers.difference, settings) ?? true)!;
  return {
    formulas: [differenceFormula, ...made.flatMap((piece) => [piece.forward, piece.backward]), ...reductionFormulas],
    forward(values, place): Line[] {
      const numbers = numbersAt(values, place);
      return [
        line(differenceFormula, numbers),
        line(pieceAt(numbers, values.settings).forward, numbers),
        ...reductionLines(values),
      ];
    },
    backward(values, place): Line[] {
      const arrived = values.inputs[0].gradient;
      if (arrived === null) return [];
      const numbers = numbersAt(values, place);
      return [line(pieceAt(numbers, values.settings).backward, { ...numbers, gradient: arrived.values[place] })];
    },
  };
}

export const meanSquared = ofDifference("MSELoss", [{ of: power(difference, 2), slope: multiply(2, difference) }]);
export const meanAbsolute = ofDifference("L1Loss", [{ of: call("abs", difference), slope: call("sign", difference) }]);
export const huber = ofDifference("HuberLoss", [
  {
    holds: (difference, { delta }) => Math.abs(difference) <= (delta as number),
    where: { latex: "\\left|d_i\\right| \\le \\delta", text: "|dᵢ| ≤ δ" },
    of: divide(power(difference, 2), 2),
    slope: difference,
  },
  {
    where: { latex: "\\left|d_i\\right| > \\delta", text: "|dᵢ| > δ" },
    of: multiply(delta, subtract(call("abs", difference), divide(delta, 2))),
    slope: multiply(delta, call("sign", difference)),
  },
]);
