import { RandomStream } from "@noron/core";
import { DataError } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note } from "../notes/note.ts";

export interface SplitOptions {
  seed: number;
  /** Share of the rows to choose the best epoch by. Default 0.15; 0 for none. */
  validation?: number;
  /** Share of the rows to measure the result on. Default 0.15; 0 for none. */
  test?: number;
  /** Class number of every entry of `rows`: each class is then split in the same proportions, as far as it can be. */
  labels?: ArrayLike<number>;
  /** Names of the classes, for notes. */
  classNames?: readonly string[];
}

/** Row numbers in three parts, each in ascending order; together they are the rows that were given. */
export interface Split {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
  notes: Note[];
}

/** @internal Keeps the draws of splitting apart from a program's other draws by the same seed. */
export const splitStream = 0x5b17;

/**
 * Splits rows by a seed: the same seed gives the same split everywhere. Every part that is asked for gets a row, and
 * training gets every class that has rows.
 * @param rows any row numbers
 * @throws DataError "bad-ratio" unless 0 ≤ validation + test < 1, "too-few-rows" for fewer rows than parts
 */
export function splitRows(rows: ArrayLike<number>, options: SplitOptions): Split {
  const { validation = 0.15, test = 0.15, labels } = options;
  checkShares(validation, test);
  const parts = 1 + Number(validation > 0) + Number(test > 0);
  if (rows.length < Math.max(parts, 2)) {
    const problem = `${count(rows.length, "row")} with a target: too few to train on and to measure.`;
    throw new DataError("too-few-rows", problem);
  }

  const random = new RandomStream(options.seed, splitStream);
  const groups = groupByLabel(rows, labels);
  const held = { validation: holdOut(groups, rows.length, validation), test: holdOut(groups, rows.length, test) };
  const chosen = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  groups.forEach((group, index) => {
    const order = random.permutation(group.rows.length);
    order.forEach((position, place) => {
      const inTest = place < held.test[index];
      const inValidation = !inTest && place < held.test[index] + held.validation[index];
      chosen[inTest ? "test" : inValidation ? "validation" : "train"].push(group.rows[position]);
    });
  });
  const sorted = (part: number[]) => Int32Array.from(part).sort();
  return {
    train: sorted(chosen.train),
    validation: sorted(chosen.validation),
    test: sorted(chosen.test),
    notes: describe(groups, rows.length, parts, options),
  };
}

/** @internal @throws DataError "bad-ratio" unless 0 ≤ validation + test < 1 */
export function checkShares(validation: number, test: number): void {
  if (validation >= 0 && test >= 0 && validation + test < 1) return;
  const problem = `the shares for validation (${validation}) and test (${test}) must not be negative and add up to less than 1.`;
  throw new DataError("bad-ratio", problem);
}

/** @internal What there is to say of a table with few rows. */
export function noteTiny(rows: number): Note[] {
  return rows < 50 ? [makeNote("tiny-data", { count: rows })] : [];
}

interface Group {
  label: number;
  rows: number[];
  /** Rows that are not yet held out; the last one stays for training. */
  left: number;
}

function groupByLabel(rows: ArrayLike<number>, labels: ArrayLike<number> | undefined): Group[] {
  const groups = new Map<number, Group>();
  for (let index = 0; index < rows.length; index++) {
    const label = labels === undefined ? 0 : labels[index];
    let group = groups.get(label);
    if (group === undefined) {
      group = { label, rows: [], left: -1 };
      groups.set(label, group);
    }
    group.rows.push(rows[index]);
    group.left++;
  }
  return [...groups.values()].sort((a, b) => a.label - b.label);
}

/** How many rows of each group to hold out: its share, rounded so that the total is right and one row stays. */
function holdOut(groups: Group[], total: number, share: number): number[] {
  const wanted = share === 0 ? 0 : Math.max(1, Math.round(share * total));
  const exact = groups.map((group) => share * group.rows.length);
  const held = groups.map((group, index) => Math.min(Math.floor(exact[index]), group.left));
  let missing = wanted - held.reduce((sum, amount) => sum + amount, 0);
  // Largest remainders first, larger groups first among equals, again and again until the total is reached.
  const order = groups
    .map((_, index) => index)
    .sort(
      (a, b) => exact[b] - held[b] - (exact[a] - held[a]) || groups[b].rows.length - groups[a].rows.length || a - b,
    );
  while (missing > 0) {
    const before = missing;
    for (const index of order) {
      if (missing === 0 || held[index] >= groups[index].left) continue;
      held[index]++;
      missing--;
    }
    if (missing === before) break;
  }
  if (wanted > 0 && missing === wanted) {
    const problem = `${count(total, "row")} and nearly as many classes: too few to train on and to measure.`;
    throw new DataError("too-few-rows", problem);
  }
  groups.forEach((group, index) => {
    group.left -= held[index];
  });
  return held;
}

function describe(groups: Group[], total: number, parts: number, options: SplitOptions): Note[] {
  const notes = noteTiny(total);
  if (options.labels === undefined) return notes;
  const rare = groups.filter((group) => group.rows.length < parts);
  if (rare.length > 0) {
    const list = rare
      .slice(0, 5)
      .map(({ label, rows }) => `"${options.classNames?.[label] ?? label}" (${rows.length})`);
    notes.push(makeNote("rare-class", { count: rare.length, parts, classes: list }));
  }
  return notes;
}
