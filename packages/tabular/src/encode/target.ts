import { DataError, quote } from "../errors/data-error.ts";
import { typeOption } from "../notes/type-option.ts";
import { isMissingTarget } from "../plan/class-words.ts";
import type { TablePlan } from "../plan/plan-table.ts";
import { classFinder } from "../plan/target.ts";
import { placeOf, type Table } from "../read/table.ts";
import { type DecimalMark, mayGroupByPoints, parseNumber } from "../types/number-format.ts";
import { decimalOf, requireColumn } from "./apply.ts";
import type { NumberTarget, Preprocessing } from "./preprocessing.ts";
import { scale } from "./values.ts";

/** The target of the rows that have one, as a class number each. */
export interface EncodedClasses {
  kind: "classes";
  /** Row numbers of the table whose target is there. */
  rows: Int32Array;
  /** One class number a row, 0 to classes.length − 1. */
  classes: Int32Array;
  /** Rows left out because their target is missing. */
  missing: number;
}

/** The target of the rows that have one, as a number each. */
export interface EncodedNumbers {
  kind: "number";
  /** Row numbers of the table whose target is there. */
  rows: Int32Array;
  /** Standardised: what the network learns. */
  values: Float32Array;
  /** In the table's own unit: what results are measured against. */
  original: Float64Array;
  /** Rows left out because their target is missing. */
  missing: number;
}

/**
 * Reads the target as in training. Rows without one are left out: apply the preprocessing to the `rows` that come back.
 * @param rows row numbers; default all
 * @throws DataError "missing-column", "all-missing", "unknown-class" or "not-a-number" with row and value
 */
export function encodeTarget(
  preprocessing: Preprocessing,
  table: Table,
  rows: ArrayLike<number> = { length: table.rowCount },
): EncodedClasses | EncodedNumbers {
  const { target } = preprocessing;
  const { cells } = requireColumn(table, target.name, { columns: [], target });
  const asked = Int32Array.from({ length: rows.length }, (_, index) => rows[index] ?? index);
  const encoded = encodeTargetCells(target, table, asked, decimalOf(cells, table, target));
  if (encoded.rows.length === 0) throw noTarget(table.name, target.name);
  return encoded;
}

/** @internal */
export function noTarget(file: string, column: string): DataError {
  return new DataError("all-missing", "the target is missing in every row.", { file, column });
}

/** What to do about points that can only separate thousands, where training read points as decimal. */
function pointsHelp(column: string): string {
  return `In training points were read as decimal; should they separate thousands, train again with ${typeOption(column, "number:comma")}.`;
}

/**
 * The same for a piece of a table, of which no row need have a target.
 * @param decimal how its numbers are written
 */
export function encodeTargetCells(
  target: Preprocessing["target"],
  table: Table,
  rows: Int32Array,
  decimal: DecimalMark,
): EncodedClasses | EncodedNumbers {
  const { cells } = requireColumn(table, target.name, { columns: [], target });
  const classes = target.kind === "classes" ? target.classes : [];
  const kept = rows.filter((row) => !isMissingTarget(cells[row], classes));
  const missing = rows.length - kept.length;
  const refuse = (code: "unknown-class" | "not-a-number", row: number, problem: string): DataError => {
    const place = { ...placeOf(table, row), column: target.name, value: cells[row] };
    return new DataError(code, `${quote(cells[row])} ${problem}`, place);
  };

  if (target.kind === "classes") {
    const find = classFinder(target.classes, target.match, decimal);
    const classes = kept.map((row) => {
      const found = find(cells[row]);
      if (found === -1) {
        const known = target.classes.slice(0, 20).map(quote).join(", ");
        throw refuse("unknown-class", row, `is none of the classes of training: ${known}.`);
      }
      return found;
    });
    return { kind: "classes", rows: kept, classes, missing };
  }
  const original = new Float64Array(kept.length);
  kept.forEach((row, index) => {
    const value = parseNumber(cells[row], decimal);
    if (Number.isNaN(value)) {
      const points = decimal === "." && mayGroupByPoints(cells[row]);
      const help = points ? ` ${pointsHelp(target.name)}` : "";
      throw refuse("not-a-number", row, `is not a number, and the target must be one.${help}`);
    }
    original[index] = value;
  });
  return { kind: "number", rows: kept, values: standardizeTarget(target, original), original, missing };
}

/** What the network learns of numbers in the target's own unit. */
export function standardizeTarget(target: NumberTarget, original: Float64Array): Float32Array {
  return Float32Array.from(original, (value) => clamp(scale(value, target), -float32Limit, float32Limit));
}

/**
 * The class of every row that the plan would split: a split in the classes' proportions needs them before anything is
 * fitted.
 * @returns one class number an entry of `plan.rows`; undefined where the target is a number
 */
export function classNumbers(table: Table, { target, rows }: TablePlan): Int32Array | undefined {
  if (target.task !== "classification") return undefined;
  const { name, classes, match, decimal } = target;
  const preprocessing: Preprocessing = {
    format: "noron-preprocessing",
    version: 1,
    input: "table",
    columns: [],
    target: { kind: "classes", name, classes, match, decimal },
    clip: 1,
  };
  const encoded = encodeTarget(preprocessing, table, rows);
  return encoded.kind === "classes" ? encoded.classes : undefined;
}

/** Far inside float32, so that its square is finite as well. */
const float32Limit = 1e18;

/**
 * What a network's outputs mean in the target's own unit. Where the logarithm was learned, an output outside the
 * training rows' range by more than a standard deviation is brought back to there: the exponential would make it huge.
 * @param values standardised, one a row
 */
export function restoreTarget(target: NumberTarget, values: ArrayLike<number>): Float64Array {
  const { logOffset, mean, standardDeviation } = target;
  if (logOffset === null) return Float64Array.from(values, (value) => value * standardDeviation + mean);
  const low = scale(target.minimum, target) - 1;
  const high = scale(target.maximum, target) + 1;
  return Float64Array.from(values, (value) => Math.exp(clamp(value, low, high) * standardDeviation + mean) - logOffset);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
