import { DataError, parseTable, profile } from "@noron/tabular";
import { describe, expect, test } from "vitest";

const lines = (header: string, count: number, line: (row: number) => string) =>
  parseTable([header, ...Array.from({ length: count }, (_, row) => line(row))].join("\n"));
/** Scattered, but the same on every run. */
const noise = (row: number, step = 1) => {
  const wild = Math.sin(row * 12.9898 + step * 78.233) * 43758.5453;
  return wild - Math.floor(wild);
};

test("says of each column what it is taken for, why, and what is in it", () => {
  const table = lines(
    "n,c,b,d,id,y",
    60,
    (row) =>
      `${row % 7 || ""},${["x", "y", "y"][row % 3]},${row % 2 ? "yes" : "no"},2024-01-${(row % 30) + 1},${row},${noise(row)}`,
  );
  const { columns, rows, target } = profile(table, { target: "y" });
  expect(rows).toBe(60);
  expect(columns.map(({ name, kind, missing, unique }) => [name, kind, missing, unique])).toEqual([
    ["n", "number", 9, 6],
    ["c", "category", 0, 2],
    ["b", "boolean", 0, 2],
    ["d", "date", 0, 30],
    ["id", "ignore", 0, 60],
    ["y", "number", 0, 60],
  ]);
  const [n, c, , d, id, y] = columns;
  expect(n.numbers).toMatchObject({ count: 51, minimum: 1, maximum: 6, quartiles: [2, 3, 5] });
  expect(n.numbers?.histogram.reduce((sum, amount) => sum + amount)).toBe(51);
  expect(c.values).toEqual([
    { value: "y", count: 40 },
    { value: "x", count: 20 },
  ]);
  expect(d.dates).toEqual({ earliest: "2024-01-01", latest: "2024-01-30" });
  expect(id.why).toMatchObject({ code: "numbers-rows", text: id.reason });
  expect(y).toMatchObject({ isTarget: true, association: null });
  expect(target).toMatchObject({ task: "regression", classes: [], problem: null });
});

test("is plain data", () => {
  const found = profile(
    lines("a,b", 30, (row) => `${row},${row % 2 ? "yes" : "no"}`),
    { target: "b" },
  );
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});

describe("warns", () => {
  const other = (row: number) => noise(row, 31).toFixed(3);
  const label = (row: number) => (noise(row) > 0.5 ? "in" : "out");
  const size = (row: number) => (10 * noise(row)).toFixed(3);

  test.each<[string, string, (row: number) => string, object]>([
    [
      "of a copy of the target",
      "f,g,t",
      (row) => `${label(row)},${other(row)},${label(row)}`,
      { code: "leak-equal", column: "f" },
    ],
    [
      "of the target in other words",
      "f,g,t",
      (row) => `${label(row) === "in"},${other(row)},${label(row)}`,
      { code: "leak-equal", column: "f" },
    ],
    [
      "of a copy of a number",
      "f,g,t",
      (row) => `${size(row)},${other(row)},${size(row)}`,
      { code: "leak-equal", column: "f" },
    ],
    [
      "of the target on another scale",
      "f,g,t",
      (row) => `${3 - 2 * Number(size(row))},${other(row)},${size(row)}`,
      { code: "leak-number", column: "f" },
    ],
    [
      "of a number that tells the class",
      "f,g,t",
      (row) => `${noise(row) * 100},${other(row)},${label(row)}`,
      { code: "leak-class", column: "f" },
    ],
    [
      "of groups that tell the class",
      "f,g,t",
      (row) => `${label(row)}${row % 4},${other(row)},${label(row)}`,
      { code: "leak-class", column: "f" },
    ],
    [
      "of a date that is there where the class is one",
      "f,g,t",
      (row) => `${row % 7 ? "" : `2024-01-${10 + (row % 19)}`},${other(row)},${row % 7 ? "stays" : "leaves"}`,
      { code: "leak-missing", column: "f" },
    ],
    [
      "of texts and missing cells that tell the class",
      "f,g,t",
      (row) => `${["", "x", "y"][row % 3]},${other(row)},${["a", "b", "c"][row % 3]}`,
      { code: "leak-class", column: "f" },
    ],
    [
      "of classes of unequal size",
      "f,t",
      (row) => `${other(row)},${row % 30 ? "a" : "b"}`,
      { code: "class-imbalance", column: "t" },
    ],
    [
      "of the same rows",
      "f,t",
      (row) => `${row % 10},${row % 10}`,
      { code: "duplicate-rows", parameters: { count: 50, share: 5 / 6 } },
    ],
    [
      "of the same columns",
      "f,g,t",
      (row) => `${other(row)},${other(row)},${label(row)}`,
      { code: "duplicate-column", column: "g", parameters: { column: "g", other: "f" } },
    ],
    [
      "of columns that are mostly missing",
      "f,g,t",
      (row) => `${row % 3 ? "" : row},${other(row)},${label(row)}`,
      { code: "mostly-missing", column: "f" },
    ],
    [
      "of spreads that differ",
      "f,g,t",
      (row) => `${other(row)},${noise(row, 77) * 1e6},${label(row)}`,
      { code: "unscaled", column: "g" },
    ],
    [
      "of numbers far away",
      "f,t",
      (row) => `${row === 5 ? 1e9 : other(row)},${label(row)}`,
      { code: "far-values", column: "f" },
    ],
    ["of dated rows", "f,t", (row) => `2024-${(row % 12) + 1}-01,${label(row)}`, { code: "dated-rows", column: "f" }],
    [
      "of names of groups",
      "customer_id,g,t",
      (row) => `${row % 9},${other(row)},${label(row)}`,
      { code: "group-column", column: "customer_id" },
    ],
    ["of a target that cannot be learned", "f,t", (row) => `${other(row)},1`, { code: "target-problem", column: "t" }],
  ])("%s", (_, header, line, expected) => {
    const rows = header.startsWith("f,t") && line(5).startsWith("1000000000") ? 300 : 60;
    expect(profile(lines(header, rows, line), { target: "t" }).warnings).toContainEqual(
      expect.objectContaining(expected),
    );
  });

  test("of nothing where nothing is wrong", () => {
    const table = lines(
      "f,g,t",
      100,
      (row) => `${other(row)},${noise(row, 57)},${noise(row, 997) + noise(row, 31) > 1 ? "a" : "b"}`,
    );
    expect(profile(table, { target: "t" }).warnings).toEqual([]);
  });
});

test("a column that is not there is refused with the nearest name", () => {
  const table = lines("size,price", 5, (row) => `${row},${row * 2}`);
  expect(() => profile(table, { target: "prize" })).toThrow(/Did you mean "price"/);
  expect(() => profile(table, { kinds: { sise: "ignore" } })).toThrow(DataError);
});

test("two thousand columns are profiled", () => {
  const names = Array.from({ length: 2000 }, (_, column) => `f${column}`);
  const table = lines(
    `${names.join(",")},t`,
    40,
    (row) => `${names.map((_, column) => noise(row, column + 3)).join(",")},${row % 2}`,
  );
  expect(profile(table, { target: "t" }).warnings.map(({ code }) => code)).toContain("wide-data");
});
