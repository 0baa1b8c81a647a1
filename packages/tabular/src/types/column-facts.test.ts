import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { parseTable } from "../read/parse-csv.ts";
import { ColumnFactsReader, columnFacts } from "./column-facts.ts";
import { decideColumnType, typeContext } from "./column-type.ts";

/** A column's facts from pieces of so many rows. */
function inPieces(cells: readonly string[], size: number, most?: number, name = "x") {
  const reader = new ColumnFactsReader(name, { most });
  for (let start = 0; start < cells.length; start += size) {
    const piece = parseTable(`${name},_\n${cells.slice(start, start + size).join(",-\n")},-\n`, { delimiter: "," });
    piece.rowNumbers = piece.rowNumbers.map((row) => row + start);
    reader.add(piece, piece.columns[0].cells);
  }
  return reader.finish();
}

const cell = fc.constantFrom(
  "",
  "NA",
  "0",
  "1",
  "2",
  "1.5",
  "1.234",
  "12.50",
  "yes",
  "no",
  "a",
  "2024-05-31",
  "3/4/2024",
);

test("pieces say what the whole says", () => {
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (cells, size) => {
      const table = parseTable(`x,_\n${cells.join(",-\n")},-\n`, { delimiter: "," });
      expect(inPieces(cells, size)).toEqual(columnFacts(table, table.columns[0]));
    }),
    runs(100),
  );
});

test("with fewer values kept than there are, counts stay exact, and frequent values and the decision stay the same", () => {
  const rows = Array.from({ length: 20_000 }, (_, row) => row);
  const columns: Record<string, string[]> = {
    number: rows.map((row) => (Math.sin(row) * 1000).toFixed(3)),
    "user id": rows.map((row) => String(10_000_000 + ((row * 7919) % 20_011))),
    row: rows.map(String),
    // Half of the cells are one of five names, the others one of 4,000.
    name: rows.map((row) => (row % 2 ? `often-${(row % 10) >> 1}` : `a-long-and-rare-name-${(row * 7919) % 4000}`)),
    text: rows.map((row) => `some text ${row}`),
    mistyped: rows.map((row) => (row % 100 === 77 ? `about ${row}` : String(row * 1.25))),
    thousands: rows.map((row) => `${1 + (row % 900)}.${100 + ((row * 31) % 900)}`),
  };
  for (const [name, cells] of Object.entries(columns)) {
    const whole = inPieces(cells, cells.length, undefined, name);
    const bounded = inPieces(cells, 777, 100, name);
    expect(bounded.exact, name).toBe(false);
    const { values, distinct, exact: _, mostUnkept, ...counts } = bounded;
    const { values: _values, distinct: known, exact: _exact, mostUnkept: none, ...exact } = whole;
    expect(counts, name).toEqual(exact);
    expect(none).toBe(0);
    expect(Math.abs(distinct / known - 1), name).toBeLessThan(0.1);
    expect(values.size).toBeLessThanOrEqual(100);
    // What is not kept is not frequent.
    for (const [value, { times }] of _values) if (times > mostUnkept) expect(values.has(value), value).toBe(true);
    const table = parseTable(`${name}\n1\n`);
    const { kind, decimal } = decideColumnType(whole, typeContext(table));
    expect(decideColumnType(bounded, typeContext(table)), name).toMatchObject({ kind, decimal });
    if (name === "name") expect([...values.keys()].filter((value) => value.startsWith("often")).sort()).toHaveLength(5);
  }
});
