import { makeNote, type Note, type NoteCode } from "../notes/note.ts";
import { placeOf, type Table } from "../read/table.ts";
import type { TableScan } from "../stream/scan-table.ts";
import type { ColumnFacts } from "../types/column-facts.ts";
import { type DateEvidence, dateEvidence } from "../types/date-order.ts";
import {
  type FormatContext,
  formatContext,
  marksOf,
  mayGroupByPoints,
  newPointsNote,
  parseNumber,
} from "../types/number-format.ts";
import type { Preprocessing } from "./preprocessing.ts";

/** Rows that a reader of tables leaves out for what they hold, which answers then lack. */
const leftOut: readonly NoteCode[] = ["second-header", "totals-row"];

function leftOutRows({ notes }: Table): Note[] {
  return notes.filter(({ code }) => leftOut.includes(code));
}

/**
 * What there is to say of how new data were read: rows that were left out, and how cells such as "1.207" are read, where
 * neither training nor their column says it: one note a column, that of the target among them
 * where it is there.
 */
export function readingNotes(preprocessing: Preprocessing, table: Table): Note[] {
  const points = pointsNotes(preprocessing, formatContext(table), (name) => {
    const found = table.columns.find((column) => column.name === name);
    if (found === undefined) return undefined;
    const first = found.cells.findIndex(mayGroupByPoints);
    const firstPointGroups = first === -1 ? null : { value: found.cells[first], ...placeOf(table, first) };
    return { marks: marksOf(found.cells), firstPointGroups };
  });
  const orders = orderNotes(preprocessing, (name) => {
    const found = table.columns.find((column) => column.name === name);
    return found && dateEvidence(found.cells);
  });
  return [...leftOutRows(table), ...points, ...orders];
}

/** The same of a table that was scanned. */
export function scannedReadingNotes(preprocessing: Preprocessing, { table, facts, context }: TableScan): Note[] {
  const points = pointsNotes(preprocessing, context, (name) => facts.get(name));
  return [...leftOutRows(table), ...points, ...orderNotes(preprocessing, (name) => facts.get(name))];
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
    const code = newPointsNote(facts.marks, context, column.decimal);
    if (code === undefined) return [];
    const { value, row } = facts.firstPointGroups;
    const number = parseNumber(value, code === "new-points-thousands" ? ".," : ".");
    return [makeNote(code, { column: column.name, value, row, number })];
  });
}
