import { DataError, quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { makeReason, type NumberHint, type Reason } from "../notes/reason.ts";
import { leftOut } from "../notes/texts.ts";
import type { ChosenKind } from "../plan/column-choices.ts";
import type { Table, TableColumn } from "../read/table.ts";
import { type ColumnFacts, columnFacts, distinctNumbers, type ReadingFacts } from "./column-facts.ts";
import { isIdentifier } from "./identifier.ts";
import {
  type DecimalMark,
  type FormatContext,
  formatContext,
  type NumberFormat,
  numberFormat,
  parseNumber,
  pointsNote,
} from "./number-format.ts";

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

/** What the type of a column depends on besides its cells. */
export interface TypeContext extends FormatContext {
  /** Name of the file, for messages. */
  file: string;
  /** Columns whose names the file does not give. */
  unnamed: ReadonlySet<string>;
}

/** @internal What a table has of it. */
export function typeContext(table: Table): TypeContext {
  const unnamed = table.notes.filter(({ code }) => code === "unnamed-column").map(({ column }) => column!);
  return { ...formatContext(table), file: table.name, unnamed: new Set(unnamed) };
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
  const { name, missing, values, distinct } = facts;
  const forced = chosen?.kind;
  const notes: Note[] = [];
  const present = facts.rows - missing;
  const format = numberFormat(facts.marks, context);
  const { decimal } = format;
  const decide = (kind: ColumnKind, found: Reason): ColumnType => {
    const why = chosen?.kind === kind ? chosen.why : found;
    return { name, kind, reason: why.text, why, decimal, missing, distinct, notes };
  };
  const ignore = (code: LeftOutCode, why: Reason): ColumnType => {
    notes.push(makeNote(code, leftOut(name, why)));
    return decide("ignore", why);
  };

  if (chosen?.kind === "ignore") return ignore("ignored-column", chosen.why);
  if (present === 0) return ignore("all-missing", makeReason("all-missing", {}));
  if (distinct === 1) {
    const [value] = values.keys();
    if (missing === 0) return ignore("constant-column", makeReason("constant", { value }));
    if (forced === undefined) return decide("category", makeReason("value-or-missing", { value }));
  }

  const numbers = facts.numbers[decimal];
  if (forced !== undefined) requireReadable(facts, forced, decimal, present);
  if (forced === "number" || (forced === undefined && isMostlyNumbers(numbers, present))) {
    noteNumbers(name, format, numbers, present, notes);
    if (forced === undefined && numbers.cells === facts.rows && isIdentifier(facts, decimal, context.unnamed.has(name)))
      return ignore("identifier-column", makeReason("numbers-rows", {}));
    // Cells that are no numbers are read as missing, and counted so.
    const unique = numbers.others === 0 ? distinct : distinctNumbers(facts, decimal);
    const read = decide("number", makeReason("numbers", { count: numbers.cells, unique }));
    return { ...read, missing: facts.rows - numbers.cells, distinct: unique };
  }
  if (forced === "boolean" || (forced === undefined && isBoolean(facts.boolean))) {
    return decide("boolean", makeReason("yes-or-no", { values: [...values.keys()].slice(0, 4) }));
  }
  if (forced === "date" || (forced === undefined && facts.date.others === 0)) {
    return decide("date", makeReason("dates", {}));
  }
  if (forced === undefined) {
    if (format.ambiguous) notes.push(makeNote("comma-in-doubt", { column: name, decimal: false }));
    if (facts.ambiguousDates) notes.push(makeNote("ambiguous-date", { column: name }));
    if (distinct === present && distinct > 2) {
      return ignore("identifier-column", makeReason("all-different", { count: distinct, hint: hint(values, format) }));
    }
    if (distinct > 10 && distinct > present / 2) {
      const parameters = { count: present, unique: distinct, hint: hint(values, format) };
      return ignore("many-values", makeReason("many-texts", parameters));
    }
  }
  return decide("category", makeReason("texts", { unique: distinct }));
}

/** @internal What a cell of each kind that can be misread is, in words. */
export const kindTexts = { number: "a number", boolean: "a yes or no", date: "a date such as 2024-05-31" } as const;

function requireReadable(facts: ColumnFacts, kind: ColumnKind, decimal: DecimalMark, present: number): void {
  if (kind === "category" || kind === "ignore") return;
  const { cells, firstOther } = kind === "number" ? facts.numbers[decimal] : facts[kind];
  if (firstOther === null || present - cells <= present / 2) return;
  const help =
    kind === "date" && facts.ambiguousDates
      ? "write the year first, since the order of day and month cannot be told."
      : "choose category, or leave the choice to the cells.";
  const problem = `${quote(firstOther.value)} is not ${kindTexts[kind]}, and nor are most cells of this column, which is to be used as ${kind}: ${help}`;
  throw new DataError("not-a-number", problem, { column: facts.name, ...firstOther });
}

/** Numbers, but for few cells, or but for one word that then says "not known". */
function isMostlyNumbers({ cells, others }: ReadingFacts, present: number): boolean {
  if (others === 0) return true;
  const bad = present - cells;
  return cells >= 4 * bad && (bad <= Math.max(1, toleratedShare * present) || others === 1);
}

function isBoolean({ others, yes, no, words }: ColumnFacts["boolean"]): boolean {
  return others === 0 && yes && no && words;
}

function noteNumbers(
  name: string,
  format: NumberFormat,
  { cells, firstOther }: ReadingFacts,
  present: number,
  notes: Note[],
): void {
  if (format.decimal === ",") {
    if (format.ambiguous) notes.push(makeNote("comma-in-doubt", { column: name, decimal: true }));
    else notes.push(makeNote("decimal-comma", { column: name }));
  }
  const points = pointsNote(format);
  if (points !== undefined) notes.push(makeNote(points, { column: name }));
  if (format.unit !== "") notes.push(makeNote("units-left-out", { column: name, value: format.unit }));
  if (firstOther === null) return;
  const { value, row } = firstOther;
  notes.push(makeNote("not-numbers", { column: name, count: present - cells, value, row }));
}

/** What to do about texts that were meant as numbers. */
function hint(values: ColumnFacts["values"], format: { grouped: boolean }): NumberHint {
  if (format.grouped) return "thousands";
  let numbers = 0;
  for (const value of values.keys()) {
    const bare = value.replace(/[^\d]{1,8}$/, "");
    if (!Number.isNaN(parseNumber(bare, ","))) numbers++;
  }
  return numbers > values.size * 0.8 ? "unit" : "none";
}
