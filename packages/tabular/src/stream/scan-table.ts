import { DataError } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { noteWords } from "../read/missing.ts";
import type { Table } from "../read/table.ts";
import { type ColumnFacts, ColumnFactsReader } from "../types/column-facts.ts";
import { type TypeContext, typeContext } from "../types/column-type.ts";
import { weighCommas } from "../types/number-format.ts";
import type { TablePieces } from "./table-pieces.ts";

/** What is known of a table after one pass over it. */
export interface TableScan {
  /** Its names, notes and number of rows, and no cell. */
  table: Table;
  facts: ReadonlyMap<string, ColumnFacts>;
  context: TypeContext;
}

/** Different values of a column that are kept: enough for every category with one row in thirty thousand. */
const mostValues = 2 ** 16;

/**
 * Goes through a table once.
 * @param seen is told how many rows there were so far
 * @throws DataError as reading does; "no-rows"
 */
export async function scanTable(source: TablePieces, seen?: (rows: number) => void): Promise<TableScan> {
  let header: Table | undefined;
  let readers: ColumnFactsReader[] = [];
  const notes = new Map<string, Note>();
  const blankRows = new Map<string, number>();
  let rows = 0;
  for await (const piece of source.pieces()) {
    if (header === undefined) {
      const columns = piece.columns.map(({ name }) => ({ name, cells: [] }));
      header = { ...piece, name: source.name, columns, rowNumbers: new Int32Array() };
      readers = columns.map(({ name }) => new ColumnFactsReader(name, { most: mostValues }));
    }
    readers.forEach((reader, column) => {
      reader.add(piece, piece.columns[column].cells);
    });
    for (const note of piece.notes) {
      if (note.code === "blank-rows") {
        const before = blankRows.get(piece.name) ?? 0;
        blankRows.set(piece.name, before + Number(note.parameters.count));
      } else if (note.code !== "missing-words") notes.set(note.text, note);
    }
    rows += piece.rowCount;
    seen?.(rows);
  }
  if (header === undefined) throw new DataError("no-rows", "there is no row of data.", { file: source.name });
  const facts = new Map(readers.map((reader) => [reader.name, reader.finish()]));
  for (const count of blankRows.values()) {
    const note = makeNote("blank-rows", { count });
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
  return { table, facts, context: { ...typeContext(table), commaEvidence } };
}
