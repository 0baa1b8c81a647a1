import { makeNote, type Note } from "../notes/note.ts";
import type { PlannedTarget } from "../plan/target.ts";
import { findColumn, type Table } from "../read/table.ts";
import type { ColumnType } from "../types/column-type.ts";
import { type Association, associate } from "./association.ts";
import { countPairs } from "./pairs.ts";
import { type ColumnValues, columnValues, type Groups, targetValues } from "./values.ts";

/** Fewer rows say nothing: in them any column may go with the target by chance. */
const fewestRows = 20;

/** One column beside the target. */
export interface Suspect {
  column: string;
  values: ColumnValues;
  association: Association | null;
  /** Whether its cells are those of the target, to the letter. */
  sameCells: boolean;
}

/** Warns of the columns of a table that say more of its target than one that is known beforehand can. */
export function findLeaks(
  table: Table,
  columns: readonly ColumnType[],
  target: Pick<PlannedTarget, "name" | "task" | "decimal" | "classes" | "match">,
): Note[] {
  const ofTarget = findColumn(table, target.name);
  const values = targetValues(ofTarget, target);
  return columns.flatMap((type) => {
    const column = findColumn(table, type.name);
    const ofColumn = columnValues(column, type);
    if (ofColumn === undefined) return [];
    const association = values.kind === "numbers" ? associate(ofColumn, values) : null;
    const sameCells = column.cells.every((cell, row) => cell === ofTarget.cells[row]);
    return findLeak({ column: type.name, values: ofColumn, association, sameCells }, target.name, values) ?? [];
  });
}

/**
 * Whether a column says more of the target than a column that is known beforehand can: it is the target, the target in
 * other words or on another scale, or tells it in nearly every row.
 */
export function findLeak(suspect: Suspect, target: string, targetValues: ColumnValues): Note | undefined {
  const { column, values, association, sameCells } = suspect;
  const names = { column, target };
  if (isEqual(values, targetValues, sameCells)) return makeNote("leak-equal", names);
  if (targetValues.kind === "numbers") {
    if (association === null || association.rows < fewestRows || Math.abs(association.value) < 0.99) return undefined;
    return makeNote("leak-number", { ...names, measure: association.measure, value: round(association.value) });
  }
  const groups = values.kind === "groups" ? values : cutByClass(values.values, targetValues);
  const withMissing = {
    ...groups,
    groups: groups.groups.map((group) => (group < 0 ? groups.count : group)),
    count: groups.count + 1,
  };
  const presence = { ...groups, groups: groups.groups.map((group) => (group < 0 ? 0 : 1)), count: 2 };
  const byPresence = shareTold(presence, targetValues);
  if (isTelling(byPresence)) return makeNote("leak-missing", { ...names, share: round(byPresence.share) });
  const told = [shareTold(groups, targetValues), shareTold(withMissing, targetValues)].find(isTelling);
  return told && makeNote("leak-class", { ...names, share: round(told.share) });
}

/** The share of rows whose class is the commonest of their group, and the share of the commonest class of all. */
interface Told {
  share: number;
  commonest: number;
}

function isTelling(told: Told | undefined): told is Told {
  return told !== undefined && told.share >= 0.99 && 1 - told.share <= 0.1 * (1 - told.commonest);
}

function round(value: number): number {
  return Number(value.toFixed(5));
}

function isEqual(values: ColumnValues, targetValues: ColumnValues, sameCells: boolean): boolean {
  if (values.kind === "numbers" && targetValues.kind === "numbers") {
    return values.values.length >= 3 && values.values.every((value, row) => Object.is(value, targetValues.values[row]));
  }
  if (values.kind === "groups" && targetValues.kind === "groups" && values.count === targetValues.count) {
    // The same partition of the rows, whatever the words.
    const rows = values.groups.length;
    const there = new Map<number, number>();
    const back = new Map<number, number>();
    for (let row = 0; row < rows; row++) {
      const a = values.groups[row];
      const b = targetValues.groups[row];
      if (a < 0 !== b < 0) return false;
      if ((there.get(a) ?? b) !== b || (back.get(b) ?? a) !== a) return false;
      there.set(a, b);
      back.set(b, a);
    }
    return sameCells || rows >= Math.max(fewestRows, 2 * values.count);
  }
  return sameCells && (values.kind === "numbers" ? values.values : values.groups).length >= 3;
}

/**
 * Intervals of a column of numbers as the classes suggest them (Holte's 1R): each grows until one class has enough of
 * its rows and another begins.
 */
function cutByClass(values: Float64Array, { groups: labels, count }: Groups): Groups {
  const rows = Int32Array.from(values.keys());
  const order = rows.filter((row) => labels[row] >= 0 && !Number.isNaN(values[row]));
  order.sort((a, b) => values[a] - values[b]);
  const enough = Math.max(5, Math.ceil(order.length / 100));
  const groups = new Int32Array(values.length).fill(-1);
  let times = new Float64Array(count);
  let group = 0;
  let major = 0;
  order.forEach((row, index) => {
    const begins = index > 0 && values[row] > values[order[index - 1]];
    if (begins && times[major] >= enough && labels[row] !== major) {
      group++;
      times = new Float64Array(count);
    }
    groups[row] = group;
    times[labels[row]]++;
    if (times[labels[row]] > times[major]) major = labels[row];
  });
  return { kind: "groups", groups, count: group + 1 };
}

function shareTold(column: Groups, target: Groups): Told | undefined {
  // Groups of few rows tell their class by chance.
  if (column.count * 5 > column.groups.length) return undefined;
  const totals = new Float64Array(target.count);
  let rows = 0;
  for (let row = 0; row < column.groups.length; row++) {
    const label = target.groups[row];
    if (label < 0 || column.groups[row] < 0) continue;
    rows++;
    totals[label]++;
  }
  if (rows < fewestRows || column.count * 5 > rows || rows < column.groups.length / 2) return undefined;
  const best = new Float64Array(column.count);
  for (const { first, times } of countPairs(column, target)) best[first] = Math.max(best[first], times);
  return { share: best.reduce((sum, amount) => sum + amount, 0) / rows, commonest: Math.max(...totals) / rows };
}
