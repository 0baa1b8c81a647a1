import { RandomStream } from "@noron/core";
import { DataError } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { isMissing } from "../read/missing.ts";
import type { Table, TableColumn } from "../read/table.ts";
import { type Split, splitStream } from "./split-rows.ts";

/**
 * Puts whole groups of rows into the parts, in an order by the seed, so that the shares of rows are met as nearly as they
 * can be. A row whose cell is missing is a group of its own.
 * @throws DataError "too-few-rows" for fewer groups than parts
 */
export function splitByGroup(
  table: Table,
  rows: ArrayLike<number>,
  column: TableColumn,
  { seed, validation, test }: { seed: number; validation: number; test: number },
): Split {
  const groups = groupRows(rows, column.cells);
  const shares = [test, validation].filter((share) => share > 0);
  if (groups.length <= shares.length) {
    const problem = `there are ${groups.length} different groups, too few to split the rows into ${shares.length + 1} parts.`;
    throw new DataError("too-few-rows", problem, { file: table.name, column: column.name });
  }
  const random = new RandomStream(seed, splitStream);
  let left = Array.from(random.permutation(groups.length), (index) => groups[index]);
  let open = shares.length;
  const take = (share: number): number[][] => {
    if (share === 0) return [];
    // Every part after this one, training too, needs a group.
    const most = left.length - open;
    open--;
    const taken = fill(left, Math.round(share * rows.length), most);
    left = left.filter((group) => !taken.has(group));
    return [...taken];
  };
  const inTest = take(test);
  const inValidation = take(validation);
  const part = (chosen: number[][]) => Int32Array.from(chosen.flat()).sort();
  const counts = { groups: groups.length, validation: inValidation.length, test: inTest.length };
  const notes: Note[] = [makeNote("group-split", { column: column.name, ...counts })];
  return { train: part(left), validation: part(inValidation), test: part(inTest), notes };
}

function groupRows(rows: ArrayLike<number>, cells: readonly string[]): number[][] {
  const groups: number[][] = [];
  const known = new Map<string, number[]>();
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index];
    const cell = cells[row];
    let group = isMissing(cell) ? undefined : known.get(cell);
    if (group === undefined) {
      group = [];
      groups.push(group);
      if (!isMissing(cell)) known.set(cell, group);
    }
    group.push(row);
  }
  return groups;
}

/** Groups, in their order, that bring the number of rows nearer to what is wanted; the smallest where none does. */
function fill(groups: readonly number[][], wanted: number, most: number): Set<number[]> {
  const taken = new Set<number[]>();
  let size = 0;
  for (const group of groups) {
    if (taken.size === most) break;
    if (Math.abs(size + group.length - wanted) >= Math.abs(size - wanted)) continue;
    taken.add(group);
    size += group.length;
  }
  if (taken.size === 0) taken.add(groups.reduce((best, other) => (other.length < best.length ? other : best)));
  return taken;
}
