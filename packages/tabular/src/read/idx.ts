import { DataError } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { gunzip, isGzip } from "./gunzip.ts";

export type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** An IDX file: an array of any number of dimensions. */
export interface IdxArray {
  name: string;
  type: "uint8" | "int8" | "int16" | "int32" | "float32" | "float64";
  /** For MNIST's images [10000, 28, 28], for its labels [10000]. */
  shape: number[];
  /** All elements, last dimension fastest. For uint8 a view of the bytes that were read, else a copy. */
  data: IdxData;
}

interface ElementType {
  type: IdxArray["type"];
  bytes: number;
  read(view: DataView, offset: number, length: number): IdxData;
}

const elementTypes = new Map<number, ElementType>([
  [0x08, { type: "uint8", bytes: 1, read: (view, at, n) => new Uint8Array(view.buffer, view.byteOffset + at, n) }],
  [
    0x09,
    { type: "int8", bytes: 1, read: (view, at, n) => new Int8Array(view.buffer, view.byteOffset + at, n).slice() },
  ],
  [
    0x0b,
    {
      type: "int16",
      bytes: 2,
      read: (view, at, n) => Int16Array.from({ length: n }, (_, i) => view.getInt16(at + 2 * i)),
    },
  ],
  [
    0x0c,
    {
      type: "int32",
      bytes: 4,
      read: (view, at, n) => Int32Array.from({ length: n }, (_, i) => view.getInt32(at + 4 * i)),
    },
  ],
  [
    0x0d,
    {
      type: "float32",
      bytes: 4,
      read: (view, at, n) => Float32Array.from({ length: n }, (_, i) => view.getFloat32(at + 4 * i)),
    },
  ],
  [
    0x0e,
    {
      type: "float64",
      bytes: 8,
      read: (view, at, n) => Float64Array.from({ length: n }, (_, i) => view.getFloat64(at + 8 * i)),
    },
  ],
]);

/** Larger files are refused before anything is unpacked. */
const maximumBytes = 2 ** 32;

/** Whether bytes, unpacked, begin as an IDX file does. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && elementTypes.has(bytes[2]) && bytes[3] > 0;
}

/**
 * Reads an IDX file, the format of MNIST, gzip or not. Its sizes are compared with the bytes that are there before
 * any memory is taken.
 * @throws DataError "empty-file", "not-idx", "truncated-idx", "idx-size", "truncated-gzip"
 */
export async function readIdx(data: Uint8Array, options: { name?: string } = {}): Promise<IdxArray> {
  const file = options.name ?? "IDX file";
  let bytes = data;
  if (isGzip(bytes)) {
    let expected: number | undefined;
    bytes = await gunzip(bytes, file, (chunks, length) => {
      // As soon as the header is there it says how much may come.
      if (expected === undefined && length >= 4 + 4 * 255) expected = readHeader(firstBytes(chunks), file).total;
      if (expected !== undefined && length > expected) throw tooLong(file, expected, "more");
    });
  }
  if (bytes.length === 0) throw new DataError("empty-file", "the file is empty.", { file });
  const { element, shape, start, total } = readHeader(bytes, file);
  if (bytes.length < total) {
    const problem =
      `the header promises ${shape.join(" × ")} elements, ${count(total, "byte")} in all, ` +
      `but there are only ${count(bytes.length, "byte")}: the file is cut off; copy or download it again.`;
    throw new DataError("truncated-idx", problem, { file });
  }
  if (bytes.length > total) throw tooLong(file, total, count(bytes.length, "byte"));
  const elements = (total - start) / element.bytes;
  if (elements === 0) throw new DataError("empty-file", `there is nothing in it: ${shape.join(" × ")}.`, { file });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { name: file, type: element.type, shape, data: element.read(view, start, elements) };
}

interface IdxHeader {
  element: ElementType;
  shape: number[];
  /** Bytes of the header. */
  start: number;
  /** Bytes of the whole file. */
  total: number;
}

function readHeader(bytes: Uint8Array, file: string): IdxHeader {
  if (!isIdx(bytes)) {
    const seen = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const problem = `this is not an IDX file: it begins with the bytes ${seen} and not with 00 00, a type and a number of dimensions.`;
    throw new DataError("not-idx", problem, { file });
  }
  const element = elementTypes.get(bytes[2])!;
  const dimensions = bytes[3];
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) {
    throw new DataError("truncated-idx", "the file ends within its header: copy or download it again.", { file });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const shape = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index));
  const total = start + element.bytes * shape.reduce((product, size) => product * size, 1);
  if (!(total <= maximumBytes)) {
    const problem = `the header promises ${shape.join(" × ")} elements, more than the 4 GiB that can be read.`;
    throw new DataError("idx-size", problem, { file });
  }
  return { element, shape, start, total };
}

function tooLong(file: string, total: number, seen: string): DataError {
  const problem = `the header promises ${count(total, "byte")} and there are ${seen}: this is not the file that it says.`;
  return new DataError("idx-size", problem, { file });
}

/** The header is at most 1,024 bytes; more than that is never looked at. */
function firstBytes(chunks: readonly Uint8Array[]): Uint8Array {
  const head = new Uint8Array(4 + 4 * 255);
  let offset = 0;
  for (const chunk of chunks) {
    if (offset === head.length) break;
    head.set(chunk.subarray(0, head.length - offset), offset);
    offset += Math.min(chunk.length, head.length - offset);
  }
  return head;
}
