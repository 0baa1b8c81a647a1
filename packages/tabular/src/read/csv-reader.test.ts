import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { DataError } from "../errors/data-error.ts";
import { CsvReader } from "./csv-reader.ts";
import { parseTable } from "./parse-csv.ts";
import type { Table } from "./table.ts";

/** Columns, cells and row numbers, or what was refused. */
function attempt(read: () => Table[]): unknown {
  try {
    const tables = read();
    return {
      names: tables[0].columns.map(({ name }) => name),
      cells: tables[0].columns.map((_, index) => tables.flatMap(({ columns }) => columns[index].cells)),
      rows: tables.flatMap(({ rowNumbers }) => [...rowNumbers]),
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // Of two faults the pieces may come to the other one first.
    return "refused";
  }
}

function inPieces(text: string, sizes: readonly number[], delimiter: string): Table[] {
  const reader = new CsvReader("table", { delimiter });
  const tables: Table[] = [];
  let start = 0;
  for (let piece = 0; start < text.length; piece++) {
    const end = start + sizes[piece % sizes.length];
    reader.add(text.slice(start, end), end >= text.length);
    const table = reader.take(false);
    if (table !== undefined) tables.push(table);
    start = end;
  }
  if (text === "") reader.add("", true);
  const rest = reader.take(true);
  if (rest !== undefined) tables.push(rest);
  return tables;
}

const cell = fc.constantFrom("", " ", "1", "x", '"q"', '"a,b"', '"two\nlines"', '"say ""hi"""', "ư", '5"', "NA");
const row = fc.array(cell, { minLength: 3, maxLength: 3 }).map((cells) => cells.join(","));
const body = fc.array(fc.oneof({ weight: 5, arbitrary: row }, fc.constantFrom("", ",,", " ", "1,2", '"open')), {
  maxLength: 12,
});

test("a file is the same in pieces as at once", () => {
  // So long a first cell that the layout is found in the first piece.
  const long = "h".repeat(70_000);
  fc.assert(
    fc.property(body, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), (lines, sizes) => {
      const text = [`${long},b,c`, "0,0,0", ...lines].join("\n");
      expect(attempt(() => inPieces(text, [70_010, ...sizes], ","))).toEqual(
        attempt(() => [parseTable(text, { delimiter: "," })]),
      );
    }),
    runs(500),
  );
});

test("a quote that is never closed does not gather a file in memory", () => {
  const reader = new CsvReader("table", { delimiter: "," });
  reader.add(`a,b\n1,"${"x".repeat(100_000)}`, false);
  const piece = "y\n".repeat(2 ** 21);
  expect(() => {
    for (let index = 0; index < 100; index++) reader.add(piece, false);
  }).toThrow(/row 2: .*never closed/);
});
