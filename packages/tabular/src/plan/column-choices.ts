import { DataError, quote } from "../errors/data-error.ts";
import { makeReason, type Reason } from "../notes/reason.ts";
import { findColumn, type Table } from "../read/table.ts";
import type { ColumnKind } from "../types/column-type.ts";

/**
 * What a column can be asked to be: a kind, alone or with how its cells are written. "number:point" and "number:comma" say
 * what the decimal mark is, "date:day-first" and "date:month-first" what 3/4/2024 is, "category:words" that NA, None and
 * the like are texts as others, "category:missing" that they are not.
 */
export const columnChoices = [
  "category",
  "category:words",
  "category:missing",
  "number",
  "number:point",
  "number:comma",
  "boolean",
  "date",
  "date:day-first",
  "date:month-first",
  "ignore",
] as const;
export type ColumnChoice = (typeof columnChoices)[number];

/** How the cells of a column are written, where that was asked for. */
export type Writing = "words" | "missing" | "point" | "comma" | "day-first" | "month-first";

/** Which columns are to be used, and as what, where the inference is not to decide. */
export interface ColumnChoices {
  /**
   * What columns are to be used as, by name; "ignore" leaves one out. Of the target only how it is written can be asked:
   * whether it is a class or a number is the task.
   */
  kinds?: Readonly<Record<string, ColumnChoice>>;
  /** Columns to leave out. An entry is a column's name, or several with commas between them. */
  drop?: readonly string[];
  /** The only columns to learn from, written as in `drop`. */
  keep?: readonly string[];
}

/** What was asked for a column, and why that is. */
export interface ChosenKind {
  kind: ColumnKind;
  writing?: Writing;
  why: Reason;
}

/** A choice as it is written. */
export function choiceText({ kind, writing }: ChosenKind): ColumnChoice {
  return (writing === undefined ? kind : `${kind}:${writing}`) as ColumnChoice;
}

/**
 * What is asked for columns, by their own names; those that are not in the map are left to the inference.
 * @param target the column that is learned: it can be neither dropped nor given a kind, but for how it is written
 * @throws DataError "no-such-column" with the nearest name; "bad-choice" for choices that contradict each other
 */
export function chooseColumns(table: Table, choices: ColumnChoices, target?: string): Map<string, ChosenKind> {
  const chosen = new Map<string, ChosenKind>();
  const why = makeReason("as-asked", {});
  const refuse = (column: string, problem: string) =>
    new DataError("bad-choice", problem, { file: table.name, column });
  for (const [name, choice] of Object.entries(choices.kinds ?? {})) {
    const column = findColumn(table, name).name;
    const [kind, writing] = choice.split(":") as [ColumnKind, Writing | undefined];
    if (column === target && (writing === undefined || kind === "date"))
      throw refuse(column, "this is the target: say by the task whether it is a class or a number, not by a type.");
    const before = chosen.get(column);
    if (before !== undefined && choiceText(before) !== choice)
      throw refuse(column, `two types are asked for, ${choiceText(before)} and ${choice}: give one.`);
    chosen.set(column, writing === undefined ? { kind, why } : { kind, writing, why });
  }
  const dropped = findColumns(table, choices.drop ?? []);
  for (const column of dropped) {
    if (column === target) throw refuse(column, "this is the target, which cannot be dropped: choose another target.");
    const before = chosen.get(column);
    if (before !== undefined && before.kind !== "ignore")
      throw refuse(column, `it is to be dropped and to be used as ${before.kind}: choose one of the two.`);
    chosen.set(column, { kind: "ignore", why });
  }
  if (choices.keep === undefined) return chosen;
  const kept = new Set(findColumns(table, choices.keep));
  const both = dropped.find((column) => kept.has(column));
  if (both !== undefined) throw refuse(both, "it is to be kept and to be dropped: choose one of the two.");
  for (const { name } of table.columns) {
    if (kept.has(name) || name === target) continue;
    const before = chosen.get(name);
    if (before !== undefined && before.kind !== "ignore")
      throw refuse(name, `it is to be used as ${before.kind} and is not among the columns to keep: add it there.`);
    chosen.set(name, before ?? { kind: "ignore", why: makeReason("not-kept", {}) });
  }
  return chosen;
}

/**
 * The columns that a list names, each once, in the order of the list. An entry that is a column's name is that column,
 * commas and all; any other is names with commas between them.
 * @throws DataError "no-such-column" with the nearest name
 */
export function findColumns(table: Table, list: readonly string[]): string[] {
  const names = new Set(table.columns.map(({ name }) => name));
  const found = list.flatMap((entry) => {
    const whole = entry.trim().normalize("NFC");
    const parts = names.has(whole) ? [whole] : whole.split(",").filter((part) => part.trim() !== "");
    if (parts.length === 0)
      throw new DataError("no-such-column", `${quote(entry)} names no column.`, { file: table.name });
    return parts.map((part) => findColumn(table, part).name);
  });
  return [...new Set(found)];
}
