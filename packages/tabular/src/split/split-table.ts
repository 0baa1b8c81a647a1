import { classNumbers } from "../encode/target.ts";
import { DataError, quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import type { TablePlan } from "../plan/plan-table.ts";
import { warnOfImbalance } from "../profile/imbalance.ts";
import { findColumn, type Table } from "../read/table.ts";
import { splitByGroup } from "./split-by-group.ts";
import { splitByTime } from "./split-by-time.ts";
import { parseSplitMethod } from "./split-method.ts";
import { checkShares, noteTiny, type Split, splitRows } from "./split-rows.ts";

/** How much of a table is held out. */
export interface TableSplitOptions {
  seed: number;
  /** Share of the rows to choose the best epoch by. Default 0.15; 0 for none. */
  validation?: number;
  /** Share of the rows to measure the result on. Default 0.15; 0 for none. */
  test?: number;
}

/**
 * Splits a table's rows as its plan says. Classes that no training row has are told: nothing can be learned of them.
 * @throws DataError "bad-ratio", "too-few-rows", "not-a-time"; "one-class" where all training rows are of one class
 */
export function splitTable(table: Table, plan: TablePlan, options: TableSplitOptions): Split {
  const { seed, validation = 0.15, test = 0.15 } = options;
  const labels = classNumbers(table, plan);
  const split = divide(table, plan, labels, { seed, validation, test });
  if (labels === undefined) return split;
  const classOf = new Map(Array.from(plan.rows, (row, index) => [row, labels[index]]));
  const learned = new Set(Array.from(split.train, (row) => classOf.get(row)!));
  split.notes.push(...checkLearned(table.name, plan.target, labels, learned));
  return split;
}

/**
 * @internal What there is to say of classes that no training row has, and of their sizes.
 * @param labels of all rows
 * @param learned those that a training row has
 * @throws DataError "one-class" where all training rows are of one class
 */
export function checkLearned(
  file: string,
  { name, classes }: { name: string; classes: readonly string[] },
  labels: Int32Array,
  learned: ReadonlySet<number>,
): Note[] {
  if (learned.size === 1) {
    const [only] = learned;
    const problem =
      `every row of the training part is ${quote(classes[only])}, so there is nothing to learn: ` +
      "split the rows otherwise, or hold out fewer.";
    throw new DataError("one-class", problem, { file, column: name, value: classes[only] });
  }
  const unlearned = classes.filter((_, label) => !learned.has(label));
  const times = new Array<number>(classes.length).fill(0);
  for (const label of labels) times[label]++;
  const notes = warnOfImbalance(
    name,
    classes.map((value, label) => ({ value, count: times[label] })),
  );
  if (unlearned.length === 0) return notes;
  const some = { column: name, count: unlearned.length, classes: unlearned.slice(0, 5) };
  return [makeNote("class-not-trained", some), ...notes];
}

function divide(
  table: Table,
  { split: method, rows, target }: TablePlan,
  labels: Int32Array | undefined,
  options: Required<TableSplitOptions>,
): Split {
  const { by, column } = parseSplitMethod(method);
  if (by === "stratified") return splitRows(rows, { ...options, labels, classNames: target.classes });
  if (by === "random") return splitRows(rows, options);
  checkShares(options.validation, options.test);
  const split =
    by === "time"
      ? splitByTime(table, rows, findColumn(table, column), options)
      : splitByGroup(table, rows, findColumn(table, column), options);
  split.notes.push(...noteTiny(rows.length));
  return split;
}
