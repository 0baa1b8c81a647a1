import { DataError } from "../errors/data-error.ts";

/** Whether bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** How far an unpacked file may grow. It is asked before each chunk is kept, with all that is unpacked so far. */
export type SizeLimit = (chunks: readonly Uint8Array[], length: number) => void;

/** Tables unpack to some ten times their size, and hardly ever to more than this. */
const largestRatio = 250;
/** What a small file may unpack to. */
const alwaysAllowed = 2 ** 24;

/**
 * Refuses a file that unpacks to far more than any table does: such files are made to fill the memory.
 * @throws DataError "too-large"
 */
export function requireJustified(unpacked: number, packed: number, file: string | undefined): void {
  if (unpacked <= Math.max(alwaysAllowed, largestRatio * packed)) return;
  const problem = `it unpacks to more than ${largestRatio} times its size, as no table should: unpack it with gunzip if it is meant to.`;
  throw new DataError("too-large", problem, { file });
}

/**
 * Unpacks gzip with the platform's own DecompressionStream. A small file can unpack to a thousand times its size, so
 * `limit` throws as soon as too much has come out.
 * @throws DataError "truncated-gzip" when the file is cut off or damaged
 */
export async function gunzip(bytes: Uint8Array, file: string | undefined, limit: SizeLimit): Promise<Uint8Array> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // Written piece by piece, so that what is unpacked never runs far ahead of the limit. A failure comes out of the reader.
  const writing = (async () => {
    const step = 64 * 1024;
    for (let start = 0; start < bytes.length; start += step) {
      await writer.write(bytes.slice(start, start + step));
    }
    await writer.close();
  })().catch(() => {});
  const reader = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    let next: ReadableStreamReadResult<Uint8Array>;
    try {
      next = await reader.read();
    } catch {
      throw new DataError("truncated-gzip", "the gzip file is cut off or damaged: copy or download it again.", {
        file,
      });
    }
    if (next.done) break;
    chunks.push(next.value);
    length += next.value.length;
    try {
      limit(chunks, length);
    } catch (error) {
      await reader.cancel().catch(() => {});
      throw error;
    }
  }
  await writing;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}
