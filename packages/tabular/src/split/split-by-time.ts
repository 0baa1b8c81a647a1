import { DataError, quote } from "../errors/data-error.ts";
import { makeNote } from "../notes/note.ts";
import { typeOption } from "../notes/type-option.ts";
import { isMissing } from "../read/missing.ts";
import { findColumn, placeOf, type Table } from "../read/table.ts";
import type { ColumnFacts } from "../types/column-facts.ts";
import type { ColumnType } from "../types/column-type.ts";
import { beginsWithDayOrMonth, isoTime, parseDate } from "../types/date.ts";
import { dateOrderOf } from "../types/date-order.ts";
import { type FormatContext, numberFormat, parseNumber } from "../types/number-format.ts";
import type { Split } from "./split-rows.ts";

/** The times of rows by a column of dates or numbers, gathered piece by piece. */
export class TimeSplitter {
  readonly #column: string;
  readonly #read: (cell: string) => number;
  readonly #show: (time: number) => string;
  /** Whether its dates begin with day or month, and nothing says with which. */
  readonly #orderUnknown: boolean;
  /** One number a row, NaN for a missing cell. */
  readonly #pieces: Float64Array[] = [];

  /**
   * @param facts of the column, which say whether it is of dates or of numbers
   * @param type how its cells are written, where it is learned from
   */
  constructor(
    private readonly file: string,
    facts: ColumnFacts,
    context: FormatContext,
    type?: Pick<ColumnType, "decimal" | "dateOrder">,
  ) {
    const { name, marks, dates, numbers } = facts;
    this.#column = name;
    const decimal = type?.decimal ?? numberFormat(marks, context).decimal;
    const found = dateOrderOf(facts);
    const order = type?.dateOrder ?? found ?? "year-first";
    this.#orderUnknown = order === "year-first" && found === undefined;
    if (dates[order].cells >= numbers[decimal].cells) {
      this.#read = (cell) => parseDate(cell, order);
      this.#show = isoTime;
    } else {
      const comma = decimal === "," || decimal === ".,";
      this.#read = (cell) => parseNumber(cell, decimal);
      this.#show = (time) => (comma ? String(time).replace(".", ",") : String(time));
    }
  }

  /**
   * @param rows of the piece that are to be split
   * @throws DataError "not-a-time" or "date-order" with row and value
   */
  add(piece: Table, rows: ArrayLike<number>): void {
    const { cells } = findColumn(piece, this.#column);
    const times = new Float64Array(rows.length);
    for (let index = 0; index < rows.length; index++) {
      const cell = cells[rows[index]];
      times[index] = isMissing(cell) ? Number.NaN : this.#read(cell);
      if (!Number.isNaN(times[index]) || isMissing(cell)) continue;
      const place = { ...placeOf(piece, rows[index]), column: this.#column, value: cell };
      if (this.#orderUnknown && beginsWithDayOrMonth(cell)) {
        const problem =
          "whether day or month comes first in the dates of this column cannot be told, so rows cannot be sorted by it: " +
          `ask for ${typeOption(this.#column, "date:day-first")} or ${typeOption(this.#column, "date:month-first")}.`;
        throw new DataError("date-order", problem, place);
      }
      const problem =
        `${quote(cell)} is neither a date such as 2024-05-31 nor a number, so rows cannot be sorted by this ` +
        "column: correct the cell, or split otherwise.";
      throw new DataError("not-a-time", problem, place);
    }
    this.#pieces.push(times);
  }

  /**
   * The latest rows are the test, those before them the validation. Rows of the same time stay together, so that the shares
   * are met as nearly as they can be. Rows without a time are trained on: nothing is measured on them. Rows are numbered as
   * they came.
   * @throws DataError "too-few-rows" for fewer different times than parts
   */
  split(shares: { validation: number; test: number }): Split {
    const sorted = this.#sorted();
    /** Places where a new time begins. */
    const borders: number[] = [];
    for (let place = 1; place < sorted.length; place++) if (sorted[place - 1] < sorted[place]) borders.push(place);
    const parts = [shares.validation, shares.test].filter((share) => share > 0).length;
    if (borders.length < parts || sorted.length === 0) {
      const problem = `there are ${borders.length + (sorted.length > 0 ? 1 : 0)} different times, too few to split the rows into ${parts + 1} parts.`;
      throw new DataError("too-few-rows", problem, { file: this.file, column: this.#column });
    }
    const nearest = (wanted: number, from: number, to: number): number => {
      let best = from;
      for (let at = from; at < to; at++)
        if (Math.abs(borders[at] - wanted) < Math.abs(borders[best] - wanted)) best = at;
      return best;
    };
    let last = borders.length;
    let end = sorted.length;
    const cut = (share: number, before: number): number => {
      if (share === 0) return end;
      last = nearest(end - Math.round(share * sorted.length), before, last);
      end = borders[last];
      return end;
    };
    const testFrom = cut(shares.test, parts - 1);
    const validationFrom = cut(shares.validation, 0);
    /** The first time of a part that begins at a place; beyond all times for none. */
    const first = (place: number) => (place < sorted.length ? sorted[place] : Number.POSITIVE_INFINITY);
    const [inValidation, inTest] = [first(validationFrom), first(testFrom)];
    const chosen: [number[], number[], number[]] = [[], [], []];
    let row = 0;
    for (const times of this.#pieces)
      for (const time of times) chosen[time >= inTest ? 2 : time >= inValidation ? 1 : 0].push(row++);
    const [train, validation, test] = chosen.map((part) => Int32Array.from(part));
    const notes = [
      makeNote("time-split", {
        column: this.#column,
        until: this.#show(sorted[validationFrom - 1]),
        validation: validationFrom < testFrom ? this.#show(inValidation) : "",
        test: testFrom < sorted.length ? this.#show(inTest) : "",
      }),
    ];
    const undated = row - sorted.length;
    if (undated > 0) notes.push(makeNote("undated-rows", { column: this.#column, count: undated }));
    return { train, validation, test, notes };
  }

  #sorted(): Float64Array {
    const known = this.#pieces.map((times) => times.filter((time) => !Number.isNaN(time)));
    const sorted = new Float64Array(known.reduce((sum, { length }) => sum + length, 0));
    let place = 0;
    for (const times of known) {
      sorted.set(times, place);
      place += times.length;
    }
    return sorted.sort();
  }
}
