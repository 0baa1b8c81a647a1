import { DataError, quote } from "../errors/data-error.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { noteMissingWords } from "./missing.ts";
import type { Table } from "./table.ts";

/**
 * One table of several, one below the other, with the columns of the first. The others may have them in another order.
 * @throws DataError "different-columns" that names file and column
 */
export function concatTables(tables: readonly Table[]): Table {
  const [first] = tables;
  if (tables.length === 1) return first;
  const aligned = tables.map((table) => alignColumns(table, first));
  const rowCount = tables.reduce((sum, table) => sum + table.rowCount, 0);
  const rowNumbers = new Int32Array(rowCount);
  const files: { name: string; end: number }[] = [];
  let end = 0;
  for (const table of tables) {
    rowNumbers.set(table.rowNumbers, end);
    end += table.rowCount;
    const last = files[files.length - 1];
    if (last?.name === table.name) last.end = end;
    else files.push({ name: table.name, end });
  }
  const columns = first.columns.map(({ name }, index) => ({
    name,
    cells: ([] as string[]).concat(...aligned.map((columns) => columns[index].cells)),
  }));
  const names = new Set(tables.map(({ name }) => name));
  const name = names.size === 1 ? first.name : `${first.name} and ${names.size - 1} more`;
  const told = new Map(tables.flatMap(({ notes }) => notes).map((note) => [note.text, note]));
  const notes = [...told.values()].filter(({ code }) => code !== "missing-words");
  noteMissingWords(columns, notes);
  const table: Table = { name, columns, rowCount, rowNumbers, delimiter: first.delimiter, notes };
  if (names.size > 1) table.files = files;
  if (tables.every((each) => isWrittenLike(each, first)))
    table.written = { header: first.written!.header, rows: tables.flatMap(({ written }) => written!.rows) };
  return table;
}

/** @internal Whether the lines of a table can stand below those of another: the same columns in the same order, separated alike. */
export function isWrittenLike(table: Table, first: Pick<Table, "columns" | "delimiter">): boolean {
  const { columns, delimiter, written } = table;
  return (
    written !== undefined &&
    delimiter === first.delimiter &&
    columns.every(({ name }, index) => name === first.columns[index].name)
  );
}

/**
 * The columns of a table in the order of another's.
 * @throws DataError "different-columns"
 */
export function alignColumns(table: Table, first: Table): Table["columns"] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const columns = first.columns.map(({ name }) => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    const nearest = nearestName(
      name,
      [...byName.keys()].filter((other) => !first.columns.some((column) => column.name === other)),
    );
    const help = nearest === undefined ? "" : ` (it has ${quote(nearest)})`;
    const problem = `this column of ${first.name} is missing here${help}: files that are read together have the same columns.`;
    throw new DataError("different-columns", problem, { file: table.name, column: name });
  });
  if (columns.length < table.columns.length) {
    const extra = table.columns.find((column) => !columns.includes(column))!;
    const problem = `this column is not in ${first.name}: files that are read together have the same columns.`;
    throw new DataError("different-columns", problem, { file: table.name, column: extra.name });
  }
  return columns;
}
