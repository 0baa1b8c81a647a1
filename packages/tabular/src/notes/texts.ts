import { type DataErrorCode, type DataPlace, quote } from "../errors/data-error.ts";
import { count } from "./count.ts";
import { hintText, type MeantAsNumbers, type Reason, type ReasonCode } from "./reason.ts";
import { typeOption } from "./type-option.ts";

/** What the text of each note is made of. */
export interface NoteParameters {
  // Reading.
  encoding: object;
  "damaged-text": { count: number };
  "duplicate-header": { column: string; name: string; position: number };
  "unnamed-column": { column: string; position: number };
  "header-looks-like-data": object;
  "blank-rows": { count: number };
  "comment-lines": { count: number };
  "title-lines": { count: number; value: string };
  "trailing-separators": { count: number };
  "row-names": object;
  /** Some of its cells; `names`: whether columns are called by them. */
  "second-header": { row: number; cells: readonly string[]; names: boolean };
  "totals-row": { row: number; value: string };
  "totals-kept": { row: number; value: string };
  "missing-words": { column: string; words: readonly string[] };
  "nested-column": { column: string };
  // Types of columns.
  "decimal-comma": { column: string };
  "comma-in-doubt": { column: string; decimal: boolean };
  "points-are-thousands": ReadPoints;
  "new-points-thousands": PointsOfNewData;
  "new-points-decimal": PointsOfNewData;
  "new-points-plain": PointsOfNewData;
  /** Its sign, and that of training; "" for none. */
  "new-sign": PointsOfNewData & { sign: string; trained: string };
  "new-date-order": { column: string; dayFirst: boolean };
  "points-in-doubt": ReadPoints;
  "commas-are-thousands": { column: string };
  /** `number`: what `value` is read as. */
  "units-left-out": { column: string; value: string; number: number; other: string; partly: boolean };
  "negative-numbers": { column: string; value: string };
  "not-numbers": { column: string; count: number; value: string; row: number };
  "not-dates": { column: string; count: number; value: string; row: number };
  /** How often the value is there, and between which numbers all others are. */
  "missing-code": { column: string; value: number; count: number; low: number; high: number };
  "texts-like-numbers": { column: string } & MeantAsNumbers;
  "some-numbers": { column: string; numbers: number; value: string; row: number };
  codes: { column: string; value: string };
  "day-first": { column: string };
  "month-first": { column: string };
  "ambiguous-date": { column: string };
  /** Texts that differ in capital letters or spaces alone, each with how often: some groups of such, and how many there are. */
  "spelled-alike": { column: string; target: boolean; count: number; groups: readonly string[] };
  "zones-left-out": { column: string; value: string; other: string };
  "constant-column": LeftOut;
  "identifier-column": LeftOut;
  "many-values": LeftOut;
  "all-missing": LeftOut;
  "ignored-column": LeftOut;
  /** Words such as NA that are among the missing, with how often; none where all are empty. */
  "missing-target": { column: string; count: number; words: readonly string[] };
  "class-words": { column: string; words: readonly string[] };
  task: { column: string; task: string; reason: string; why: ReasonCode };
  // The split, and fitting on the training rows.
  "tiny-data": { count: number };
  "rare-class": { count: number; parts: number; classes: readonly string[] };
  "class-not-trained": { column: string; count: number; classes: readonly string[] };
  /** The last time that is trained on, and the first of the other parts; "" for a part that there is not. */
  "time-split": { column: string; until: string; validation: string; test: string };
  "undated-rows": { column: string; count: number };
  "group-split": { column: string; groups: number; validation: number; test: number };
  filled: {
    column: string;
    count: number;
    by: "median" | "own-category" | "commonest" | "median-date";
    value: string;
    indicator: boolean;
  };
  "rare-categories": { column: string; count: number; most: number };
  "constant-in-training": { column: string };
  "log-feature": { column: string };
  "log-target": { column: string };
  // New data.
  "unseen-category": { column: string; count: number; value: string; row: number; like: string };
  /** `points`: it has points between thousands, and those of training were read as decimal. */
  unreadable: { column: string; count: number; value: string; row: number; points: boolean };
  clipped: { column: string; count: number };
  // Warnings of a profile.
  "leak-equal": { column: string; target: string };
  "leak-missing": { column: string; target: string; share: number };
  "leak-class": { column: string; target: string; share: number };
  "leak-number": { column: string; target: string; measure: string; value: number };
  /** `error` is the code, `message` the English, and the rest the place of the DataError that says why. */
  "target-problem": { column: string; error: DataErrorCode; message: string } & DataPlace;
  "class-imbalance": {
    column: string;
    value: string;
    count: number;
    share: number;
    rarest: string;
    rarestCount: number;
    /** Whether the classes have weights already. */
    weighted?: boolean;
  };
  "duplicate-rows": { count: number; share: number };
  "duplicate-column": { column: string; other: string };
  "mostly-missing": { column: string; count: number; share: number };
  "far-values": { column: string; count: number };
  "dated-rows": { column: string };
  "group-column": { column: string; unique: number };
  unscaled: { column: string; other: string; ratio: number };
  "wide-data": { columns: number; rows: number };
}

/** @internal The first cell whose point may separate thousands, and the number that it is read as. */
export interface ReadPoints {
  column: string;
  value: string;
  number: number;
}

/** @internal The same of new data. */
export interface PointsOfNewData extends ReadPoints {
  row: number;
}

/** @internal */
export interface LeftOut {
  column: string;
  /** Code of the reason. */
  why: ReasonCode;
  /** The reason in English. */
  reason: string;
}

/** @internal The parameters of a note about a column that is left out. */
export function leftOut(column: string, { code, text, parameters }: Reason): LeftOut {
  return { ...parameters, column, why: code, reason: text };
}

const isLeftOut = ({ column, reason }: LeftOut) => `column ${quote(column)} is left out: ${reason}`;

/** @internal The text of every note, in some language. */
export type NoteTexts = { [Code in keyof NoteParameters]: (parameters: NoteParameters[Code]) => string };

/** @internal The English of every note. */
export const noteTexts: NoteTexts = {
  encoding: () => "the file is not UTF-8; it is read as Windows-1252, so check that letters with accents look right",
  "damaged-text": (parameters) =>
    `the file is UTF-8 but for ${count(parameters.count, "character")}, which ${parameters.count === 1 ? "stands" : "stand"} as "\ufffd" in the table: mend the cells that hold ${parameters.count === 1 ? "it" : "them"} if they matter`,
  "duplicate-header": ({ column, name, position }) =>
    `there are several columns called ${quote(name)}; column ${position} is called ${quote(column)}`,
  "unnamed-column": ({ column, position }) => `column ${position} has no name; it is called ${quote(column)}`,
  "header-looks-like-data": () =>
    "the first row is taken as the names of the columns, but it looks like the rows below it: add a row of names above it if it is data",
  "blank-rows": (parameters) => `${count(parameters.count, "blank line")} left out`,
  "title-lines": ({ count: lines, value }) =>
    `left out what stands above the names of the columns with nothing beside it, ${quote(value)}${lines > 1 ? ` and ${count(lines - 1, "line")} more` : ""}`,
  "comment-lines": (parameters) =>
    `${count(parameters.count, "line")} that ${parameters.count === 1 ? "begins" : "begin"} with # left out as comments`,
  "trailing-separators": (parameters) =>
    `${count(parameters.count, "row")} with a separator at the end, which is left out`,
  "row-names": () =>
    "the header has one name fewer than rows have cells: the first column is taken for names of the rows",
  "second-header": ({ row, cells, names }) =>
    names
      ? `row ${row} is taken for names of the columns as well: ${cells.map(quote).join(", ")}`
      : `row ${row} is left out: it holds units or names, and below them are numbers: ${cells.map(quote).join(", ")}`,
  "totals-row": ({ row, value }) =>
    `row ${row}, the last, is left out: it begins with ${quote(value)} and holds the sums of the others`,
  "totals-kept": ({ row, value }) =>
    `row ${row}, the last, begins with ${quote(value)} and is taken for data as the others are: remove it from the file if it holds totals`,
  "missing-words": ({ column, words }) => `column ${quote(column)}: ${words.join(", ")} read as missing`,
  "nested-column": ({ column }) =>
    `column ${quote(column)} left out: its cells are lists or objects; write their members as columns of their own`,

  "decimal-comma": ({ column }) => `column ${quote(column)}: the comma is read as the decimal mark`,
  "comma-in-doubt": ({ column, decimal }) =>
    decimal
      ? `column ${quote(column)}: the comma is read as the decimal mark ("1,234" is 1.234); should it separate thousands, ask for ${typeOption(column, "number:point")}`
      : `column ${quote(column)}: a comma before three digits may separate thousands or decimals; it is not read as a number: ask for ${typeOption(column, "number:point")} or ${typeOption(column, "number:comma")}`,
  "new-points-thousands": ({ column, value, row, number }) =>
    `column ${quote(column)}: ${quote(value)} in row ${row} is read as ${number}, as thousands or decimal commas of training or of this file say; should its points be decimal, write ${quote(value.replace(".", ","))}`,
  "new-points-decimal": ({ column, value, row, number }) =>
    `column ${quote(column)}: ${quote(value)} in row ${row} is read as ${number}, though training had the decimal comma, as this file does not; should its points separate thousands, write ${quote(value.replace(".", ""))}`,
  "new-points-plain": ({ column, value, row, number }) =>
    `column ${quote(column)}: ${quote(value)} in row ${row} is read as ${number}, though the numbers of training had no decimals; should its points separate thousands, write ${quote(value.replace(".", ""))}`,
  "new-sign": ({ column, value, row, number, sign, trained }) =>
    `column ${quote(column)}: ${quote(value)} in row ${row} is read as ${number}, ` +
    (trained === ""
      ? `and the numbers of training had no ${quote(sign)}: write it as they were`
      : `though the numbers of training had ${quote(trained)}${sign === "" ? " and it has none: should it be a share of 1, or in another unit, bring it to theirs" : ": bring it to their unit"}`),
  "new-date-order": ({ column, dayFirst }) =>
    `column ${quote(column)}: some of its dates can only have the ${dayFirst ? "day" : "month"} first, and those of training have the ${dayFirst ? "month" : "day"} first: such are missing, and "3/4/2024" is read as ${dayFirst ? "4 March" : "3 April"}; write dates with the year first, as 2024-05-31`,
  "points-are-thousands": ({ column, value, number }) =>
    `column ${quote(column)}: its points are read as separating thousands (${quote(value)} is ${number}), as the decimal mark is the comma, the currency has no decimals or the numbers look so; should they be decimal, ask for ${typeOption(column, "number:point")}`,
  "points-in-doubt": ({ column, value, number }) =>
    `column ${quote(column)}: each of its points stands before three digits and is read as the decimal mark (${quote(value)} is ${number}); should it separate thousands, ask for ${typeOption(column, "number:comma")}`,
  "commas-are-thousands": ({ column }) =>
    `column ${quote(column)}: its commas are read as separating thousands ("1,234" is 1234); should they be decimal, ask for ${typeOption(column, "number:comma")}`,
  "units-left-out": ({ column, value, number, other, partly }) =>
    `column ${quote(column)}: signs of currency and per cent are left out, so that ${quote(value)} is ${number}` +
    (other === "" ? "" : `, and so is that of ${quote(other)}, which is another: bring them to one unit`) +
    (partly ? "; not all of its numbers have one, so make sure that they are in one unit" : ""),
  "negative-numbers": ({ column, value }) =>
    `column ${quote(column)}: numbers in parentheses or with the minus behind, such as ${quote(value)}, are read as negative`,
  "not-numbers": (parameters) =>
    `column ${quote(parameters.column)}: ${count(parameters.count, "cell")} not a number, read as missing; ` +
    `the first is ${quote(parameters.value)} in row ${parameters.row}`,
  "not-dates": (parameters) =>
    `column ${quote(parameters.column)}: ${count(parameters.count, "cell")} not a date, read as missing; ` +
    `the first is ${quote(parameters.value)} in row ${parameters.row}`,
  "missing-code": ({ column, value, count: times, low, high }) =>
    `column ${quote(column)}: ${count(times, "cell")} are ${value}, and all others go from ${low} to ${high}: should it stand for missing, empty these cells`,
  "texts-like-numbers": ({ column, ...meant }) => `column ${quote(column)} is taken as texts${hintText(meant)}`,
  "some-numbers": ({ column, numbers, value, row }) =>
    `column ${quote(column)} is taken as texts, though ${count(numbers, "cell")} ${numbers === 1 ? "is a number" : "are numbers"}: ` +
    `${quote(value)} in row ${row} is the first that is none; with ${typeOption(column, "number")} such cells are missing`,
  codes: ({ column, value }) =>
    `column ${quote(column)}: numbers that begin with zeros, such as ${quote(value)}, are codes, so it is taken as texts; should they be amounts, ask for ${typeOption(column, "number")}`,
  "day-first": ({ column }) =>
    `column ${quote(column)}: its dates are read with the day first ("3/4/2024" is 3 April), as some have a day beyond 12; otherwise ask for ${typeOption(column, "date:month-first")}`,
  "month-first": ({ column }) =>
    `column ${quote(column)}: its dates are read with the month first ("3/4/2024" is 4 March), as some have a day beyond 12; otherwise ask for ${typeOption(column, "date:day-first")}`,
  "ambiguous-date": ({ column }) =>
    `column ${quote(column)}: whether day or month comes first in its dates cannot be told, so they are not read as dates: ask for ${typeOption(column, "date:day-first")} or ${typeOption(column, "date:month-first")}`,
  "spelled-alike": ({ column, target, count: amount, groups }) =>
    `${target ? "the target" : "column"} ${quote(column)}: ${groups.join("; ")}${amount > groups.length ? "; …" : ""} ` +
    `differ in capital letters or spaces alone, and are ${target ? "classes" : "categories"} of their own: ` +
    "should they be the same, write them alike in the file",
  "zones-left-out": ({ column, value, other }) =>
    `column ${quote(column)}: its times are read as they stand, without their zones, which differ, as in ${quote(value)} and ${quote(other)}: bring them to one zone`,
  "constant-column": isLeftOut,
  "identifier-column": isLeftOut,
  "many-values": isLeftOut,
  "all-missing": isLeftOut,
  "ignored-column": isLeftOut,
  "missing-target": (parameters) =>
    `${count(parameters.count, "row")} left out because the target ${quote(parameters.column)} is missing` +
    (parameters.words.length === 0
      ? ""
      : `; should ${parameters.words.join(", ")} be a class, ask for ${typeOption(parameters.column, "category:words")}`),
  "class-words": ({ column, words }) =>
    `${words.join(", ")} of the target ${quote(column)} ${words.length === 1 ? "is" : "are"} taken for a class; should it say that the class is not known, ask for ${typeOption(column, "category:missing")}`,
  task: ({ task, reason }) => `${task}: ${reason}`,

  "tiny-data": (parameters) => `${count(parameters.count, "row")} only: the scores will be very uncertain`,
  "rare-class": ({ count: amount, parts, classes }) =>
    `${count(amount, "class", "classes")} with fewer than ${parts} rows, not in every part of the split: ` +
    `${classes.join(", ")}${amount > classes.length ? ", …" : ""}`,
  "class-not-trained": ({ count: amount, classes }) =>
    `${count(amount, "class", "classes")} of which no row is trained on, so that nothing can be learned of ${amount === 1 ? "it" : "them"}: ` +
    `${classes.map(quote).join(", ")}${amount > classes.length ? ", …" : ""}`,
  "time-split": ({ column, until, validation, test }) => {
    const parts = [`trained until ${until}`];
    if (validation !== "") parts.push(`the epoch chosen from ${validation}`);
    if (test !== "") parts.push(`tested from ${test} on`);
    return `rows are split by the time ${quote(column)}: ${parts.join(", ")}`;
  },
  "undated-rows": ({ column, count: amount }) =>
    `${count(amount, "row")} without a time in ${quote(column)} trained on, as nothing can be measured on them`,
  "group-split": ({ column, groups, validation, test }) =>
    `rows are split by ${quote(column)}: of ${count(groups, "group")}, ${validation} to choose the epoch and ${test} to test, none in two parts`,
  filled: ({ column, count: amount, by, value, indicator }) => {
    const what = {
      median: `the median ${value}`,
      "own-category": "a category of their own",
      commonest: `the more frequent "${value}"`,
      "median-date": "the median date",
    }[by];
    const also = indicator ? ", and a feature says where" : "";
    return `column ${quote(column)}: ${count(amount, "missing cell")} of the training rows filled by ${what}${also}`;
  },
  "rare-categories": ({ column, count: amount, most }) =>
    `column ${quote(column)} has ${amount} categories: the ${most} most frequent are used, the others share one`,
  "constant-in-training": ({ column }) => `column ${quote(column)} is left out: it is the same in all training rows`,
  "log-feature": ({ column }) =>
    `column ${quote(column)}: its logarithm is used, because few values are much larger than most`,
  "log-target": ({ column }) => `the logarithm of the target ${quote(column)} is learned`,

  "unseen-category": (parameters) =>
    `column ${quote(parameters.column)}: ${count(parameters.count, "cell")} with a category that training has not seen, treated as missing; ` +
    `the first is ${quote(parameters.value)} in row ${parameters.row}` +
    (parameters.like === "" ? "" : `, which training has as ${quote(parameters.like)}`),
  unreadable: (parameters) =>
    `column ${quote(parameters.column)}: ${count(parameters.count, "cell")} not readable, treated as missing; ` +
    `the first is ${quote(parameters.value)} in row ${parameters.row}` +
    (parameters.points
      ? `, whose points can only separate thousands, and in training points were read as decimal; should they separate thousands there too, train again with ${typeOption(parameters.column, "number:comma")}`
      : ""),
  clipped: (parameters) =>
    `column ${quote(parameters.column)}: ${count(parameters.count, "value")} very far from those of training, brought nearer`,

  "leak-equal": ({ column, target }) =>
    `column ${quote(column)} is the target ${quote(target)} in other words: leave it out, unless it is known before the target is`,
  "leak-missing": ({ column, target, share }) =>
    `whether column ${quote(column)} has a cell or not alone tells the target ${quote(target)} in ${percent(share)} of the rows: make sure that it is known before the target is, or leave it out`,
  "leak-class": ({ column, target, share }) =>
    `column ${quote(column)} alone tells the target ${quote(target)} in ${percent(share)} of the rows: make sure that it is known before the target is, or leave it out`,
  "leak-number": ({ column, target, measure, value }) =>
    `column ${quote(column)} follows the target ${quote(target)} closely (${measure.replace("-", " ")} ${value.toFixed(4)}): make sure that it is known before the target is, or leave it out`,
  "target-problem": ({ message }) => `the target cannot be learned: ${message}`,
  "class-imbalance": ({ column, value, share, rarest, rarestCount, weighted = false }) =>
    `the classes of ${quote(column)} are of unequal size: always saying ${quote(value)} is right in ${percent(share)} of the rows, and ${quote(rarest)} has ${count(rarestCount, "row")}; look at F1, not at accuracy alone${weighted ? "" : ", and give the classes weights if the rare ones matter"}`,
  "duplicate-rows": ({ count: amount, share }) =>
    `${count(amount, "row")} (${percent(share)}) ${amount === 1 ? "is" : "are"} the same as one before: in training and test alike they make the score look better than it is`,
  "duplicate-column": ({ column, other }) => `column ${quote(column)} holds the same as ${quote(other)}: leave one out`,
  "mostly-missing": ({ column, share }) => `column ${quote(column)} is missing in ${percent(share)} of the rows`,
  "far-values": ({ column, count: amount }) =>
    `column ${quote(column)}: ${count(amount, "value")} more than ten standard deviations from the mean; look for mistyped ones`,
  "dated-rows": ({ column }) =>
    `the rows are dated by ${quote(column)}: if new rows will be later than these, split by time`,
  "group-column": ({ column, unique }) =>
    `column ${quote(column)} looks like a name of who a row is about (${unique} different): if rows of one belong together, split by group; leave it out if new ones will come`,
  unscaled: ({ column, other, ratio }) =>
    `the spread of ${quote(column)} is ${ratio.toLocaleString("en-US")} times that of ${quote(other)}: they are brought to one scale in training; a program of your own has to do so`,
  "wide-data": ({ columns, rows }) =>
    `${count(columns, "column")} to learn from and ${count(rows, "row")}: a network can learn such rows by heart`,
};

/** @internal "99.9 %": a share, never rounded up to all. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 99.95 && share < 1 ? "99.9" : value.toFixed(value < 10 ? 1 : 0)} %`;
}
