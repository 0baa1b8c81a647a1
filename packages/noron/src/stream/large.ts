import { closeSync, openSync, readSync, statSync } from "node:fs";
import { freemem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { looksLikeIdx } from "../data/files.ts";
import { isImageName } from "../data/image-files.ts";

/** Memory that a byte of a table's text takes once it is cells, on tables of numbers and short texts some seven bytes; and a margin. */
const MEMORY_PER_BYTE = 10;
/** How far files unpack, where they do not say so. */
const UNPACKED = { gzip: 5, parquet: 8 };
/** No text in memory is longer. */
const LONGEST_TEXT = 2 ** 29 - 25;
/** Smaller ones are not worth a second look. */
const SMALL = 2 ** 22;

/**
 * Whether a table does not fit into memory, so that it is to be read in pieces. By the sizes of its files alone: what gzip
 * says of itself is taken as a hint.
 */
export function isLarge(source: readonly string[]): boolean {
  let bytes = 0;
  for (const path of source) {
    const size = textBytes(path);
    if (size === undefined) return false;
    if (size > LONGEST_TEXT) return true;
    bytes += size;
  }
  const { heap_size_limit: heap, used_heap_size: used } = getHeapStatistics();
  return bytes * MEMORY_PER_BYTE > Math.min(heap - used, freeMemory());
}

function freeMemory(): number {
  const available = process.availableMemory?.() ?? freemem();
  return available > 0 ? available : freemem();
}

/** The bytes of text that a table's file holds, about; undefined for what is no such file. */
function textBytes(path: string): number | undefined {
  if (path === "-" || path.startsWith("sample:") || isImageName(path)) return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return undefined;
  if (found.size < SMALL) return found.size;
  const start = bytesAt(path, 0, 1024);
  if (looksLikeIdx({ name: path, bytes: start })) return undefined;
  if (start[0] === 0x50 && start[1] === 0x41 && start[2] === 0x52 && start[3] === 0x31)
    return found.size * UNPACKED.parquet;
  if (start[0] !== 0x1f || start[1] !== 0x8b) return found.size;
  // The last four bytes are the length that was packed, modulo 4 GiB, of the last of its parts.
  const said = new DataView(bytesAt(path, found.size - 4, 4).buffer).getUint32(0, true);
  return Math.max(said, found.size * UNPACKED.gzip);
}

function bytesAt(path: string, position: number, length: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(length);
    readSync(file, bytes, 0, length, position);
    return bytes;
  } finally {
    closeSync(file);
  }
}
