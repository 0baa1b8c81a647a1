import { makeNote, type Note } from "../notes/note.ts";
import type { Table } from "../read/table.ts";
import type { TableScan } from "../stream/scan-table.ts";
import { type FormatContext, formatContext, marksOf, type NumberMarks, newPointsNote } from "../types/number-format.ts";
import type { Preprocessing } from "./preprocessing.ts";

/**
 * How cells such as "1.207" of new data are read, where training had the decimal comma and their column alone does not
 * say it: one note a column, that of the target among them where it is there.
 */
export function newPointsNotes(preprocessing: Preprocessing, table: Table): Note[] {
  return notesOf(preprocessing, formatContext(table), (name) => {
    const found = table.columns.find((column) => column.name === name);
    return found && marksOf(found.cells);
  });
}

/** The same of a table that was scanned. */
export function scannedPointsNotes(preprocessing: Preprocessing, { facts, context }: TableScan): Note[] {
  return notesOf(preprocessing, context, (name) => facts.get(name)?.marks);
}

function notesOf(
  { columns, target }: Preprocessing,
  context: FormatContext,
  marksFor: (name: string) => NumberMarks | undefined,
): Note[] {
  return [...columns, target].flatMap((column) => {
    if (!("decimal" in column) || column.decimalFixed || (column.decimal !== "," && column.decimal !== ".,")) return [];
    const marks = marksFor(column.name);
    if (marks === undefined) return [];
    const code = newPointsNote(marks, context, column.decimal);
    return code === undefined ? [] : [makeNote(code, { column: column.name })];
  });
}
