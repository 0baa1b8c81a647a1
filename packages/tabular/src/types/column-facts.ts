import { isMissing } from "../read/missing.ts";
import { placeOf, type Table, type TableColumn } from "../read/table.ts";
import { parseBoolean } from "./boolean.ts";
import { beginsWithDayOrMonth, type DateOrder, dateOrders, parseDate, zoneOf } from "./date.ts";
import { DistinctCount } from "./distinct-count.ts";
import {
  countMarks,
  type DecimalMark,
  decimalMarks,
  mayGroupByPoints,
  type NumberMarks,
  noMarks,
  parseNumber,
} from "./number-format.ts";
import { type FirstOfSigns, signOf } from "./number-sign.ts";

/**
 * What a cell may be read as, besides text: a number by its decimal mark, a truth value, a date by its order, digits
 * alone, and digits that begin with a zero which counts for nothing.
 */
export type Reading = DecimalMark | "boolean" | DateOrder | "digits" | "zero-led";

const readings: readonly Reading[] = [...decimalMarks, "boolean", ...dateOrders, "digits", "zero-led"];
const booleanReading = readings.indexOf("boolean");
const yearReading = readings.indexOf("year-first");
const dayReading = readings.indexOf("day-first");
const monthReading = readings.indexOf("month-first");
const digitsReading = readings.indexOf("digits");
const zeroReading = readings.indexOf("zero-led");

/** A cell, and where it is. */
export interface SeenCell {
  value: string;
  file: string;
  row: number;
}

/** How the cells of a column fare when they are read in one way. */
export interface ReadingFacts {
  /** Cells that can be read so. */
  cells: number;
  /** Different values that cannot: 0, 1, or 2 for two and more. */
  others: number;
  /** The first cell that cannot. */
  firstOther: SeenCell | null;
}

/** How its numbers are, read with one decimal mark. */
export interface NumberFacts extends ReadingFacts {
  /** Whether all of them are whole. */
  whole: boolean;
  /** Whether every cell is the number before it and one, from 0 or 1 on. */
  countsUp: boolean;
  /** Whether every cell is a larger whole number than that before it, from 0 on. */
  rises: boolean;
}

/** A value, how often it was counted, and how often it may have come before it was counted. */
interface Kept {
  times: number;
  before: number;
  /** Which readings it has, a bit each. */
  readable: number;
}

/** What is known of a column's cells: all that its type, or the task where it is the target, is decided by. */
export interface ColumnFacts {
  name: string;
  rows: number;
  missing: number;
  /** Words such as NA that were read as missing, and how often. */
  missingWords: ReadonlyMap<string, number>;
  /** How many values are different; an estimate where not all could be kept. */
  distinct: number;
  /** The values in the order in which they came, missing ones apart: all, or the most frequent where they were too many. */
  values: ReadonlyMap<string, { times: number }>;
  /** Whether `values` are all, and `distinct` is exact. */
  exact: boolean;
  /** No value that is not in `values` has more cells. */
  mostUnkept: number;
  marks: NumberMarks;
  /** The first cell whose points may separate thousands. */
  firstPointGroups: SeenCell | null;
  /** The first number with each sign of currency or per cent, and without one. */
  firstOfSigns: FirstOfSigns;
  numbers: Record<DecimalMark, NumberFacts>;
  boolean: ReadingFacts & { yes: boolean; no: boolean; words: boolean };
  dates: Record<DateOrder, ReadingFacts>;
  /** Whether some values are dates with the day first alone, or with the month first alone: 27/9/2024, 9/27/2024. */
  dayFirst: boolean;
  monthFirst: boolean;
  /** A time with a zone, and one with another; "" where there is none. */
  zones: { value: string; other: string };
  /** Whether all values are written as dates that begin with the day or the month. */
  otherDates: boolean;
  codes: CodeFacts;
}

/** How many cells are digits alone, and how many of these begin with a zero that counts for nothing ("00123"). */
export interface CodeFacts {
  digits: number;
  zeros: number;
  /** How many digits each of them has; null where they differ, or there are none. */
  width: number | null;
}

export interface FactsOptions {
  /** Different values that are kept at most. Default: all. */
  most?: number;
}

/** Gathers what there is to know of a column's cells, piece by piece, in memory that `most` bounds. */
export class ColumnFactsReader {
  #rows = 0;
  #missing = 0;
  readonly #missingWords = new Map<string, number>();
  readonly #kept = new Map<string, Kept>();
  readonly #most: number;
  /** From where on values are dropped. */
  #distinct: DistinctCount | undefined;
  #mostDropped = 0;
  /** Cells that were counted without keeping their value. */
  #plain = 0;
  readonly #marks = noMarks();
  #firstPointGroups: SeenCell | null = null;
  readonly #firstOfSigns = new Map<string, SeenCell>();
  readonly #readableCells = readings.map(() => 0);
  readonly #others = readings.map(() => new Set<string>());
  readonly #firstOther = readings.map((): SeenCell | null => null);
  readonly #whole = decimalMarks.map(() => true);
  /** The number that each row must be, by its decimal mark; NaN where one was not. */
  readonly #nextNumber = decimalMarks.map(() => -1);
  /** The number of the last row while each is whole and larger than that before it; NaN where one was not. */
  #highest = -1;
  #counting = true;
  #yes = false;
  #no = false;
  #booleanWords = false;
  #otherDates = true;
  readonly #zones = { value: "", other: "" };
  #dayFirst = false;
  #monthFirst = false;
  /** How many digits cells have that are digits alone; null before the first, NaN where they differ. */
  #width: number | null = null;

  constructor(
    readonly name: string,
    { most = Number.POSITIVE_INFINITY }: FactsOptions = {},
  ) {
    this.#most = most;
  }

  /** @param table where the cells come from, for places */
  add(table: Table, cells: readonly string[]): void {
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row];
      if (isMissing(cell)) {
        this.#missing++;
        if (cell !== "") this.#missingWords.set(cell, (this.#missingWords.get(cell) ?? 0) + 1);
        if (this.#counting) this.#stopCounting();
        continue;
      }
      const kept = this.#kept.get(cell);
      if (kept !== undefined) kept.times++;
      else if (this.#distinct === undefined || !this.#countPlainNumber(cell, table, row)) this.#keep(cell, table, row);
      if (this.#counting) this.#countUp(cell);
    }
    this.#rows += cells.length;
  }

  finish(): ColumnFacts {
    const marks = { ...this.#marks };
    const readable = [...this.#readableCells];
    for (const [value, { times, readable: bits }] of this.#kept) {
      countMarks(marks, value, times);
      for (let reading = 0; reading < readings.length; reading++) if (bits & (1 << reading)) readable[reading] += times;
    }
    const facts = (reading: number): ReadingFacts => ({
      cells: readable[reading],
      others: this.#others[reading].size,
      firstOther: this.#firstOther[reading],
    });
    const numbers = (mark: number): NumberFacts => ({
      ...facts(mark),
      whole: this.#whole[mark],
      countsUp: this.#nextNumber[mark] > 0,
      rises: this.#highest >= 0,
    });
    return {
      name: this.name,
      rows: this.#rows,
      missing: this.#missing,
      missingWords: this.#missingWords,
      distinct: this.#distinct === undefined ? this.#kept.size : this.#estimate(),
      values: this.#kept,
      exact: this.#distinct === undefined,
      mostUnkept: Math.max(this.#mostDropped, this.#plain),
      marks,
      firstPointGroups: this.#firstPointGroups,
      firstOfSigns: this.#firstOfSigns,
      numbers: { ".": numbers(0), ",": numbers(1), ".,": numbers(2), ",.": numbers(3) },
      boolean: { ...facts(booleanReading), yes: this.#yes, no: this.#no, words: this.#booleanWords },
      dates: { "year-first": facts(yearReading), "day-first": facts(dayReading), "month-first": facts(monthReading) },
      dayFirst: this.#dayFirst,
      monthFirst: this.#monthFirst,
      zones: this.#zones,
      otherDates: this.#otherDates,
      codes: {
        digits: readable[digitsReading],
        zeros: readable[zeroReading],
        width: Number.isNaN(this.#width) ? null : this.#width,
      },
    };
  }

  /** Within the error of the estimate all different is taken for all different. */
  #estimate(): number {
    const present = this.#rows - this.#missing;
    const estimate = Math.min(this.#distinct!.estimate(), present);
    return estimate > 0.95 * present ? present : estimate;
  }

  #keep(cell: string, table: Table, row: number): void {
    const value = this.#most === Number.POSITIVE_INFINITY ? cell : ownCopy(cell);
    const readable = this.#read(value, table, row);
    this.#distinct?.add(value);
    this.#kept.set(value, { times: 1, before: this.#mostDropped, readable });
    if (this.#kept.size > this.#most) this.#dropRarest();
  }

  #read(value: string, table: Table, row: number): number {
    let bits = 0;
    this.#seePointGroups(value, table, row);
    for (let mark = 0; mark < decimalMarks.length; mark++) {
      const number = parseNumber(value, decimalMarks[mark]);
      if (Number.isNaN(number)) continue;
      bits |= 1 << mark;
      if (!Number.isInteger(number)) this.#whole[mark] = false;
    }
    if (bits !== 0) this.#seeSign(value, table, row);
    const truth = parseBoolean(value);
    if (truth !== undefined) {
      bits |= 1 << booleanReading;
      if (truth) this.#yes = true;
      else this.#no = true;
      if (value !== "0" && value !== "1") this.#booleanWords = true;
    }
    bits |= this.#readDates(value) | this.#readDigits(value);
    for (let reading = 0; reading < readings.length; reading++) {
      if (bits & (1 << reading)) continue;
      const others = this.#others[reading];
      if (others.size === 0) this.#firstOther[reading] = { value, ...placeOf(table, row) };
      if (others.size < 2) others.add(value);
    }
    return bits;
  }

  #seePointGroups(value: string, table: Table, row: number): void {
    if (this.#firstPointGroups === null && mayGroupByPoints(value))
      this.#firstPointGroups = { value: ownCopy(value), ...placeOf(table, row) };
  }

  #seeSign(value: string, table: Table, row: number): void {
    const sign = signOf(value);
    if (!this.#firstOfSigns.has(sign)) this.#firstOfSigns.set(sign, { value: ownCopy(value), ...placeOf(table, row) });
  }

  #seeZone(value: string): void {
    const zone = zoneOf(value);
    if (zone === "" || this.#zones.other !== "") return;
    if (this.#zones.value === "") this.#zones.value = value;
    else if (zoneOf(this.#zones.value) !== zone) this.#zones.other = value;
  }

  #readDates(value: string): number {
    this.#seeZone(value);
    if (beginsWithDayOrMonth(value)) {
      const day = !Number.isNaN(parseDate(value, "day-first"));
      const month = !Number.isNaN(parseDate(value, "month-first"));
      if (day && !month) this.#dayFirst = true;
      if (month && !day) this.#monthFirst = true;
      return (day ? 1 << dayReading : 0) | (month ? 1 << monthReading : 0);
    }
    this.#otherDates = false;
    return Number.isNaN(parseDate(value)) ? 0 : (1 << yearReading) | (1 << dayReading) | (1 << monthReading);
  }

  #readDigits(value: string): number {
    if (!/^\d+$/.test(value)) return 0;
    if (this.#width === null) this.#width = value.length;
    else if (this.#width !== value.length) this.#width = Number.NaN;
    return (1 << digitsReading) | (value.length > 1 && value.startsWith("0") ? 1 << zeroReading : 0);
  }

  /** Of the values those with the fewest cells are let go, half of them, so that this is done rarely. */
  #dropRarest(): void {
    if (this.#distinct === undefined) {
      this.#distinct = new DistinctCount();
      for (const value of this.#kept.keys()) this.#distinct.add(value);
    }
    const bounds = Float64Array.from(this.#kept.values(), ({ times, before }) => times + before).sort();
    const limit = bounds[bounds.length >> 1];
    // Of equals only as many as are needed to come down to half: all of them where every value came once.
    let left = (bounds.length >> 1) + 1;
    for (const [value, { times, before, readable }] of this.#kept) {
      if (left === 0) break;
      if (times + before > limit) continue;
      left--;
      this.#kept.delete(value);
      countMarks(this.#marks, value, times);
      for (let reading = 0; reading < readings.length; reading++)
        if (readable & (1 << reading)) this.#readableCells[reading] += times;
    }
    this.#mostDropped = limit;
  }

  /** Once values are dropped, a column of many plain numbers is counted without keeping each. */
  #countPlainNumber(cell: string, table: Table, row: number): boolean {
    if ([booleanReading, yearReading, dayReading, monthReading].some((reading) => this.#others[reading].size < 2))
      return false;
    if (!plainNumber.test(cell)) return false;
    this.#distinct!.add(cell);
    countMarks(this.#marks, cell, 1);
    this.#seePointGroups(cell, table, row);
    if (!this.#firstOfSigns.has("")) this.#seeSign(cell, table, row);
    for (let mark = 0; mark < decimalMarks.length; mark++) {
      this.#readableCells[mark]++;
      if (this.#whole[mark] && !Number.isInteger(parseNumber(cell, decimalMarks[mark]))) this.#whole[mark] = false;
    }
    this.#otherDates = false;
    const bits = this.#readDigits(cell);
    if (bits & (1 << digitsReading)) this.#readableCells[digitsReading]++;
    if (bits & (1 << zeroReading)) this.#readableCells[zeroReading]++;
    this.#plain++;
    return true;
  }

  #countUp(cell: string): void {
    for (let mark = 0; mark < decimalMarks.length; mark++) {
      const wanted = this.#nextNumber[mark];
      if (Number.isNaN(wanted)) continue;
      const number = parseNumber(cell, decimalMarks[mark]);
      const right = wanted === -1 ? number === 0 || number === 1 : number === wanted;
      this.#nextNumber[mark] = right ? number + 1 : Number.NaN;
    }
    const number = Number.isNaN(this.#highest) ? Number.NaN : parseNumber(cell, ".");
    this.#highest = Number.isInteger(number) && number > this.#highest ? number : Number.NaN;
    if (Number.isNaN(this.#highest) && this.#nextNumber.every(Number.isNaN)) this.#counting = false;
  }

  #stopCounting(): void {
    this.#nextNumber.fill(Number.NaN);
    this.#highest = Number.NaN;
    this.#counting = false;
  }
}

/** Cells that are numbers, whatever the decimal mark, and neither truth values nor dates. */
const plainNumber = /^(?:-?\d{2,15}(?:\.\d{1,15})?|-?\d\.\d{1,15})$/;

/** Engines keep a part of a text by keeping the whole, which here is a piece of a file. */
function ownCopy(text: string): string {
  return text.length < 13 ? text : JSON.parse(JSON.stringify(text));
}

/** What there is to know of a column of a table. */
export function columnFacts(table: Table, column: TableColumn): ColumnFacts {
  const reader = new ColumnFactsReader(column.name);
  reader.add(table, column.cells);
  return reader.finish();
}

/** How many of the values are different numbers. */
export function distinctNumbers({ exact, distinct, values }: ColumnFacts, decimal: DecimalMark): number {
  if (!exact) return distinct;
  const numbers = new Set<number>();
  for (const value of values.keys()) {
    const number = parseNumber(value, decimal);
    if (!Number.isNaN(number)) numbers.add(number);
  }
  return numbers.size;
}
