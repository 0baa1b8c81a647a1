import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { isMissing } from "../read/missing.ts";
import { placeOf, suggestName, type Table, type TableColumn } from "../read/table.ts";
import { parseBoolean } from "../types/boolean.ts";
import { kindTexts } from "../types/column-type.ts";
import { datePart, parseDate } from "../types/date.ts";
import { type DecimalMark, detectNumberFormat, parseNumber } from "../types/number-format.ts";
import {
  type CategoryFeature,
  columnFeatureNames,
  type FeatureColumn,
  featureNames,
  type Preprocessing,
  type Scaling,
} from "./preprocessing.ts";

/** How the cells of one column fared. */
export interface ColumnCounts {
  column: string;
  /** Missing cells, filled as in training. */
  missing: number;
  /** Categories that training has not seen, treated as missing. */
  unseen: number;
  /** Cells that are no number, date or truth value where there should be one, treated as missing. */
  unreadable: number;
  /** Numbers so far from the training rows that they were brought nearer. */
  clipped: number;
}

export interface AppliedPreprocessing {
  /** [rows × width] in row order, ready to be a float32 tensor. Every number is finite. */
  features: Float32Array;
  width: number;
  featureNames: string[];
  /** The table's row numbers, one a row of `features`. */
  rows: Int32Array;
  counts: ColumnCounts[];
  /** A warning for each column with unseen categories, unreadable cells or clipped numbers. */
  notes: Note[];
}

/**
 * Makes the features of a table as in training.
 * @param rows row numbers; default all
 * @throws DataError "missing-column" naming a column that training had and the table lacks; "not-a-number" when most
 *   cells of a column of numbers are none; "too-large" when the features would not fit into one array
 */
export function applyPreprocessing(
  preprocessing: Preprocessing,
  table: Table,
  rows: ArrayLike<number> = { length: table.rowCount },
): AppliedPreprocessing {
  const chosen = rows instanceof Int32Array ? rows : Int32Array.from({ length: rows.length }, (_, i) => rows[i] ?? i);
  const names = featureNames(preprocessing);
  const width = names.length;
  const columns = preprocessing.columns.map((column) => requireColumn(table, column.name));
  if (chosen.length * width > 2 ** 30) {
    const problem = `${count(chosen.length, "row")} of ${count(width, "feature")} are more than fit into 4 GiB: use fewer.`;
    throw new DataError("too-large", problem, { file: table.name });
  }
  const features = new Float32Array(chosen.length * width);
  const counts: ColumnCounts[] = [];
  let offset = 0;
  preprocessing.columns.forEach((column, index) => {
    const tally = { column: column.name, missing: 0, unseen: 0, unreadable: 0, clipped: 0 };
    const target = { features, width, offset, clip: preprocessing.clip };
    encodeColumn(column, columns[index], { table, rows: chosen }, target, tally);
    counts.push(tally);
    offset += columnFeatureNames(column).length;
  });
  return { features, width, featureNames: names, rows: chosen, counts, notes: counts.flatMap(warn) };
}

/** @internal The column of that name, or the refusal that names it. */
export function requireColumn(table: Table, name: string): TableColumn {
  const found = table.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const problem = `the column ${quote(name)}, which was there in training, is missing.${suggestName(table, name)}`;
  throw new DataError("missing-column", problem, { file: table.name, value: name });
}

/** @internal How a column writes numbers: as in training, unless it clearly does otherwise. */
export function decimalOf(cells: readonly string[], table: Table, trained: DecimalMark): DecimalMark {
  const found = detectNumberFormat(cells, table, trained).decimal;
  if (found !== ".") return found;
  // Points that separate thousands would have been found.
  return trained === ".," ? "," : trained;
}

/** @internal (x − mean) / standardDeviation, of the logarithm where one was taken. */
export function scale(value: number, { logOffset, mean, standardDeviation }: Scaling): number {
  if (logOffset !== null) {
    const shifted = value + logOffset;
    value = Math.log(shifted > 0 ? shifted : Number.MIN_VALUE);
  }
  return (value - mean) / standardDeviation;
}

interface Destination {
  features: Float32Array;
  width: number;
  /** Position of the column's first feature in a row. */
  offset: number;
  clip: number;
}

function encodeColumn(
  column: FeatureColumn,
  source: TableColumn,
  { table, rows }: { table: Table; rows: Int32Array },
  destination: Destination,
  tally: ColumnCounts,
): void {
  const { features, width, offset, clip } = destination;
  const { cells } = source;
  const write = (row: number, feature: number, value: number) => {
    features[row * width + offset + feature] = value;
  };
  const clipped = (value: number): number => {
    if (value >= -clip && value <= clip) return value;
    tally.clipped++;
    return value > 0 ? clip : -clip;
  };
  let firstUnreadable = -1;
  /** The value of a cell; NaN, counted, when it is missing or unreadable. */
  const read = (row: number, parse: (cell: string) => number): number => {
    const cell = cells[row];
    if (isMissing(cell)) {
      tally.missing++;
      return Number.NaN;
    }
    const value = parse(cell);
    if (Number.isNaN(value)) {
      tally.unreadable++;
      if (firstUnreadable === -1) firstUnreadable = row;
    }
    return value;
  };

  switch (column.kind) {
    case "number": {
      const decimal = decimalOf(cells, table, column.decimal);
      for (let row = 0; row < rows.length; row++) {
        const value = read(rows[row], (cell) => parseNumber(cell, decimal));
        const missing = Number.isNaN(value);
        write(row, 0, clipped(scale(missing ? column.fill : value, column)));
        if (missing && column.missingIndicator) write(row, 1, 1);
      }
      break;
    }
    case "boolean":
      for (let row = 0; row < rows.length; row++) {
        const value = read(rows[row], (cell) => Number(parseBoolean(cell) ?? Number.NaN));
        const missing = Number.isNaN(value);
        write(row, 0, missing ? Number(column.fill) : value);
        if (missing && column.missingIndicator) write(row, 1, 1);
      }
      break;
    case "date":
      for (let row = 0; row < rows.length; row++) {
        const value = read(rows[row], parseDate);
        const missing = Number.isNaN(value);
        column.parts.forEach(({ part, mean, standardDeviation }, feature) => {
          const number = datePart(missing ? column.fill : value, part);
          write(row, feature, clipped((number - mean) / standardDeviation));
        });
        if (missing && column.missingIndicator) write(row, column.parts.length, 1);
      }
      break;
    case "category":
      encodeCategory(column, cells, rows, write, tally);
      break;
  }

  const present = rows.length - tally.missing;
  if (column.kind !== "category" && tally.unreadable > 0 && tally.unreadable > present / 2) {
    const value = cells[firstUnreadable];
    const problem = `${quote(value)} is not ${kindTexts[column.kind]}, and nor are most cells of this column, though they were in training.`;
    const place = { ...placeOf(table, firstUnreadable), column: column.name, value };
    throw new DataError("not-a-number", problem, place);
  }
}

function encodeCategory(
  column: CategoryFeature,
  cells: readonly string[],
  rows: Int32Array,
  write: (row: number, feature: number, value: number) => void,
  tally: ColumnCounts,
): void {
  const positions = new Map(column.levels.map((level, index) => [level, index]));
  for (let row = 0; row < rows.length; row++) {
    const cell = cells[rows[row]];
    const missing = isMissing(cell);
    const position = missing ? undefined : positions.get(cell);
    if (position !== undefined) {
      write(row, position, 1);
      continue;
    }
    if (missing) tally.missing++;
    else tally.unseen++;
    if (column.missingLevel) write(row, column.levels.length, 1);
  }
}

function warn({ column, unseen, unreadable, clipped }: ColumnCounts): Note[] {
  const notes: Note[] = [];
  if (unseen > 0) notes.push(makeNote("unseen-category", { column, count: unseen }));
  if (unreadable > 0) notes.push(makeNote("unreadable", { column, count: unreadable }));
  if (clipped > 0) notes.push(makeNote("clipped", { column, count: clipped }));
  return notes;
}
