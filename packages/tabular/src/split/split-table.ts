import { classNumbers } from "../encode/target.ts";
import { DataError, quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import type { ColumnsPlan, TablePlan } from "../plan/plan-table.ts";
import { warnOfImbalance } from "../profile/imbalance.ts";
import { findColumn, type Table } from "../read/table.ts";
import { type ColumnFacts, columnFacts } from "../types/column-facts.ts";
import { type FormatContext, formatContext } from "../types/number-format.ts";
import { GroupSplitter } from "./split-by-group.ts";
import { TimeSplitter } from "./split-by-time.ts";
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
 * @throws DataError "bad-ratio", "too-few-rows", "not-a-time", "date-order"; "one-class" where all training rows are of one class
 */
export function splitTable(table: Table, plan: TablePlan, options: TableSplitOptions): Split {
  const splitter = new RowSplitter(
    table.name,
    plan,
    (column) => columnFacts(table, findColumn(table, column)),
    formatContext(table),
  );
  splitter.add(table, plan.rows);
  const { notes, ...places } = splitter.split(plan.rows.length, classNumbers(table, plan), options);
  const rowsAt = (part: Int32Array) => part.map((place) => plan.rows[place]);
  return {
    train: rowsAt(places.train),
    validation: rowsAt(places.validation),
    test: rowsAt(places.test),
    notes,
  };
}

/** Splits the rows of a table as its plan says, gathering piece by piece what the plan splits them by. */
export class RowSplitter {
  readonly #column: TimeSplitter | GroupSplitter | undefined;
  readonly #stratified: boolean;

  /**
   * @param file name of the table, for messages
   * @param factsOf what is known of a column
   */
  constructor(
    private readonly file: string,
    private readonly plan: ColumnsPlan,
    factsOf: (column: string) => ColumnFacts,
    context: FormatContext,
  ) {
    const { by, column } = parseSplitMethod(plan.split);
    this.#stratified = by === "stratified";
    const type = plan.columns.find(({ name, kind }) => name === column && kind !== "ignore");
    if (by === "time") this.#column = new TimeSplitter(file, factsOf(column), context, type);
    if (by === "group") this.#column = new GroupSplitter(file, column);
  }

  /**
   * @param rows of the piece that have a target
   * @throws DataError "not-a-time" or "date-order" with row and value
   */
  add(piece: Table, rows: ArrayLike<number>): void {
    this.#column?.add(piece, rows);
  }

  /**
   * The split of all rows that were added, numbered as they came.
   * @param labels their classes; undefined for a regression
   * @throws as splitTable
   */
  split(rows: number, labels: Int32Array | undefined, options: TableSplitOptions): Split {
    const split = this.#divide(rows, labels, options);
    if (labels === undefined) return split;
    const learned = new Set<number>();
    for (const row of split.train) learned.add(labels[row]);
    split.notes.push(...checkLearned(this.file, this.plan.target, labels, learned));
    return split;
  }

  #divide(
    rows: number,
    labels: Int32Array | undefined,
    { seed, validation = 0.15, test = 0.15 }: TableSplitOptions,
  ): Split {
    const options = { seed, validation, test };
    if (this.#column === undefined) {
      const all = Int32Array.from({ length: rows }, (_, row) => row);
      return splitRows(all, {
        ...options,
        ...(this.#stratified && { labels, classNames: this.plan.target.classes }),
      });
    }
    checkShares(validation, test);
    const split = this.#column.split(options);
    split.notes.push(...noteTiny(rows));
    return split;
  }
}

/**
 * What there is to say of classes that no training row has, and of their sizes.
 * @param labels of all rows
 * @param learned those that a training row has
 * @throws DataError "one-class" where all training rows are of one class
 */
function checkLearned(
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
