import { createHash } from "node:crypto";
import { createWriteStream, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  type ByteSource,
  concatPieces,
  csvPieces,
  jsonLinesKeys,
  jsonLinesPieces,
  makeNote,
  readParquetPieces,
  scanTable,
  type Table,
  type TablePieces,
  type TableScan,
} from "@noron/tabular";
import { isFolder, refuseDevice, unreadable } from "../data/files.ts";
import type { Loaded } from "../data/source.ts";
import { UsageError } from "../errors.ts";
import { fileTexts, inspectFile, type TableFile } from "./file-text.ts";
import { notTaken, openNameless } from "./temporary-file.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/** What has been done with a table that is read in pieces. */
export interface ReadingStage {
  /** The bytes were looked at; the columns, and their types decided; the rows made numbers; the numbers laid out as rows. */
  stage: "inspected" | "scanned" | "stored" | "laid-out";
  rows: number | null;
  seconds: number;
}

/** A table that is read in pieces, as often as it is needed, for it does not fit into memory. */
export interface LoadedStream extends Loaded {
  kind: "stream";
  /** What one pass over it has found; its table has names and no cells. */
  scan: TableScan;
  pieces: TablePieces;
  /** Told of each stage. */
  tell: (stage: ReadingStage["stage"], rows: number | null) => void;
}

export interface StreamOptions {
  /** Refuses a table by its columns before all of it is read. */
  check?: (table: Table) => void;
  /** Whether the pieces keep how their rows were written. */
  keepText?: boolean;
  /** Is told of each stage as it is done. */
  tell?: (stage: ReadingStage) => void;
}

/**
 * Tables by the command's arguments, read in pieces: as loadData reads them, but that none of their rows is in memory.
 * @throws InputError, UsageError, DataError
 */
export async function loadStream(
  source: readonly string[],
  { check, tell: observer, keepText }: StreamOptions = {},
): Promise<LoadedStream> {
  for (const path of source) {
    if (path.startsWith("sample:") || (path !== "-" && isFolder(path)))
      throw new UsageError("no-table-in-pieces", { data: path });
  }
  if (source.length === 0) throw new UsageError("no-table-in-pieces", { data: "sample:digits" });
  if (source.filter((path) => path === "-").length > 1) throw new UsageError("stdin-twice");
  let before = performance.now();
  const tell: LoadedStream["tell"] = (stage, rows) => {
    const now = performance.now();
    observer?.({ stage, rows, seconds: (now - before) / 1000 });
    before = now;
  };
  const all = createHash("sha256");
  const fileHashes: string[] = [];
  const names = new Set(source.map(nameOf));
  const tables: TablePieces[] = [];
  for (const path of source) {
    const name = names.size === source.length ? nameOf(path) : path;
    // That of a single file is that of all.
    const own = source.length > 1 ? createHash("sha256") : null;
    const hash = { update: (bytes: Uint8Array) => [all, own].map((each) => each?.update(bytes)) };
    const file = await attempt(path, async () => {
      if (path === "-") return inspectFile(await spool(), name, hash);
      refuseDevice(path);
      return inspectFile(path, name, hash);
    });
    if (own !== null) fileHashes.push(`sha256:${own.digest("hex")}`);
    tables.push({ name, pieces: await piecesOf(file, keepText) });
  }
  tell("inspected", null);
  const pieces = concatPieces(tables);
  const scan = await scanTable(pieces, check);
  tell("scanned", scan.table.rowCount);
  return {
    kind: "stream",
    name: pieces.name,
    source: [...source],
    files: [...source],
    hash: `sha256:${all.digest("hex")}`,
    ...(fileHashes.length > 0 && { fileHashes }),
    scan,
    pieces,
    tell,
  };
}

function nameOf(path: string): string {
  return path === "-" ? "standard input" : basename(path);
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadable(error, path);
  }
}

async function piecesOf(file: TableFile, keepText?: boolean): Promise<() => AsyncIterable<Table>> {
  const { name, form, encoding, damaged } = file;
  if (form === "parquet") return () => parquetPieces(file);
  const keys = form === "json" ? await jsonLinesKeys(fileTexts(file), name) : [];
  return async function* () {
    const texts = fileTexts(file);
    let first = true;
    for await (const piece of form === "json"
      ? jsonLinesPieces(texts, keys, name)
      : csvPieces(texts, { name, keepText })) {
      if (first && encoding === "windows-1252") piece.notes.unshift(makeNote("encoding", {}));
      if (first && damaged > 0) piece.notes.unshift(makeNote("damaged-text", { count: damaged }));
      first = false;
      yield piece;
    }
  };
}

async function* parquetPieces({ path, name }: TableFile): AsyncGenerator<Table> {
  const file = await open(path);
  try {
    const source: ByteSource = {
      byteLength: (await file.stat()).size,
      async slice(start, end) {
        const bytes = new Uint8Array(end - start);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
        return bytes.buffer.slice(0, bytesRead);
      },
    };
    yield* readParquetPieces(source, { name });
  } finally {
    await file.close();
  }
}

/** Standard input as a file: it is gone through more than once. Linux opens a file without a name by its number. */
async function spool(): Promise<string> {
  const path = join(new TemporaryFolder().path, "input");
  const linux = process.platform === "linux";
  const file = linux ? openNameless(path) : openSync(path, "wx");
  try {
    await pipeline(process.stdin, createWriteStream(path, { fd: file, autoClose: !linux }));
  } catch (error) {
    throw notTaken(error, path);
  }
  return linux ? `/proc/self/fd/${file}` : path;
}
