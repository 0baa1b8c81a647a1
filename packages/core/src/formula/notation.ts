import type { Expression, FunctionName, Operation } from "./expression.ts";
import type { Formula, Line } from "./formula.ts";

/** How strongly an operator binds. */
const STRENGTH: Record<Operation["operator"], number> = { "+": 1, "−": 1, "·": 2, "/": 2, "^": 4 };
const ATOM = 5;
const NEGATIVE = 1;

/** Where something stands: what binds less strongly than `strength` needs parentheses. */
interface Place {
  readonly strength: number;
  /** Whether a minus in front may stand without parentheses. */
  readonly first: boolean;
}

const ALONE: Place = { strength: 0, first: true };

/** The writing of leaves: as symbols, as holes, or as numbers. */
interface Leaves {
  value(value: { name: string; symbol: string }, place: Place): string;
  list(list: { name: string; symbol: string }): string;
  /** A sum in place of Σ and its body, or null for those. */
  sum(sum: { name: string; squares: boolean }, place: Place): string | null;
}

type Writing = "latex" | "text";

function write(writing: Writing, node: Expression, leaves: Leaves, place: Place): string {
  const inner = (child: Expression, strength: number, first: boolean): string =>
    write(writing, child, leaves, { strength, first });
  const enclosed = (text: string, strength: number): string =>
    strength >= place.strength ? text : parentheses(writing, text);
  switch (node.kind) {
    case "numeral": {
      const text = numeral(writing, node.value);
      return node.value < 0 && !place.first ? parentheses(writing, text) : text;
    }
    case "value":
      return leaves.value({ name: node.name, symbol: writing === "latex" ? node.latex : node.text }, place);
    case "list":
      return leaves.list({ name: node.name, symbol: writing === "latex" ? node.latex : node.text });
    case "sum": {
      const squares = node.body.kind === "operation" && node.body.operator === "^";
      const grouped = place.strength > 1;
      const filled = leaves.sum({ name: node.name, squares }, grouped ? ALONE : place);
      if (filled !== null) return grouped ? parentheses(writing, filled) : filled;
      const body = inner(node.body, 2, false);
      const text = writing === "latex" ? `\\sum_{${node.index}} ${body}` : `Σ${subscript(node.index)} ${body}`;
      return enclosed(text, 2);
    }
    case "call":
      return call(writing, node.function, node.argument, inner, place);
    case "operation": {
      const strength = strengthOf(writing, node.operator);
      return enclosed(operation(writing, node, inner, strength < place.strength ? ALONE : place), strength);
    }
  }
}

function numeral(writing: Writing, value: number): string {
  if (value === Math.PI) return writing === "latex" ? "\\pi" : "π";
  const [significand, exponent] = String(value).split("e");
  if (writing === "text") return String(value).replace(/-/g, "−");
  if (exponent === undefined) return String(value);
  return `${significand === "1" ? "" : `${significand} \\cdot `}10^{${Number(exponent)}}`;
}

function strengthOf(writing: Writing, operator: Operation["operator"]): number {
  return writing === "latex" && operator === "/" ? ATOM : STRENGTH[operator];
}

function operation(
  writing: Writing,
  { operator, left, right }: Operation,
  inner: (child: Expression, strength: number, first: boolean) => string,
  { first }: Place,
): string {
  const own = STRENGTH[operator];
  // What a fraction begins with stands behind what is in front of the fraction.
  if (operator === "/" && writing === "latex") return `\\frac{${inner(left, 0, first)}}{${inner(right, 0, true)}}`;
  if (operator === "^")
    return writing === "latex"
      ? `${inner(left, ATOM, false)}^{${inner(right, 0, true)}}`
      : `${inner(left, ATOM, false)}^${inner(right, ATOM, false)}`;
  // What follows a minus or a division is grouped.
  const rightStrength = operator === "−" || operator === "/" ? own + 1 : own;
  const sign =
    writing === "latex" && operator === "·" ? "\\cdot" : operator === "−" && writing === "latex" ? "-" : operator;
  const space = operator === "/" ? "" : " ";
  return `${inner(left, own, first)}${space}${sign}${space}${inner(right, rightStrength, false)}`;
}

const LATEX_FUNCTIONS: Partial<Record<FunctionName, string>> = {
  max: "\\max",
  ln: "\\ln",
  tanh: "\\tanh",
  sign: "\\operatorname{sign}",
  sigmoid: "\\sigma",
  Phi: "\\Phi",
};
const TEXT_FUNCTIONS: Partial<Record<FunctionName, string>> = { sqrt: "√", sigmoid: "σ", Phi: "Φ", exp: "exp" };

function call(
  writing: Writing,
  name: FunctionName,
  argument: readonly Expression[],
  inner: (child: Expression, strength: number, first: boolean) => string,
  place: Place,
): string {
  if (name === "negative") {
    const text = `${writing === "latex" ? "-" : "−"}${inner(argument[0], 2, false)}`;
    return place.strength > NEGATIVE || !place.first ? parentheses(writing, text) : text;
  }
  const given = argument.map((child) => inner(child, 0, true));
  if (writing === "latex") {
    if (name === "exp") return `e^{${given[0]}}`;
    if (name === "sqrt") return `\\sqrt{${given[0]}}`;
    if (name === "abs") return `\\left|${given[0]}\\right|`;
    return `${LATEX_FUNCTIONS[name]}\\left(${given.join(", ")}\\right)`;
  }
  if (name === "abs") return `|${given[0]}|`;
  return `${TEXT_FUNCTIONS[name] ?? name}(${given.join(", ")})`;
}

function parentheses(writing: Writing, text: string): string {
  return writing === "latex" ? `\\left(${text}\\right)` : `(${text})`;
}

const SUBSCRIPTS: Record<string, string> = { i: "ᵢ", j: "ⱼ", n: "ₙ", k: "ₖ", m: "ₘ" };

function subscript(index: string): string {
  return SUBSCRIPTS[index] ?? `_${index}`;
}

const symbols: Leaves = {
  value: ({ symbol }) => symbol,
  list: ({ symbol }) => symbol,
  sum: () => null,
};

/** Holes for live numbers; those that need parentheses when negative are signed ones. */
const holes: Leaves = {
  value: ({ name }, { first }) => `\\${first ? "hole" : "signed"}{${name}}`,
  list: ({ name }) => `\\terms{${name}}`,
  sum: ({ name }, { first }) => `\\${first ? "terms" : "signedTerms"}{${name}}`,
};

/**
 * A formula as LaTeX. With "symbols": y = γ x + β. With "numbers" every named number is a hole, `\hole{name}`, or
 * `\signed{name}` where a negative one needs parentheses, and the numbers of a sum or a list are `\terms{name}`, or
 * `\signedTerms{name}` where a first negative one needs them; the macros are the page's to define. The result's hole is the
 * last.
 */
export function latexOf({ result, expression, where }: Formula, as: "symbols" | "numbers"): string {
  const right = write("latex", expression, as === "symbols" ? symbols : holes, ALONE);
  return as === "symbols"
    ? `${result.latex} = ${right}${where === undefined ? "" : `\\qquad (${where.latex})`}`
    : `${result.latex} = ${right} = ${holes.value({ name: result.name, symbol: result.latex }, ALONE)}`;
}

/** A formula as text for a terminal: y = γ·x + β. */
export function textOf({ result, expression, where }: Formula): string {
  const condition = where === undefined ? "" : `  (${where.text})`;
  return `${result.text} = ${write("text", expression, symbols, ALONE)}${condition}`;
}

export interface TextOptions {
  /** How a number is written; four significant digits unless given. */
  format?: (value: number) => string;
  /** How many terms of a sum are written before it says how many more there are; 4 unless given. */
  terms?: number;
  /** How it is said that there are more; "… 12 more" unless given. */
  more?: (count: number) => string;
}

/** A number with so many significant digits, and a minus as long as a plus. */
export function shortNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value).replace("-", "−");
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
  return text.replace(/\.?0+e/, "e").replace(/-/g, "−");
}

/** A formula with its numbers as text: y = 1.02·0.5 + (−0.1) = 0.41. */
export function lineText({ result, expression }: Formula, { numbers, terms }: Line, options: TextOptions = {}): string {
  const { format = (value) => shortNumber(value), terms: most = 4, more = (count) => `… ${count} more` } = options;
  const signed = (number: number, first: boolean): string => {
    const text = format(number);
    return !first && /^[−-]/.test(text) ? `(${text})` : text;
  };
  const shortened = (written: string[], count: number): string[] =>
    count > written.length ? [...written, more(count - written.length)] : written;
  const filled: Leaves = {
    value: ({ name }, { first }) => signed(numbers[name], first),
    list: ({ name }) =>
      shortened(
        terms[name].slice(0, most).map(([number]) => format(number)),
        terms[name].length,
      ).join(", "),
    sum: ({ name, squares }, { first }) => {
      const term = (factors: readonly number[], index: number): string =>
        squares
          ? `${signed(factors[0], false)}^2`
          : factors.map((factor, place) => signed(factor, first && index + place === 0)).join("·");
      const products = terms[name].slice(0, most).map(term);
      return shortened(products, terms[name].length).join(" + ");
    },
  };
  const [left, right] = [write("text", expression, filled, ALONE), format(numbers[result.name])];
  return `${result.text} = ${left === right ? "" : `${left} = `}${right}`;
}
