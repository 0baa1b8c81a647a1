import { join } from "node:path";
import { DataError, parseTable } from "@noron/tabular";
import { describe, expect, test } from "vitest";
import { labelledExamples, plainExamples } from "../src/data/examples.ts";
import { type PreparedData, type PrepareOptions, prepareData } from "../src/data/prepare.ts";
import { type LoadedData, loadData } from "../src/data/source.ts";
import { InputError, UsageError } from "../src/errors.ts";
import { fitNetwork } from "../src/model/fit.ts";
import type { Network } from "../src/model/network.ts";
import { computeOutputs } from "../src/model/outputs.ts";
import { planNetwork } from "../src/model/plan-network.ts";
import { chooseSettings } from "../src/model/settings.ts";
import { classesOf } from "../src/predict/predictions.ts";
import { PredictionWriter } from "../src/predict/write-predictions.ts";
import { newRows } from "../src/stream/new-rows.ts";
import { file, folder } from "./command.ts";

/** Tables as people have them, one a row: each is read, trained on and predicted with, or refused in words that help. */

type Data = string | Uint8Array;

const utf8 = new TextEncoder();
const range = (count: number) => Array.from({ length: count }, (_, row) => row);
/** A header and so many rows. */
const csv = (header: string, count: number, line: (row: number) => string, end = "\n") =>
  [header, ...range(count).map(line)].join(end) + end;
/** Scattered, but the same on every run. */
const noise = (row: number, step = 1) => {
  const wild = Math.sin(row * 12.9898 + step * 78.233) * 43758.5453;
  return wild - Math.floor(wild);
};
const side = (row: number) => (noise(row) > 0.5 ? "left" : "right");
const plain = (count = 60) => csv("a,b,y", count, (row) => `${noise(row).toFixed(3)},${row % 5},${side(row)}`);

async function load(name: string, data: Data): Promise<LoadedData> {
  return loadData([join(folder, file(name, data))]);
}

/** A network after two epochs on prepared data. */
async function train(prepared: PreparedData): Promise<Network> {
  const facts = { task: prepared.task, images: false, trainingRows: prepared.training.count };
  const settings = chooseSettings({ epochs: 2, hidden: [8], seed: 0 }, facts);
  const { build } = planNetwork(settings, prepared.training.width, prepared.outputs);
  const { training, validation } = prepared;
  const observer = { begin() {}, batch() {}, epoch() {}, end() {} };
  const keeper = { addEpoch() {}, saveState() {} };
  const fitted = await fitNetwork(
    { build, settings, training, validation },
    observer,
    keeper,
    new AbortController().signal,
  );
  expect(fitted.divergence).toBeNull();
  return fitted.model;
}

interface Taken {
  name: string;
  data: Data;
  options?: Partial<PrepareOptions>;
  task?: "classification" | "regression";
  classes?: string[];
  /** What columns are taken for; those that are not named may be anything. */
  kinds?: Record<string, string>;
  /** Codes of notes that must be told. */
  told?: string[];
  /** New rows, what is told of them, and what the prediction is called in them. */
  later?: { data: Data; told?: string[]; column?: string };
}

const taken: Taken[] = [
  { name: "a plain table", data: plain(), task: "classification", classes: ["left", "right"] },
  {
    name: "one class in a hundred rows",
    data: csv("a,b,y", 200, (row) => `${noise(row)},${row % 7},${row % 100 === 0 ? "rare" : "often"}`),
    told: ["rare-class", "class-imbalance"],
  },
  { name: "20 rows", data: plain(20), told: ["tiny-data"] },
  {
    name: "2,000 columns",
    data: csv(
      `${range(2000)
        .map((at) => `c${at}`)
        .join(",")},y`,
      60,
      (row) => [...range(2000).map((at) => noise(row, at).toFixed(2)), side(row)].join(","),
    ),
    kinds: { c0: "number", c1999: "number" },
  },
  {
    name: "categories alone",
    data: csv("a,b,y", 60, (row) => `${["x", "y", "z"][row % 3]},${["p", "q"][row % 2]},${side(row)}`),
    kinds: { a: "category", b: "category" },
  },
  {
    name: "dates",
    data: csv("d,t,y", 60, (row) => `2024-0${1 + (row % 9)}-1${row % 9},2024-01-01 ${10 + (row % 9)}:30,${row % 40}.5`),
    kinds: { d: "date", t: "date" },
    task: "regression",
  },
  {
    name: "dates whose order of day and month is in doubt",
    data: csv("d,x,y", 60, (row) => `0${1 + (row % 9)}/05/2024,${row % 7},${side(row)}`),
    kinds: { d: "category" },
    told: ["ambiguous-date"],
  },
  {
    name: "truth values in several spellings",
    data: csv("a,b,c,d,e,f,y", 60, (row) =>
      [
        ["yes", "no", "YES", "No"][row % 4],
        ["TRUE", "False"][row % 2],
        ["có", "không", "Có"][row % 3],
        row % 2,
        ["on", "off"][row % 2],
        ["đúng", "sai"][row % 2],
        side(row),
      ].join(","),
    ),
    kinds: { a: "boolean", b: "boolean", c: "boolean", d: "number", e: "boolean", f: "boolean" },
  },
  {
    name: "a target of truth values, spelled otherwise later",
    data: csv("a,y", 60, (row) => `${row % 9},${row % 2 ? "có" : "không"}`),
    classes: ["không", "có"],
    later: { data: "a,y\n1,TRUE\n2,no\n" },
  },
  {
    name: "decimal commas between semicolons",
    data: csv("a;b;y", 60, (row) => `${row},5;${row % 7},25;${row * 2},75`),
    kinds: { a: "number", b: "number" },
    task: "regression",
    told: ["decimal-comma"],
  },
  {
    name: "decimal commas, and later points",
    data: csv("a;y", 60, (row) => `${row},5;${row * 2},75`),
    later: { data: "a,y\n1.5,2.5\n2.5,3.5\n" },
  },
  {
    name: "thousands with commas",
    data: csv("a,b,y", 60, (row) => `"${row + 1},234,567",${row % 5},"${row + 2},345.50"`),
    kinds: { a: "number" },
    task: "regression",
    told: ["commas-are-thousands"],
  },
  {
    name: "thousands with points, beside decimal commas",
    data: csv("a;b;y", 60, (row) => `${row + 1}.234;${row % 5},5;${row + 2}.345,50`),
    kinds: { a: "number" },
    task: "regression",
    told: ["points-are-thousands", "decimal-comma"],
  },
  {
    name: "thousands with spaces",
    data: csv("a;b;y", 60, (row) => `${row + 1} 234;${row % 5};${row + 2}\u00a0345,50`),
    kinds: { a: "number" },
    task: "regression",
  },
  {
    name: "signs of currency and per cent",
    data: csv("a,b,c,y", 60, (row) => `$${row}.50,${row % 30}%,"${row + 1}.200.000 ₫",€${row * 3}`),
    kinds: { a: "number", b: "number", c: "number" },
    task: "regression",
    told: ["units-left-out"],
  },
  {
    name: "Vietnamese headers and cells, decomposed and composed",
    data: csv(
      "diện tích,quận,giá nhà".normalize("NFD"),
      60,
      (row) => `${20 + row},${["Ba Đình", "Cầu Giấy"][row % 2]},${row * 1.5}`,
    ),
    options: { target: "giá nhà" },
    later: { data: `quận,diện tích\n${"Cầu Giấy".normalize("NFD")},33\n` },
  },
  {
    name: "several columns of one name",
    data: csv("a,a,b,a,y", 60, (row) => `${row % 5},${row % 7},${row % 3},${row % 11},${side(row)}`),
    kinds: { a: "number", a_2: "number", a_3: "number" },
    told: ["duplicate-header"],
  },
  {
    name: "columns without a name",
    data: csv(",a,,y", 60, (row) => `${row},${row % 7},${noise(row)},${side(row)}`),
    kinds: { column_1: "ignore", column_3: "number" },
    told: ["unnamed-column", "identifier-column"],
  },
  {
    name: "line breaks, separators and quotes within cells",
    data: csv('a,"b\nc",y', 60, (row) => `"${["one\ntwo", 'say ""hi""', "1,5"][row % 3]}",${row % 7},${side(row)}`),
    kinds: { a: "category", "b\nc": "number" },
  },
  { name: "a byte order mark", data: `\ufeff${plain()}`, kinds: { a: "number" } },
  {
    name: "UTF-16",
    data: Uint8Array.from([0xff, 0xfe, ...Buffer.from(plain().replaceAll(",", "\t"), "utf16le")]),
    kinds: { a: "number" },
  },
  { name: "UTF-16 without a mark", data: Buffer.from(plain(), "utf16le"), kinds: { a: "number" } },
  {
    name: "Latin-1",
    data: Buffer.from(
      csv("größe,y", 60, (row) => `${row % 9},${row % 2 ? "schön" : "häßlich"}`),
      "latin1",
    ),
    classes: ["häßlich", "schön"],
    told: ["encoding"],
  },
  { name: "mixed line endings", data: plain().replace(/\n/g, (_, at) => (at % 2 ? "\r\n" : "\n")) },
  { name: "old line endings", data: plain().replaceAll("\n", "\r") },
  { name: "no line end at the end", data: plain().trimEnd() },
  { name: "blank lines", data: plain().replace("\n", "\n\n"), told: ["blank-rows"] },
  {
    name: "separators at the end of rows",
    data: csv("a,b,y", 60, (row) => `${noise(row)},${row % 5},${side(row)},`),
    told: ["trailing-separators"],
  },
  { name: "comments", data: `# measured in 2024, twice\n${plain()}# the end\n`, told: ["comment-lines"] },
  {
    name: "constant columns",
    data: csv("a,b,c,y", 60, (row) => `${row % 5},7,same,${side(row)}`),
    kinds: { b: "ignore", c: "ignore" },
    told: ["constant-column"],
  },
  {
    name: "empty columns",
    data: csv("a,b,c,y", 60, (row) => `${row % 5},,NA,${side(row)}`),
    kinds: { b: "ignore", c: "ignore" },
    told: ["all-missing"],
  },
  {
    name: "a target with missing cells",
    data: csv("a,y", 60, (row) => `${row % 9},${row % 5 === 0 ? "" : side(row)}`),
    told: ["missing-target"],
  },
  {
    name: "gaps in every column",
    data: csv("n,c,b,d,y", 80, (row) =>
      [
        row % 3 === 0 ? "" : row % 11,
        row % 4 === 0 ? "NA" : `w${row % 3}`,
        row % 5 === 0 ? "?" : row % 2 ? "yes" : "no",
        row % 6 === 0 ? "null" : `2024-01-1${row % 9}`,
        row * 0.5,
      ].join(","),
    ),
    kinds: { n: "number", c: "category", b: "boolean", d: "date" },
    told: ["missing-words", "filled"],
  },
  {
    name: "columns that number the rows",
    data: csv("id,code,a,y", 60, (row) => `${1000 + row * 7},K${row}X,${row % 9},${side(row)}`),
    kinds: { id: "ignore", code: "ignore" },
    told: ["identifier-column"],
  },
  {
    name: "words for infinity and no number",
    data: csv("a,b,y", 60, (row) => `${row === 7 ? "inf" : row % 9},${row === 9 ? "NaN" : row % 4},${side(row)}`),
    kinds: { a: "number", b: "number" },
    told: ["not-numbers", "missing-words"],
  },
  {
    name: "numbers of every size",
    data: csv("a,b,y", 60, (row) => `${row + 1}e${(row % 100) * 6 - 300},${row % 7}e-320,${row % 2 ? 1e300 : -1e300}`),
    options: { task: "regression" },
    task: "regression",
  },
  {
    name: "whole numbers beyond 2^53",
    data: csv("a,y", 60, (row) => `${row % 9},900719925474099${row % 2 ? 2 : 3}`),
    options: { task: "classification" },
    classes: ["9007199254740992", "9007199254740993"],
  },
  {
    name: "very many categories",
    data: csv("c,a,y", 600, (row) => `k${Math.floor(noise(row) * 250)},${row % 9},${side(row)}`),
    kinds: { c: "category" },
    told: ["rare-categories"],
  },
  {
    name: "categories that training has not seen",
    data: csv("c,a,y", 60, (row) => `${["red", "blue"][row % 2]},${row % 9},${side(row)}`),
    later: { data: "c,a\ngreen,3\nred,4\n,5\n", told: ["unseen-category"] },
  },
  {
    name: "other columns, in another order, and no target",
    data: plain(),
    later: { data: "more,b,a,and more\n1,2,0.5,3\n4,5,0.25,6\n" },
  },
  {
    name: "a column called prediction",
    data: plain(),
    later: { data: "prediction,b,a\nmine,2,0.5\n", column: "prediction_2" },
  },
  {
    name: "numbers far from those of training, and words among them",
    data: plain(),
    later: { data: "a,b\n1e30,2\nmuch,3\n0.5,4\n", told: ["clipped", "unreadable"] },
  },
  {
    name: "headers that are numbers",
    data: csv("1,2,3", 60, (row) => `${row % 5},${row % 7},${row + 0.5}`),
    options: { target: "3" },
    told: ["header-looks-like-data"],
  },
  {
    name: "members of every object as names and classes",
    data: csv("__proto__,constructor,y", 60, (row) => `${row % 5},${row % 7},${row % 2 ? "__proto__" : "toString"}`),
    classes: ["__proto__", "toString"],
  },
  {
    name: "spaces around everything",
    data: csv(" a , b ,y ", 60, (row) => ` ${row % 5}\t, w${row % 3} , ${side(row)} `),
    kinds: { a: "number", b: "category" },
    classes: ["left", "right"],
  },
];

/** Tables as programs export them. */
const exported: Taken[] = [
  {
    name: "Excel in German: a byte order mark, its line for the separator, empty columns, and totals at the end",
    data: `\ufeffsep=;\r\n${csv("Datum;Kunde;Betrag;Rabatt;y;;", 60, (row) => `${1 + (row % 28)}.0${1 + (row % 9)}.2024;K${row % 3};${row + 1}.234,50;${row % 5} %;${side(row)};;`, "\r\n")}Summe;;${60 * 234.5 + 1830 * 1000}`.replace(
      /Summe;;(\d+)$/,
      "Summe;;$1,00;;;;\r\n",
    ),
    kinds: { Datum: "date", Kunde: "category", Betrag: "number", Rabatt: "number", column_6: "ignore" },
    classes: ["left", "right"],
    told: ["day-first", "units-left-out", "totals-row", "points-are-thousands"],
    later: {
      data: "Datum;Kunde;Betrag;Rabatt\n27.12.2024;K1;1.234,50;3 %\n3.4.2024;K2;99,00;0 %\nbald;K2;99,00;0 %\n",
      told: ["unreadable"],
    },
  },
  {
    name: "a Google sheet: dollars, per cent, months first, a formula that failed, empty rows at the end",
    data: `${csv("Date,Price,Change,In stock,y", 60, (row) => `${1 + (row % 12)}/${1 + (row % 28)}/2024,"$${1 + (row % 9)},234.50",${row === 7 ? "#DIV/0!" : `${row - 30}.5%`},${row % 3 ? "TRUE" : "FALSE"},${side(row)}`)},,,,\n,,,,\n`,
    kinds: { Date: "date", Price: "number", Change: "number", "In stock": "boolean" },
    told: ["month-first", "commas-are-thousands", "units-left-out", "missing-words"],
  },
  {
    name: "pandas: an index of rows that were filtered, empty cells, NaT",
    data: csv(
      "Unnamed: 0,size,when,flag,y",
      60,
      (row) =>
        `${row * 3 + (row % 2)},${row % 7 ? row / 4 : ""},${row % 9 ? `2024-03-0${row % 9}` : "NaT"},${row % 2 ? "True" : "False"},${side(row)}`,
    ),
    kinds: { "Unnamed: 0": "ignore", size: "number", when: "date", flag: "boolean" },
    told: ["identifier-column", "missing-words", "filled"],
  },
  {
    name: "R's write.table: names of rows without a name above them, NA",
    data: csv(
      "mpg\tcyl\tgear\ty",
      60,
      (row) => `"Car ${row}"\t${row % 11 ? row / 3 : "NA"}\t${4 + 2 * (row % 3)}\t${row % 4}\t"${side(row)}"`,
    ),
    kinds: { column_1: "ignore", mpg: "number", cyl: "number" },
    classes: ["left", "right"],
    told: ["row-names", "missing-words"],
  },
  {
    name: "SAP: numbers with zeros in front, days first, the minus behind",
    data: csv(
      "Material\tBuchung\tMenge\ty",
      60,
      (row) =>
        `${String(4711 + (row % 6)).padStart(18, "0")}\t${1 + (row % 28)}.0${1 + (row % 9)}.2024\t${1 + (row % 9)}.234,56${row % 3 ? "" : "-"}\t${side(row)}`,
    ),
    kinds: { Material: "category", Buchung: "date", Menge: "number" },
    told: ["codes", "day-first", "negative-numbers"],
  },
  {
    name: "an instrument: units below the names, odd cells",
    data: csv("time,temperature,pressure,y", 60, (row) =>
      row === 0
        ? "s,°C,(hPa),"
        : `${row * 2},${row === 9 ? "err 7" : 20 + (row % 8) / 4},${row === 30 ? ">1100" : 990 + (row % 13)},${side(row)}`,
    ),
    kinds: { time: "number", temperature: "number", pressure: "number" },
    classes: ["left", "right"],
    told: ["second-header", "not-numbers"],
    later: { data: "time,temperature,pressure\ns,°C,(hPa)\n1,2,3\n4,5,6\n7,8,9\n", told: ["second-header"] },
  },
  {
    name: "two rows of names, the upper of merged cells",
    data: `size,,price,\nwidth,height,net,y\n${csv("", 60, (row) => `${row % 7},${row % 5},${row / 2},${row + 0.5}`).trimStart()}`,
    kinds: { width: "number", height: "number", net: "number" },
    task: "regression",
    told: ["second-header"],
  },
];

test.each(exported)("an export of $name", (table) => take(table));

describe("tables that are taken", () => {
  test.each(taken)("$name", (table) => take(table));
});

/** Reads a table, trains on it and predicts. */
async function take({ data, options, task, classes, kinds, told, later }: Taken): Promise<void> {
  const loaded = await load("data.csv", data);
  const prepared = prepareData(loaded, { target: "y", ...options, seed: 0 });
  if (task !== undefined) expect(prepared.task).toBe(task);
  if (classes !== undefined) expect(prepared.classes).toEqual(classes);
  const found = Object.fromEntries(prepared.columns.map(({ name, kind }) => [name, kind]));
  if (kinds !== undefined) expect(found).toMatchObject(kinds);
  const codes = prepared.notes.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(told ?? []));
  expect(prepared.notes.map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/undefined|NaN\b(?!")/));
  for (const { inputs } of [prepared.training, prepared.validation, prepared.test])
    expect(inputs.every(Number.isFinite)).toBe(true);

  const model = await train(prepared);
  const { preprocessing, outputs } = prepared;
  const fresh = later === undefined ? loaded : await load("later.csv", later.data);
  const examples = plainExamples(preprocessing, fresh);
  expect(examples.notes.map(({ code }) => code)).toEqual(expect.arrayContaining(later?.told ?? []));
  const said = await computeOutputs(model, examples, outputs);
  const rowsToPredict = newRows(preprocessing, fresh);
  const writer = new PredictionWriter({ preprocessing, classes: classesOf(preprocessing) }, rowsToPredict.decimalMark);
  const text = writer.write(said, fresh.kind === "table" ? fresh.table : undefined);
  const written = parseTable(text, fresh.kind === "table" ? { delimiter: fresh.table.delimiter } : {});
  const column = written.columns.find(({ name }) => name === (later?.column ?? "prediction"));
  const rows = fresh.kind === "table" ? fresh.table.rowCount : 0;
  expect(column?.cells).toHaveLength(rows);
  for (const cell of column!.cells) {
    if (prepared.task === "classification") expect(prepared.classes).toContain(cell);
    else expect(Number.isFinite(Number(cell.replace(",", ".")))).toBe(true);
  }
}

interface Refused {
  name: string;
  data: Data;
  options?: Partial<PrepareOptions>;
  /** File, row and column, the value that was seen, and what to do. */
  says: RegExp;
  /** Refused for what is asked of it, not for what it is. */
  usage?: boolean;
}

const refused: Refused[] = [
  { name: "an empty file", data: "", says: /^data\.csv: the file is empty/ },
  { name: "blank lines alone", data: "\n\r\n \n", says: /^data\.csv: the file is empty/ },
  { name: "a header alone", data: "a,b,y\n", says: /^data\.csv: there is a header but no row/ },
  {
    name: "NUL bytes",
    data: utf8.encode(plain().replace(/^(.*\n.*\n.*),/, "$1\0,")),
    says: /^data\.csv, row 3: there is a NUL byte .* tr -d/,
  },
  { name: "a spreadsheet", data: Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]), says: /Excel file.*save the sheet as CSV/ },
  {
    name: "an image",
    data: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]),
    says: /binary file/,
  },
  {
    name: "a row that is too short",
    data: plain().replace(/^(.*\n.*\n.*),(\w+)$/m, "$1"),
    says: /^data\.csv, row 3: this row has 2 cells and the header 3, separated by ",": fill in the row/,
  },
  {
    name: "a row that is too long",
    data: plain().replace(/^(.*\n.*\n.*)$/m, "$1,more"),
    says: /^data\.csv, row 3: this row has 4 cells and the header 3.*quote cells that contain the separator/,
  },
  { name: "a quote that is never closed", data: 'a,y\n1,"x\n2,y\n', says: /^data\.csv, row 2: .*never closed/ },
  { name: "one column", data: csv("y", 60, (row) => `${row % 2}`), says: /besides the target "y" there is no column/ },
  {
    name: "one class",
    data: csv("a,y", 60, (row) => `${row},same`),
    says: /^data\.csv, column "y": the target is "same" in every row/,
  },
  { name: "two rows", data: plain(2), says: /too few/ },
  {
    name: "a target without a cell",
    data: csv("a,y", 60, (row) => `${row},`),
    says: /column "y": the target is missing in every row/,
  },
  {
    name: "a mistyped number in the target",
    data: csv("a,y", 60, (row) => `${row},${row === 7 ? "12o" : row * 1.5}`),
    says: /^data\.csv, row 9, column "y": "12o" is not a number.*correct the cell, or leave it empty/,
  },
  {
    name: "a target that names each row",
    data: csv("a,y", 60, (row) => `${row % 7},name ${row}`),
    says: /column "y": the target has 60 different values in 60 rows, too many to be classes: choose another target/,
  },
  {
    name: "constant columns alone",
    data: csv("a,b,y", 60, (row) => `1,same,${side(row)}`),
    says: /no column to learn from\. "a": every cell is "1"\. "b": every cell is "same"/,
  },
  {
    name: "a mistyped target",
    data: plain(),
    options: { target: "z y" },
    says: /there is no column "z y"\. The columns are "a", "b", "y"/,
  },
  {
    name: "no target",
    data: plain(),
    options: { target: undefined },
    says: /Give --target NAME; the columns are a, b, y/,
    usage: true,
  },
];

describe("tables that are refused", () => {
  test.each(refused)("$name", async ({ data, options, says, usage = false }) => {
    const attempt = async () => prepareData(await load("data.csv", data), { target: "y", ...options, seed: 0 });
    const error = await attempt().catch((caught: unknown) => caught);
    expect(usage ? error instanceof UsageError : error instanceof DataError || error instanceof InputError).toBe(true);
    expect((error as Error).message).toMatch(says);
  });
});

describe("new rows that a run cannot take are refused", () => {
  const cases: [string, string, RegExp][] = [
    ["a column that is not there", "b,y\n1,left\n", /^new\.csv: the column "a" of the training data is missing\./],
    ["one that is called otherwise", "A ,b\n1,2\n", /column "a" of the training data is missing\. Did you mean "A"\?/],
    [
      "words where numbers were",
      "a,b\nmany,1\nfew,2\n",
      /^new\.csv, row 2, column "a": "many" is not a number, and nor are most/,
    ],
  ];
  test.each(cases)("%s", async (_, data, says) => {
    const prepared = prepareData(await load("data.csv", plain()), { target: "y", seed: 0 });
    const fresh = await load("new.csv", data);
    expect(() => plainExamples(prepared.preprocessing, fresh)).toThrow(says);
  });

  test("a column whose nearest is another one of training", async () => {
    const data = csv("length_a,length_b,y", 40, (row) => `${row},${row % 7},${row % 2 ? "left" : "right"}`);
    const prepared = prepareData(await load("data.csv", data), { target: "y", seed: 0 });
    const fresh = await load("new.csv", "length_b,size\n1,2\n");
    expect(() => plainExamples(prepared.preprocessing, fresh)).toThrow(
      /column "length_a" of the training data is missing\. The columns are "length_b", "size"\./,
    );
  });

  test("a class that training had not, where it is to be measured", async () => {
    const prepared = prepareData(await load("data.csv", plain()), { target: "y", seed: 0 });
    const fresh = await load("new.csv", "a,b,y\n1,2,left\n1,2,up\n");
    expect(() => labelledExamples(prepared.preprocessing, fresh)).toThrow(
      /^new\.csv, row 3, column "y": "up" is none of the classes of training: "left", "right"/,
    );
  });
});
