import { isUtf8 } from "node:buffer";
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";
import { DamagedUtf8, DataError, decodeWindows1252, isParquet, looksLikeJson, textEncoding } from "@noron/tabular";

/** A file of a table that is read in pieces, and how. */
export interface TableFile {
  path: string;
  /** For messages. */
  name: string;
  packed: boolean;
  form: "csv" | "json" | "parquet";
  encoding: string;
  /** Characters of UTF-8 that cannot be read. */
  damaged: number;
}

/** Takes bytes as they are read. */
export interface TakesBytes {
  update(bytes: Uint8Array): unknown;
}

/** Bytes that are read together. */
const PIECE = 2 ** 21;

/** A file's bytes, unpacked if it is gzip. @throws DataError "truncated-gzip" */
export async function* fileBytes(
  path: string,
  name: string,
  packed: boolean,
  raw?: TakesBytes,
): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: PIECE });
  if (raw !== undefined) file.on("data", (bytes) => raw.update(bytes as Buffer));
  if (!packed) {
    yield* file;
    return;
  }
  const unpacked = createGunzip({ chunkSize: PIECE });
  file.on("error", (error) => unpacked.destroy(error));
  try {
    yield* file.pipe(unpacked) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith("Z_")) throw error;
    throw new DataError("truncated-gzip", "the gzip file is cut off or damaged: copy or download it again.", {
      file: name,
    });
  } finally {
    file.destroy();
  }
}

/** A file's text, a piece at a time. */
export async function* fileTexts({ path, name, packed, encoding }: TableFile): AsyncGenerator<string> {
  if (encoding === "windows-1252") {
    for await (const bytes of fileBytes(path, name, packed)) yield decodeWindows1252(bytes);
    return;
  }
  // A byte order mark is the reader's.
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  for await (const bytes of fileBytes(path, name, packed)) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

/**
 * Goes through a file once, to see how it is to be read.
 * @param hash takes its bytes
 * @throws DataError "not-text", "truncated-gzip", "bad-json" for a JSON list, which cannot be read in pieces
 */
export async function inspectFile(path: string, name: string, hash: TakesBytes): Promise<TableFile> {
  const start = firstBytes(path, 4);
  const packed = start[0] === 0x1f && start[1] === 0x8b;
  let head: Buffer | undefined;
  let encoding = "utf-8";
  let carried: Uint8Array = new Uint8Array();
  for await (const bytes of fileBytes(path, name, packed, hash)) {
    if (head === undefined) {
      head = bytes;
      if (isParquet(bytes)) {
        if (packed)
          throw new DataError("bad-parquet", "unpack the file: Parquet is read in pieces from any place.", {
            file: name,
          });
        encoding = "";
      } else encoding = textEncoding(bytes, name);
    }
    if (encoding !== "utf-8") continue;
    const all = carried.length > 0 ? Buffer.concat([carried, bytes]) : bytes;
    const end = wholeCharacters(all);
    carried = all.subarray(end);
    if (!isUtf8(all.subarray(0, end))) encoding = "windows-1252";
  }
  if (encoding === "utf-8" && carried.length > 0) encoding = "windows-1252";
  let damaged = 0;
  if (encoding === "windows-1252") {
    const found = new DamagedUtf8();
    for await (const text of fileTexts({ path, name, packed, form: "csv", encoding: "utf-8", damaged }))
      found.add(text);
    if (found.isUtf8) [encoding, damaged] = ["utf-8", found.damaged];
  }
  if (encoding === "") return { path, name, packed, form: "parquet", encoding, damaged };
  const text = new TextDecoder(encoding).decode(head?.subarray(0, 2000));
  const json = looksLikeJson(text, name);
  if (json && /^\s*\[/.test(text)) {
    const problem = "a JSON list has to be read whole, and this one is large: write JSON Lines, one object a line.";
    throw new DataError("bad-json", problem, { file: name });
  }
  return { path, name, packed, form: json ? "json" : "csv", encoding, damaged };
}

/** @throws as reading a file does */
function firstBytes(path: string, count: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(count);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/** Where the last whole character of UTF-8 ends. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back >= length ? bytes.length : bytes.length - back;
  }
  return bytes.length;
}
