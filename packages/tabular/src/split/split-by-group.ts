import { RandomStream } from "@noron/core";
import { DataError } from "../errors/data-error.ts";
import { HashNumbers } from "../hash/hash-numbers.ts";
import { TextHash } from "../hash/text-hash.ts";
import { makeNote } from "../notes/note.ts";
import { isMissing } from "../read/missing.ts";
import { findColumn, type Table } from "../read/table.ts";
import { type Split, splitStream } from "./split-rows.ts";

/** The groups of rows that have the same cell in a column, gathered piece by piece. A row whose cell is missing is a group of its own. */
export class GroupSplitter {
  /** The rows of each group. */
  readonly #sizes: number[] = [];
  readonly #pieces: Int32Array[] = [];
  readonly #hash = new TextHash();
  readonly #known = new HashNumbers();
  /** The group of each cell's number. */
  readonly #groups: number[] = [];

  constructor(
    private readonly file: string,
    private readonly column: string,
  ) {}

  /** @param rows of the piece that are to be split */
  add(piece: Table, rows: ArrayLike<number>): void {
    const { cells } = findColumn(piece, this.column);
    const groups = new Int32Array(rows.length);
    for (let index = 0; index < rows.length; index++) {
      const group = this.#groupOf(cells[rows[index]]);
      this.#sizes[group] = (this.#sizes[group] ?? 0) + 1;
      groups[index] = group;
    }
    this.#pieces.push(groups);
  }

  #groupOf(cell: string): number {
    if (isMissing(cell)) return this.#sizes.length;
    const number = this.#known.numberOf(this.#hash.of(cell));
    if (number === this.#groups.length) this.#groups.push(this.#sizes.length);
    return this.#groups[number];
  }

  /**
   * Puts whole groups into the parts, in an order by the seed, so that the shares of rows are met as nearly as they can be.
   * Rows are numbered as they came.
   * @throws DataError "too-few-rows" for fewer groups than parts
   */
  split({ seed, validation, test }: { seed: number; validation: number; test: number }): Split {
    const sizes = this.#sizes;
    const rows = sizes.reduce((sum, size) => sum + size, 0);
    const shares = [test, validation].filter((share) => share > 0);
    if (sizes.length <= shares.length) {
      const problem = `there are ${sizes.length} different groups, too few to split the rows into ${shares.length + 1} parts.`;
      throw new DataError("too-few-rows", problem, { file: this.file, column: this.column });
    }
    const random = new RandomStream(seed, splitStream);
    /** 0 for training, as for groups that no part has taken. */
    const parts = new Uint8Array(sizes.length);
    let left: Int32Array = random.permutation(sizes.length);
    let open = shares.length;
    const take = (share: number, part: number): number => {
      if (share === 0) return 0;
      // Every part after this one, training too, needs a group.
      const most = left.length - open;
      open--;
      const taken = fill(left, sizes, Math.round(share * rows), most);
      for (const group of taken) parts[group] = part;
      left = left.filter((group) => parts[group] === 0);
      return taken.length;
    };
    const inTest = take(test, 2);
    const inValidation = take(validation, 1);
    const counts = { groups: sizes.length, validation: inValidation, test: inTest };
    const notes = [makeNote("group-split", { column: this.column, ...counts })];
    const chosen: [number[], number[], number[]] = [[], [], []];
    let row = 0;
    for (const groups of this.#pieces) for (const group of groups) chosen[parts[group]].push(row++);
    const [train, inside, held] = chosen.map((part) => Int32Array.from(part));
    return { train, validation: inside, test: held, notes };
  }
}

/** Groups, in their order, that bring the number of rows nearer to what is wanted; the smallest where none does. */
function fill(groups: Int32Array, sizes: readonly number[], wanted: number, most: number): number[] {
  const taken: number[] = [];
  let size = 0;
  for (const group of groups) {
    if (taken.length === most) break;
    if (Math.abs(size + sizes[group] - wanted) >= Math.abs(size - wanted)) continue;
    taken.push(group);
    size += sizes[group];
  }
  if (taken.length === 0) taken.push(groups.reduce((best, other) => (sizes[other] < sizes[best] ? other : best)));
  return taken;
}
