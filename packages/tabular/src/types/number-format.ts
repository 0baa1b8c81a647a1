import { isMissing } from "../read/missing.ts";
import type { Table } from "../read/table.ts";
import { currencyCodes, isPerCent, isWholeCurrency, numberSign, signOf } from "./number-sign.ts";

/**
 * What stands between whole and fraction; ".,": a comma, and points separate thousands ("1.234,5"); ",.": a point, and
 * commas do ("1,234.5").
 */
export type DecimalMark = "." | "," | ".," | ",.";

/** @internal All of them. */
export const decimalMarks = [".", ",", ".,", ",."] as const satisfies DecimalMark[];

const pointNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const commaNumber = /^[+-]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?$/;
/** 1,234 may be a thousand or a little more than one. */
const ambiguousComma = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** 1.234 may be so as well; 1.234.567 and 1.234,5 are thousands, the first whatever the file's decimal mark. */
const pointGroups = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/;
const clearPointGroups = /^[+-]?[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?$/;
/** 1,234 may be so, 1,234,567 and 1,234.5 are. */
const commaGroups = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$/;
/** Groups that can be nothing but thousands: "1 234 567,5", "1'234.50". */
const spacedGroups = /^[+-]?[1-9]\d{0,2}(?:[ '’\u00a0\u202f]\d{3})+(?:[.,]\d+)?$/;
const unitBefore = new RegExp(
  `^([+-]?)\\s?(?:(?:R|US|A|C|NZ|NT|HK|S)?\\p{Sc}|${currencyCodes})\\.?\\s?(?=[+-]?[\\d.,])`,
  "u",
);
const unitBehind = new RegExp(`(?<=[\\d.,])\\s?(?:${numberSign.source})$`, "u");
/** A number with the minus behind, in front of its unit or behind it: "12-", "12- €", "12 €-". */
const minusBehind = new RegExp(
  `^((?:(?:${numberSign.source})\\s?)?\\d[\\d.,'’ \u00a0\u202f]*?)(?:-(\\s?(?:${numberSign.source}))?|(\\s?(?:${numberSign.source}))-)$`,
  "u",
);
const withoutCents = /(?<=\d)([.,])(?:--?|[–—])(?=[^\d-]*$)/;
/** Negative numbers as accountants write them, a sign within or without. */
const parenthesised = /^(\p{Sc}\s?)?\(([^()+-]+)\)(\s?[\p{Sc}%])?$/u;
const groupedNumber = /^[+-]?\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+(?:[.,]\d+)?$/;

/**
 * The number that a cell holds, NaN when it holds none. With a decimal comma, cells with a point are read as well.
 * Without ".," "1.234,5" is no number, and "1,234.5" is none without ",.". Spaces and apostrophes between groups of three
 * digits, a currency and a per cent sign are left out ("$12" and "12 %" are 12); "(12)" and "12-" are −12. What does not
 * fit into a float64 ("inf", "1e999") is none.
 */
export function parseNumber(cell: string, decimal: DecimalMark): number {
  const value = readNumber(cell, decimal);
  if (!Number.isNaN(value)) return Number.isFinite(value) ? value : Number.NaN;
  const bare = bareNumber(cell);
  return bare === cell ? Number.NaN : parseNumber(bare, decimal);
}

function readNumber(cell: string, decimal: DecimalMark): number {
  if (decimal === ".," && pointGroups.test(cell)) return Number(cell.replaceAll(".", "").replace(",", "."));
  if (pointNumber.test(cell)) return Number(cell);
  if (decimal === ",.") return commaGroups.test(cell) ? Number(cell.replaceAll(",", "")) : Number.NaN;
  return decimal !== "." && commaNumber.test(cell) ? Number(cell.replace(",", ".")) : Number.NaN;
}

/** A number as digits with a sign and marks: without unit and spaces. What is no number may come back as anything. */
function bareNumber(cell: string): string {
  if (cell.length > 60 || !/\d/.test(cell)) return cell;
  const signed = minusInFront(cell);
  const bare = signed.replace(unitBefore, "$1").replace(unitBehind, "");
  return spacedGroups.test(bare) ? bare.replace(/[ '’\u00a0\u202f]/g, "") : bare;
}

function minusInFront(cell: string): string {
  // "19,-" and "1'250.-" are prices without cents.
  if (withoutCents.test(cell)) return cell.replace(withoutCents, "$10");
  if (cell.charCodeAt(0) === 0x2212) return `-${cell.slice(1)}`;
  if (cell.includes("-", 1)) return cell.replace(minusBehind, "-$1$2$3");
  return cell.includes("(") ? cell.replace(parenthesised, "-$1$2$3") : cell;
}

/** Whether a cell is a number whose points may separate thousands: "1.234", "1.234.567", "1.234,5". */
export function mayGroupByPoints(cell: string): boolean {
  if (!cell.includes(".")) return false;
  return pointGroups.test(cell) || (!pointNumber.test(cell) && pointGroups.test(bareNumber(cell)));
}

/** How a column writes its numbers. */
export interface NumberFormat {
  decimal: DecimalMark;
  /** Every comma stands in front of exactly three digits, so that it may separate thousands. */
  ambiguous: boolean;
  /** Every point does, and nothing says whether it is decimal. */
  ambiguousPoints: boolean;
  /** The points are decimal, though those of new data could be taken for thousands for want of others beside them. */
  decimalPoints: boolean;
  /** No number has a decimal mark or separated thousands. */
  plain: boolean;
  /** Most cells look like numbers with separated thousands. */
  grouped: boolean;
  /** A cell with a sign of currency or per cent, which is left out, and one with another sign; "" where there is none. */
  unit: string;
  otherUnit: string;
  /** The sign of those that have one, "" where several have. */
  sign: string;
  /** Whether other numbers are without. */
  partly: boolean;
  /** A cell whose minus is not in front: "(12)", "12-"; "" where there is none. */
  negative: string;
}

/**
 * How sure it is that the decimal mark of a file is the comma: from its cells, from its separator alone, or not at all;
 * "point": a cell has a decimal point; "both": so it is, and another column has decimal commas.
 */
type CommaEvidence = "cells" | "separator" | "none" | "point" | "both";

/** What the cells of a column say of its decimal mark: a count of each way of writing. */
export interface NumberMarks {
  present: number;
  grouped: number;
  /** Numbers with a comma, and those of them that cannot be thousands. */
  commas: number;
  clearCommas: number;
  /** Numbers whose commas cannot be decimal. */
  clearGroups: number;
  /** Cells whose points may separate thousands, those that can be nothing else, and numbers whose point cannot. */
  pointGroups: number;
  clearPointGroups: number;
  clearPoints: number;
  /** Cells whose points may separate thousands and whose last digit is 0. */
  roundGroups: number;
  /** Those with a sign of currency, and those with a currency without decimals; commas alike. */
  pricedPointGroups: number;
  wholePointGroups: number;
  wholeCommas: number;
  wholeUnits: number;
  /** Whether whole numbers without a point are there, and whether all are from 0 to 999. */
  hundreds: boolean;
  small: boolean;
  /** Numbers with a currency or per cent sign, the first of them and its sign, and the first with another sign. */
  units: number;
  unit: string;
  sign: string;
  otherUnit: string;
  /** Numbers, and the first whose minus is not in front. */
  numbers: number;
  negative: string;
}

/** @internal The marks of no cell. */
export function noMarks(): NumberMarks {
  return {
    present: 0,
    grouped: 0,
    commas: 0,
    clearCommas: 0,
    clearGroups: 0,
    pointGroups: 0,
    clearPointGroups: 0,
    clearPoints: 0,
    roundGroups: 0,
    pricedPointGroups: 0,
    wholePointGroups: 0,
    wholeCommas: 0,
    wholeUnits: 0,
    hundreds: false,
    small: true,
    units: 0,
    unit: "",
    sign: "",
    otherUnit: "",
    numbers: 0,
    negative: "",
  };
}

/** @internal Counts a cell that is not missing, so many times. */
export function countMarks(marks: NumberMarks, cell: string, times: number): void {
  marks.present += times;
  let sign = "";
  if (!pointNumber.test(cell)) {
    const bare = bareNumber(cell);
    if (bare !== cell && /^[+-]?[\d.,]+$/.test(bare)) sign = countUnit(marks, cell, times);
    cell = bare;
  }
  if (/^[+-]?[\d.,]+(?:e[+-]?\d+)?$/i.test(cell)) marks.numbers += times;
  if (groupedNumber.test(cell)) marks.grouped += times;
  if (cell.includes(".")) {
    if (pointGroups.test(cell)) {
      marks.pointGroups += times;
      if (cell.endsWith("0")) marks.roundGroups += times;
      if (sign !== "" && !isPerCent(sign)) marks.pricedPointGroups += times;
      if (isWholeCurrency(sign)) marks.wholePointGroups += times;
      const comma = cell.includes(",");
      if (comma || clearPointGroups.test(cell)) marks.clearPointGroups += times;
      if (comma) {
        marks.commas += times;
        marks.clearCommas += times;
      }
    } else if (pointNumber.test(cell)) marks.clearPoints += times;
    else if (commaGroups.test(cell)) marks.clearGroups += times;
  } else if (cell.includes(",")) {
    if (!commaNumber.test(cell)) {
      if (commaGroups.test(cell)) marks.clearGroups += times;
      return;
    }
    marks.commas += times;
    if (!ambiguousComma.test(cell)) marks.clearCommas += times;
    else if (isWholeCurrency(sign)) marks.wholeCommas += times;
  } else if (pointNumber.test(cell)) {
    const size = Math.abs(Number(cell));
    if (size >= 1000) marks.small = false;
    else if (size >= 100) marks.hundreds = true;
  }
}

/** Returns the sign, "" where there is none. */
function countUnit(marks: NumberMarks, cell: string, times: number): string {
  if (marks.negative === "" && /[(-]/.test(cell.replace(/^[+-]/, "").replace(withoutCents, ""))) marks.negative = cell;
  const sign = signOf(cell);
  if (sign === "") return "";
  marks.units += times;
  if (isWholeCurrency(sign)) marks.wholeUnits += times;
  if (marks.unit === "") Object.assign(marks, { unit: cell, sign });
  else if (marks.otherUnit === "" && marks.sign !== sign) marks.otherUnit = cell;
  return sign;
}

/** @internal */
export function marksOf(cells: readonly string[]): NumberMarks {
  const marks = noMarks();
  for (const cell of cells) if (!isMissing(cell)) countMarks(marks, cell, 1);
  return marks;
}

/** What a file says of the decimal mark of each of its columns. */
export interface FormatContext {
  /** What separates its cells. */
  readonly delimiter: string;
  /** Asked for where a column alone does not say. */
  commaEvidence(): CommaEvidence;
}

/** @internal One number with a decimal point says that a file does not write commas, whatever separates its cells. */
export function weighCommas(columns: readonly NumberMarks[], delimiter: string): CommaEvidence {
  const commas = columns.some((marks) => marks.clearCommas > marks.present / 2);
  if (columns.some((marks) => marks.clearPoints > 0)) return commas ? "both" : "point";
  if (commas) return "cells";
  return delimiter === ";" ? "separator" : "none";
}

const evidences = new WeakMap<Table, CommaEvidence>();

/** @internal What a table says of it. */
export function formatContext(table: Table): FormatContext {
  return {
    delimiter: table.delimiter,
    commaEvidence() {
      let evidence = evidences.get(table);
      if (evidence === undefined) {
        const columns = table.columns.map(({ cells }) => marksOf(cells));
        evidence = weighCommas(columns, table.delimiter);
        evidences.set(table, evidence);
      }
      return evidence;
    },
  };
}

/**
 * Finds out whether a column writes "1,5" for one and a half: some cells do and none uses a point but for thousands.
 * Where all of them could be thousands ("1,234") the comma is decimal only in a file whose cells are not separated by
 * commas; in one whose cells are, they are thousands, unless a larger number goes without. Points that could separate thousands do so where the
 * file's decimal mark is the comma. Where all points and commas of amounts of a currency without decimals could be thousands, they are.
 * @param trained the mark of training: the file's separator alone then says nothing against it
 */
export function numberFormat(marks: NumberMarks, file: FormatContext, trained?: DecimalMark): NumberFormat {
  const { commas, clearCommas, clearGroups, clearPoints } = marks;
  const found = (decimal: DecimalMark, ambiguous = false, ambiguousPoints = false) => ({
    ...writtenSo(marks, decimal),
    ambiguous,
    ambiguousPoints,
    decimalPoints: decimal === "." && (ambiguousPoints || (clearPoints > 0 && marks.wholeUnits > 0)),
  });
  if (clearGroups > 0 && clearCommas === 0) return found(",.");
  const single = commas > 0 && clearCommas === 0;
  if (single && clearPoints === 0 && marks.pointGroups === 0 && marks.wholeCommas > commas / 2) return found(",.");
  if (single && trained === ",.") return found(",.", true);
  const commaTrained = trained === "," || trained === ".,";
  // Between commas, where another column has decimal points, it separates thousands whatever training had.
  if (single && commaTrained && marks.pointGroups === 0 && file.delimiter === "," && file.commaEvidence() === "point")
    return found(",.");
  const ambiguous = single && clearPoints === 0 && marks.pointGroups === 0;
  if (ambiguous && file.delimiter === "," && marks.small && (trained === undefined || trained === ".")) {
    if (["none", "point", "both"].includes(file.commaEvidence())) return found(",.", true);
  }
  if (marks.clearPointGroups > 0 || (marks.pointGroups > 0 && clearPoints === 0)) {
    const evidence = file.commaEvidence();
    // Where commas separate the cells, and in JSON and Parquet, a bare point is decimal unless training had thousands.
    const mayBeKnown = trained === ".," || (trained === "," && file.delimiter !== ",");
    const known = mayBeKnown && evidence !== "point" && evidence !== "both";
    if (
      marks.clearPointGroups > 0 ||
      clearCommas > 0 ||
      marks.wholePointGroups > marks.pointGroups / 2 ||
      known ||
      evidence === "cells" ||
      (evidence === "separator" && trained === undefined && groupsLookLikeThousands(marks))
    )
      return found(".,", ambiguous);
    const doubtful = evidence === "separator" || evidence === "both" || arePointsInDoubt(marks, evidence);
    return found(".", ambiguous, doubtful);
  }
  // Beside decimal commas a point is decimal as well: numbers of JSON among texts, or cells typed by hand.
  const comma = clearCommas > 0 || (commas > 0 && clearPoints === 0 && (!ambiguous || file.delimiter !== ","));
  return found(comma ? "," : ".", ambiguous);
}

/** The format of a column whose decimal mark was asked for; marks that then can only separate thousands do so. */
export function askedFormat(marks: NumberMarks, mark: "point" | "comma"): NumberFormat {
  return {
    ...writtenSo(marks, mark === "point" ? ",." : ".,"),
    ambiguous: false,
    ambiguousPoints: false,
    decimalPoints: false,
  };
}

function writtenSo(
  marks: NumberMarks,
  decimal: DecimalMark,
): Omit<NumberFormat, "ambiguous" | "ambiguousPoints" | "decimalPoints"> {
  const { present, unit, otherUnit, units, numbers, negative } = marks;
  const grouped = marks.grouped > present / 2;
  const sign = otherUnit === "" ? marks.sign : "";
  const plain = [marks.commas, marks.clearGroups, marks.clearPoints, marks.pointGroups].every((count) => count === 0);
  return { decimal, plain, grouped, unit, otherUnit, sign, partly: units > 0 && units < numbers, negative };
}

/** Whether points before three digits may be thousands in a file without a decimal comma. */
function arePointsInDoubt(marks: NumberMarks, evidence: CommaEvidence): boolean {
  const { pointGroups, pricedPointGroups, hundreds, small, commas } = marks;
  if (hundreds && small && commas === 0) return true;
  // Decimal points in another column decide for measurements; amounts of money rarely have three decimals.
  return pointGroups >= 3 && (evidence !== "point" || pricedPointGroups > pointGroups / 2);
}

/**
 * In a file whose cells semicolons separate and that has no comma in a number, points before three digits may be either.
 * Separated thousands have numbers from 100 to 999 without a point beside them, or often end in 0, as amounts do;
 * of measurements with three decimals one in ten ends so, and none where trailing zeros are not written.
 */
function groupsLookLikeThousands({ hundreds, small, roundGroups, pointGroups }: NumberMarks): boolean {
  return small && (hundreds || roundGroups > 0.3 * pointGroups);
}

/**
 * @internal What there is to say where cells such as "1.207" could be either: how they are read. undefined where the column
 * itself says it, as training did. Where training had no decimal comma they are told if other cells make them thousands, or
 * if it had whole numbers alone.
 */
export function newPointsNote(
  marks: NumberMarks,
  file: FormatContext,
  trained: DecimalMark,
  plain = false,
): "new-points-thousands" | "new-points-decimal" | "new-points-plain" | undefined {
  const { pointGroups, clearPointGroups, clearCommas, clearPoints, wholePointGroups } = marks;
  if (pointGroups === clearPointGroups || clearCommas > 0 || clearPoints > 0) return undefined;
  const thousands = numberFormat(marks, file, trained).decimal === ".,";
  if (trained === "." || trained === ",.") {
    if (thousands) return "new-points-thousands";
    return plain ? "new-points-plain" : undefined;
  }
  if (clearPointGroups > 0 || (trained === ".," && wholePointGroups > pointGroups / 2)) return undefined;
  return thousands ? "new-points-thousands" : "new-points-decimal";
}

/** What there is to say of points and commas that separate thousands, or may do so; undefined where there is nothing. */
export function pointsNote({
  decimal,
  ambiguousPoints,
}: NumberFormat): "points-are-thousands" | "commas-are-thousands" | "points-in-doubt" | undefined {
  if (decimal === ".,") return "points-are-thousands";
  if (decimal === ",.") return "commas-are-thousands";
  return ambiguousPoints ? "points-in-doubt" : undefined;
}
