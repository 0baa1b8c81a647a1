import { quote } from "../errors/data-error.ts";
import { amount, count } from "./count.ts";

/** What to do about texts that were meant as numbers. */
export type NumberHint = "none" | "thousands" | "unit" | "time" | "cells";

/** The hint with what it says: how many cells are numbers, and the first that is none, where some are. */
export interface MeantAsNumbers {
  hint: NumberHint;
  numbers: number;
  value: string;
  row: number;
}

/** Why a column or the target is taken for what it is taken for. */
export interface ReasonParameters {
  "as-asked": object;
  "not-kept": object;
  "groups-rows": object;
  "all-missing": object;
  constant: { value: string };
  "value-or-missing": { value: string };
  "numbers-rows": object;
  numbers: { count: number; unique: number };
  "yes-or-no": { values: readonly string[] };
  dates: object;
  "all-different": { count: number } & MeantAsNumbers;
  "many-texts": { count: number; unique: number } & MeantAsNumbers;
  texts: { unique: number };
  "target-mostly-numbers": object;
  "target-yes-or-no": object;
  "target-text": object;
  "target-codes": object;
  "target-decimals": object;
  "target-many-numbers": { unique: number };
  "target-few-numbers": { unique: number };
}

export type ReasonCode = keyof ReasonParameters;

/** A reason as data, for translations, and in English. */
export interface Reason {
  code: ReasonCode;
  parameters: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  text: string;
}

/** A reason with its text. */
export function makeReason<Code extends ReasonCode>(code: Code, parameters: ReasonParameters[Code]): Reason {
  return { code, parameters: { ...parameters }, text: reasonTexts[code](parameters) };
}

/** @internal The text of every reason, in some language. */
export type ReasonTexts = { [Code in ReasonCode]: (parameters: ReasonParameters[Code]) => string };

const reasonTexts: ReasonTexts = {
  "as-asked": () => "as asked",
  "not-kept": () => "not among the columns to keep",
  "groups-rows": () => "the rows are split by it, so those of other parts have other values",
  "all-missing": () => "all of its cells are missing",
  constant: ({ value }) => `every cell is ${quote(value)}`,
  "value-or-missing": ({ value }) => `a cell is either ${quote(value)} or missing`,
  "numbers-rows": () => "it numbers the rows",
  numbers: (parameters) => `${count(parameters.count, "number")}, ${amount(parameters.unique)} different`,
  "yes-or-no": ({ values }) => `every value says yes or no: ${values.map(quote).join(", ")}`,
  dates: () => "dates, split into days since 1970, month, day, weekday and hour",
  "all-different": (parameters) => `all of its ${count(parameters.count, "text")} are different${hintText(parameters)}`,
  "many-texts": (parameters) =>
    `${amount(parameters.unique)} of its ${count(parameters.count, "text")} are different, too many to learn from${hintText(parameters)}`,
  texts: ({ unique }) => `${amount(unique)} different texts`,
  "target-mostly-numbers": () => "most of the target's values are numbers",
  "target-yes-or-no": () => "the target says yes or no",
  "target-text": () => "the target is text",
  "target-codes": () => "the target's numbers begin with zeros, as codes do",
  "target-decimals": () => "the target is a number with decimals",
  "target-many-numbers": ({ unique }) => `the target is a number with ${amount(unique)} different values`,
  "target-few-numbers": ({ unique }) =>
    `the target has only ${unique} different whole numbers; ask for regression if they are amounts`,
};

/** How to mend numbers with separated thousands that are not read. */
const groupedHint = 'they look like numbers with separated thousands: write them without ("1234.5")';

/** @internal "; they look like …": what to do about texts that were meant as numbers. */
export function hintText({ hint, numbers, value, row }: MeantAsNumbers): string {
  switch (hint) {
    case "none":
      return "";
    case "thousands":
      return `; ${groupedHint}`;
    case "unit":
      return "; they look like numbers with a unit: write the number alone";
    case "time":
      return "; they look like times of day or durations: write them as numbers, such as hours";
    case "cells":
      return `; ${count(numbers, "cell")} ${numbers === 1 ? "is a number" : "are numbers"}, and ${quote(value)} in row ${row} is the first that is none: with the type number such cells are missing`;
  }
}
