import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomStream } from "@noron/core";
import type { Preprocessing } from "@noron/tabular";
import { afterAll, expect, test } from "vitest";
import { ColumnStore } from "./column-store.ts";
import { RowStore } from "./row-store.ts";
import { StoredRows } from "./stored-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "noron-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("columns are read as they were added, by column and by piece", () => {
  const store = new ColumnStore(join(folder, "columns"), 2);
  store.append([Float64Array.of(1, 2, Number.NaN), Float64Array.of(4, 5, -0)]);
  store.append([new Float64Array(), new Float64Array()]);
  store.append([Float64Array.of(7), Float64Array.of(8)]);
  expect(store.rows).toBe(4);
  for (let time = 0; time < 2; time++) {
    expect([...store.column(0)].map((block) => [...block])).toEqual([[1, 2, Number.NaN], [7]]);
    expect([...store.column(1)].map((block) => [...block])).toEqual([[4, 5, -0], [8]]);
  }
  expect([...store.pieces()].map((columns) => columns.map((column) => column.length))).toEqual([
    [3, 3],
    [1, 1],
  ]);
  store.remove();
});

/** A store whose row n is n, 2n, 3n. */
function threeColumns(name: string, rows: number): RowStore {
  const store = new RowStore(join(folder, name), 3);
  const numbers = Float64Array.from({ length: rows }, (_, row) => row);
  const columns = [numbers, numbers.map((row) => 2 * row), numbers.map((row) => 3 * row)];
  for (let row = 0; row < rows; row++) store.append(columns, row);
  store.flush();
  return store;
}

test("rows are read in the order in which they are asked for, near ones and far ones", () => {
  const rows = 200_000;
  const store = threeColumns("rows", rows);
  const asked = [rows - 1, 0, 5, 4, 100_000, 5, 3000, rows - 2];
  const into = new Float64Array(3 * asked.length);
  store.read(asked, into);
  expect([...into]).toEqual(asked.flatMap((row) => [row, 2 * row, 3 * row]));
  store.remove();
});

const column = (name: string) =>
  ({
    kind: "number",
    name,
    decimal: ".",
    fill: 0,
    missingIndicator: false,
    logOffset: null,
    mean: 0,
    standardDeviation: 1,
  }) as const;
const preprocessing: Preprocessing = {
  format: "noron-preprocessing",
  version: 1,
  input: "table",
  columns: [column("a"), column("b"), column("c")],
  target: {
    kind: "number",
    name: "y",
    decimal: ".",
    minimum: 0,
    maximum: 1,
    logOffset: null,
    mean: 0,
    standardDeviation: 1,
  },
  clip: 1e9,
};

test("what is announced is read ahead, and gives what is asked for, announced or not", () => {
  const rows = 5000;
  const store = threeColumns("ahead", rows);
  let reads = 0;
  const counted = new Proxy(store, {
    get(target, member) {
      if (member === "read") reads++;
      const value = Reflect.get(target, member, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  // Room for a thousand rows at a time.
  const stored = new StoredRows(counted, preprocessing, 3 * 8 * 1000);
  const expected = (batch: ArrayLike<number>) => Array.from(batch).flatMap((row) => [row, 2 * row, 3 * row]);
  for (let epoch = 0; epoch < 2; epoch++) {
    const order = new RandomStream(7, epoch).permutation(rows);
    stored.expect(order);
    reads = 0;
    for (let start = 0; start < rows; start += 64) {
      const batch = order.subarray(start, Math.min(rows, start + 64));
      expect([...stored.features(batch)]).toEqual(expected(batch));
      if (start === 640) expect([...stored.features([9, 3])]).toEqual(expected([9, 3]));
    }
    // Six windows of whole batches, and the rows that nobody announced.
    expect(reads).toBe(7);
  }
  // From the middle of a pass, as a training that goes on does.
  const order = new RandomStream(7, 3).permutation(rows);
  stored.expect(order.subarray(640));
  expect([...stored.features(order.subarray(640, 704))]).toEqual(expected(order.subarray(640, 704)));
  store.remove();
});
