import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { groupedHint, makeReason, type Reason } from "../notes/reason.ts";
import { isMissing } from "../read/missing.ts";
import { placeOf, type Table, type TableColumn } from "../read/table.ts";
import { parseBoolean } from "../types/boolean.ts";
import { type DecimalMark, detectNumberFormat, parseNumber, pointsNote } from "../types/number-format.ts";

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
export function planTarget(table: Table, column: TableColumn, task?: Task): PlannedTarget {
  const place = { file: table.name, column: column.name };
  const rows: number[] = [];
  for (let row = 0; row < table.rowCount; row++) if (!isMissing(column.cells[row])) rows.push(row);
  if (rows.length === 0) {
    throw new DataError("all-missing", "the target is missing in every row: choose another target.", place);
  }
  const notes: Note[] = [];
  if (rows.length < table.rowCount) {
    notes.push(makeNote("missing-target", { column: column.name, count: table.rowCount - rows.length }));
  }

  const cells = rows.map((row) => column.cells[row]);
  const format = detectNumberFormat(cells, table);
  const { decimal } = format;
  const mend = format.grouped ? ` (${groupedHint})` : "";
  const values = cells.map((cell) => parseNumber(cell, decimal));
  const decision = decideTask(cells, values, task);
  const { name } = column;
  const { why } = decision;
  const reason = why.text;
  const planned = { name, task: decision.task, reason, why, decimal, rows: Int32Array.from(rows), notes };
  notes.push(makeNote("task", { ...why.parameters, column: name, task: decision.task, reason, why: why.code }));

  const points = values.some(Number.isNaN) ? undefined : pointsNote(format);
  if (points !== undefined) notes.push(makeNote(points, { column: name }));

  if (decision.task === "regression") {
    const bad = values.findIndex(Number.isNaN);
    if (bad !== -1) {
      const problem =
        `${quote(cells[bad])} is not a number, and the target of a regression must be one: ` +
        "correct the cell, or leave it empty to leave the row out" +
        (task === undefined ? ", or ask for classification" : "") +
        `${mend}.`;
      throw new DataError("not-a-number", problem, { ...place, ...placeOf(table, rows[bad]), value: cells[bad] });
    }
    if (values.every((value) => value === values[0])) throw oneClass(cells[0], place);
    return { ...planned, classes: [], match: "number" };
  }

  const match = matchOf(cells, values);
  const classes = listClasses(cells, decimal, match);
  if (classes.length === 1) throw oneClass(cells[0], place);
  if (classes.length > 20 && classes.length > rows.length / 2) {
    const problem =
      `the target has ${classes.length} different values in ${count(rows.length, "row")}, too many to be classes: ` +
      `choose another target${match === "number" ? ", or ask for regression" : ""}${mend}.`;
    throw new DataError("too-many-classes", problem, place);
  }
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
    return Number.isNaN(value) ? cell : String(value);
  }
  return cell;
}

function matchOf(cells: string[], values: number[]): ClassMatch {
  if (!values.some(Number.isNaN)) return "number";
  return cells.every((cell) => parseBoolean(cell) !== undefined) ? "boolean" : "text";
}

/** The classes, numbers by size, false before true, text by its characters: the same order on every machine. */
function listClasses(cells: string[], decimal: DecimalMark, match: ClassMatch): string[] {
  const spellings = new Map<string, Map<string, number>>();
  for (const cell of cells) {
    const key = classKey(cell, match, decimal);
    const times = spellings.get(key) ?? new Map<string, number>();
    spellings.set(key, times.set(cell, (times.get(cell) ?? 0) + 1));
  }
  const keys = [...spellings.keys()].sort((a, b) => (match === "number" ? Number(a) - Number(b) : a < b ? -1 : 1));
  // Each class goes by its most frequent spelling.
  return keys.map((key) => [...spellings.get(key)!].reduce((best, other) => (other[1] > best[1] ? other : best))[0]);
}

function decideTask(cells: string[], values: number[], task: Task | undefined): { task: Task; why: Reason } {
  if (task !== undefined) return { task, why: makeReason("as-asked", {}) };
  const numbers = values.filter((value) => !Number.isNaN(value));
  const distinct = new Set(numbers).size;
  const whole = numbers.every(Number.isInteger);
  const many = distinct > fewClasses || (distinct > 2 && distinct * 3 > numbers.length);
  if (numbers.length < values.length) {
    // Mostly numbers with some text is a number that was mistyped, unless they may well be names ("1", "2", "3a").
    const share = numbers.length / values.length;
    if (share >= 0.9 || (share >= 0.5 && (!whole || many)))
      return { task: "regression", why: makeReason("target-mostly-numbers", {}) };
    const spelled = cells.every((cell) => parseBoolean(cell) !== undefined);
    return { task: "classification", why: makeReason(spelled ? "target-yes-or-no" : "target-text", {}) };
  }
  if (!whole) return { task: "regression", why: makeReason("target-decimals", {}) };
  if (many) return { task: "regression", why: makeReason("target-many-numbers", { unique: distinct }) };
  return { task: "classification", why: makeReason("target-few-numbers", { unique: distinct }) };
}

function oneClass(value: string, place: { file: string; column: string }): DataError {
  const problem = `the target is ${quote(value)} in every row, so there is nothing to learn: choose another target.`;
  return new DataError("one-class", problem, { ...place, value });
}
