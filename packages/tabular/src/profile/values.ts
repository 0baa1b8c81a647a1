import { classFinder, type PlannedTarget } from "../plan/target.ts";
import { isMissing } from "../read/missing.ts";
import type { TableColumn } from "../read/table.ts";
import { parseBoolean } from "../types/boolean.ts";
import type { ColumnType } from "../types/column-type.ts";
import { parseDate } from "../types/date.ts";
import { parseNumber } from "../types/number-format.ts";

/** The cells of a column as what it is taken for: numbers (NaN where there is none), or numbers of groups (−1). */
export type ColumnValues =
  | { kind: "numbers"; values: Float64Array }
  | { kind: "groups"; groups: Int32Array; count: number };

/** A column as numbers of groups. */
export type Groups = Extract<ColumnValues, { kind: "groups" }>;

/** Dates count as numbers of days; a truth value is one of two groups. Undefined for a column that is left out. */
export function columnValues(
  { cells }: TableColumn,
  { kind, decimal, dateOrder, words }: Pick<ColumnType, "kind" | "decimal" | "dateOrder" | "words">,
): ColumnValues | undefined {
  switch (kind) {
    case "number":
      return numbers(cells, (cell) => parseNumber(cell, decimal));
    case "date":
      return numbers(cells, (cell) => parseDate(cell, dateOrder));
    case "boolean":
      return groups(cells, (cell) => (isMissing(cell) ? undefined : parseBoolean(cell)));
    case "category":
      return groups(cells, (cell) => (isMissing(cell) && !words.includes(cell) ? undefined : cell));
    case "ignore":
      return undefined;
  }
}

/** The target's cells: numbers of a regression, numbers of classes else. */
export function targetValues(
  { cells }: TableColumn,
  planned: Pick<PlannedTarget, "task" | "decimal" | "classes" | "match">,
): ColumnValues {
  const { task, decimal, classes, match } = planned;
  if (task === "regression") return numbers(cells, (cell) => parseNumber(cell, decimal));
  const find = classFinder(classes, match, decimal);
  return {
    kind: "groups",
    groups: Int32Array.from(cells, find),
    count: classes.length,
  };
}

function numbers(cells: readonly string[], parse: (cell: string) => number): ColumnValues {
  return { kind: "numbers", values: Float64Array.from(cells, (cell) => (isMissing(cell) ? Number.NaN : parse(cell))) };
}

function groups(cells: readonly string[], key: (cell: string) => unknown): ColumnValues {
  const known = new Map<unknown, number>();
  const found = Int32Array.from(cells, (cell) => {
    const value = key(cell);
    if (value === undefined) return -1;
    let group = known.get(value);
    if (group === undefined) {
      group = known.size;
      known.set(value, group);
    }
    return group;
  });
  return { kind: "groups", groups: found, count: known.size };
}
