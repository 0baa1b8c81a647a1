import { makeNote, type Note, type NoteCode } from "../notes/note.ts";
import { placeOf, type Table } from "../read/table.ts";
import type { TableScan } from "../stream/scan-table.ts";
import type { ColumnFacts } from "../types/column-facts.ts";
import { type DateEvidence, dateEvidence } from "../types/date-order.ts";
import {
  decimalMarks,
  type FormatContext,
  formatContext,
  marksOf,
  mayGroupByPoints,
  type NumberMarks,
  newPointsNote,
  parseNumber,
} from "../types/number-format.ts";
import { type FirstOfSigns, firstOfSigns, mayBeOfOtherUnit } from "../types/number-sign.ts";
import { decimalLike } from "./apply.ts";
import type { Preprocessing } from "./preprocessing.ts";

/** Rows that a reader of tables leaves out for what they hold, which answers then lack. */
const leftOut: readonly NoteCode[] = ["second-header", "totals-row"];

function leftOutRows({ notes }: Table): Note[] {
  return notes.filter(({ code }) => leftOut.includes(code));
}

/**
 * What there is to say of how new data were read: rows that were left out, how cells such as "1.207" are read where
 * neither training nor their column says it, numbers with another sign of currency or per cent than those of training, and
 * dates in another order: one note of each a column, that of the target among them where it is there.
 */
export function readingNotes(preprocessing: Preprocessing, table: Table): Note[] {
  const points = pointsNotes(preprocessing, formatContext(table), (name) => {
    const found = table.columns.find((column) => column.name === name);
    if (found === undefined) return undefined;
    const first = found.cells.findIndex(mayGroupByPoints);
    const firstPointGroups = first === -1 ? null : { value: found.cells[first], ...placeOf(table, first) };
    return { marks: marksOf(found.cells), firstPointGroups };
  });
  const signs = signNotes(preprocessing, formatContext(table), (name) => {
    const found = table.columns.find((column) => column.name === name);
    if (found === undefined) return undefined;
    const { cells } = found;
    const isNumber = (cell: string) => decimalMarks.some((mark) => !Number.isNaN(parseNumber(cell, mark)));
    return { firstOfSigns: firstOfSigns(table, cells, isNumber), marks: () => marksOf(cells) };
  });
  const orders = orderNotes(preprocessing, (name) => {
    const found = table.columns.find((column) => column.name === name);
    return found && dateEvidence(found.cells);
  });
  return [...leftOutRows(table), ...points, ...signs, ...orders];
}

/** The same of a table that was scanned. */
export function scannedReadingNotes(preprocessing: Preprocessing, { table, facts, context }: TableScan): Note[] {
  const points = pointsNotes(preprocessing, context, (name) => facts.get(name));
  const signs = signNotes(preprocessing, context, (name) => {
    const found = facts.get(name);
    return found && { firstOfSigns: found.firstOfSigns, marks: () => found.marks };
  });
  return [...leftOutRows(table), ...points, ...signs, ...orderNotes(preprocessing, (name) => facts.get(name))];
}

/** A note of each column whose dates can only have another order than those of training. */
function orderNotes({ columns }: Preprocessing, evidenceOf: (name: string) => DateEvidence | undefined): Note[] {
  return columns.flatMap((column) => {
    const evidence = column.kind === "date" && column.order !== undefined && evidenceOf(column.name);
    if (!evidence || evidence.dayFirst === evidence.monthFirst) return [];
    const { dayFirst } = evidence;
    return dayFirst === (column.order === "day-first")
      ? []
      : [makeNote("new-date-order", { column: column.name, dayFirst })];
  });
}

function pointsNotes(
  { columns, target }: Preprocessing,
  context: FormatContext,
  factsOf: (name: string) => Pick<ColumnFacts, "marks" | "firstPointGroups"> | undefined,
): Note[] {
  return [...columns, target].flatMap((column) => {
    if (!("decimal" in column) || column.decimalFixed || column.decimalPoints) return [];
    const facts = factsOf(column.name);
    if (facts === undefined || facts.firstPointGroups === null) return [];
    const code = newPointsNote(facts.marks, context, column.decimal, column.plainNumbers);
    if (code === undefined) return [];
    const { value, row } = facts.firstPointGroups;
    const number = parseNumber(value, code === "new-points-thousands" ? ".," : ".");
    return [makeNote(code, { column: column.name, value, row, number })];
  });
}

/** A note of each column with a number that may be of another unit than those of training. */
function signNotes(
  { columns, target }: Preprocessing,
  context: FormatContext,
  factsOf: (name: string) => { firstOfSigns: FirstOfSigns; marks: () => NumberMarks } | undefined,
): Note[] {
  return [...columns, target].flatMap((column) => {
    if (!("decimal" in column) || (column.kind === "classes" && column.match !== "number")) return [];
    const { name, sign: trained = "" } = column;
    const facts = factsOf(name);
    if (facts === undefined) return [];
    const other = [...facts.firstOfSigns].find(([sign]) => mayBeOfOtherUnit(trained, sign));
    if (other === undefined) return [];
    const [sign, { value, row }] = other;
    const number = parseNumber(value, decimalLike(column, facts.marks(), context));
    return [makeNote("new-sign", { column: name, value, row, number, sign, trained })];
  });
}
