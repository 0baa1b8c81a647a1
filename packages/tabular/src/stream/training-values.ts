import type { TrainingCells } from "../encode/fit.ts";
import type { NumberBlocks } from "../encode/statistics.ts";
import { placesOf, unknownText, valueReader } from "../encode/values.ts";
import { DataError } from "../errors/data-error.ts";
import { isMissingTarget } from "../plan/class-words.ts";
import type { ColumnsPlan } from "../plan/plan-table.ts";
import { classFinder } from "../plan/target.ts";
import { isMissing } from "../read/missing.ts";
import type { Table } from "../read/table.ts";
import type { ColumnType } from "../types/column-type.ts";
import { parseNumber } from "../types/number-format.ts";
import type { TableScan } from "./scan-table.ts";

/** A column whose cells become one number each; the target is the last of them. */
export interface ValueColumn {
  name: string;
  /** Of a category: its texts, whose places the numbers are. */
  texts: readonly string[];
  /** Different texts of the column, those that were not kept too. */
  distinct: number;
  read(cell: string): number;
  /** Of the target: whether there is none. */
  isMissing(cell: string): boolean;
}

/** The columns that a plan learns from, and the target behind them. */
export function valueColumns({ facts }: TableScan, { columns, target }: ColumnsPlan): ValueColumn[] {
  const used = columns.flatMap((type: ColumnType): ValueColumn[] => {
    const { name, kind, words } = type;
    if (kind === "ignore") return [];
    const { values, distinct } = facts.get(name)!;
    const texts = kind === "category" ? [...values.keys(), ...words] : [];
    return [{ name, texts, distinct, read: valueReader(kind, type, placesOf(texts)), isMissing }];
  });
  const { name, task, classes, match, decimal } = target;
  const read =
    task === "classification" ? classFinder(classes, match, decimal) : (cell: string) => parseNumber(cell, decimal);
  return [...used, { name, texts: [], distinct: 0, read, isMissing: (cell) => isMissingTarget(cell, classes) }];
}

/** Rows of a piece as numbers. */
export interface PieceValues {
  /** Which of the piece's rows they are. */
  rows: Int32Array;
  /** One array a column. */
  columns: Float64Array[];
}

/**
 * One number a cell of the rows of a piece whose target is there, column by column.
 * @throws DataError "different-columns" where a column is not there, as the file has changed since it was scanned
 */
export function readValues(piece: Table, columns: readonly ValueColumn[]): PieceValues {
  const sources = columns.map(({ name }) => {
    const found = piece.columns.find((column) => column.name === name);
    if (found !== undefined) return found.cells;
    throw new DataError("different-columns", "this column has gone while the file was read.", {
      file: piece.name,
      column: name,
    });
  });
  const target = sources[sources.length - 1];
  const last = columns[columns.length - 1];
  const rows: number[] = [];
  for (let row = 0; row < target.length; row++) if (!last.isMissing(target[row])) rows.push(row);
  const values = columns.map(({ read }, column) => {
    const cells = sources[column];
    const numbers = new Float64Array(rows.length);
    for (let index = 0; index < rows.length; index++) numbers[index] = read(cells[rows[index]]);
    return numbers;
  });
  return { rows: Int32Array.from(rows), columns: values };
}

/**
 * The training rows' cells from their stored values.
 * @param blocksOf the values of a column, of the training rows in order, as often as it is asked for
 */
export function storedCells(
  file: string,
  count: number,
  columns: readonly ValueColumn[],
  blocksOf: (column: number) => NumberBlocks,
): TrainingCells {
  const find = (name: string): [ValueColumn, NumberBlocks] => {
    const index = columns.findIndex((column) => column.name === name);
    return [columns[index], blocksOf(index)];
  };
  const blocks = (name: string) => find(name)[1];
  return {
    file,
    count,
    numbers: blocks,
    dates: blocks,
    truths(name) {
      const said = { yes: 0, no: 0 };
      for (const block of blocks(name)) {
        for (const value of block) {
          if (value === 1) said.yes++;
          else if (value === 0) said.no++;
        }
      }
      return said;
    },
    texts(name) {
      const [{ texts, distinct }, values] = find(name);
      const counts = new Float64Array(texts.length);
      let missing = 0;
      let others = 0;
      for (const block of values) {
        for (const value of block) {
          if (Number.isNaN(value)) missing++;
          else if (value === unknownText) others++;
          else counts[value]++;
        }
      }
      const times = new Map<string, number>();
      texts.forEach((text, place) => {
        if (counts[place] > 0) times.set(text, counts[place]);
      });
      return { times, missing, distinct: others > 0 ? distinct : times.size };
    },
    // Only a logarithm of the target asks for it, which is not asked for rows that are not in memory.
    placeOf: (index) => ({ file, row: index }),
  };
}
