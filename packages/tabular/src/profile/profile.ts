import { DataError } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import type { Reason } from "../notes/reason.ts";
import { type ColumnChoices, chooseColumns } from "../plan/column-choices.ts";
import { type PlannedTarget, planTarget, type Task } from "../plan/target.ts";
import { isMissing } from "../read/missing.ts";
import { findColumn, type Table, type TableColumn } from "../read/table.ts";
import { type ColumnKind, type ColumnType, inferColumnType } from "../types/column-type.ts";
import { looksLikeIdentifier } from "../types/identifier.ts";
import { type Association, associate } from "./association.ts";
import { findDuplicates } from "./duplicates.ts";
import { warnOfImbalance } from "./imbalance.ts";
import { findLeak, type Suspect } from "./leakage.ts";
import { mostFrequent, type NumberSummary, summarizeNumbers, type ValueCount } from "./summary.ts";
import { type ColumnValues, columnValues, targetValues } from "./values.ts";

export interface ProfileOptions extends ColumnChoices {
  /** Name of the column to be learned; without it nothing is said of associations and leaks. */
  target?: string;
  /** Default: inferred from the target. */
  task?: Task;
}

/** What is known of one column before anything is trained. */
export interface ColumnProfile {
  name: string;
  isTarget: boolean;
  /** What it is taken for; "ignore" means that it is left out. */
  kind: ColumnKind;
  /** Why, in English, and as data. */
  reason: string;
  why: Reason;
  /** Missing cells. */
  missing: number;
  /** Different values among the others. */
  unique: number;
  /** Of a column of numbers. */
  numbers: NumberSummary | null;
  /** Of a column of dates: the first and last, as YYYY-MM-DD. */
  dates: { earliest: string; latest: string } | null;
  /** Of other columns: the most frequent texts, ten at most. */
  values: ValueCount[];
  /** With the target; null for the target itself and where it cannot be said. */
  association: Association | null;
}

/** What is known of the target. */
export interface TargetProfile {
  name: string;
  /** Null where it cannot be learned. */
  task: Task | null;
  /** Why it is that task, in English, and as data. */
  reason: string;
  why: Reason | null;
  /** How many rows each class has, in the order of the classes; empty for a regression. */
  classes: ValueCount[];
  /** Why it cannot be learned. */
  problem: string | null;
}

/** A table looked at: plain data, that JSON.stringify writes. */
export interface Profile {
  name: string;
  rows: number;
  columns: ColumnProfile[];
  target: TargetProfile | null;
  /** What was decided in reading the table and its columns. */
  notes: Note[];
  /** What is to be looked into before the result of a training is trusted. */
  warnings: Note[];
}

/**
 * Looks at a table before any training: what each column is taken for and why, what is in it, how strongly it goes with
 * the target, and what there is to be wary of.
 * @throws DataError "no-such-column" with the nearest name, "bad-choice", "not-a-number". A target that cannot be learned is said in the profile.
 */
export function profile(table: Table, options: ProfileOptions = {}): Profile {
  const learned = options.target === undefined ? undefined : learn(table, options.target, options.task);
  const chosen = chooseColumns(table, options, learned?.column.name);
  const types = table.columns.map((column) => inferColumnType(table, column, chosen.get(column.name)));
  const suspects: Suspect[] = [];
  const columns = table.columns.map((column, index) => {
    if (column === learned?.column) return describeTarget(learned, types[index]);
    const type = types[index];
    const values = columnValues(column, type.kind, type.decimal);
    const association = values && learned?.values ? associate(values, learned.values) : null;
    if (values !== undefined) suspects.push({ column, values, association });
    return describeColumn(column, type, values, association);
  });
  const leaks =
    learned?.values === undefined ? [] : suspects.map((suspect) => findLeak(suspect, learned.column, learned.values!));
  const warnings = [
    ...leaks.filter((leak) => leak !== undefined),
    ...(learned === undefined ? [] : warnOfTarget(learned.profile)),
    ...findDuplicates(table),
    ...warnOfColumns(table, columns),
  ];
  const ofColumns = types.flatMap(({ name, notes }) => (name === learned?.column.name ? [] : notes));
  const notes = [...table.notes, ...(learned?.planned?.notes ?? []), ...ofColumns];
  return { name: table.name, rows: table.rowCount, columns, target: learned?.profile ?? null, notes, warnings };
}

/** The target, planned where that can be. */
interface Learned {
  column: TableColumn;
  profile: TargetProfile;
  planned?: PlannedTarget;
  values?: ColumnValues;
}

function learn(table: Table, name: string, task: Task | undefined): Learned {
  const column = findColumn(table, name);
  try {
    const planned = planTarget(table, column, task);
    const values = targetValues(column, planned);
    const times = new Array<number>(planned.classes.length).fill(0);
    if (values.kind === "groups") for (const group of values.groups) if (group >= 0) times[group]++;
    const classes = planned.classes.map((value, index) => ({ value, count: times[index] }));
    const { reason, why } = planned;
    return {
      column,
      planned,
      values,
      profile: { name: column.name, task: planned.task, reason, why, classes, problem: null },
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const profile = { name: column.name, task: null, reason: "", why: null, classes: [], problem: error.message };
    return { column, profile };
  }
}

function describeTarget({ column, planned, values }: Learned, type: ColumnType): ColumnProfile {
  if (planned === undefined) return { ...describeColumn(column, type, undefined, null), isTarget: true };
  const kind = planned.task === "regression" ? "number" : "category";
  const { reason, why } = planned;
  return { ...describeColumn(column, { ...type, kind, reason, why }, values, null), isTarget: true };
}

function describeColumn(
  { name, cells }: TableColumn,
  { kind, reason, why, missing, distinct }: ColumnType,
  values: ColumnValues | undefined,
  association: Association | null,
): ColumnProfile {
  const numbers = values?.kind === "numbers" ? summarizeNumbers(values.values) : null;
  const about = { name, isTarget: false, kind, reason, why, missing, unique: distinct, association };
  if (kind === "date" && numbers !== null) {
    const dates = { earliest: isoDay(numbers.minimum), latest: isoDay(numbers.maximum) };
    return { ...about, numbers: null, dates, values: [] };
  }
  return { ...about, numbers, dates: null, values: numbers === null ? mostFrequent(tally(cells), 10) : [] };
}

function isoDay(days: number): string {
  return new Date(Math.floor(days) * 86_400_000).toISOString().slice(0, 10);
}

function tally(cells: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const cell of cells) if (!isMissing(cell)) times.set(cell, (times.get(cell) ?? 0) + 1);
  return times;
}

function warnOfTarget({ name, problem, classes }: TargetProfile): Note[] {
  if (problem !== null) return [makeNote("target-problem", { column: name, problem })];
  return warnOfImbalance(name, classes);
}

function warnOfColumns(table: Table, columns: readonly ColumnProfile[]): Note[] {
  const notes: Note[] = [];
  const used = columns.filter(({ kind, isTarget }) => kind !== "ignore" && !isTarget);
  for (const { name, kind, missing, unique, numbers } of used) {
    if (missing > table.rowCount / 2) {
      notes.push(makeNote("mostly-missing", { column: name, count: missing, share: missing / table.rowCount }));
    }
    if (numbers !== null && numbers.far > 0) notes.push(makeNote("far-values", { column: name, count: numbers.far }));
    if (kind === "date") notes.push(makeNote("dated-rows", { column: name }));
    else if (kind !== "boolean" && unique > 2 && looksLikeIdentifier(name)) {
      notes.push(makeNote("group-column", { column: name, unique }));
    }
  }
  const spreads = used.flatMap(({ name, numbers }) => {
    const spread = numbers?.standardDeviation ?? 0;
    return spread > 0 ? [{ name, spread }] : [];
  });
  if (spreads.length > 1) {
    spreads.sort((a, b) => a.spread - b.spread);
    const least = spreads[0];
    const most = spreads[spreads.length - 1];
    const ratio = Math.round(most.spread / least.spread);
    if (ratio >= 1000) notes.push(makeNote("unscaled", { column: most.name, other: least.name, ratio }));
  }
  if (used.length >= table.rowCount) notes.push(makeNote("wide-data", { columns: used.length, rows: table.rowCount }));
  if (table.rowCount < 50) notes.push(makeNote("tiny-data", { count: table.rowCount }));
  return notes;
}
