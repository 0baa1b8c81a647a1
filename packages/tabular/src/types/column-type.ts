import { quote } from "../errors/data-error.ts";
import { count, type Note } from "../note.ts";
import { isMissing } from "../read/missing.ts";
import type { Table, TableColumn } from "../read/table.ts";
import { parseBoolean } from "./boolean.ts";
import { isAmbiguousDate, parseDate } from "./date.ts";
import { isIdentifier } from "./identifier.ts";
import {
  type DecimalMark,
  describePoints,
  detectNumberFormat,
  groupedHint,
  type NumberFormat,
  parseNumber,
} from "./number-format.ts";

/** What a column is used as; "ignore" leaves it out. */
export type ColumnKind = "number" | "category" | "boolean" | "date" | "ignore";

/** What was decided about a column, and why. */
export interface ColumnType {
  name: string;
  kind: ColumnKind;
  /** Why, in words: `248 of 342 values are different numbers`. */
  reason: string;
  /** How its numbers are written. Matters for "number" alone. */
  decimal: DecimalMark;
  /** Missing cells. */
  missing: number;
  /** Different values among the others. */
  distinct: number;
  notes: Note[];
}

/** At most this share of a column of numbers may be something else; what is, is then read as missing. */
const toleratedShare = 0.05;

/**
 * Decides what a column is, from all of its cells.
 * @param forced take this kind, whatever the cells say
 */
export function inferColumnType(table: Table, column: TableColumn, forced?: ColumnKind): ColumnType {
  const { name } = column;
  const notes: Note[] = [];
  const tally = tallyValues(column.cells);
  const present = column.cells.length - tally.missing;
  const format = detectNumberFormat(column.cells, table);
  const decide = (kind: ColumnKind, reason: string): ColumnType => ({
    name,
    kind,
    reason,
    decimal: format.decimal,
    missing: tally.missing,
    distinct: tally.values.size,
    notes,
  });
  const ignore = (code: Note["code"], reason: string): ColumnType => {
    notes.push({ code, column: name, text: `column ${quote(name)} is left out: ${reason}` });
    return decide("ignore", reason);
  };

  if (forced === "ignore") return ignore("ignored-column", "as asked");
  if (present === 0) return ignore("all-missing", "all of its cells are missing");
  if (tally.values.size === 1) {
    const [value] = tally.values.keys();
    if (tally.missing === 0) return ignore("constant-column", `every cell is ${quote(value)}`);
    if (forced === undefined) return decide("category", `a cell is either ${quote(value)} or missing`);
  }

  const numbers = countNumbers(tally.values, format.decimal);
  const isNumber = forced === "number" || (forced === undefined && isMostlyNumbers(numbers, present));
  if (isNumber) {
    noteNumbers(table, column, format, numbers.others, notes);
    const values = column.cells
      .map((cell) => parseNumber(cell, format.decimal))
      .filter((value) => !Number.isNaN(value));
    const unnamed = table.notes.some((note) => note.code === "unnamed-column" && note.column === name);
    if (forced === undefined && values.length === column.cells.length && isIdentifier(name, values, unnamed)) {
      return ignore("identifier-column", "it numbers the rows");
    }
    return decide("number", `${count(numbers.cells, "number")}, ${tally.values.size} different`);
  }
  if (forced === "boolean" || (forced === undefined && isBoolean(tally.values))) {
    return decide(
      "boolean",
      `every value says yes or no: ${[...tally.values.keys()].slice(0, 4).map(quote).join(", ")}`,
    );
  }
  if (forced === "date" || (forced === undefined && isDates(tally.values, parseDate))) {
    return decide("date", "dates, split into days since 1970, month, day, weekday and hour");
  }
  if (forced === undefined) {
    if (format.ambiguous) {
      const text = `column ${quote(name)}: a comma before three digits may separate thousands or decimals; it is not read as a number`;
      notes.push({ code: "ambiguous-number", column: name, text });
    }
    const { size } = tally.values;
    if (size === present && size > 2) {
      return ignore(
        "identifier-column",
        `all of its ${count(size, "text")} are different${hint(tally.values, format)}`,
      );
    }
    if (size > 10 && size > present / 2) {
      const reason = `${size} of its ${present} texts are different, too many to learn from${hint(tally.values, format)}`;
      return ignore("many-values", reason);
    }
    if (isDates(tally.values, (cell) => (isAmbiguousDate(cell) ? 0 : Number.NaN))) {
      const text = `column ${quote(name)}: whether day or month comes first cannot be told, so its dates are categories; write 2024-05-31`;
      notes.push({ code: "ambiguous-date", column: name, text });
    }
  }
  return decide("category", `${tally.values.size} different texts`);
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
    const doubt = format.ambiguous ? '; should it separate thousands, write the numbers without ("1234")' : "";
    const code = format.ambiguous ? "ambiguous-number" : "decimal-comma";
    notes.push({ code, column: name, text: `column ${quote(name)}: the comma is read as the decimal mark${doubt}` });
  }
  const points = describePoints(format);
  if (points !== undefined) {
    notes.push({ code: "ambiguous-number", column: name, text: `column ${quote(name)}: ${points}` });
  }
  if (others.size === 0) return;
  const bad = cells.filter((cell) => others.has(cell)).length;
  const first = cells.findIndex((cell) => others.has(cell));
  const text =
    `column ${quote(name)}: ${count(bad, "cell")} not a number, read as missing; ` +
    `the first is ${quote(cells[first])} in row ${table.rowNumbers[first]}`;
  notes.push({ code: "not-numbers", column: name, text });
}

/** What to do about texts that were meant as numbers. */
function hint(values: Map<string, number>, format: { grouped: boolean }): string {
  if (format.grouped) return `; ${groupedHint}`;
  let numbers = 0;
  for (const value of values.keys()) {
    const bare = value.replace(/^[^\d+.-]{1,4}|[^\d]{1,8}$/g, "");
    if (!Number.isNaN(parseNumber(bare, ","))) numbers++;
  }
  return numbers > values.size * 0.8 ? "; they look like numbers with a unit: write the number alone" : "";
}
