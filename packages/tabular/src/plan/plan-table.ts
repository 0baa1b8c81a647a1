import { DataError, quote } from "../errors/data-error.ts";
import type { Note } from "../notes/note.ts";
import { makeReason } from "../notes/reason.ts";
import { withoutWords } from "../read/missing.ts";
import { findColumn, type Table, type TableColumn } from "../read/table.ts";
import { parseSplitMethod, resolveSplitMethod, type SplitMethod } from "../split/split-method.ts";
import { type ColumnFacts, columnFacts } from "../types/column-facts.ts";
import { type ColumnType, decideColumnType, type TypeContext, typeContext } from "../types/column-type.ts";
import {
  type ChosenKind,
  type ColumnChoice,
  type ColumnChoices,
  choiceText,
  chooseColumns,
  findColumns,
} from "./column-choices.ts";
import { decideTarget, type PlannedTarget, rowsOfTarget, type Task } from "./target.ts";

export interface PlanOptions extends ColumnChoices {
  /** Name of the column to be learned. */
  target: string;
  /** Default: inferred from the target. */
  task?: Task;
  /** How rows are to be split. Default: stratified for classes, random for a number. */
  split?: SplitMethod;
}

/** What a table is to be used for, and as what. Nothing in it depends on which rows are trained on. */
export interface TablePlan {
  target: PlannedTarget;
  /** One entry a column but the target, in the table's order, left-out ones included (kind "ignore"). */
  columns: ColumnType[];
  /** Rows whose target is there: those to split. */
  rows: Int32Array;
  /** How they are split. A column that groups them is left out, unless its kind or the columns to keep were asked for. */
  split: SplitMethod;
  /** What was asked for, by the columns' own names: a plan with these choices is the same. Dropped ones are "ignore". */
  choices: { kinds: Record<string, ColumnChoice>; keep: string[] | null };
  /** All decisions: those of reading the table, of the target, of the columns. */
  notes: Note[];
}

/**
 * Decides the task and the type of every column, and says why.
 * @throws DataError "no-such-column" with the nearest name; "bad-choice", "bad-split", "no-features"; as planTarget does
 */
export function planTable(table: Table, options: PlanOptions): TablePlan {
  const plan = planColumns(table, (column) => columnFacts(table, column), typeContext(table), options);
  const rows = rowsOfTarget(findColumn(table, plan.target.name), plan.target);
  return { ...plan, target: { ...plan.target, rows }, rows };
}

/** A plan for rows that are not in memory: it does not list them. */
export interface ColumnsPlan extends Omit<TablePlan, "target" | "rows"> {
  target: Omit<PlannedTarget, "rows">;
}

/**
 * The same from what is known of the columns.
 * @param table its columns' names and notes; no cell is looked at
 */
export function planColumns(
  table: Table,
  factsOf: (column: TableColumn) => ColumnFacts,
  context: TypeContext,
  options: PlanOptions,
): ColumnsPlan {
  const targetColumn = findColumn(table, options.target);
  const chosen = chooseColumns(table, options, targetColumn.name);
  const choices = describeChoices(table, options, chosen);
  const target = decideTarget(factsOf(targetColumn), context, options.task, chosen.get(targetColumn.name)?.writing);
  const split = planSplit(table, target, options.split);
  const { by, column: splitColumn } = parseSplitMethod(split);
  if (by === "group" && options.keep === undefined && !chosen.has(splitColumn))
    chosen.set(splitColumn, { kind: "ignore", why: makeReason("groups-rows", {}) });
  const columns = table.columns
    .filter((column) => column !== targetColumn)
    .map((column) => decideColumnType(factsOf(column), context, chosen.get(column.name)));
  if (columns.every((column) => column.kind === "ignore")) {
    const why = columns.map((column) => ` ${quote(column.name)}: ${column.reason}.`).join("");
    const problem = `besides the target ${quote(targetColumn.name)} there is no column to learn from.${why}`;
    throw new DataError("no-features", problem, { file: table.name });
  }
  const texts = new Map(columns.map(({ name, words }) => [name, words]));
  texts.set(target.name, target.classes);
  const notes = [...notesOfReading(table, texts), ...target.notes, ...columns.flatMap((column) => column.notes)];
  return { target, columns, split, choices, notes };
}

/**
 * @internal What there is to say of how a table was read.
 * @param texts of columns, whatever they are read as elsewhere
 */
export function notesOfReading(table: Table, texts: ReadonlyMap<string, readonly string[]>): Note[] {
  return table.notes.flatMap((note) => withoutWords(note, texts.get(note.column ?? "") ?? []) ?? []);
}

function describeChoices(
  table: Table,
  { keep }: ColumnChoices,
  chosen: ReadonlyMap<string, ChosenKind>,
): TablePlan["choices"] {
  const asked = [...chosen].filter(([, { why }]) => why.code === "as-asked");
  return {
    kinds: Object.fromEntries(asked.map(([name, choice]) => [name, choiceText(choice)])),
    keep: keep === undefined ? null : findColumns(table, keep),
  };
}

/** @throws DataError "bad-split" for a way that does not fit the target */
function planSplit(table: Table, target: ColumnsPlan["target"], asked: SplitMethod | undefined): SplitMethod {
  if (asked === undefined) return target.task === "classification" ? "stratified" : "random";
  const split = resolveSplitMethod(table, asked);
  const place = { file: table.name, column: target.name };
  if (split === "stratified" && target.task === "regression")
    throw new DataError(
      "bad-split",
      "a stratified split keeps the shares of classes, and the target is a number: split at random.",
      place,
    );
  if (parseSplitMethod(split).column === target.name)
    throw new DataError(
      "bad-split",
      "rows cannot be split by the target itself: choose another column, or a stratified split.",
      place,
    );
  return split;
}
