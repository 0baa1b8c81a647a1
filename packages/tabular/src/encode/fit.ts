import { DataError, quote } from "../errors/data-error.ts";
import { count, type Note } from "../note.ts";
import type { TablePlan } from "../plan/plan-table.ts";
import { isMissing } from "../read/missing.ts";
import { findColumn, type Table } from "../read/table.ts";
import { parseBoolean } from "../types/boolean.ts";
import type { ColumnType } from "../types/column-type.ts";
import { datePart, dateParts, parseDate } from "../types/date.ts";
import { type DecimalMark, parseNumber } from "../types/number-format.ts";
import type {
  BooleanFeature,
  CategoryFeature,
  ClassTarget,
  DateFeature,
  FeatureColumn,
  NumberFeature,
  NumberTarget,
  Preprocessing,
  Scaling,
} from "./preprocessing.ts";
import { meanAndDeviation, median, skewness } from "./statistics.ts";

export interface FitOptions {
  /**
   * Standardised numbers are kept within ± this. Default 10: on diamonds 3, 5 and 10 score alike, and without it one
   * row with a mistyped length ruins one of five runs.
   */
  clip?: number;
  /** Most categories of one column that get a feature of their own; the rarest share one. Default 100. */
  maximumCategories?: number;
  /**
   * Learn the logarithm of a regression's target, which must be positive. Default false: the error is measured in the
   * target's own unit, and learning that scored better on skewed prices (diamonds, five seeds: R² 0.980 against 0.979).
   */
  logTarget?: boolean;
}

export interface FittedPreprocessing {
  preprocessing: Preprocessing;
  /** What was decided from the training rows: fills, logarithms, dropped columns. */
  notes: Note[];
}

/**
 * Works out from the training rows, and from no other, how to make features of a table.
 * @param rows row numbers of the training rows
 * @throws DataError "no-features" when no column varies in these rows, "one-class" when the target does not,
 *   "not-positive" for a logarithm of a target that has none
 */
export function fitPreprocessing(
  table: Table,
  rows: ArrayLike<number>,
  plan: TablePlan,
  options: FitOptions = {},
): FittedPreprocessing {
  const notes: Note[] = [];
  const columns: FeatureColumn[] = [];
  for (const type of plan.columns) {
    if (type.kind === "ignore") continue;
    const { cells } = findColumn(table, type.name);
    const fitted = fitColumn(type, pick(cells, rows), notes, options);
    if (fitted !== undefined) columns.push(fitted);
    else {
      const text = `column ${quote(type.name)} is left out: it is the same in all training rows`;
      notes.push({ code: "constant-in-training", column: type.name, text });
    }
  }
  if (columns.length === 0) {
    throw new DataError("no-features", "no column varies in the training rows, so there is nothing to learn from.", {
      file: table.name,
    });
  }
  const target = fitTarget(table, rows, plan, notes, options);
  const preprocessing: Preprocessing = {
    format: "noron-preprocessing",
    version: 1,
    input: "table",
    columns,
    target,
    clip: options.clip ?? 10,
  };
  return { preprocessing, notes };
}

function pick(cells: readonly string[], rows: ArrayLike<number>): string[] {
  return Array.from(rows, (row) => cells[row]);
}

/** undefined when the column is the same in all rows. */
function fitColumn(
  type: ColumnType,
  cells: string[],
  notes: Note[],
  { maximumCategories = 100 }: FitOptions,
): FeatureColumn | undefined {
  switch (type.kind) {
    case "number":
      return fitNumber(type.name, type.decimal, cells, notes);
    case "category":
      return fitCategory(type.name, cells, notes, maximumCategories);
    case "boolean":
      return fitBoolean(type.name, cells, notes);
    case "date":
      return fitDate(type.name, cells, notes);
    case "ignore":
      return undefined;
  }
}

/**
 * A column of 0 and 1 for missing cells is worth having when it is not 0 in all but a handful of rows: with a quarter
 * of four of mpg's columns taken away at random it lifts R² from 0.78 to 0.80.
 */
function worthIndicating(missing: number, total: number): boolean {
  return missing >= 5 && missing >= total * 0.01;
}

function noteFilled(name: string, missing: number, by: string, indicator: boolean, notes: Note[]): void {
  if (missing === 0) return;
  const also = indicator ? ", and a feature says where" : "";
  const text = `column ${quote(name)}: ${count(missing, "missing cell")} of the training rows filled by ${by}${also}`;
  notes.push({ code: "filled", column: name, text });
}

function fitNumber(name: string, decimal: DecimalMark, cells: string[], notes: Note[]): NumberFeature | undefined {
  const values = Float64Array.from(cells, (cell) => (isMissing(cell) ? Number.NaN : parseNumber(cell, decimal)));
  const present = values.filter((value) => !Number.isNaN(value));
  if (present.length === 0) return undefined;
  const fill = median(present);
  const missing = values.length - present.length;
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) values[row] = fill;
  const logOffset = featureLogOffset(present);
  const scaling = fitScaling(values, logOffset);
  if (scaling.standardDeviation === 0) return undefined;
  const missingIndicator = worthIndicating(missing, cells.length);
  noteFilled(name, missing, `the median ${fill}`, missingIndicator, notes);
  if (logOffset !== null) {
    const text = `column ${quote(name)}: its logarithm is used, because few values are much larger than most`;
    notes.push({ code: "log-feature", column: name, text });
  }
  return { kind: "number", name, decimal, fill, missingIndicator, ...scaling };
}

/**
 * What to add before taking the logarithm of a feature, or null to take none: for amounts with a very long tail
 * upwards. On made-up log-normal features it gained up to 8 points of accuracy where classes depend on ratios and
 * cost up to 1.3 where they depend on differences.
 */
function featureLogOffset(present: Float64Array): number | null {
  let smallest = Number.POSITIVE_INFINITY;
  for (const value of present) {
    if (value < 0) return null;
    if (value > 0) smallest = Math.min(smallest, value);
  }
  const before = skewness(present);
  if (!(before > 3)) return null;
  const offset = present.includes(0) ? smallest : 0;
  const after = skewness(present.map((value) => Math.log(value + offset)));
  return Math.abs(after) < before / 2 ? offset : null;
}

function fitScaling(values: Float64Array, logOffset: number | null): Scaling {
  const scaled = logOffset === null ? values : values.map((value) => Math.log(value + logOffset));
  return { logOffset, ...meanAndDeviation(scaled) };
}

function fitCategory(name: string, cells: string[], notes: Note[], most: number): CategoryFeature | undefined {
  const times = new Map<string, number>();
  let missing = 0;
  for (const cell of cells) {
    if (isMissing(cell)) missing++;
    else times.set(cell, (times.get(cell) ?? 0) + 1);
  }
  const byText = (a: string, b: string) => (a < b ? -1 : 1);
  let levels = [...times.keys()];
  const rare = levels.length > most;
  if (rare) {
    levels = levels.sort((a, b) => times.get(b)! - times.get(a)! || byText(a, b)).slice(0, most);
    const text = `column ${quote(name)} has ${times.size} categories: the ${most} most frequent are used, the others share one`;
    notes.push({ code: "rare-categories", column: name, text });
  }
  levels.sort(byText);
  const missingLevel = missing > 0 || rare;
  if (levels.length === 0 || (levels.length === 1 && !missingLevel)) return undefined;
  noteFilled(name, missing, "a category of their own", false, notes);
  return { kind: "category", name, levels, missingLevel };
}

function fitBoolean(name: string, cells: string[], notes: Note[]): BooleanFeature | undefined {
  let yes = 0;
  let no = 0;
  for (const cell of cells) {
    const truth = isMissing(cell) ? undefined : parseBoolean(cell);
    if (truth === true) yes++;
    else if (truth === false) no++;
  }
  const missing = cells.length - yes - no;
  const missingIndicator = worthIndicating(missing, cells.length);
  if (yes === 0 || no === 0) return undefined;
  const fill = yes > no;
  noteFilled(name, missing, `the more frequent "${fill ? "yes" : "no"}"`, missingIndicator, notes);
  return { kind: "boolean", name, fill, missingIndicator };
}

function fitDate(name: string, cells: string[], notes: Note[]): DateFeature | undefined {
  const days = Float64Array.from(cells, parseDate);
  const present = days.filter((value) => !Number.isNaN(value));
  if (present.length === 0) return undefined;
  const fill = median(present);
  const missing = days.length - present.length;
  for (let row = 0; row < days.length; row++) if (Number.isNaN(days[row])) days[row] = fill;
  const parts = dateParts
    .map((part) => ({ part, ...meanAndDeviation(days.map((value) => datePart(value, part))) }))
    .filter(({ standardDeviation }) => standardDeviation > 0);
  if (parts.length === 0) return undefined;
  const missingIndicator = worthIndicating(missing, cells.length);
  noteFilled(name, missing, "the median date", missingIndicator, notes);
  return { kind: "date", name, fill, missingIndicator, parts };
}

function fitTarget(
  table: Table,
  rows: ArrayLike<number>,
  { target }: TablePlan,
  notes: Note[],
  { logTarget = false }: FitOptions,
): ClassTarget | NumberTarget {
  const { name, decimal, match, classes } = target;
  if (target.task === "classification") return { kind: "classes", name, classes, match, decimal };
  const values = Float64Array.from(pick(findColumn(table, name).cells, rows), (cell) => parseNumber(cell, decimal));
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  if (logTarget) {
    if (minimum <= 0) {
      const row = rows[values.findIndex((value) => value <= 0)];
      const problem = `the logarithm of the target is asked for, and ${minimum} has none: do without, or choose another target.`;
      throw new DataError("not-positive", problem, { file: table.name, row: table.rowNumbers[row], column: name });
    }
    notes.push({ code: "log-target", column: name, text: `the logarithm of the target ${quote(name)} is learned` });
  }
  const scaling = fitScaling(values, logTarget ? 0 : null);
  if (!(scaling.standardDeviation > 0)) {
    const problem = "the target is the same in all training rows, so there is nothing to learn.";
    throw new DataError("one-class", problem, { file: table.name, column: name });
  }
  return { kind: "number", name, decimal, minimum, maximum, ...scaling };
}
