import { gzipSync } from "node:zlib";
import {
  applyImages,
  applyPreprocessing,
  DataError,
  encodeTarget,
  featureNames,
  fitPreprocessing,
  parsePreprocessing,
  parseTable,
  planTable,
  profile,
  readIdx,
  readTable,
  splitRows,
  type Table,
} from "@noron/tabular";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../../test/fuzz.ts";

// Any input gives a result or a DataError: no other error, no endless loop, no memory that the input does not justify.

/** The result, or undefined after a DataError; anything else that is thrown fails the test. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    expect(error.message).not.toBe("");
    return undefined;
  }
}

async function attemptAsync<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return undefined;
  }
}

/** From a table to features, with its last column as the target. */
function useTable(table: Table): void {
  for (const { cells } of table.columns) expect(cells.length).toBe(table.rowCount);
  expect(new Set(table.columns.map(({ name }) => name)).size).toBe(table.columns.length);
  const target = table.columns[table.columns.length - 1].name;
  const found = profile(table, { target });
  expect(found.columns.map(({ name }) => name)).toEqual(table.columns.map(({ name }) => name));
  expect(JSON.stringify(JSON.parse(JSON.stringify(found)))).toBe(JSON.stringify(found));
  for (const { association } of found.columns)
    if (association) expect(Math.abs(association.value)).toBeLessThanOrEqual(1);
  attempt(() => {
    const plan = planTable(table, { target });
    const split = splitRows(plan.rows, { seed: 1 });
    const { preprocessing } = fitPreprocessing(table, split.train, plan);
    const applied = applyPreprocessing(preprocessing, table);
    expect(applied.features.length).toBe(table.rowCount * featureNames(preprocessing).length);
    expect(applied.features.every(Number.isFinite)).toBe(true);
    const encoded = encodeTarget(preprocessing, table);
    expect(encoded.rows).toEqual(plan.rows);
    const again = parsePreprocessing(JSON.stringify(preprocessing));
    // JSON knows no −0.
    expect(JSON.stringify(again)).toBe(JSON.stringify(preprocessing));
  });
}

const token = fc.constantFrom(
  ...[
    '"',
    '""',
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\ufeff",
    "\0",
    "a",
    "id",
    "1",
    "-2.5",
    "1,5",
    "1e999",
    "NA",
    "?",
  ],
  ...[
    "true",
    "no",
    "2024-02-30",
    "2024-05-31",
    "ư",
    "u\u031b",
    "\ud800",
    "__proto__",
    "name",
    "5e-324",
    "-1e308",
    "1.234,5",
  ],
);
const tokens = fc.array(token, { maxLength: 120 }).map((list) => list.join(""));

test("any text as a table", () => {
  fc.assert(
    fc.property(fc.oneof(tokens, fc.string({ unit: "binary" })), (text) => {
      const table = attempt(() => parseTable(text));
      if (table !== undefined) useTable(table);
    }),
    runs(20000),
  );
});

const cell = fc.oneof(
  token.filter((text) => !/["\n\r,]/.test(text)),
  fc.double().map(String),
  fc.integer({ min: -3, max: 3 }).map(String),
);
const grids = fc
  .integer({ min: 1, max: 6 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 2, maxLength: 40 }));

test("any cells in even rows", () => {
  fc.assert(
    fc.property(grids, (rows) => {
      const table = attempt(() => parseTable(rows.map((row) => row.join(",")).join("\n"), { delimiter: "," }));
      if (table !== undefined) useTable(table);
    }),
    runs(1000),
  );
});

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  tokens.map((text) => new TextEncoder().encode(text)),
);

test("any bytes as a table, packed, cut off or damaged", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, fc.nat(400), fc.nat(255), async (bytes, at, value) => {
      await attemptAsync(() => readTable(bytes));
      const packed = Uint8Array.from(gzipSync(bytes));
      await attemptAsync(() => readTable(packed.subarray(0, at)));
      packed[at % packed.length] = value;
      await attemptAsync(() => readTable(packed));
    }),
    runs(150),
  );
});

const idxLike = fc
  .tuple(
    fc.constantFrom(0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e),
    fc.array(fc.oneof(fc.nat(4), fc.nat(0xffffffff)), { maxLength: 5 }),
    fc.uint8Array({ maxLength: 200 }),
  )
  .map(([type, shape, data]) => {
    const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
    bytes[2] = type;
    bytes[3] = shape.length;
    shape.forEach((size, index) => {
      new DataView(bytes.buffer).setUint32(4 + 4 * index, size);
    });
    bytes.set(data, 4 + 4 * shape.length);
    return bytes;
  });

test("any bytes as IDX", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(idxLike, fc.uint8Array({ maxLength: 40 })), fc.boolean(), async (bytes, packed) => {
      const array = await attemptAsync(() => readIdx(packed ? gzipSync(bytes) : bytes));
      if (array === undefined) return;
      expect(array.data.length).toBe(array.shape.reduce((product, size) => product * size, 1));
      expect(array.data.byteLength).toBeLessThan(bytes.length);
    }),
    runs(500),
  );
});

const written = (() => {
  const rows = Array.from(
    { length: 30 },
    (_, row) => `${row % 7 || ""},${["a", "b", ""][row % 3]},${row % 2 ? "yes" : "no"},2024-01-${row + 1},${row}.5`,
  );
  const table = parseTable(`n,c,b,d,y\n${rows.join("\n")}`);
  const all = rows.map((_, row) => row);
  return { table, json: JSON.stringify(fitPreprocessing(table, all, planTable(table, { target: "y" })).preprocessing) };
})();

/** Replaces the value at a random place of a JSON tree. */
function mutate(value: unknown, path: number[], replacement: unknown): unknown {
  if (typeof value !== "object" || value === null || path.length === 0) return replacement;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
  const keys = Object.keys(copy);
  if (keys.length === 0) return replacement;
  const key = keys[path[0] % keys.length] as keyof typeof copy;
  copy[key] = mutate(copy[key], path.slice(1), replacement) as never;
  return copy;
}

test("any JSON as a preprocessing, and what passes can be applied", () => {
  const replacement = fc.oneof(
    fc.jsonValue(),
    fc.double(),
    fc.constantFrom("number", "category", ",", 1e308, -1, 0, 5e-324, null),
  );
  const damaged = fc
    .tuple(fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }), replacement)
    .map(([path, value]) => mutate(JSON.parse(written.json), path, value));
  fc.assert(
    fc.property(fc.oneof(damaged, fc.jsonValue()), (value) => {
      const preprocessing = attempt(() => parsePreprocessing(JSON.stringify(value) ?? ""));
      if (preprocessing?.input === "images")
        attempt(() =>
          applyImages(preprocessing, { name: "i", count: 0, height: 1, width: 1, pixels: new Uint8Array() }),
        );
      if (preprocessing?.input !== "table") return;
      const applied = attempt(() => applyPreprocessing(preprocessing, written.table));
      if (applied !== undefined) expect(applied.features.some(Number.isNaN)).toBe(false);
      attempt(() => encodeTarget(preprocessing, written.table));
    }),
    runs(2000),
  );
  fc.assert(
    fc.property(fc.string(), (text) => void attempt(() => parsePreprocessing(text))),
    runs(300),
  );
});
