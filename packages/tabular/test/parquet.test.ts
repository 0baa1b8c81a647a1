import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { concatTables, DataError, parseTable, readTable, type Table } from "@noron/tabular";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { runs } from "../../../test/fuzz.ts";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));
const fixture = (name: string) => new Uint8Array(readFileSync(`${folder}${name}`));
const files = readdirSync(folder).filter((name) => name.endsWith(".parquet"));

const cells = (table: Table) => Object.fromEntries(table.columns.map(({ name, cells }) => [name, cells]));

type Written = NonNullable<Parameters<typeof parquetWriteBuffer>[0]["columnData"]>;
const write = (columnData: Written, options = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }) as ArrayBuffer);

/** The error of a reading that must fail. */
async function refusal(bytes: Uint8Array): Promise<DataError> {
  const error = await readTable(bytes, { name: "t.parquet" }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof DataError)) throw new Error(`not refused: ${error}`);
  return error;
}

describe("what pyarrow has written", () => {
  const codecs = files.filter((name) => !/delta|lz4/.test(name));

  test.each(codecs)("%s", async (name) => {
    const table = await readTable(fixture(name), { name });
    expect(cells(table)).toEqual({
      whole: ["1", "", "9007199254740993", "-4"],
      small: ["1", "2", "3", ""],
      share: ["0.5", "", "", "-1e+300"],
      half: ["0.5", "1.25", "", "4"],
      yes: ["true", "", "false", "true"],
      name: ["Hà Nội", "", "x", "Hà Nội"],
      kind: ["a", "b", "a", ""],
      day: ["2024-05-31", "", "1969-12-31", "2000-01-01"],
      time: ["2024-05-31T12:30:00.000Z", "", "2024-06-01", "1970-01-01"],
      price: ["12.30", "", "-0.01", "1000000.10"],
    });
    expect([...table.rowNumbers]).toEqual([2, 3, 4, 5]);
    expect(table.notes.map(({ code, column }) => [code, column])).toEqual([["nested-column", "tags"]]);
  });

  test("a codec that cannot be read is named", async () => {
    const error = await refusal(fixture("parquet-lz4.parquet"));
    expect(error.code).toBe("unknown-codec");
    expect(error.message).toMatch(/t\.parquet, column "whole": .*LZ4_RAW.*zstd or gzip/);
  });

  test("differences of numbers and of texts", async () => {
    const { columns } = await readTable(fixture("parquet-delta.parquet"));
    expect(columns[0].cells).toEqual(Array.from({ length: 1000 }, (_, row) => String(row)));
    expect(columns[1].cells).toEqual(Array.from({ length: 1000 }, (_, row) => `t${row % 7}`));
  });
});

describe("what another writer has written", () => {
  test("values come back, whatever they are", async () => {
    const row = fc.record({
      a: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      b: fc.option(fc.stringMatching(/^[a-zé]{1,5}$/)),
      c: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 300 }), async (rows) => {
        const bytes = write(
          [
            { name: "a", data: rows.map(({ a }) => a), type: "DOUBLE", nullable: true },
            { name: "b", data: rows.map(({ b }) => b), type: "STRING", nullable: true },
            { name: "c", data: rows.map(({ c }) => c), type: "BOOLEAN" },
          ],
          { rowGroupSize: 100 },
        );
        const { a, b, c } = cells(await readTable(bytes));
        expect(a.map((cell) => (cell === "" ? null : Number(cell) + 0))).toEqual(
          rows.map(({ a }) => (a === null ? null : a + 0)),
        );
        expect(b).toEqual(rows.map(({ b }) => (b ?? "").normalize("NFC")));
        expect(c).toEqual(rows.map(({ c }) => String(c)));
      }),
      runs(30),
    );
  });
});

describe("damaged files", () => {
  test("a changed, shortened or lengthened file gives a table or is refused", async () => {
    const bytes = files.map((name) => fixture(name));
    const change = fc.record({
      file: fc.integer({ min: 0, max: bytes.length - 1 }),
      edits: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 4,
      }),
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ file, edits, cut }) => {
        let changed = bytes[file].slice();
        for (const [place, value] of edits) changed[Math.floor(place * changed.length)] = value;
        if (cut !== null) changed = changed.slice(0, 4 + Math.floor(cut * changed.length));
        try {
          const { rowCount } = await readTable(changed, { name: "t.parquet" });
          expect(rowCount).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
        }
      }),
      runs(2000),
    );
  });

  test("rows that the bytes cannot hold are refused before there is room made for them", async () => {
    const original = write([{ name: "a", data: [1, 2, 3], type: "INT32" }]);
    // num_rows of the file, of its group, and num_values of the column are varints of 3: all become 2^31 - 1 at once.
    const error = await refusal(replaceEnd(original, 3));
    expect(["bad-parquet", "too-large"]).toContain(error.code);
  });
});

/** The metadata with every i64 of a value as a huge one. */
function replaceEnd(bytes: Uint8Array, value: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(bytes.length - 8, true);
  const start = bytes.length - 8 - length;
  const metadata: number[] = [];
  for (const byte of bytes.subarray(start, bytes.length - 8)) {
    // An i64 behind its field's head (type 6), as a zigzag varint.
    if (byte === 2 * value && (metadata[metadata.length - 1] & 15) === 6) metadata.push(0xfe, 0xff, 0xff, 0xff, 0x0f);
    else metadata.push(byte);
  }
  const end = new DataView(new ArrayBuffer(4));
  end.setUint32(0, metadata.length, true);
  return new Uint8Array([
    ...bytes.subarray(0, start),
    ...metadata,
    ...new Uint8Array(end.buffer),
    ...bytes.subarray(bytes.length - 4),
  ]);
}

test("Parquet within gzip is read as well", async () => {
  const table = await readTable(gzipSync(fixture("parquet-snappy.parquet")));
  expect(table.rowCount).toBe(4);
});

describe("several tables as one", () => {
  const first = parseTable("a,b\n1,x\n2,NA\n", { name: "first.csv" });

  test("columns are found by name, rows know their file", () => {
    const second = parseTable("b,a\nNA,3\n", { name: "second.csv" });
    const table = concatTables([first, second]);
    expect(cells(table)).toEqual({ a: ["1", "2", "3"], b: ["x", "NA", "NA"] });
    expect(table.name).toBe("first.csv and 1 more");
    expect([...table.rowNumbers]).toEqual([2, 3, 2]);
    expect(table.files).toEqual([
      { name: "first.csv", end: 2 },
      { name: "second.csv", end: 3 },
    ]);
    expect(table.notes.map(({ text }) => text)).toEqual(['column "b": "NA" (2 ×) read as missing']);
  });

  test.each([
    ["a\n1\n", /^second\.csv, column "b": this column of first\.csv is missing here: /],
    ["a,B\n1,2\n", /^second\.csv, column "b": .*missing here \(it has "B"\)/],
    ["a,b,c\n1,2,3\n", /^second\.csv, column "c": this column is not in first\.csv/],
  ])("other columns are refused: %j", (text, message) => {
    expect(() => concatTables([first, parseTable(text, { name: "second.csv" })])).toThrow(message);
  });
});
