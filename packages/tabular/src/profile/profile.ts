import { DataError } from "../errors/data-error.ts";
import { isWarning, makeNote, type Note } from "../notes/note.ts";
import type { Reason } from "../notes/reason.ts";
import { type ColumnChoices, chooseColumns, type Writing } from "../plan/column-choices.ts";
import { notesOfReading } from "../plan/plan-table.ts";
import { decideTarget, type PlannedTarget, type Task } from "../plan/target.ts";
import { isMissing } from "../read/missing.ts";
import { findColumn, type Table } from "../read/table.ts";
import { type ColumnFacts, columnFacts } from "../types/column-facts.ts";
import {
  type ColumnKind,
  type ColumnType,
  countWords,
  decideColumnType,
  type TypeContext,
  typeContext,
} from "../types/column-type.ts";
import { isoTime } from "../types/date.ts";
import { looksLikeIdentifier } from "../types/identifier.ts";
import { type Association, associate } from "./association.ts";
import { DuplicateFinder } from "./duplicates.ts";
import { warnOfImbalance } from "./imbalance.ts";
import { findLeak } from "./leakage.ts";
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
  const facts = new Map(table.columns.map((column) => [column.name, columnFacts(table, column)]));
  const plan = planProfile(table, facts, typeContext(table), options);
  const duplicates = new DuplicateFinder();
  duplicates.add(table);
  const cellsOf = ({ name }: ColumnType) => findColumn(table, name);
  const target = plan.learned && findColumn(table, plan.learned.name);
  return describeTable(plan, {
    values: (type) => columnValues(cellsOf(type), type),
    target: (planned) => targetValues(target!, planned),
    sameCells: (type) => cellsOf(type).cells.every((cell, row) => cell === target?.cells[row]),
    duplicates: () => duplicates.notes(),
  });
}

/** What columns are taken for, before their cells are looked at again. */
export interface ProfilePlan {
  /** Its names, notes and number of rows. */
  table: Table;
  facts: ReadonlyMap<string, ColumnFacts>;
  /** One entry a column, that of the target too. */
  types: ColumnType[];
  learned?: Learned;
}

/** The target, planned where that can be. */
interface Learned {
  name: string;
  planned?: Omit<PlannedTarget, "rows">;
  /** Why it cannot be. */
  problem: DataError | null;
}

/** A table's cells, as they are asked for, so that those of one column are in memory at a time. */
export interface ProfileCells {
  /** A column as what it is taken for; undefined for one that is left out. */
  values(type: ColumnType): ColumnValues | undefined;
  target(planned: Omit<PlannedTarget, "rows">): ColumnValues;
  /** Whether a column's cells are those of the target, to the letter. */
  sameCells(type: ColumnType): boolean;
  duplicates(): Note[];
}

/** @throws as profile */
export function planProfile(
  table: Table,
  facts: ReadonlyMap<string, ColumnFacts>,
  context: TypeContext,
  { target, task, ...choices }: ProfileOptions,
): ProfilePlan {
  const column = target === undefined ? undefined : findColumn(table, target).name;
  const chosen = chooseColumns(table, choices, column);
  const learned =
    column === undefined ? undefined : learn(facts.get(column)!, context, task, chosen.get(column)?.writing);
  const types = table.columns.map(({ name }) =>
    decideColumnType(facts.get(name)!, context, name === column ? undefined : chosen.get(name)),
  );
  return { table, facts, types, learned };
}

function learn(
  facts: ColumnFacts,
  context: TypeContext,
  task: Task | undefined,
  writing: Writing | undefined,
): Learned {
  try {
    return { name: facts.name, planned: decideTarget(facts, context, task, writing), problem: null };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { name: facts.name, problem: error };
  }
}

/** The profile of a table that is planned. */
export function describeTable({ table, facts, types, learned }: ProfilePlan, cells: ProfileCells): Profile {
  const planned = learned?.planned;
  const targetValues = planned && cells.target(planned);
  const leaks: Note[] = [];
  const columns = types.map((type) => {
    const ofCells = facts.get(type.name)!;
    if (type.name === learned?.name) {
      if (planned === undefined) return { ...describeColumn(type, ofCells, undefined, null), isTarget: true };
      const { task, reason, why, classes } = planned;
      const kind = task === "regression" ? "number" : "category";
      const words = classes.filter(isMissing);
      const missing = ofCells.missing - countWords(ofCells, words);
      const distinct = ofCells.distinct + words.length;
      const taken: ColumnType = { ...type, kind, reason, why, words, missing, distinct };
      return { ...describeColumn(taken, ofCells, targetValues, null), isTarget: true };
    }
    const values = cells.values(type);
    const association = values && targetValues ? associate(values, targetValues) : null;
    if (values !== undefined && targetValues !== undefined) {
      const suspect = { column: type.name, values, association, sameCells: cells.sameCells(type) };
      const leak = findLeak(suspect, planned!.name, targetValues);
      if (leak !== undefined) leaks.push(leak);
    }
    return describeColumn(type, ofCells, values, association);
  });
  const target = learned === undefined ? null : describeTarget(learned, targetValues);
  const ofColumns = types.flatMap(({ name, notes }) => (name === learned?.name ? [] : notes));
  const texts = new Map(types.map(({ name, words }) => [name, words]));
  if (planned !== undefined) texts.set(planned.name, planned.classes);
  const notes = [...notesOfReading(table, texts), ...(planned?.notes ?? []), ...ofColumns];
  const warnings = [
    ...notes.filter(isWarning),
    ...leaks,
    ...(target === null ? [] : warnOfTarget(target, learned!.problem)),
    ...cells.duplicates(),
    ...warnOfColumns(table, columns),
  ];
  const told = notes.filter((note) => !isWarning(note));
  return { name: table.name, rows: table.rowCount, columns, target, notes: told, warnings };
}

function describeTarget({ name, planned, problem }: Learned, values: ColumnValues | undefined): TargetProfile {
  if (planned === undefined)
    return { name, task: null, reason: "", why: null, classes: [], problem: problem?.message ?? null };
  const times = new Array<number>(planned.classes.length).fill(0);
  if (values?.kind === "groups") for (const group of values.groups) if (group >= 0) times[group]++;
  const classes = planned.classes.map((value, index) => ({ value, count: times[index] }));
  const { task, reason, why } = planned;
  return { name, task, reason, why, classes, problem: null };
}

function describeColumn(
  { name, kind, reason, why, words, missing, distinct }: ColumnType,
  { values: texts, missingWords, exact, mostUnkept }: ColumnFacts,
  values: ColumnValues | undefined,
  association: Association | null,
): ColumnProfile {
  const numbers = values?.kind === "numbers" ? summarizeNumbers(values.values) : null;
  const about = { name, isTarget: false, kind, reason, why, missing, unique: distinct, association };
  if (kind === "date" && numbers !== null) {
    const dates = { earliest: isoDay(numbers.minimum), latest: isoDay(numbers.maximum) };
    return { ...about, numbers: null, dates, values: [] };
  }
  if (numbers !== null) return { ...about, numbers, dates: null, values: [] };
  // Of values that were not all kept those are told that certainly have more cells than the others.
  const all = new Map<string, { times: number }>(texts);
  for (const word of words) all.set(word, { times: missingWords.get(word) ?? 0 });
  const most = mostFrequent(all, 10).filter(({ count }) => exact || count > mostUnkept);
  return { ...about, numbers, dates: null, values: most };
}

function isoDay(days: number): string {
  return isoTime(Math.floor(days));
}

function warnOfTarget({ name, classes }: TargetProfile, problem: DataError | null): Note[] {
  if (problem === null) return warnOfImbalance(name, classes);
  const { code: error, message, file, row, value, suggestion, words } = problem;
  return [makeNote("target-problem", { column: name, error, message, file, row, value, suggestion, words })];
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
