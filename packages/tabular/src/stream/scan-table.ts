import { DataError } from "../errors/data-error.ts";
import { makeNote, type Note, type NoteCode } from "../notes/note.ts";
import { noteWords } from "../read/missing.ts";
import type { Table } from "../read/table.ts";
import { type TotalsRow, totalsRow } from "../read/totals-row.ts";
import { type ColumnFacts, ColumnFactsReader } from "../types/column-facts.ts";
import { missingMarksOf, type TypeContext, typeContext } from "../types/column-type.ts";
import { weighCommas } from "../types/number-format.ts";
import type { TablePieces } from "./table-pieces.ts";

/** What is known of a table after one pass over it. */
export interface TableScan {
  /** Its names, notes and number of rows, and no cell. */
  table: Table;
  facts: ReadonlyMap<string, ColumnFacts>;
  context: TypeContext;
}

/** Different values that are kept of a column, and of all columns together (some 60 MB); of many columns a thousand each. */
const mostValues = { column: 2 ** 15, table: 2 ** 19, least: 2 ** 10 };

/** Notes that each piece has of its own rows. */
const countedCodes = ["blank-rows", "comment-lines", "trailing-separators"] as const;
type CountedCode = (typeof countedCodes)[number];

function isCounted(code: NoteCode): code is CountedCode {
  return (countedCodes as readonly NoteCode[]).includes(code);
}

/**
 * Goes through a table once.
 * @param check refuses the table by its columns, before all of it is read
 * @throws DataError as reading does; "no-rows"
 */
export async function scanTable(source: TablePieces, check?: (table: Table) => void): Promise<TableScan> {
  let header: Table | undefined;
  let readers: ColumnFactsReader[] = [];
  const notes = new Map<string, Note>();
  const counted = new Map<string, { code: CountedCode; count: number }>();
  let rows = 0;
  /** The last row of each file, where it begins with a word for totals. */
  const lasts = new Map<string, TotalsRow & { row: number }>();
  for await (const piece of source.pieces()) {
    if (header === undefined) {
      const columns = piece.columns.map(({ name }) => ({ name, cells: [] }));
      header = { ...piece, name: source.name, columns, rowNumbers: new Int32Array() };
      check?.(header);
      const share = Math.floor(mostValues.table / columns.length);
      const most = Math.max(mostValues.least, Math.min(mostValues.column, share));
      readers = columns.map(({ name }) => new ColumnFactsReader(name, { most }));
    }
    readers.forEach((reader, column) => {
      reader.add(piece, piece.columns[column].cells);
    });
    for (const note of piece.notes) {
      if (isCounted(note.code)) {
        const key = `${piece.name}\n${note.code}`;
        const { count = 0 } = counted.get(key) ?? {};
        counted.set(key, { code: note.code, count: count + Number(note.parameters.count) });
      } else if (note.code !== "missing-words") notes.set(note.text, note);
    }
    rows += piece.rowCount;
    const last = totalsRow(piece.columns);
    if (last === undefined) lasts.delete(piece.name);
    else lasts.set(piece.name, { ...last, row: piece.rowNumbers[piece.rowCount - 1] });
  }
  if (header === undefined) throw new DataError("no-rows", "there is no row of data.", { file: source.name });
  const facts = new Map(readers.map((reader) => [reader.name, reader.finish()]));
  for (const { code, count } of counted.values()) {
    const note = makeNote(code, { count });
    notes.set(note.text, note);
  }
  for (const { column, value, row } of lasts.values()) {
    if ((facts.get(column)!.values.get(value)?.times ?? 1) > 1) continue;
    const note = makeNote("totals-kept", { row, value });
    notes.set(note.text, note);
  }
  const all = [...notes.values()];
  for (const { name, missingWords } of facts.values()) noteWords(name, missingWords, all);
  const table: Table = { ...header, rowCount: rows, notes: all };
  const { delimiter } = table;
  const commaEvidence = () =>
    weighCommas(
      Array.from(facts.values(), ({ marks }) => marks),
      delimiter,
    );
  const format = { delimiter, commaEvidence };
  const missingMarks = () => missingMarksOf(facts.values(), format);
  return { table, facts, context: { ...typeContext(table), ...format, missingMarks } };
}
