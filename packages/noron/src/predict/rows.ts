import type { Preprocessing, Table } from "@noron/tabular";

/** A cell as a program has it, or as a file does. */
export type Cell = string | number | boolean | Date | null | undefined;

/** One row by the names of its columns; null, undefined, NaN and "" say that a value is missing. */
export type Row = Readonly<Record<string, Cell>>;

/** Rows as a table of text, as if they had been read from a file. Columns that training did not use are left out. */
export function tableOfRows(preprocessing: Preprocessing, rows: readonly Row[]): Table {
  const used = preprocessing.columns.filter(({ name }) => rows.some((row) => Object.hasOwn(row, name)));
  const others = new Set(rows.flatMap((row) => Object.keys(row)));
  for (const { name } of preprocessing.columns) others.delete(name);
  const columns = used.map(({ name, kind }) => ({
    name,
    cells: rows.map((row) => cellText(Object.hasOwn(row, name) ? row[name] : undefined, kind)),
  }));
  // A column that training had and no row has is refused with the nearest of these names.
  for (const name of others) columns.push({ name, cells: rows.map(() => "") });
  const rowNumbers = Int32Array.from(rows, (_, row) => row + 1);
  return { name: "rows", columns, rowCount: rows.length, rowNumbers, delimiter: ",", notes: [] };
}

function cellText(cell: Cell, kind: Preprocessing["columns"][number]["kind"]): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") {
    if (Number.isNaN(cell)) return "";
    // With an exponent no point can be taken for one that separates thousands.
    return kind === "number" ? cell.toExponential() : String(cell);
  }
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? "" : cell.toISOString();
  return String(cell).trim().normalize("NFC");
}
