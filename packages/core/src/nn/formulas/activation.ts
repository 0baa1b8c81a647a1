import type { CallValues, Explanation } from "../../formula/explanation.ts";
import { add, call, divide, type Expression, multiply, power, subtract, value } from "../../formula/expression.ts";
import { type Condition, type Formula, formula, type Line, line } from "../../formula/formula.ts";

/**
 * Activations: y = f(x) for each element, its slope f′(x), and the gradient that comes back, ∂L/∂x = ∂L/∂y · f′(x). The
 * slope is the one that a backward through the layer itself gives.
 */

const y = value("y");
const x = value("x");
const slope = value("slope", "f'(x)", "f′(x)");
const gradX = value("gradX", "\\frac{\\partial L}{\\partial x}", "∂L/∂x");
const gradY = value("gradY", "\\frac{\\partial L}{\\partial y}", "∂L/∂y");

const backward = formula("Activation.backward", gradX, multiply(gradY, slope));

/** One piece of a function: where it holds, what it is there and its slope there. */
interface Piece {
  readonly holds?: (x: number, settings: CallValues["settings"]) => boolean;
  readonly where?: Condition;
  readonly of: Expression;
  readonly slope: Expression;
}

/** The settings that stand in a formula, as numbers. */
type Settings = Readonly<Record<string, string>>;

function elementwise(
  name: string,
  pieces: readonly Piece[],
  settings: Settings = {},
  noted: Formula[] = [],
): Explanation {
  const made = pieces.map(({ of, slope: steepness, holds, where }, index) => {
    const id = pieces.length === 1 ? name : `${name}.${index}`;
    return {
      forward: formula(`${id}.forward`, y, of, where),
      slope: formula(`${id}.slope`, slope, steepness, where),
      holds,
    };
  });
  const known = (values: CallValues, place: number): Record<string, number> => {
    const numbers: Record<string, number> = {
      x: values.inputs[0].value.values[place],
      y: values.output.value.values[place],
    };
    for (const [key, setting] of Object.entries(settings)) numbers[key] = values.settings[setting] as number;
    for (const [key, { value }] of Object.entries(values.noted)) numbers[key] = value.values[place];
    if (values.slope !== null) numbers.slope = values.slope.values[place];
    return numbers;
  };
  const pieceAt = ({ inputs, settings: set }: CallValues, place: number) =>
    made.find(({ holds }) => holds?.(inputs[0].value.values[place], set) ?? true)!;
  return {
    formulas: [...noted, ...made.flatMap((piece) => [piece.forward, piece.slope]), backward],
    forward(values, place): Line[] {
      const numbers = known(values, place);
      return [...noted.map((each) => line(each, numbers)), line(pieceAt(values, place).forward, numbers)];
    },
    backward(values, place): Line[] {
      const numbers = known(values, place);
      const [arrived, sent] = [values.inputs[0].gradient, values.output.gradient];
      const steepness = values.slope === null ? [] : [line(pieceAt(values, place).slope, numbers)];
      if (values.slope === null || arrived === null || sent === null) return steepness;
      return [...steepness, line(backward, { ...numbers, gradX: arrived.values[place], gradY: sent.values[place] })];
    },
  };
}

const gamma = value("gamma", "\\gamma", "γ");
const alpha = value("alpha", "\\alpha", "α");
const beta = value("beta", "\\beta", "β");
const sigmoidOf = (argument: Expression) => divide(1, add(1, call("exp", call("negative", argument))));
const positive = { holds: (number: number): boolean => number > 0, where: { latex: "x > 0", text: "x > 0" } };
const rest = { where: { latex: "x \\le 0", text: "x ≤ 0" } };

export const sigmoid = elementwise("Sigmoid", [{ of: sigmoidOf(x), slope: multiply(y, subtract(1, y)) }]);
export const tanh = elementwise("Tanh", [{ of: call("tanh", x), slope: subtract(1, power(y, 2)) }]);
export const relu = elementwise("ReLU", [
  { ...positive, of: call("max", 0, x), slope: add(1) },
  { ...rest, of: call("max", 0, x), slope: add(0) },
]);
export const leakyRelu = elementwise(
  "LeakyReLU",
  [
    { ...positive, of: x, slope: add(1) },
    { ...rest, of: multiply(gamma, x), slope: gamma },
  ],
  { gamma: "negativeSlope" },
);
export const elu = elementwise(
  "ELU",
  [
    { ...positive, of: x, slope: add(1) },
    { ...rest, of: multiply(alpha, subtract(call("exp", x), 1)), slope: multiply(alpha, call("exp", x)) },
  ],
  { alpha: "alpha" },
);
export const silu = elementwise("SiLU", [
  {
    of: multiply(x, call("sigmoid", x)),
    slope: multiply(call("sigmoid", x), add(1, multiply(x, subtract(1, call("sigmoid", x))))),
  },
]);
export const softplus = elementwise(
  "Softplus",
  [
    {
      holds: (at, { beta, threshold }) => at * (beta as number) > (threshold as number),
      where: { latex: "\\beta x > \\tau", text: "βx > τ" },
      of: x,
      slope: add(1),
    },
    {
      of: divide(call("ln", add(1, call("exp", multiply(beta, x)))), beta),
      slope: call("sigmoid", multiply(beta, x)),
    },
  ],
  { beta: "beta" },
);
const density = divide(call("exp", divide(call("negative", power(x, 2)), 2)), call("sqrt", multiply(2, Math.PI)));
const exactGelu = elementwise("GELU", [
  { of: multiply(x, call("Phi", x)), slope: add(call("Phi", x), multiply(x, density)) },
]);
const inner = value("inner", "u");
const bent = value("tanh", "t");
const root = call("sqrt", divide(2, Math.PI));
const nearGelu = elementwise(
  "GELU.tanh",
  [
    {
      of: multiply(divide(x, 2), add(1, bent)),
      slope: add(
        divide(add(1, bent), 2),
        multiply(divide(x, 2), subtract(1, power(bent, 2)), root, add(1, multiply(3, 0.044715, power(x, 2)))),
      ),
    },
  ],
  {},
  [
    formula("GELU.inner", inner, multiply(root, add(x, multiply(0.044715, power(x, 3))))),
    formula("GELU.bent", bent, call("tanh", inner)),
  ],
);

const geluOf = ({ settings }: CallValues): Explanation => (settings.approximate === "tanh" ? nearGelu : exactGelu);

export const gelu: Explanation = {
  formulas: [...exactGelu.formulas, ...nearGelu.formulas],
  forward: (values, place) => geluOf(values).forward(values, place),
  backward: (values, place) => geluOf(values).backward(values, place),
};
