import { expect } from "vitest";
import { inspect } from "../src/index.ts";

/** Computes a formula from the numbers of a line in float64, to hold against the number that the library gave. */

type Expression = inspect.Formula["expression"];

/** Φ by its series; |x| up to 6 or so. */
function normalDistribution(x: number): number {
  if (Math.abs(x) > 7) return x > 0 ? 1 : 0;
  let term = x;
  let total = x;
  for (let n = 1; n < 300; n++) {
    term *= (x * x) / (2 * n + 1);
    total += term;
  }
  return 0.5 + (total * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

const FUNCTIONS: Record<string, (...values: number[]) => number> = {
  max: Math.max,
  exp: Math.exp,
  ln: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
  tanh: Math.tanh,
  sign: Math.sign,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Phi: normalDistribution,
  negative: (x) => -x,
};

function compute(node: Expression, line: inspect.Line): { value: number; size: number } {
  switch (node.kind) {
    case "numeral":
      return { value: node.value, size: Math.abs(node.value) };
    case "value": {
      const value = line.numbers[node.name];
      expect(value, `${line.formula}: ${node.name}`).toBeTypeOf("number");
      return { value, size: Math.abs(value) };
    }
    case "list":
      throw new Error("a list stands in a function");
    case "sum": {
      const products = line.terms[node.name].map((factors) => factors.reduce((a, b) => a * b, 1));
      expect(products.length, `${line.formula}: ${node.name}`).toBeGreaterThan(0);
      return {
        value: products.reduce((a, b) => a + b, 0),
        size: products.reduce((a, b) => a + Math.abs(b), 0),
      };
    }
    case "call": {
      const [first] = node.argument;
      const values =
        first.kind === "list"
          ? line.terms[first.name].map(([value]) => ({ value, size: Math.abs(value) }))
          : node.argument.map((argument) => compute(argument, line));
      const value = FUNCTIONS[node.function](...values.map((each) => each.value));
      return { value, size: Math.max(Math.abs(value), ...(node.function === "negative" ? [values[0].size] : [])) };
    }
    case "operation": {
      const left = compute(node.left, line);
      const right = compute(node.right, line);
      if (node.operator === "+") return { value: left.value + right.value, size: left.size + right.size };
      if (node.operator === "−") return { value: left.value - right.value, size: left.size + right.size };
      if (node.operator === "·") return { value: left.value * right.value, size: left.size * right.size };
      if (node.operator === "/") return { value: left.value / right.value, size: left.size / Math.abs(right.value) };
      const value = left.value ** right.value;
      return { value, size: Math.abs(value) };
    }
  }
}

/** Both sides of a line are the same number, up to what float32 loses over the terms that it is made of. */
export function expectBalanced(line: inspect.Line, where: string, tolerance = 3e-5): void {
  const formula = inspect.formulas().get(line.formula);
  if (formula === undefined) expect.fail(`${where}: there is no formula ${line.formula}`);
  const { value, size } = compute(formula.expression, line);
  const result = line.numbers[formula.result.name];
  if (!(Math.abs(value - result) <= tolerance * Math.max(size, Math.abs(result)) + 1e-7))
    expect.fail(`${where}: ${inspect.lineText(formula, line, { terms: 50 })}, but it is ${value}`);
}
