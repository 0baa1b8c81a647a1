import { valueReader } from "../encode/values.ts";
import { DataError } from "../errors/data-error.ts";
import { HashNumbers } from "../hash/hash-numbers.ts";
import { TextHash } from "../hash/text-hash.ts";
import { classFinder } from "../plan/target.ts";
import { isMissing } from "../read/missing.ts";
import { findColumn } from "../read/table.ts";
import type { TableScan } from "../stream/scan-table.ts";
import type { TablePieces } from "../stream/table-pieces.ts";
import type { ColumnType } from "../types/column-type.ts";
import { parseNumber } from "../types/number-format.ts";
import { DuplicateFinder } from "./duplicates.ts";
import { describeTable, type Profile, type ProfileOptions, type ProfilePlan, planProfile } from "./profile.ts";
import type { ColumnValues, Groups } from "./values.ts";

/** Where the numbers of columns are kept, outside memory. */
export interface NumberStorage {
  /** Rows behind those that are there: one array a column. */
  append(columns: readonly Float64Array[]): void;
  /** One column, a piece at a time. */
  column(index: number): Iterable<Float64Array>;
}

/**
 * The same as profile of a table that is read in pieces: gone through once more, its cells become numbers in a storage, and
 * the columns are looked at one after another.
 * @param scan what a first pass has found
 * @param openStorage makes the storage of so many columns
 * @throws as profile
 */
export async function profilePieces(
  source: TablePieces,
  scan: TableScan,
  options: ProfileOptions,
  openStorage: (width: number) => NumberStorage,
): Promise<Profile> {
  const plan = planProfile(scan.table, scan.facts, scan.context, options);
  const rows = scan.table.rowCount;
  const target = plan.learned?.planned?.name;
  const used = storedColumns(plan);
  const storage = used.length === 0 ? undefined : openStorage(used.length);
  const same = new Set(used.map(({ name }) => name));
  let duplicates: DuplicateFinder | undefined = new DuplicateFinder();
  let read = 0;
  for await (const piece of source.pieces()) {
    duplicates.add(piece);
    const cellsOf = (name: string) => findColumn(piece, name).cells;
    storage?.append(used.map(({ name, read }) => Float64Array.from(cellsOf(name), read)));
    if (target !== undefined)
      for (const name of same) {
        const cells = cellsOf(name);
        const others = cellsOf(target);
        if (cells.some((cell, row) => cell !== others[row])) same.delete(name);
      }
    read += piece.rowCount;
  }
  if (read !== rows)
    throw new DataError("different-columns", "the file has changed while it was read: try again.", {
      file: source.name,
    });
  const found = duplicates.notes();
  duplicates = undefined;
  const numbersOf = (name: string): Float64Array => {
    const numbers = new Float64Array(rows);
    let place = 0;
    for (const block of storage!.column(used.findIndex((column) => column.name === name))) {
      numbers.set(block, place);
      place += block.length;
    }
    return numbers;
  };
  return describeTable(plan, {
    values({ name, kind }: ColumnType): ColumnValues | undefined {
      if (kind === "ignore") return undefined;
      const numbers = numbersOf(name);
      return kind === "number" || kind === "date" ? { kind: "numbers", values: numbers } : groupsOf(numbers);
    },
    target({ name, task, classes }): ColumnValues {
      const numbers = numbersOf(name);
      if (task === "regression") return { kind: "numbers", values: numbers };
      return { kind: "groups", groups: Int32Array.from(numbers), count: classes.length };
    },
    sameCells: ({ name }) => same.has(name),
    duplicates: () => found,
  });
}

/** A column whose cells become one number each. */
interface StoredColumn {
  name: string;
  read(cell: string): number;
}

function storedColumns({ types, learned }: ProfilePlan): StoredColumn[] {
  return types.flatMap((type): StoredColumn[] => {
    const { name, kind, words } = type;
    if (name === learned?.name) {
      if (learned.planned === undefined) return [];
      const { task, classes, match, decimal } = learned.planned;
      if (task === "regression")
        return [{ name, read: (cell) => (isMissing(cell) ? Number.NaN : parseNumber(cell, decimal)) }];
      const find = classFinder(classes, match, decimal);
      return [{ name, read: find }];
    }
    if (kind === "ignore") return [];
    if (kind === "category")
      return [{ name, read: (cell) => (isMissing(cell) && !words.includes(cell) ? Number.NaN : textNumber(cell)) }];
    const read = valueReader(kind, type);
    return [{ name, read: (cell) => (isMissing(cell) ? Number.NaN : read(cell)) }];
  });
}

const hash = new TextHash();

/** A number for a text: 53 bits of its hash. */
function textNumber(cell: string): number {
  const { high, low } = hash.of(cell);
  return (high >>> 11) * 2 ** 32 + low;
}

/** Groups of equal numbers, in the order in which they come; −1 for NaN. */
function groupsOf(numbers: Float64Array): Groups {
  const known = new HashNumbers();
  const groups = Int32Array.from(numbers, (number) => {
    if (Number.isNaN(number)) return -1;
    const high = Math.floor(number / 2 ** 32);
    return known.numberOf({ high, low: number - high * 2 ** 32 });
  });
  return { kind: "groups", groups, count: known.size };
}
