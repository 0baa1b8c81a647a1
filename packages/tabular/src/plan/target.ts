import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { hintText, makeReason, type Reason } from "../notes/reason.ts";
import { typeOption } from "../notes/type-option.ts";
import type { Table, TableColumn } from "../read/table.ts";
import { booleanNames, parseBoolean } from "../types/boolean.ts";
import { areCodes } from "../types/code.ts";
import { type ColumnFacts, columnFacts, distinctNumbers } from "../types/column-facts.ts";
import { areSurelyNumbers, hint, notePoints, noteSigns, type TypeContext, typeContext } from "../types/column-type.ts";
import { noteMissingCodes } from "../types/missing-codes.ts";
import { askedFormat, type DecimalMark, numberFormat, parseNumber } from "../types/number-format.ts";
import { noteSpelledAlike } from "../types/spelled-alike.ts";
import { classWords, isMissingTarget } from "./class-words.ts";
import type { Writing } from "./column-choices.ts";

/** What is to be learned: one of several classes, or a number. */
export type Task = "classification" | "regression";

/** How the cells of a target are told apart: "1" and "1.0" are one number, "yes" and "TRUE" one truth value. */
export type ClassMatch = "text" | "number" | "boolean";

/** What was decided about the target. */
export interface PlannedTarget {
  name: string;
  task: Task;
  /** Why, in words, and how to have it otherwise. */
  reason: string;
  /** The same as data. */
  why: Reason;
  decimal: DecimalMark;
  /** Whether the decimal mark was asked for. */
  decimalFixed: boolean;
  /** Whether its points are decimal, though those of new data may look otherwise. */
  decimalPoints: boolean;
  /** Whether no number has a decimal mark or separated thousands. */
  plainNumbers: boolean;
  /** The sign of currency or per cent that its numbers have; "" for none, or several. */
  sign: string;
  /** Classification: names of the classes, in the order of their numbers 0, 1, …. Empty for regression. */
  classes: string[];
  match: ClassMatch;
  /** Rows of the table whose target is there. */
  rows: Int32Array;
  notes: Note[];
}

/** A target of whole numbers with at most this many different ones is taken for classes. */
const fewClasses = 10;

/**
 * Decides from the target's cells whether to classify or to regress, unless `task` says so.
 * @throws DataError "all-missing", "one-class", "not-a-number" (row and value named), "too-many-classes", "too-few-rows"
 */
export function planTarget(table: Table, column: TableColumn, task?: Task, writing?: Writing): PlannedTarget {
  const decided = decideTarget(columnFacts(table, column), typeContext(table), task, writing);
  return { ...decided, rows: rowsOfTarget(column, decided) };
}

/** @internal Rows whose target is there. */
export function rowsOfTarget({ cells }: TableColumn, { classes }: Pick<PlannedTarget, "classes">): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < cells.length; row++) if (!isMissingTarget(cells[row], classes)) rows.push(row);
  return Int32Array.from(rows);
}

/**
 * The same from what is known of the cells.
 * @param writing how the cells are written, where that was asked for
 */
export function decideTarget(
  facts: ColumnFacts,
  context: TypeContext,
  task?: Task,
  writing?: Writing,
): Omit<PlannedTarget, "rows"> {
  const { name } = facts;
  const place = { file: context.file, column: name };
  const decimalFixed = writing === "point" || writing === "comma";
  const format = decimalFixed ? askedFormat(facts.marks, writing) : numberFormat(facts.marks, context);
  const { decimal, decimalPoints, plain: plainNumbers, sign } = format;
  const { others, firstOther } = facts.numbers[decimal];
  const distinct = distinctNumbers(facts, decimal);
  const decision = decideTask(facts, decimal, distinct, task);
  const match: ClassMatch = others === 0 ? "number" : facts.boolean.others === 0 ? "boolean" : "text";
  const plain = listClasses(facts.values, decimal, match);
  const words =
    decision.task === "classification"
      ? classWords(
          facts,
          context,
          decimal,
          plain.map(({ times }) => times),
          writing,
        )
      : [];
  const missing = facts.missing - words.reduce((sum, word) => sum + facts.missingWords.get(word)!, 0);
  const present = facts.rows - missing;
  if (present === 0) {
    throw new DataError("all-missing", "the target is missing in every row: choose another target.", place);
  }
  const notes: Note[] = [];
  const wordTimes = (list: Iterable<string>) =>
    Array.from(list, (word) => `${quote(word)} (${facts.missingWords.get(word)} ×)`);
  const mayBeClasses =
    decision.task === "classification" && writing !== "missing"
      ? wordTimes([...facts.missingWords.keys()].filter((word) => !words.includes(word)))
      : [];
  if (missing > 0) notes.push(makeNote("missing-target", { column: name, count: missing, words: mayBeClasses }));
  if (words.length > 0 && writing !== "words")
    notes.push(makeNote("class-words", { column: name, words: wordTimes(words) }));

  const meant = hint(facts, format);
  const mend = meant.hint === "cells" ? "" : hintText(meant);
  const { why } = decision;
  const reason = why.text;
  const planned = {
    name,
    task: decision.task,
    reason,
    why,
    decimal,
    decimalFixed,
    decimalPoints,
    plainNumbers,
    sign,
    notes,
  };
  notes.push(makeNote("task", { ...why.parameters, column: name, task: decision.task, reason, why: why.code }));

  if (others === 0 && !decimalFixed) notes.push(...notePoints(facts, format));
  if (others === 0) notes.push(...noteSigns(name, format));

  const [anyValue] = facts.values.keys();
  if (decision.task === "regression") {
    if (firstOther !== null) {
      const problem =
        `${quote(firstOther.value)} is not a number, and the target of a regression must be one: ` +
        "correct the cell, or leave it empty to leave the row out" +
        (task === undefined ? ", or ask for classification" : "") +
        `${mend}.`;
      throw new DataError("not-a-number", problem, { ...place, ...firstOther });
    }
    if (distinct === 1) throw oneClass(anyValue, place, []);
    notes.push(...noteMissingCodes(facts, decimal));
    return { ...planned, classes: [], match: "number" };
  }

  const classes = [...plain.map(({ name }) => name), ...words].sort(classOrder(decimal, match));
  if (classes.length === 1) throw oneClass(classes[0], place, mayBeClasses);
  const amount = facts.exact ? classes.length : Math.max(facts.distinct, classes.length);
  if (!facts.exact || (amount > 20 && amount > present / 2)) {
    const problem =
      `the target has ${amount} different values in ${count(present, "row")}, too many to be classes: ` +
      `choose another target${match === "number" ? ", or ask for regression" : ""}${mend}.`;
    throw new DataError("too-many-classes", problem, place);
  }
  if (match === "text") notes.push(...noteSpelledAlike(facts, true));
  if (match === "text" && task === undefined && areSurelyNumbers(facts, format, meant))
    notes.push(makeNote("texts-like-numbers", { column: name, ...meant }));
  return { ...planned, classes, match };
}

/**
 * Number of the class that a cell names, -1 when it names none.
 * @internal
 */
export function classFinder(
  classes: readonly string[],
  match: ClassMatch,
  decimal: DecimalMark,
): (cell: string) => number {
  const numbers = new Map(classes.map((name, index) => [classKey(name, match, decimal), index]));
  return (cell) => numbers.get(classKey(cell, match, decimal)) ?? -1;
}

function classKey(cell: string, match: ClassMatch, decimal: DecimalMark): string {
  if (match === "boolean") return String(parseBoolean(cell) ?? cell);
  if (match === "number") {
    const value = parseNumber(cell, decimal);
    // Codes longer than a float64 can tell apart stay what they are.
    return Number.isNaN(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER ? cell : String(value);
  }
  return cell;
}

/** The classes and how many rows each has; each goes by its most frequent spelling, yes and no by that of both. */
function listClasses(
  values: ColumnFacts["values"],
  decimal: DecimalMark,
  match: ClassMatch,
): { name: string; times: number }[] {
  const spellings = new Map<string, { name: string; most: number; times: number }>();
  for (const [value, { times }] of values) {
    const key = classKey(value, match, decimal);
    const known = spellings.get(key);
    if (known === undefined) spellings.set(key, { name: value, most: times, times });
    else {
      known.times += times;
      if (times > known.most) Object.assign(known, { name: value, most: times });
    }
  }
  const classes = [...spellings.values()];
  if (match !== "boolean") return classes;
  const names = booleanNames(values);
  return classes.map(({ name, times }) => ({ name: parseBoolean(name) ? names.yes : names.no, times }));
}

/** Numbers by size, false before true, text by its characters: the same order on every machine. */
function classOrder(decimal: DecimalMark, match: ClassMatch): (a: string, b: string) => number {
  // Words among numbers come last.
  const size = (key: string) => (match !== "number" ? 0 : Number.isNaN(Number(key)) ? Number.MAX_VALUE : Number(key));
  return (a, b) => {
    const [first, second] = [classKey(a, match, decimal), classKey(b, match, decimal)];
    return size(first) - size(second) || (first < second ? -1 : 1);
  };
}

function decideTask(
  facts: ColumnFacts,
  decimal: DecimalMark,
  distinct: number,
  task: Task | undefined,
): { task: Task; why: Reason } {
  if (task !== undefined) return { task, why: makeReason("as-asked", {}) };
  const { cells, whole } = facts.numbers[decimal];
  const present = facts.rows - facts.missing;
  const many = distinct > fewClasses || (distinct > 2 && distinct * 3 > cells);
  if (cells < present) {
    // Mostly numbers with some text is a number that was mistyped, unless they may well be names ("1", "2", "3a").
    const share = cells / present;
    if (share >= 0.9 || (share >= 0.5 && (!whole || many)))
      return { task: "regression", why: makeReason("target-mostly-numbers", {}) };
    const spelled = facts.boolean.others === 0 && facts.values.size > 0;
    return { task: "classification", why: makeReason(spelled ? "target-yes-or-no" : "target-text", {}) };
  }
  if (areCodes(facts)) return { task: "classification", why: makeReason("target-codes", {}) };
  if (!whole) return { task: "regression", why: makeReason("target-decimals", {}) };
  if (many) return { task: "regression", why: makeReason("target-many-numbers", { unique: distinct }) };
  return { task: "classification", why: makeReason("target-few-numbers", { unique: distinct }) };
}

/** @param words what was read as missing and may be a class, with how often */
function oneClass(value: string, place: { file: string; column: string }, words: readonly string[]): DataError {
  const nothing = `the target is ${quote(value)} in every row`;
  const problem =
    words.length === 0
      ? `${nothing}, so there is nothing to learn: choose another target.`
      : `${nothing} in which it is not missing, so there is nothing to learn: ` +
        `should ${words.join(", ")} be a class, ask for ${typeOption(place.column, "category:words")}, or choose another target.`;
  return new DataError("one-class", problem, { ...place, value, words });
}
