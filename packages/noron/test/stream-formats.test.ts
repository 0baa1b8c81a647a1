import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DataError } from "@noron/tabular";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { featuresBetween } from "../src/data/examples.ts";
import type { PreparedData } from "../src/data/prepare.ts";
import { newRows } from "../src/stream/new-rows.ts";
import { openData, prepareAny } from "../src/stream/open-data.ts";
import { profileStream } from "../src/stream/profile-stream.ts";
import { file, folder } from "./command.ts";

// Whatever form a table has, in pieces it gives the examples that it gives in memory, and so the same run.

beforeEach(() => {
  mkdirSync(join(folder, "temporary"));
  vi.stubEnv("TMPDIR", join(folder, "temporary"));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

interface Visit {
  city: string;
  price: number | null;
  seen: string;
  member: boolean | null;
  kind: string;
}
const visits = (cities: readonly string[], rows = 90) =>
  Array.from({ length: rows }, (_, row): Visit => {
    const price = row % 11 === 0 ? null : Math.round(1e4 * Math.sin(row * 1.7)) / 100;
    return {
      city: cities[(row * 7) % cities.length],
      price,
      seen: `2024-0${1 + (row % 9)}-1${row % 10}`,
      member: row % 13 === 5 ? null : row % 2 === 0,
      kind: (price ?? 0) > 10 ? "dear" : "cheap",
    };
  });
const csv = (rows: readonly object[]) => {
  const lines = rows.map((row) =>
    Object.values(row)
      .map((cell) => cell ?? "")
      .join(","),
  );
  return `${Object.keys(rows[0]).join(",")}\n${lines.join("\n")}\n`;
};
/** The last names of the objects come later than the others. */
const jsonLines = (rows: readonly Visit[]) =>
  rows.map(({ member, ...row }) => JSON.stringify(member === null ? row : { ...row, member })).join("\n");
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
const utf16be = (text: string) => utf16(text).swap16();
const parquet = (rows: readonly Visit[], rowGroupSize: number) => {
  const column = (name: keyof Visit, type: "STRING" | "DOUBLE" | "BOOLEAN") => ({
    name,
    type,
    data: rows.map((row) => row[name]),
    nullable: true,
  });
  const columnData = [
    column("city", "STRING"),
    column("price", "DOUBLE"),
    column("seen", "STRING"),
    column("member", "BOOLEAN"),
    column("kind", "STRING"),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }) as ArrayBuffer);
};

const cities = ["Huế", "Hà Nội", "Đà Nẵng"];
const latin = visits(["Köln", "Málaga", "Orléans"]);
const plain = visits(["Ulm"], 40).map((row, index) => ({ ...row, note: `${index}${"e".repeat(75_000)}` }));
const long = visits(cities, 40).map((row, index) => ({ ...row, note: `${index}${"ế".repeat(25_000)}` }));

const forms: [string, string, () => string | Uint8Array][] = [
  ["CSV in UTF-8 with a mark", "a.csv", () => `\ufeff${csv(visits(cities))}`],
  ["CSV in UTF-16", "a.csv", () => utf16(csv(visits(cities)))],
  ["CSV in UTF-16, the large byte first", "a.csv", () => utf16be(csv(visits(cities)))],
  ["CSV in Windows-1252", "a.csv", () => Buffer.from(csv(latin), "latin1")],
  ["CSV in Windows-1252, gzip", "a.csv.gz", () => gzipSync(Buffer.from(csv(latin), "latin1"))],
  [
    "CSV, gzip in two parts",
    "a.csv.gz",
    () => {
      const text = csv(visits(cities));
      return Buffer.concat([gzipSync(text.slice(0, 1001)), gzipSync(text.slice(1001))]);
    },
  ],
  ["CSV in UTF-8, characters cut between pieces", "a.csv", () => csv(long)],
  ["CSV in UTF-16, pieces of a gzip", "a.csv.gz", () => gzipSync(utf16(csv(long)))],
  [
    "CSV in UTF-8 with a damaged character in its last piece",
    "a.csv",
    () => Buffer.concat([Buffer.from(csv(long)), Buffer.from("K\u00f6ln,1,2024-01-01,true,cheap,x\n", "latin1")]),
  ],
  [
    "CSV in Windows-1252 from its last piece on",
    "a.csv",
    () => Buffer.concat([Buffer.from(csv(plain)), Buffer.from("K\u00f6ln,1,2024-01-01,true,cheap,x\n", "latin1")]),
  ],
  ["JSON Lines", "a.jsonl", () => jsonLines(visits(cities))],
  ["JSON Lines, gzip", "a.jsonl.gz", () => gzipSync(jsonLines(visits(cities)))],
  ["JSON Lines in UTF-16", "a.jsonl", () => utf16(jsonLines(visits(cities)))],
  ["Parquet", "a.parquet", () => parquet(visits(cities), 1000)],
  ["Parquet in row groups", "a.parquet", () => parquet(visits(cities), 17)],
];

/** All that a network would see, and all that is told. */
async function seen({ training, validation, test: held, ...told }: PreparedData) {
  const parts = [training, validation, held].map((examples) => ({
    features: featuresBetween(examples, 0, examples.count),
    rows: examples.rows,
    target: examples.target?.kind === "classes" ? examples.target.classes : null,
  }));
  return { parts, told };
}

describe("in pieces and in memory the same comes of", () => {
  test.each(forms)("%s", async (_, name, contents) => {
    const path = join(folder, file(name, contents()));
    const load = (stream: boolean) => openData([path], { stream });
    const [whole, pieces] = [await load(false), await load(true)];
    expect([whole.kind, pieces.kind]).toEqual(["table", "stream"]);
    expect(pieces.hash).toBe(whole.hash);
    const options = { target: "kind", seed: 4 };
    const [prepared, streamed] = [await prepareAny(whole, options), await prepareAny(pieces, options)];
    expect(prepared.training.count).toBeGreaterThan(20);
    expect(await seen(streamed)).toEqual(await seen(prepared));

    const [rows, rowsInPieces] = [whole, pieces].map((loaded) => newRows(prepared.preprocessing, loaded));
    const features = async (from: typeof rows) => {
      const all: number[] = [];
      for await (const { examples } of from.plain()) all.push(...examples.inputs);
      return { all, notes: from.notes };
    };
    expect(await features(rowsInPieces)).toEqual(await features(rows));
  });
});

describe("refused alike are", () => {
  test.each<[string, string, () => Uint8Array]>([
    ["a gzip that is cut off", "a.csv.gz", () => gzipSync(csv(visits(cities))).subarray(0, 300)],
    ["a Parquet file that is cut off", "a.parquet", () => parquet(visits(cities), 17).subarray(0, 900)],
    ["bytes that are no text", "a.csv", () => Uint8Array.from({ length: 900 }, (_, index) => (index * 37) % 256)],
    ["JSON Lines with a line that is none", "a.jsonl", () => Buffer.from(`${jsonLines(visits(cities))}\n{"city":\n`)],
  ])("%s", async (_, name, contents) => {
    const path = join(folder, file(name, contents()));
    const codes = await Promise.all(
      [false, true].map((stream) =>
        openData([path], { stream }).then(
          () => "read",
          (error: unknown) => (error instanceof DataError ? error.code : String(error)),
        ),
      ),
    );
    expect(codes[1]).toBe(codes[0]);
    expect(codes[0]).not.toBe("read");
  });
});

test("a profile that fails on the way leaves no temporary files", async () => {
  const loaded = await openData([join(folder, file("visits.csv", csv(visits(["Huế", "Vinh"]))))], { stream: true });
  if (loaded.kind !== "stream") throw new Error("it is to be read in pieces");
  const { pieces } = loaded;
  async function* torn() {
    yield* pieces.pieces();
    throw new Error("torn");
  }
  await expect(profileStream({ ...loaded, pieces: { ...pieces, pieces: torn } }, {})).rejects.toThrow("torn");
  expect(readdirSync(join(folder, "temporary"))).toEqual([]);
});
