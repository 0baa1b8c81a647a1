import { gzipSync } from "node:zlib";
import { DataError, parseJsonTable, planTable, readTable, type Table } from "@noron/tabular";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../test/fuzz.ts";
import { parseNumber } from "../src/types/number-format.ts";

const grid = (table: Table) => [
  table.columns.map(({ name }) => name),
  ...Array.from({ length: table.rowCount }, (_, row) => table.columns.map(({ cells }) => cells[row])),
];
const plain = [
  ["a", "b"],
  ["1", "x"],
  ["2.5", "y"],
];

describe("JSON that is read", () => {
  test.each<[string, string, string[][]]>([
    ["lines", '{"a":1,"b":"x"}\n{"a":2.5,"b":"y"}\n', plain],
    [
      "lines with blank ones, a byte order mark and Windows ends",
      '\ufeff\r\n{"a":1,"b":"x"}\r\n\r\n{"a":2.5,"b":" y "}',
      plain,
    ],
    ["a list over several lines", '[\n  {"a": 1, "b": "x"},\n  {"b": "y", "a": 2.5}\n]', plain],
    [
      "members that rows lack",
      '{"a":1}\n{"b":null,"c":true}\n{"a":false}',
      [
        ["a", "b", "c"],
        ["1", "", ""],
        ["", "", "true"],
        ["false", "", ""],
      ],
    ],
    [
      "objects and lists within",
      '{"a":{"b":1,"c":{"d":"x"}},"l":[1,{"m":2}],"e":{}}',
      [
        ["a.b", "a.c.d", "l", "e"],
        ["1", "x", '[1,{"m":2}]', "{}"],
      ],
    ],
    [
      "two names that become one",
      '{"a":{"b":1},"a.b":2," a.b ":3}',
      [
        ["a.b", "a.b_2"],
        ["2", "3"],
      ],
    ],
    [
      "names of objects' members",
      '{"__proto__":1,"constructor":2}',
      [
        ["__proto__", "constructor"],
        ["1", "2"],
      ],
    ],
    ["Vietnamese, composed and decomposed", `{"giá":"${"Hà Nội".normalize("NFD")}"}`, [["giá"], ["Hà Nội"]]],
  ])("%s", async (_, text, expected) => {
    expect(grid(parseJsonTable(text))).toEqual(expected);
    const bytes = new TextEncoder().encode(text);
    expect(grid(await readTable(bytes))).toEqual(expected);
    expect(grid(await readTable(gzipSync(bytes), { name: "t.jsonl.gz" }))).toEqual(expected);
  });

  test("its numbers, truth values and dates are taken for what they are", () => {
    const lines = Array.from({ length: 30 }, (_, row) =>
      JSON.stringify({ n: row * 1e-7, b: row % 2 === 0, d: `2024-05-${(row % 28) + 1}`, t: row % 3 ? "a" : "b" }),
    );
    const { columns } = planTable(parseJsonTable(lines.join("\n")), { target: "t" });
    expect(columns.map(({ kind }) => kind)).toEqual(["number", "boolean", "date"]);
  });

  test("a CSV file stays one, whatever it begins with", async () => {
    expect(grid(await readTable('{"a",b\n1,2\n', { name: "t.csv" }))[0]).toEqual(['{"a"', "b"]);
    expect(grid(await readTable("{a,b\n1,2\n"))).toEqual([
      ["{a", "b"],
      ["1", "2"],
    ]);
  });
});

describe("JSON that is refused", () => {
  test.each<[string, string, string, number | undefined, RegExp]>([
    ["nothing", "", "empty-file", undefined, /empty/],
    ["an empty list", "[]", "no-rows", undefined, /no row/],
    ["empty objects", "{}\n{}", "no-rows", undefined, /rows are empty/],
    ["a broken line", '{"a":1}\n{"a":\n', "bad-json", 2, /not JSON/],
    ["a broken list", '[{"a":1}', "bad-json", undefined, /not JSON/],
    ["a line that is a number", '{"a":1}\n\n7', "not-records", 3, /must be an object/],
    ["lists in a list", "[[1,2]]", "not-records", 1, /a list/],
    ["nesting without end", `${"[".repeat(100_000)}`, "bad-json", undefined, /nested/],
    [
      "a name of its own on every line",
      Array.from({ length: 5000 }, (_, row) => `{"k${row}":1}`).join("\n"),
      "too-large",
      undefined,
      /too many different names/,
    ],
  ])("%s", async (_, text, code, row, message) => {
    const error = await readTable(text, { name: "t.jsonl" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code, file: "t.jsonl", row });
    expect((error as DataError).message).toMatch(message);
  });
});

test("any JSON values, whole or damaged, give a table or a DataError", () => {
  const text = fc.oneof(
    fc.array(fc.jsonValue(), { maxLength: 6 }).map((list) => list.map((value) => JSON.stringify(value)).join("\n")),
    fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 }).map((list) => JSON.stringify(list)),
    fc.string(),
  );
  fc.assert(
    fc.property(text, fc.nat(), fc.string({ maxLength: 3 }), (whole, at, piece) => {
      for (const given of [
        whole,
        whole.slice(0, at % (whole.length + 1)) + piece + whole.slice((at % (whole.length + 1)) + 1),
      ]) {
        try {
          const table = parseJsonTable(given);
          for (const { cells } of table.columns) expect(cells.length).toBe(table.rowCount);
          expect(new Set(table.columns.map(({ name }) => name)).size).toBe(table.columns.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }
    }),
    runs(1000),
  );
});

test("a number is what it is, whatever the texts beside it are", () => {
  const prices = ["1,5", 1.234, "2,75", -12.345, 0.125, 1.5, 999.999];
  const lines = Array.from({ length: 35 }, (_, row) => JSON.stringify({ a: prices[row % 7], b: row * 1.5 }));
  const table = parseJsonTable(lines.join("\n"));
  const { columns } = planTable(table, { target: "b" });
  expect(columns[0]).toMatchObject({ kind: "number", decimal: ",", missing: 0 });
  const { cells } = table.columns[0];
  expect(cells.slice(0, 7).map((cell) => parseNumber(cell, columns[0].decimal))).toEqual([
    1.5, 1.234, 2.75, -12.345, 0.125, 1.5, 999.999,
  ]);
});

test("NaN, which some programs write, is refused with what to write", () => {
  expect(() => parseJsonTable('{"a":NaN,"b":1}\n')).toThrow(/NaN and Infinity are no JSON: write null/);
});
