import { ELEMENTS, type ElementType } from "./elements.ts";
import { LENGTH_BYTES, LONGEST_HEADER, METADATA, SafetensorsError } from "./format.ts";
import { repeatedKey } from "./repeated-key.ts";

/** What the header says of one tensor, checked. */
export interface Entry {
  name: string;
  element: ElementType;
  shape: number[];
  count: number;
  /** Where its bytes begin and end, counted from the end of the header. */
  start: number;
  end: number;
}

/** What the header says of a file, checked against the file's size. */
export interface Header {
  entries: Entry[];
  metadata: Record<string, string>;
  /** Where the tensors' data begins. */
  end: number;
}

/** Gives a file's bytes from `start` up to `end`. */
export type ReadBytes = (start: number, end: number) => Uint8Array;

/** More dimensions than this are a mistake. */
const MOST_DIMENSIONS = 64;

/**
 * Reads the header of a file of `size` bytes, and nothing behind it.
 * @throws SafetensorsError that says what is wrong, with the header or with what should lie behind it
 */
export function readHeader(size: number, read: ReadBytes): Header {
  const { header, end } = parseHeader(size, read);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = readMetadata(value);
    else entries.push(readEntry(name, value));
  }
  checkLayout(entries, size - end);
  return { entries, metadata, end };
}

function parseHeader(size: number, read: ReadBytes): { header: Record<string, unknown>; end: number } {
  if (size < LENGTH_BYTES)
    throw new SafetensorsError(`a safetensors file has ${LENGTH_BYTES} bytes at least, and this has ${size}`);
  const first = read(0, LENGTH_BYTES);
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER))
    throw new SafetensorsError(`this is no safetensors file: its header would have ${length} bytes`);
  const end = LENGTH_BYTES + Number(length);
  if (end > size)
    throw new SafetensorsError(
      `the file is cut off, or no safetensors file: the header should have ${length} bytes, and ${size - LENGTH_BYTES} are there`,
    );
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(read(LENGTH_BYTES, end));
    header = JSON.parse(text);
  } catch {
    throw new SafetensorsError("this is no safetensors file: its header is not JSON");
  }
  if (!isRecord(header)) throw new SafetensorsError("this is no safetensors file: its header is not an object");
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw new SafetensorsError(`the header has ${show(repeated)} twice`);
  return { header, end };
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isRecord(value)) throw new SafetensorsError(`${METADATA} is not an object`);
  const texts = Object.entries(value).map(([key, text]) => {
    if (typeof text !== "string") throw new SafetensorsError(`the metadata ${show(key)} is not a text`);
    return [key, text] as const;
  });
  return Object.fromEntries(texts);
}

function readEntry(name: string, value: unknown): Entry {
  if (!isRecord(value)) throw refuse(name, "is not described by an object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") throw refuse(name, "has no dtype");
  const element = ELEMENTS.get(dtype);
  if (element === undefined)
    throw refuse(name, `is of ${show(dtype)}, which is not among ${[...ELEMENTS.keys()].join(", ")}`);
  if (!isSizes(shape) || shape.length > MOST_DIMENSIONS) throw refuse(name, "has no shape of whole numbers");
  if (!isSizes(offsets) || offsets.length !== 2) throw refuse(name, "has no data_offsets of two whole numbers");
  const [start, end] = offsets;
  const count = shape.includes(0) ? 0 : shape.reduce((product, extent) => product * extent, 1);
  const needed = count * element.bytes;
  if (end - start !== needed) {
    const problem = `of shape [${shape.join(", ")}] and ${dtype} needs ${needed} bytes, but data_offsets give it ${end - start}`;
    throw refuse(name, problem);
  }
  return { name, element, shape, count, start, end };
}

/** The data lies side by side, in any order, from the first byte to the last. */
function checkLayout(entries: readonly Entry[], length: number): void {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.end > length)
      throw refuse(entry.name, `ends at byte ${entry.end} of the data, which has only ${length}: the file is cut off`);
    if (entry.start !== end) {
      const problem = entry.start < end ? "shares bytes with another tensor" : `leaves a gap after byte ${end}`;
      throw refuse(entry.name, problem);
    }
    end = entry.end;
  }
  if (end !== length) throw new SafetensorsError(`${length - end} bytes after the last tensor belong to none`);
}

/** The error that says what is wrong with a tensor of the file. */
export function refuse(name: string, problem: string): SafetensorsError {
  return new SafetensorsError(`tensor ${show(name)} ${problem}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((extent) => Number.isSafeInteger(extent) && extent >= 0 && !Object.is(extent, -0))
  );
}

/** A name on one line, not too long. */
function show(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
