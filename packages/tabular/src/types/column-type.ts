import { DataError, quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { makeReason, type NumberHint, type Reason } from "../notes/reason.ts";
import { leftOut } from "../notes/texts.ts";
import type { ChosenKind } from "../plan/column-choices.ts";
import { isMissing } from "../read/missing.ts";
import { placeOf, type Table, type TableColumn } from "../read/table.ts";
import { parseBoolean } from "./boolean.ts";
import { isAmbiguousDate, parseDate } from "./date.ts";
import { isIdentifier } from "./identifier.ts";
import { type DecimalMark, detectNumberFormat, type NumberFormat, parseNumber, pointsNote } from "./number-format.ts";

/** What a column is used as; "ignore" leaves it out. */
export type ColumnKind = "number" | "category" | "boolean" | "date" | "ignore";

/** What was decided about a column, and why. */
export interface ColumnType {
  name: string;
  kind: ColumnKind;
  /** Why, in words: `248 of 342 values are different numbers`. */
  reason: string;
  /** The same as data. */
  why: Reason;
  /** How its numbers are written. Matters for "number" alone. */
  decimal: DecimalMark;
  /** Missing cells. */
  missing: number;
  /** Different values among the others. */
  distinct: number;
  notes: Note[];
}

type LeftOutCode = "constant-column" | "identifier-column" | "many-values" | "all-missing" | "ignored-column";

/** At most this share of a column of numbers may be something else; what is, is then read as missing. */
const toleratedShare = 0.05;

/**
 * Decides what a column is, from all of its cells.
 * @param chosen take this kind, whatever the cells say
 * @throws DataError "not-a-number" where most cells cannot be read as the kind that is chosen
 */
export function inferColumnType(table: Table, column: TableColumn, chosen?: ChosenKind): ColumnType {
  const { name } = column;
  const forced = chosen?.kind;
  const notes: Note[] = [];
  const tally = tallyValues(column.cells);
  const present = column.cells.length - tally.missing;
  const format = detectNumberFormat(column.cells, table);
  const decide = (kind: ColumnKind, why: Reason): ColumnType => ({
    name,
    kind,
    reason: why.text,
    why,
    decimal: format.decimal,
    missing: tally.missing,
    distinct: tally.values.size,
    notes,
  });
  const ignore = (code: LeftOutCode, why: Reason): ColumnType => {
    notes.push(makeNote(code, leftOut(name, why)));
    return decide("ignore", why);
  };

  if (chosen?.kind === "ignore") return ignore("ignored-column", chosen.why);
  if (present === 0) return ignore("all-missing", makeReason("all-missing", {}));
  if (tally.values.size === 1) {
    const [value] = tally.values.keys();
    if (tally.missing === 0) return ignore("constant-column", makeReason("constant", { value }));
    if (forced === undefined) return decide("category", makeReason("value-or-missing", { value }));
  }

  if (forced !== undefined) requireReadable(table, column, forced, format.decimal, present);
  const numbers = countNumbers(tally.values, format.decimal);
  const isNumber = forced === "number" || (forced === undefined && isMostlyNumbers(numbers, present));
  if (isNumber) {
    noteNumbers(table, column, format, numbers.others, notes);
    const values = column.cells
      .map((cell) => parseNumber(cell, format.decimal))
      .filter((value) => !Number.isNaN(value));
    const unnamed = table.notes.some((note) => note.code === "unnamed-column" && note.column === name);
    if (forced === undefined && values.length === column.cells.length && isIdentifier(name, values, unnamed)) {
      return ignore("identifier-column", makeReason("numbers-rows", {}));
    }
    return decide("number", makeReason("numbers", { count: numbers.cells, unique: tally.values.size }));
  }
  if (forced === "boolean" || (forced === undefined && isBoolean(tally.values))) {
    return decide("boolean", makeReason("yes-or-no", { values: [...tally.values.keys()].slice(0, 4) }));
  }
  if (forced === "date" || (forced === undefined && isDates(tally.values, parseDate))) {
    return decide("date", makeReason("dates", {}));
  }
  if (forced === undefined) {
    if (format.ambiguous) notes.push(makeNote("comma-in-doubt", { column: name, decimal: false }));
    const { size } = tally.values;
    if (size === present && size > 2) {
      return ignore(
        "identifier-column",
        makeReason("all-different", { count: size, hint: hint(tally.values, format) }),
      );
    }
    if (size > 10 && size > present / 2) {
      const parameters = { count: present, unique: size, hint: hint(tally.values, format) };
      return ignore("many-values", makeReason("many-texts", parameters));
    }
    if (isDates(tally.values, (cell) => (isAmbiguousDate(cell) ? 0 : Number.NaN))) {
      notes.push(makeNote("ambiguous-date", { column: name }));
    }
  }
  return decide("category", makeReason("texts", { unique: tally.values.size }));
}

/** @internal What a cell of each kind that can be misread is, in words. */
export const kindTexts = { number: "a number", boolean: "a yes or no", date: "a date such as 2024-05-31" } as const;

const readers: Record<keyof typeof kindTexts, (cell: string, decimal: DecimalMark) => boolean> = {
  number: (cell, decimal) => !Number.isNaN(parseNumber(cell, decimal)),
  boolean: (cell) => parseBoolean(cell) !== undefined,
  date: (cell) => !Number.isNaN(parseDate(cell)),
};

function requireReadable(
  table: Table,
  { name, cells }: TableColumn,
  kind: ColumnKind,
  decimal: DecimalMark,
  present: number,
): void {
  if (kind === "category" || kind === "ignore") return;
  let unreadable = 0;
  let first = -1;
  for (let row = 0; row < cells.length; row++) {
    if (isMissing(cells[row]) || readers[kind](cells[row], decimal)) continue;
    unreadable++;
    if (first < 0) first = row;
  }
  if (unreadable <= present / 2) return;
  const problem =
    `${quote(cells[first])} is not ${kindTexts[kind]}, and nor are most cells of this column, which is to be used as ${kind}: ` +
    "choose category, or leave the choice to the cells.";
  throw new DataError("not-a-number", problem, { ...placeOf(table, first), column: name, value: cells[first] });
}

interface Tally {
  missing: number;
  values: Map<string, number>;
}

function tallyValues(cells: readonly string[]): Tally {
  const values = new Map<string, number>();
  let missing = 0;
  for (const cell of cells) {
    if (isMissing(cell)) missing++;
    else values.set(cell, (values.get(cell) ?? 0) + 1);
  }
  return { missing, values };
}

interface NumberCount {
  /** Cells that hold a number. */
  cells: number;
  /** Different values that do not. */
  others: Set<string>;
}

function countNumbers(values: Map<string, number>, decimal: DecimalMark): NumberCount {
  let cells = 0;
  const others = new Set<string>();
  for (const [value, times] of values) {
    if (Number.isNaN(parseNumber(value, decimal))) others.add(value);
    else cells += times;
  }
  return { cells, others };
}

/** Numbers, but for few cells, or but for one word that then says "not known". */
function isMostlyNumbers({ cells, others }: NumberCount, present: number): boolean {
  if (others.size === 0) return true;
  const bad = present - cells;
  return cells >= 4 * bad && (bad <= Math.max(1, toleratedShare * present) || others.size === 1);
}

function isBoolean(values: Map<string, number>): boolean {
  let words = 0;
  const seen = new Set<boolean>();
  for (const value of values.keys()) {
    const truth = parseBoolean(value);
    if (truth === undefined) return false;
    seen.add(truth);
    if (value !== "0" && value !== "1") words++;
  }
  return words > 0 && seen.size === 2;
}

function isDates(values: Map<string, number>, parse: (cell: string) => number): boolean {
  for (const value of values.keys()) if (Number.isNaN(parse(value))) return false;
  return true;
}

function noteNumbers(
  table: Table,
  { name, cells }: TableColumn,
  format: NumberFormat,
  others: Set<string>,
  notes: Note[],
): void {
  if (format.decimal === ",") {
    if (format.ambiguous) notes.push(makeNote("comma-in-doubt", { column: name, decimal: true }));
    else notes.push(makeNote("decimal-comma", { column: name }));
  }
  const points = pointsNote(format);
  if (points !== undefined) notes.push(makeNote(points, { column: name }));
  if (others.size === 0) return;
  const bad = cells.filter((cell) => others.has(cell)).length;
  const first = cells.findIndex((cell) => others.has(cell));
  const where = { value: cells[first], row: table.rowNumbers[first] };
  notes.push(makeNote("not-numbers", { column: name, count: bad, ...where }));
}

/** What to do about texts that were meant as numbers. */
function hint(values: Map<string, number>, format: { grouped: boolean }): NumberHint {
  if (format.grouped) return "thousands";
  let numbers = 0;
  for (const value of values.keys()) {
    const bare = value.replace(/^[^\d+.-]{1,4}|[^\d]{1,8}$/g, "");
    if (!Number.isNaN(parseNumber(bare, ","))) numbers++;
  }
  return numbers > values.size * 0.8 ? "unit" : "none";
}
