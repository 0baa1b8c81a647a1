import type { Expression, Value } from "./expression.ts";

/** What is computed, `result`, and how. */
export interface Formula {
  /** Its name, the same in every version: what a page looks up its typeset form by. */
  readonly id: string;
  readonly result: Value;
  readonly expression: Expression;
  /** Where it holds, of a function in pieces: x > 0. */
  readonly where?: Condition | undefined;
}

export interface Condition {
  readonly latex: string;
  readonly text: string;
}

/** A formula with the numbers of one place in its holes. */
export interface Line {
  /** The formula's id. */
  readonly formula: string;
  readonly numbers: Readonly<Record<string, number>>;
  /** For sums, the factors of each of their products; for lists, each number alone. */
  readonly terms: Readonly<Record<string, readonly (readonly number[])[]>>;
}

export function formula(id: string, result: Value, expression: Expression, where?: Condition): Formula {
  return where === undefined ? { id, result, expression } : { id, result, expression, where };
}

/** The numbers of a line; the result's is among them. */
export function line({ id }: Formula, numbers: Line["numbers"], terms: Line["terms"] = {}): Line {
  return { formula: id, numbers, terms };
}
