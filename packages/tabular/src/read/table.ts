import { DataError, quote } from "../errors/data-error.ts";
import { nearestName } from "../errors/nearest-name.ts";
import type { Note } from "../notes/note.ts";

/** One column of text. `cells` has one entry a row, without white space around it, in Unicode's NFC form. */
export interface TableColumn {
  name: string;
  cells: string[];
}

/** A table as it was read: text only, nothing guessed yet. */
export interface Table {
  /** Name of the file, used in messages. */
  name: string;
  columns: TableColumn[];
  /** Number of rows of data, without the header. */
  rowCount: number;
  /** For every row its number in the file as a spreadsheet counts: the header is row 1. */
  rowNumbers: Int32Array;
  /** What separates the cells in the file. */
  delimiter: string;
  notes: Note[];
  /** How its rows were written, where it is CSV and that was asked for. */
  written?: WrittenRows;
  /** Where several files were put together: their names, and before which row of the table each ends. */
  files?: readonly { name: string; end: number }[];
}

/** Lines of CSV as they were, each with its line end, without separators behind the last column. */
export interface WrittenRows {
  /** With the byte order mark, where there was one. */
  header: string;
  rows: string[];
}

/** @internal Where a row comes from: its file, and its number there. */
export function placeOf(table: Table, row: number): { file: string; row: number } {
  const file = table.files?.find(({ end }) => row < end)?.name ?? table.name;
  return { file, row: table.rowNumbers[row] };
}

/**
 * The column of that name.
 * @throws DataError "no-such-column" with the nearest name that there is
 */
export function findColumn(table: Table, name: string): TableColumn {
  const wanted = name.trim().normalize("NFC");
  const column = table.columns.find((candidate) => candidate.name === wanted);
  if (column !== undefined) return column;
  const { help, suggestion } = suggestName(table, name);
  const place = { file: table.name, value: name, suggestion };
  throw new DataError("no-such-column", `there is no column ${quote(name)}.${help}`, place);
}

/** @internal The nearest name that there is, and " Did you mean …?" or the list of columns, for the end of a message. */
export function suggestName(
  table: Table,
  name: string,
  taken: ReadonlySet<string> = new Set(),
): { help: string; suggestion?: string } {
  const names = table.columns.map((column) => column.name);
  const nearest = nearestName(
    name,
    names.filter((each) => !taken.has(each)),
  );
  if (nearest !== undefined) return { help: ` Did you mean ${quote(nearest)}?`, suggestion: nearest };
  const shown = names.slice(0, 20).map(quote).join(", ");
  return { help: ` The columns are ${shown}${names.length > 20 ? `, and ${names.length - 20} more` : ""}.` };
}
