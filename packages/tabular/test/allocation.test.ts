import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { io, tensor } from "@noron/core";
import { afterAll, expect, test } from "vitest";

// Small files that claim to be large, or unpack to much, take no memory that their size does not justify. They are read
// in a process of their own, whose peak of resident memory is what is looked at.

const folder = mkdtempSync(join(tmpdir(), "noron-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const reader = `
import { readFileSync } from "node:fs";
import { io } from ${JSON.stringify(new URL("../../core/dist/node/index.js", import.meta.url).href)};
import * as tabular from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
const [how, path] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(path));
const readers = {
  none: () => undefined,
  table: () => tabular.readTable(bytes, { name: path }),
  idx: () => tabular.readIdx(bytes),
  safetensors: () => io.loadSafetensors(bytes),
  state: () => io.loadState(bytes),
  preprocessing: () => tabular.parsePreprocessing(new TextDecoder().decode(bytes)),
};
let said = "read";
try {
  await readers[how]();
} catch (error) {
  if (!(error instanceof tabular.DataError || error instanceof io.SafetensorsError)) throw error;
  said = error.message;
}
console.log(JSON.stringify({ said, peak: process.resourceUsage().maxRSS * 1024 }));
`;

async function read(how: string, contents: Uint8Array | string): Promise<{ said: string; peak: number }> {
  const script = join(folder, "reader.mjs");
  writeFileSync(script, reader);
  writeFileSync(join(folder, "file"), contents);
  const { stdout } = await promisify(execFile)(process.execPath, [script, how, join(folder, "file")]);
  return JSON.parse(stdout);
}

let reading: number | undefined;
/** The peak of a process that reads nothing. */
async function baseline(): Promise<number> {
  reading ??= (await read("none", "")).peak;
  return reading;
}

const header = (...sizes: number[]) => {
  const view = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  view.setUint32(0, 0x0800 + sizes.length);
  for (const [index, size] of sizes.entries()) view.setUint32(4 + 4 * index, size);
  return new Uint8Array(view.buffer);
};

/** A safetensors file whose header is this. */
function safetensors(text: string, length = text.length): Uint8Array {
  const bytes = new Uint8Array(8 + text.length + 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(new TextEncoder().encode(text), 8);
  return bytes;
}

const MiB = 2 ** 20;
const repeated = (text: string, size: number) => gzipSync(text.repeat(Math.ceil(size / text.length)));
const claims = JSON.stringify({ a: { dtype: "F32", shape: [2 ** 20, 2 ** 20], data_offsets: [0, 2 ** 42] } });

test.each<[string, string, () => Uint8Array | string, RegExp]>([
  [
    "a gzip of 128 MB of zeros, as a table",
    "table",
    () => gzipSync(new Uint8Array(128 * MiB)),
    /unpacks to more than 250 times/,
  ],
  ["a gzip of 128 MB of one line", "table", () => repeated("a,b\n", 128 * MiB), /unpacks to more than 250 times/],
  ["IDX that claims 64 GiB", "idx", () => header(2 ** 16, 2 ** 10, 2 ** 10), /IDX|bytes/],
  [
    "IDX that claims 4 GB in gzip of zeros",
    "idx",
    () => gzipSync(Buffer.concat([header(64), new Uint8Array(128 * MiB)])),
    /more/,
  ],
  ["safetensors that claim a header of 90 MB", "safetensors", () => safetensors("{}", 90_000_000), /cut off/],
  ["safetensors that claim 4 TiB", "safetensors", () => safetensors(claims), /only 8: the file is cut off/],
  [
    "a state with a long text",
    "state",
    () => io.saveSafetensors({ t: tensor([1]) }, { state: "[".repeat(MiB) }),
    /not JSON/,
  ],
  [
    "a preprocessing of images without end",
    "preprocessing",
    () => '{"format":"noron-preprocessing","version":1,"input":"images","height":60000,"width":60000}',
    /67 million/,
  ],
  [
    "Parquet with nothing but its end",
    "table",
    () =>
      Buffer.concat([
        Buffer.from("PAR1"),
        new Uint8Array(100).fill(255),
        Buffer.from([0xff, 0xff, 0xff, 0x7f]),
        Buffer.from("PAR1"),
      ]),
    /./,
  ],
  [
    "JSON Lines of ten thousand names",
    "table",
    () => Array.from({ length: 10_000 }, (_, row) => `{"n${row}":1}`).join("\n"),
    /too many different names/,
  ],
])("%s", async (_, how, contents, message) => {
  const before = await baseline();
  const { said, peak } = await read(how, contents());
  expect(said).toMatch(message);
  expect(peak - before).toBeLessThan(160 * MiB);
});

test("what is measured is seen: a table of its bytes takes memory", async () => {
  const before = await baseline();
  const { said, peak } = await read("table", `a,b\n${"12345.678,abc\n".repeat(1_500_000)}`);
  expect(said).toBe("read");
  expect(peak - before).toBeGreaterThan(100 * MiB);
});
