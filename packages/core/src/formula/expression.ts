/**
 * A formula as a tree: written once, it is shown as LaTeX, as text for a terminal, with symbols or with numbers in their
 * place. Numbers come in by name: a value is a hole that one of them fills.
 */
export type Expression = Value | Numeral | Sum | List | Operation | Call;

/** A named number, with the symbol that stands for it. */
export interface Value {
  readonly kind: "value";
  readonly name: string;
  readonly latex: string;
  readonly text: string;
}

export interface Numeral {
  readonly kind: "numeral";
  readonly value: number;
}

/** A sum over an index; its numbers are a list of products under its name. */
export interface Sum {
  readonly kind: "sum";
  readonly name: string;
  readonly index: string;
  readonly body: Expression;
}

/** Several numbers, such as those that a maximum is taken of. */
export interface List {
  readonly kind: "list";
  readonly name: string;
  readonly latex: string;
  readonly text: string;
}

export interface Operation {
  readonly kind: "operation";
  readonly operator: "+" | "−" | "·" | "/" | "^";
  readonly left: Expression;
  readonly right: Expression;
}

export type FunctionName = "max" | "exp" | "ln" | "sqrt" | "abs" | "tanh" | "sign" | "sigmoid" | "Phi" | "negative";

export interface Call {
  readonly kind: "call";
  readonly function: FunctionName;
  readonly argument: readonly Expression[];
}

type Operand = Expression | number;

const expression = (operand: Operand): Expression =>
  typeof operand === "number" ? { kind: "numeral", value: operand } : operand;

/** A named number; its symbol as text is the LaTeX unless given. */
export function value(name: string, latex: string = name, text: string = latex): Value {
  return { kind: "value", name, latex, text };
}

export function sum(name: string, index: string, body: Expression): Sum {
  return { kind: "sum", name, index, body };
}

export function list(name: string, latex: string, text: string): List {
  return { kind: "list", name, latex, text };
}

function operation(operator: Operation["operator"], operands: readonly Operand[]): Expression {
  return operands.map(expression).reduce((left, right): Expression => ({ kind: "operation", operator, left, right }));
}

export const add = (...operands: Operand[]): Expression => operation("+", operands);
export const subtract = (...operands: Operand[]): Expression => operation("−", operands);
export const multiply = (...operands: Operand[]): Expression => operation("·", operands);
export const divide = (...operands: Operand[]): Expression => operation("/", operands);
export const power = (base: Operand, exponent: Operand): Expression => operation("^", [base, exponent]);

export function call(name: FunctionName, ...argument: Operand[]): Call {
  return { kind: "call", function: name, argument: argument.map(expression) };
}
