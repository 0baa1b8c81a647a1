import { DataError, quote } from "../errors/data-error.ts";
import type { Note } from "../notes/note.ts";
import { findColumn, type Table } from "../read/table.ts";
import { type ColumnKind, type ColumnType, inferColumnType } from "../types/column-type.ts";
import { type PlannedTarget, planTarget, type Task } from "./target.ts";

export interface PlanOptions {
  /** Name of the column to be learned. */
  target: string;
  /** Default: inferred from the target. */
  task?: Task;
  /** What columns are to be used as, by name, where the inference is not to decide; "ignore" leaves one out. */
  kinds?: Record<string, ColumnKind>;
}

/** What a table is to be used for, and as what. Nothing in it depends on which rows are trained on. */
export interface TablePlan {
  target: PlannedTarget;
  /** One entry a column but the target, in the table's order, left-out ones included (kind "ignore"). */
  columns: ColumnType[];
  /** Rows whose target is there: those to split. */
  rows: Int32Array;
  /** All decisions: those of reading the table, of the target, of the columns. */
  notes: Note[];
}

/**
 * Decides the task and the type of every column, and says why.
 * @throws DataError "no-such-column" with the nearest name; "no-features"; as planTarget does
 */
export function planTable(table: Table, options: PlanOptions): TablePlan {
  const targetColumn = findColumn(table, options.target);
  const kinds = findKinds(table, options.kinds);
  const target = planTarget(table, targetColumn, options.task);
  const columns = table.columns
    .filter((column) => column !== targetColumn)
    .map((column) => inferColumnType(table, column, kinds.get(column.name)));
  if (columns.every((column) => column.kind === "ignore")) {
    const why = columns.map((column) => ` ${quote(column.name)}: ${column.reason}.`).join("");
    const problem = `besides the target ${quote(targetColumn.name)} there is no column to learn from.${why}`;
    throw new DataError("no-features", problem, { file: table.name });
  }
  const notes = [...table.notes, ...target.notes, ...columns.flatMap((column) => column.notes)];
  return { target, columns, rows: target.rows, notes };
}

/**
 * The kinds that are asked for, by the columns' own names.
 * @internal
 * @throws DataError "no-such-column" with the nearest name
 */
export function findKinds(table: Table, asked: PlanOptions["kinds"] = {}): Map<string, ColumnKind> {
  return new Map(Object.entries(asked).map(([name, kind]) => [findColumn(table, name).name, kind]));
}
