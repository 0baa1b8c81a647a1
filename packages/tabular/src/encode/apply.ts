import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { isMissing } from "../read/missing.ts";
import { placeOf, suggestName, type Table, type TableColumn } from "../read/table.ts";
import { kindTexts } from "../types/column-type.ts";
import {
  type DecimalMark,
  type FormatContext,
  formatContext,
  marksOf,
  mayGroupByPoints,
  type NumberMarks,
  numberFormat,
} from "../types/number-format.ts";
import {
  columnFeatureNames,
  type FeatureColumn,
  featureNames,
  type NumberWriting,
  type Preprocessing,
} from "./preprocessing.ts";
import { type FeatureWriter, featureWriter, placesOf, unknownText, valueReader } from "./values.ts";

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
  /** The first cell that was unreadable. */
  firstUnreadable?: { value: string; row: number; points: boolean };
  /** The first cell with such a category, and one of training that is written nearly so; "" where there is none. */
  firstUnseen?: { value: string; row: number; like: string };
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
  const encoder = new FeatureEncoder(preprocessing, (column) =>
    column.kind === "number" ? decimalOf(requireColumn(table, column.name, preprocessing).cells, table, column) : ".",
  );
  const chosen = rows instanceof Int32Array ? rows : Int32Array.from({ length: rows.length }, (_, i) => rows[i] ?? i);
  const features = encoder.encode(table, chosen);
  const counts = encoder.finish();
  const { width, featureNames } = encoder;
  return { features, width, featureNames, rows: chosen, counts, notes: counts.flatMap(warnOfCounts) };
}

/** Makes features of a table as in training, at once or piece by piece. */
export class FeatureEncoder {
  readonly featureNames: string[];
  readonly width: number;
  readonly #columns: EncodedColumn[];

  /** @param decimalFor how the numbers of a column of numbers are written in the new data */
  constructor(
    readonly preprocessing: Preprocessing,
    decimalFor: (column: FeatureColumn) => DecimalMark,
  ) {
    this.featureNames = featureNames(preprocessing);
    this.width = this.featureNames.length;
    this.#columns = preprocessing.columns.map((column) => ({
      column,
      read: valueReader(
        column.kind,
        {
          decimal: decimalFor(column),
          dateOrder: (column.kind === "date" ? column.order : undefined) ?? "year-first",
        },
        column.kind === "category" ? placesOf(column.levels) : undefined,
      ),
      write: featureWriter(column, preprocessing.clip),
      counts: { column: column.name, missing: 0, unseen: 0, unreadable: 0, clipped: 0 },
      cells: 0,
      firstUnreadable: null,
    }));
  }

  /**
   * The features of some rows, [rows × width].
   * @throws DataError "missing-column", "too-large"
   */
  encode(table: Table, rows: Int32Array): Float32Array {
    const { width, preprocessing } = this;
    const sources = this.#columns.map(({ column }) => requireColumn(table, column.name, preprocessing));
    if (rows.length * width > 2 ** 30) {
      const problem = `${count(rows.length, "row")} of ${count(width, "feature")} are more than fit into 4 GiB: use fewer.`;
      throw new DataError("too-large", problem, { file: table.name });
    }
    const features = new Float32Array(rows.length * width);
    let offset = 0;
    this.#columns.forEach((encoded, index) => {
      const values = readColumn(encoded, sources[index], table, rows);
      for (let row = 0; row < rows.length; row++)
        encoded.counts.clipped += encoded.write(values[row], features, row * width + offset);
      offset += columnFeatureNames(encoded.column).length;
    });
    return features;
  }

  /**
   * One number a cell instead, column by column, of which featureWriter makes these features.
   * @throws DataError "missing-column"
   */
  values(table: Table, rows: Int32Array): Float64Array[] {
    const features = new Float32Array(this.width);
    return this.#columns.map((encoded) => {
      const values = readColumn(encoded, requireColumn(table, encoded.column.name, this.preprocessing), table, rows);
      for (const value of values) encoded.counts.clipped += encoded.write(value, features, 0);
      return values;
    });
  }

  /**
   * How the cells of all pieces fared.
   * @throws DataError "not-a-number" when most cells of a column are not what they were in training
   */
  finish(): ColumnCounts[] {
    for (const { column, counts, cells, firstUnreadable } of this.#columns) {
      const present = cells - counts.missing;
      if (column.kind === "category" || firstUnreadable === null || counts.unreadable <= present / 2) continue;
      const problem = `${quote(firstUnreadable.value)} is not ${kindTexts[column.kind]}, and nor are most cells of this column, though they were in training.`;
      throw new DataError("not-a-number", problem, { ...firstUnreadable, column: column.name });
    }
    return this.#columns.map(({ column, counts, firstUnreadable }) => {
      if (firstUnreadable === null) return counts;
      const { value, row } = firstUnreadable;
      const points = column.kind === "number" && column.decimalPoints === true && mayGroupByPoints(value);
      return { ...counts, firstUnreadable: { value, row, points } };
    });
  }
}

/** What texts have in common that differ in capital letters, spaces or zeros in front alone. */
function spelling(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/^0+(?=\d)/, "");
}

interface EncodedColumn {
  column: FeatureColumn;
  read: (cell: string) => number;
  write: FeatureWriter;
  counts: ColumnCounts;
  cells: number;
  firstUnreadable: { value: string; file: string; row: number } | null;
}

function readColumn(encoded: EncodedColumn, { cells }: TableColumn, table: Table, rows: Int32Array): Float64Array {
  const { read, counts } = encoded;
  const values = new Float64Array(rows.length);
  encoded.cells += rows.length;
  for (let index = 0; index < rows.length; index++) {
    const cell = cells[rows[index]];
    const value = read(cell);
    if (Number.isNaN(value)) {
      if (isMissing(cell)) counts.missing++;
      else {
        counts.unreadable++;
        encoded.firstUnreadable ??= { value: cell, ...placeOf(table, rows[index]) };
      }
    } else if (value === unknownText && encoded.column.kind === "category") {
      counts.unseen++;
      counts.firstUnseen ??= {
        value: cell,
        row: placeOf(table, rows[index]).row,
        like: encoded.column.levels.find((level) => spelling(level) === spelling(cell)) ?? "",
      };
    }
    values[index] = value;
  }
  return values;
}

/** @internal The column of that name, or the refusal that names it, and the nearest that training did not know. */
export function requireColumn(
  table: Table,
  name: string,
  { columns, target }: Pick<Preprocessing, "columns" | "target">,
): TableColumn {
  const found = table.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const known = new Set([...columns, target].map((column) => column.name));
  const { help, suggestion } = suggestName(table, name, known);
  const problem = `the column ${quote(name)} of the training data is missing.${help}`;
  throw new DataError("missing-column", problem, { file: table.name, value: name, suggestion });
}

/** @internal How a column writes numbers: as in training, unless it clearly does otherwise. */
export function decimalOf(cells: readonly string[], table: Table, trained: NumberWriting): DecimalMark {
  return trained.decimalFixed ? trained.decimal : decimalLike(trained, marksOf(cells), formatContext(table));
}

/** @internal The same from what its cells say. */
export function decimalLike(
  { decimal: trained, decimalFixed, decimalPoints }: NumberWriting,
  marks: NumberMarks,
  file: FormatContext,
): DecimalMark {
  if (decimalFixed) return trained;
  const { decimal } = numberFormat(marks, file, trained);
  // Only a decimal comma among its cells says more than what was decided in training.
  if (decimalPoints && decimal === ".," && marks.clearCommas === 0) return trained;
  if (decimal !== ".") return decimal;
  // Points that separate thousands would have been found.
  return trained === ".," ? "," : trained;
}

/** @internal What there is to warn of. */
export function warnOfCounts({
  column,
  unseen,
  unreadable,
  clipped,
  firstUnreadable,
  firstUnseen,
}: ColumnCounts): Note[] {
  const notes: Note[] = [];
  if (firstUnseen !== undefined) notes.push(makeNote("unseen-category", { column, count: unseen, ...firstUnseen }));
  if (firstUnreadable !== undefined)
    notes.push(makeNote("unreadable", { column, count: unreadable, ...firstUnreadable }));
  if (clipped > 0) notes.push(makeNote("clipped", { column, count: clipped }));
  return notes;
}
