import {
  applyPreprocessing,
  concatPieces,
  concatTables,
  csvPieces,
  DataError,
  fitCells,
  fitPreprocessing,
  jsonLinesKeys,
  jsonLinesPieces,
  parseJsonTable,
  parseTable,
  pieceEncoder,
  planColumns,
  planTable,
  profile,
  profilePieces,
  RowSplitter,
  readValues,
  type SplitMethod,
  scanTable,
  splitRows,
  splitTable,
  storedCells,
  type Table,
  type TablePieces,
  type ValueColumn,
  valueColumns,
} from "@noron/tabular";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../../test/fuzz.ts";

// A table that is read piece by piece gives what the same table gives at once.

async function* cut(text: string, size: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
}

const csv = (text: string, size: number, name = "table"): TablePieces => ({
  name,
  pieces: () => csvPieces(cut(text, size), { name, delimiter: "," }),
});

/** The result, or code and message of a DataError. */
async function attempt<T>(action: () => T | Promise<T>): Promise<T | string> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

function atOnce(table: Table, target: string) {
  const { target: planned, rows, ...plan } = planTable(table, { target });
  const split = splitRows(rows, { seed: 3 });
  const fitted = fitPreprocessing(table, split.train, { ...plan, target: planned });
  const applied = applyPreprocessing(fitted.preprocessing, table);
  return { ...plan, fitted, features: applied.features, counts: applied.counts };
}

/** Values by column, with no regard to where they would be stored. */
function train(columns: readonly ValueColumn[], stored: readonly number[][], rows: ArrayLike<number>, file: string) {
  const half = rows.length >> 1;
  return storedCells(file, rows.length, columns, (column) => {
    const values = Float64Array.from(rows, (row) => stored[column][row]);
    return [values.subarray(0, half), values.subarray(half)];
  });
}

async function byPieces(source: TablePieces, target: string) {
  const scan = await scanTable(source);
  const { target: planned, ...plan } = planColumns(scan.table, ({ name }) => scan.facts.get(name)!, scan.context, {
    target,
  });
  const columns = valueColumns(scan, { ...plan, target: planned });
  const stored = columns.map((): number[] => []);
  for await (const piece of source.pieces())
    readValues(piece, columns).columns.forEach((values, column) => {
      stored[column].push(...values);
    });
  const split = splitRows(
    stored[0].map((_, row) => row),
    { seed: 3 },
  );
  const fitted = fitCells(train(columns, stored, split.train, source.name), { ...plan, target: planned });
  const encoder = pieceEncoder(fitted.preprocessing, scan);
  const features: number[] = [];
  for await (const piece of source.pieces())
    features.push(
      ...encoder.encode(
        piece,
        Int32Array.from({ length: piece.rowCount }, (_, row) => row),
      ),
    );
  return { ...plan, fitted, features: Float32Array.from(features), counts: encoder.finish() };
}

const words = [
  "",
  "NA",
  "?",
  "1",
  "0",
  "2.5",
  "1.500",
  "yes",
  "no",
  "a",
  "b",
  "2024-05-31",
  "31/5/2024",
  '"x\ny"',
  "ư",
];
const cell = fc.oneof(
  fc.constantFrom(...words),
  fc.integer({ min: -9, max: 2000 }).map(String),
  fc.double().map(String),
);
const column = fc.oneof(
  fc.array(cell, { minLength: 30, maxLength: 30 }),
  fc
    .tuple(fc.constantFrom(...words), fc.constantFrom(...words))
    .chain((two) => fc.array(fc.constantFrom(...two), { minLength: 30, maxLength: 30 })),
  fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }).map(String), { minLength: 30, maxLength: 30 }),
);
const texts = fc.integer({ min: 2, max: 5 }).chain((width) =>
  fc.array(column, { minLength: width, maxLength: width }).map((columns) => {
    const names = columns.map((_, index) => (index === 1 ? "user_id" : `c${index}`));
    const rows = columns[0].map((_, row) => columns.map((cells) => cells[row]).join(","));
    return { text: `${names.join(",")}\n${rows.join("\n")}\n`, target: names[names.length - 1] };
  }),
);

test("CSV in pieces gives the same plan, preprocessing, features and refusals", async () => {
  let learned = 0;
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 300 }), async ({ text, target }, size) => {
      const whole = await attempt(() => atOnce(parseTable(text, { delimiter: "," }), target));
      expect(await attempt(() => byPieces(csv(text, size), target))).toEqual(whole);
      if (typeof whole === "object") learned++;
    }),
    runs(600),
  );
  expect(learned).toBeGreaterThan(50);
});

test("several files in pieces are one table, and a different column is refused", async () => {
  const a = "x,y\n1,a\n,b\n3,a\n\n4,b\n";
  const b = "y,x\na,5\nb,NA\na,7\nb,8\n";
  const whole = concatTables([parseTable(a, { name: "a.csv" }), parseTable(b, { name: "b.csv" })]);
  const pieces = concatPieces([csv(a, 7, "a.csv"), csv(b, 5, "b.csv")]);
  expect(await byPieces(pieces, "y")).toEqual(atOnce(whole, "y"));
  const other = concatPieces([csv(a, 7, "a.csv"), csv("x,z\n1,a\n", 5, "b.csv")]);
  await expect(scanTable(other)).rejects.toThrow(/b\.csv, column "y": this column of a\.csv is missing here/);
});

test("JSON Lines in pieces give the same, names that come late and line ends that are cut as well", async () => {
  const lines = Array.from({ length: 40 }, (_, row) => ({
    n: row % 5 === 0 ? null : row * 1.5,
    ...(row > 20 ? { late: { deep: row % 3 } } : {}),
    y: ["a", "b"][row % 2],
  }));
  for (const end of ["\n", "\r\n"]) {
    const text = lines.map((line) => JSON.stringify(line)).join(end) + end;
    for (const size of [1, 10, 64, 10_000]) {
      const keys = await jsonLinesKeys(cut(text, size), "t.jsonl");
      const pieces = { name: "t.jsonl", pieces: () => jsonLinesPieces(cut(text, size), keys, "t.jsonl") };
      expect(await byPieces(pieces, "y")).toEqual(atOnce(parseJsonTable(text, { name: "t.jsonl" }), "y"));
    }
  }
  await expect(jsonLinesKeys(cut('{"a":1}\n{"a":}\n', 3), "t.jsonl")).rejects.toThrow(
    /t\.jsonl, row 2: this is not JSON/,
  );
  await expect(jsonLinesKeys(cut("\n\n", 3), "t.jsonl")).rejects.toThrow(/empty/);
});

test("a table in pieces is profiled as it is at once, a column's numbers at a time, and refused alike", async () => {
  let described = 0;
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 300 }), fc.boolean(), async ({ text, target }, size, learned) => {
      const options = learned ? { target } : {};
      const whole = await attempt(() => profile(parseTable(text, { delimiter: "," }), options));
      const source = csv(text, size);
      const pieces = await attempt(async () =>
        profilePieces(source, await scanTable(source), options, (width) => {
          const stored: Float64Array[][] = [];
          return {
            append(columns) {
              expect(columns).toHaveLength(width);
              stored.push([...columns]);
            },
            column: (index) => stored.map((columns) => columns[index]),
          };
        }),
      );
      expect(pieces).toEqual(whole);
      if (typeof whole === "object") described++;
    }),
    runs(300),
  );
  expect(described).toBeGreaterThan(100);
});

/** How rows are split, from pieces; `rows` are those with a target. */
async function splitPieces(source: TablePieces, target: string, split: SplitMethod, seed: number) {
  const scan = await scanTable(source);
  const factsOf = (name: string) => scan.facts.get(name)!;
  const plan = planColumns(scan.table, ({ name }) => factsOf(name), scan.context, { target, split });
  const columns = valueColumns(scan, plan);
  const splitter = new RowSplitter(source.name, plan, factsOf, scan.context);
  const rows: number[] = [];
  const labels: number[] = [];
  let before = 0;
  for await (const piece of source.pieces()) {
    const values = readValues(piece, columns);
    splitter.add(piece, values.rows);
    for (const row of values.rows) rows.push(before + row);
    labels.push(...values.columns[columns.length - 1]);
    before += piece.rowCount;
  }
  const { notes, ...parts } = splitter.split(rows.length, Int32Array.from(labels), { seed });
  const places = [parts.train, parts.validation, parts.test].map((part) => Array.from(part, (place) => rows[place]));
  return { places, notes };
}

test("rows are split by time, by groups and by classes as they are at once, and refused alike", async () => {
  let split = 0;
  const line = fc.record({
    when: fc.oneof(
      {
        weight: 30,
        arbitrary: fc.integer({ min: 0, max: 20 }).map((day) => `2024-01-${String(day + 1).padStart(2, "0")}`),
      },
      { weight: 2, arbitrary: fc.constant("") },
      { weight: 1, arbitrary: fc.constantFrom("12", "soon", "2024-01-05T10:30") },
    ),
    y: fc.constantFrom("a", "b", "b", "NA"),
  });
  const sized = fc.array(line, { minLength: 20, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      sized,
      fc.constantFrom<SplitMethod>("time:when", "group:when", "stratified", "random"),
      fc.nat(9),
      fc.integer({ min: 20, max: 200 }),
      async (lines, method, seed, size) => {
        const text = `when,x,y\n${lines.map(({ when, y }, row) => `${when},${(row * 7) % 5},${y}`).join("\n")}\n`;
        const whole = await attempt(() => {
          const table = parseTable(text, { delimiter: "," });
          const {
            train,
            validation,
            test: held,
            notes,
          } = splitTable(table, planTable(table, { target: "y", split: method }), { seed });
          return { places: [train, validation, held].map((part) => [...part]), notes };
        });
        expect(await attempt(() => splitPieces(csv(text, size), "y", method, seed))).toEqual(whole);
        if (typeof whole === "object") split++;
      },
    ),
    runs(200),
  );
  expect(split).toBeGreaterThan(50);
});

test("a last row that begins with a word for totals is told, as it is kept", async () => {
  const lines = Array.from({ length: 6000 }, (_, row) => `place ${row},${row}`);
  const codes = async (last: string, size: number) => {
    const { table } = await scanTable(csv(`place,a\n${lines.join("\n")}\n${last}\n`, size));
    return table.notes.map(({ code, parameters }) => [code, parameters.row]);
  };
  const sum = "Total,17997000";
  expect(await codes(sum, 5000)).toEqual([["totals-kept", 6002]]);
  expect(await codes("Total,7", 200_000)).toEqual([["totals-kept", 6002]]);
  expect(await codes("Totally,17997000", 5000)).toEqual([]);
});

test("a row of units below very many names is left out in pieces as it is at once", async () => {
  const columns = Array.from({ length: 6000 }, (_, column) => `c${column}`);
  const lines = Array.from({ length: 12 }, (_, row) => columns.map((_, column) => (row * 7 + column) % 10000));
  const text = [columns, columns.map(() => "kg"), ...lines].map((cells) => cells.join(",")).join("\n");
  const { table } = await scanTable(csv(text, 5000));
  expect(table.rowCount).toBe(12);
  expect(table.notes).toEqual(parseTable(text).notes);
});
