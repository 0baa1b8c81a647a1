import { DataError, quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { type MeantAsNumbers, makeReason, type Reason } from "../notes/reason.ts";
import { leftOut } from "../notes/texts.ts";
import { typeOption } from "../notes/type-option.ts";
import type { ChosenKind } from "../plan/column-choices.ts";
import type { Table, TableColumn } from "../read/table.ts";
import { areCodes } from "./code.ts";
import { type ColumnFacts, columnFacts, distinctNumbers, type ReadingFacts } from "./column-facts.ts";
import type { DateOrder } from "./date.ts";
import { dateOrderOf } from "./date-order.ts";
import { isIdentifier } from "./identifier.ts";
import { noteMissingCodes } from "./missing-codes.ts";
import {
  askedFormat,
  type DecimalMark,
  type FormatContext,
  formatContext,
  type NumberFormat,
  numberFormat,
  parseNumber,
  pointsNote,
} from "./number-format.ts";
import { noteSpelledAlike } from "./spelled-alike.ts";

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
  /** How its numbers are written, and whether that was asked for. Matters for "number" alone. */
  decimal: DecimalMark;
  decimalFixed: boolean;
  /** Whether its points are decimal, though those of new data may look otherwise. */
  decimalPoints: boolean;
  /** Whether no number has a decimal mark or separated thousands. */
  plainNumbers: boolean;
  /** The sign of currency or per cent that its numbers have; "" for none, or several. */
  sign: string;
  /** In which order its dates are written. Matters for "date" alone. */
  dateOrder: DateOrder;
  /** Words such as NA that are texts of it, and not missing. Matters for "category" alone. */
  words: string[];
  /** Missing cells. */
  missing: number;
  /** Different values among the others. */
  distinct: number;
  notes: Note[];
}

type LeftOutCode = "constant-column" | "identifier-column" | "many-values" | "all-missing" | "ignored-column";

/** So many cells of a column of numbers or dates may be something else, or this share; what is, is read as missing. */
const tolerated = { cells: 3, share: 0.1 };

/** What the type of a column depends on besides its cells. */
export interface TypeContext extends FormatContext {
  /** Name of the file, for messages. */
  file: string;
  /** Columns whose names the file does not give. */
  unnamed: ReadonlySet<string>;
  /** Words such as NA that stand for a missing number in some column: marks of what is missing in all of the file. */
  missingMarks(): ReadonlySet<string>;
}

/** @internal What a table has of it. */
export function typeContext(table: Table): TypeContext {
  const unnamed = table.notes.filter(({ code }) => code === "unnamed-column").map(({ column }) => column!);
  const format = formatContext(table);
  const facts = () => table.columns.map((column) => columnFacts(table, column));
  return {
    ...format,
    file: table.name,
    unnamed: new Set(unnamed),
    missingMarks: () => missingMarksOf(facts(), format),
  };
}

/** @internal */
export function missingMarksOf(columns: Iterable<ColumnFacts>, format: FormatContext): ReadonlySet<string> {
  const marks = new Set<string>();
  for (const { marks: numbers, numbers: read, rows, missing, missingWords } of columns) {
    if (missingWords.size === 0) continue;
    const { cells } = read[numberFormat(numbers, format).decimal];
    if (cells > 0 && cells >= 0.8 * (rows - missing)) for (const word of missingWords.keys()) marks.add(word);
  }
  return marks;
}

/**
 * Decides what a column is, from all of its cells.
 * @param chosen take this kind, whatever the cells say
 * @throws DataError "not-a-number" where most cells cannot be read as the kind that is chosen
 */
export function inferColumnType(table: Table, column: TableColumn, chosen?: ChosenKind): ColumnType {
  return decideColumnType(columnFacts(table, column), typeContext(table), chosen);
}

/** The same from what is known of the cells. */
export function decideColumnType(facts: ColumnFacts, context: TypeContext, chosen?: ChosenKind): ColumnType {
  const { name, values } = facts;
  const forced = chosen?.kind;
  const writing = chosen?.writing;
  const words = writing === "words" ? [...facts.missingWords.keys()] : [];
  const missing = facts.missing - countWords(facts, words);
  const distinct = facts.distinct + words.length;
  const notes: Note[] = [];
  const present = facts.rows - missing;
  const decimalFixed = writing === "point" || writing === "comma";
  const format = decimalFixed ? askedFormat(facts.marks, writing) : numberFormat(facts.marks, context);
  const { decimal, decimalPoints, plain: plainNumbers, sign } = format;
  const order = writing === "day-first" || writing === "month-first" ? writing : dateOrderOf(facts);
  const dateOrder = order ?? "year-first";
  const decide = (kind: ColumnKind, found: Reason): ColumnType => {
    const why = chosen?.kind === kind ? chosen.why : found;
    const writing = { decimal, decimalFixed, decimalPoints, plainNumbers, sign, dateOrder };
    return { name, kind, reason: why.text, why, ...writing, words, missing, distinct, notes };
  };
  /** As decide; cells that are nothing of the kind are read as missing, and counted so. */
  const decideReadable = (kind: ColumnKind, found: Reason, cells: number, unique = distinct): ColumnType => ({
    ...decide(kind, found),
    missing: facts.rows - cells,
    distinct: unique,
  });
  const ignore = (code: LeftOutCode, why: Reason): ColumnType => {
    notes.push(makeNote(code, leftOut(name, why)));
    return decide("ignore", why);
  };

  if (chosen?.kind === "ignore") return ignore("ignored-column", chosen.why);
  if (present === 0) return ignore("all-missing", makeReason("all-missing", {}));
  if (distinct === 1) {
    const [value] = [...values.keys(), ...words];
    if (missing === 0) return ignore("constant-column", makeReason("constant", { value }));
    if (forced === undefined) return decide("category", makeReason("value-or-missing", { value }));
  }

  const numbers = facts.numbers[decimal];
  const dates = facts.dates[dateOrder];
  const codes = forced === undefined && areCodes(facts);
  if (forced !== undefined) requireReadable(facts, forced, forced === "date" ? dates : numbers, present);
  if (codes) notes.push(makeNote("codes", { column: name, value: zeroLed(values) }));
  else if (forced === "number" || (forced === undefined && isMostly(numbers, present))) {
    noteNumbers(facts, format, decimalFixed, notes);
    noteOthers("not-numbers", name, numbers, present, notes);
    if (forced === undefined && numbers.cells === facts.rows && isIdentifier(facts, decimal, context.unnamed.has(name)))
      return ignore("identifier-column", makeReason("numbers-rows", {}));
    notes.push(...noteMissingCodes(facts, decimal));
    const unique = numbers.others === 0 ? distinct : distinctNumbers(facts, decimal);
    return decideReadable("number", makeReason("numbers", { count: numbers.cells, unique }), numbers.cells, unique);
  }
  if (forced === "boolean" || (forced === undefined && !codes && isBoolean(facts.boolean))) {
    const read = makeReason("yes-or-no", { values: [...values.keys()].slice(0, 4) });
    return decideReadable("boolean", read, facts.boolean.cells);
  }
  if (forced === "date" || (forced === undefined && order !== undefined && isMostly(dates, present))) {
    if (writing === undefined && order !== undefined && order !== "year-first")
      notes.push(makeNote(order, { column: name }));
    noteOthers("not-dates", name, dates, present, notes);
    if (facts.zones.other !== "") notes.push(makeNote("zones-left-out", { column: name, ...facts.zones }));
    return decideReadable("date", makeReason("dates", {}), dates.cells);
  }
  if (forced === undefined) {
    if (format.ambiguous) notes.push(makeNote("comma-in-doubt", { column: name, decimal: false }));
    if (facts.otherDates) notes.push(makeNote("ambiguous-date", { column: name }));
    const meant = codes ? meantAsTexts : hint(facts, format);
    if (distinct === present && distinct > 2) {
      return ignore("identifier-column", makeReason("all-different", { count: distinct, ...meant }));
    }
    if (distinct > 10 && distinct > present / 2) {
      return ignore("many-values", makeReason("many-texts", { count: present, unique: distinct, ...meant }));
    }
    if (meant.hint === "cells") notes.push(makeNote("some-numbers", { column: name, ...meant }));
    else if (areSurelyNumbers(facts, format, meant))
      notes.push(makeNote("texts-like-numbers", { column: name, ...meant }));
  }
  notes.push(...noteSpelledAlike(facts, false));
  return decide("category", makeReason("texts", { unique: distinct }));
}

/** @internal How many cells are one of these words. */
export function countWords({ missingWords }: ColumnFacts, words: readonly string[]): number {
  return words.reduce((sum, word) => sum + (missingWords.get(word) ?? 0), 0);
}

function zeroLed(values: ColumnFacts["values"]): string {
  return [...values.keys()].find((value) => /^0\d+$/.test(value)) ?? "";
}

/** @internal What a cell of each kind that can be misread is, in words. */
export const kindTexts = { number: "a number", boolean: "a yes or no", date: "a date such as 2024-05-31" } as const;

function requireReadable(facts: ColumnFacts, kind: ColumnKind, read: ReadingFacts, present: number): void {
  if (kind === "category" || kind === "ignore") return;
  const { cells, firstOther } = kind === "boolean" ? facts.boolean : read;
  if (firstOther === null || present - cells <= present / 2) return;
  const help =
    kind === "date" && facts.otherDates
      ? `the order of day and month cannot be told: choose date:day-first or date:month-first (${typeOption(facts.name, "date:day-first")}).`
      : "choose category, or leave the choice to the cells.";
  const problem = `${quote(firstOther.value)} is not ${kindTexts[kind]}, and nor are most cells of this column, which is to be used as ${kind}: ${help}`;
  throw new DataError("not-a-number", problem, { column: facts.name, ...firstOther });
}

/** Cells of a kind, but for few, or but for one word that then says "not known". */
function isMostly({ cells, others }: ReadingFacts, present: number): boolean {
  if (others === 0) return true;
  const bad = present - cells;
  return cells >= 4 * bad && (bad <= Math.max(tolerated.cells, tolerated.share * present) || others === 1);
}

function isBoolean({ others, yes, no, words }: ColumnFacts["boolean"]): boolean {
  return others === 0 && yes && no && words;
}

function noteNumbers(facts: ColumnFacts, format: NumberFormat, asked: boolean, notes: Note[]): void {
  const { name: column } = facts;
  if (!asked) {
    if (format.decimal === ",") {
      if (format.ambiguous) notes.push(makeNote("comma-in-doubt", { column, decimal: true }));
      else notes.push(makeNote("decimal-comma", { column }));
    }
    notes.push(...notePoints(facts, format));
  }
  notes.push(...noteSigns(column, format));
}

/** @internal What there is to say of points and commas that separate thousands, or may do so. */
export function notePoints({ name: column, firstPointGroups }: ColumnFacts, format: NumberFormat): Note[] {
  const code = pointsNote(format);
  if (code === undefined) return [];
  if (code === "commas-are-thousands") return [makeNote(code, { column })];
  const value = firstPointGroups?.value ?? "1.234";
  return [makeNote(code, { column, value, number: parseNumber(value, format.decimal) })];
}

/** @internal What there is to say of signs around the numbers of a column. */
export function noteSigns(column: string, { decimal, unit, otherUnit, partly, negative }: NumberFormat): Note[] {
  const notes: Note[] = [];
  if (unit !== "") {
    const number = parseNumber(unit, decimal);
    notes.push(makeNote("units-left-out", { column, value: unit, number, other: otherUnit, partly }));
  }
  if (negative !== "") notes.push(makeNote("negative-numbers", { column, value: negative }));
  return notes;
}

function noteOthers(
  code: "not-numbers" | "not-dates",
  column: string,
  { cells, firstOther }: ReadingFacts,
  present: number,
  notes: Note[],
): void {
  if (firstOther === null) return;
  const { value, row } = firstOther;
  notes.push(makeNote(code, { column, count: present - cells, value, row }));
}

const meantAsTexts = { hint: "none", numbers: 0, value: "", row: 0 } as const;

const unitBehind = /[^\d]{1,8}$/;
const timeOfDay = /^\d{1,3}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?$/i;

/** @internal What to do about texts that were meant as numbers. */
export function hint({ values, numbers }: ColumnFacts, { grouped, decimal }: NumberFormat): MeantAsNumbers {
  if (grouped) return { ...meantAsTexts, hint: "thousands" };
  let units = 0;
  let times = 0;
  let plain = 0;
  for (const value of values.keys()) {
    if (!Number.isNaN(parseNumber(value, decimal))) plain++;
    else if (!Number.isNaN(parseNumber(value.replace(unitBehind, ""), ","))) units++;
    else if (timeOfDay.test(value)) times++;
  }
  if (units > values.size * 0.8) return { ...meantAsTexts, hint: "unit" };
  if (times > values.size * 0.8) return { ...meantAsTexts, hint: "time" };
  const { cells, firstOther } = numbers[decimal];
  if (plain < values.size / 2 || firstOther === null) return meantAsTexts;
  return { hint: "cells", numbers: cells, value: firstOther.value, row: firstOther.row };
}

/**
 * @internal Whether few texts are surely numbers that are written so, and no names: of those with a unit all have the same
 * ("2 kg", not "2a" and "2b").
 */
export function areSurelyNumbers({ values }: ColumnFacts, { ambiguous }: NumberFormat, meant: MeantAsNumbers): boolean {
  if (meant.hint !== "unit") return meant.hint === "time" || (meant.hint === "thousands" && !ambiguous);
  const units = new Set(Array.from(values.keys(), (value) => unitBehind.exec(value)?.[0].trim()));
  return units.size === 1 && values.size > 2;
}
