import { DataError } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { DamagedUtf8 } from "./damaged-utf8.ts";
import { notText } from "./not-text.ts";
import { decodeWindows1252 } from "./windows-1252.ts";

/** Longest text that engines hold in one string, in bytes of UTF-8. */
export const maximumTextBytes = 2 ** 29 - 25;

/**
 * Bytes to text: UTF-8, UTF-16, and else Windows-1252, with a note. A byte order mark stays in front.
 * @throws DataError "not-text" for binary files, "too-large" beyond what one string can hold
 */
export function decodeText(bytes: Uint8Array, file: string | undefined, notes: Note[]): string {
  if (bytes.length > maximumTextBytes) throw tooLarge(file);
  const encoding = textEncoding(bytes, file);
  if (encoding !== "utf-8") return decode(bytes, encoding, file);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const text = decode(bytes, "utf-8", file);
    const found = new DamagedUtf8();
    found.add(text);
    if (found.isUtf8) {
      notes.push(makeNote("damaged-text", { count: found.damaged }));
      return text;
    }
    notes.push(makeNote("encoding", {}));
    return decodeWindows1252(bytes);
  }
}

/**
 * How text is encoded by its first bytes; what is not UTF-16 is UTF-8, or else Windows-1252.
 * @throws DataError "not-text" for binary files
 */
export function textEncoding(bytes: Uint8Array, file: string | undefined): "utf-8" | "utf-16le" | "utf-16be" {
  if (startsWith(bytes, 0x50, 0x4b, 0x03, 0x04)) {
    const problem = "this is a zip or Excel file, not text: save the sheet as CSV and use that.";
    throw new DataError("not-text", problem, { file });
  }
  if (startsWith(bytes, 0xff, 0xfe)) return "utf-16le";
  if (startsWith(bytes, 0xfe, 0xff)) return "utf-16be";
  const zero = bytes.indexOf(0);
  if (zero < 0) return "utf-8";
  const encoding = unmarkedUtf16(bytes);
  if (encoding !== undefined) return encoding;
  throw notText(new TextDecoder("latin1").decode(bytes.subarray(0, zero + 65536)), { file, row: 1 });
}

/** @internal */
export function tooLarge(file: string | undefined): DataError {
  const limit = Math.floor(maximumTextBytes / 1e6);
  return new DataError("too-large", `the text is larger than the ${limit} MB that can be read: use a part of it.`, {
    file,
  });
}

/** UTF-16 without a byte order mark: of texts mostly in Latin letters every second byte is mostly zero, and no other. */
function unmarkedUtf16(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const length = Math.min(bytes.length & ~1, 4096);
  const zeros = [0, 0];
  for (let index = 0; index < length; index++) if (bytes[index] === 0) zeros[index % 2]++;
  if (bytes.length % 2 !== 0 || length < 4) return undefined;
  if (zeros[0] === 0 && zeros[1] > length / 4) return "utf-16le";
  return zeros[1] === 0 && zeros[0] > length / 4 ? "utf-16be" : undefined;
}

function decode(bytes: Uint8Array, encoding: string, file: string | undefined): string {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DataError("not-text", "the file is not UTF-8 text: save it as UTF-8 and try again.", { file });
  }
}

function startsWith(bytes: Uint8Array, ...magic: number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
