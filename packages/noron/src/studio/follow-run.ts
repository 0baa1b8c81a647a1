import { type FileHandle, open } from "node:fs/promises";
import { RUN_FILES } from "../run/files.ts";
import { requireInside } from "../run/read.ts";

/** What happens to the time series of a run: lines more, or all lines so far no longer hold, since the file began anew. */
export type Followed = { kind: "lines"; lines: string[] } | { kind: "reset" };

/** How often the file is looked at: as often as a person sees a curve move. */
const EVERY = 200;
/** So much is read at a time. */
const CHUNK = 2 ** 16;

/**
 * The lines of a run's metrics.jsonl, those that are there first, many at a time, and then each as it is written, until the signal ends it.
 * Training knows nothing of those who follow: it only writes the file. A file that is not there yet is waited for, and in the
 * place of a link out of the folder too; one that was replaced or cut short, as when a run is gone on with, is told of and
 * read anew.
 * @param folder the run's
 */
export async function* followRun(folder: string, signal: AbortSignal, every = EVERY): AsyncGenerator<Followed> {
  let file: FileHandle | null = null;
  let identity = "";
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);
  const chunk = Buffer.alloc(CHUNK);
  try {
    while (!signal.aborted) {
      const now = await openMetrics(folder);
      if (now !== null) {
        const { ino, dev, size } = await now.stat();
        const other = identity !== "" && identity !== `${dev}:${ino}`;
        await file?.close();
        file = now;
        if (other || size < offset) {
          offset = 0;
          rest = Buffer.alloc(0);
          yield { kind: "reset" };
        }
        identity = `${dev}:${ino}`;
        for (;;) {
          const { bytesRead } = await file.read(chunk, 0, CHUNK, offset);
          if (bytesRead === 0 || signal.aborted) break;
          offset += bytesRead;
          rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
          const end = rest.lastIndexOf(10);
          if (end < 0) continue;
          const text = rest.toString("utf8", 0, end);
          rest = rest.subarray(end + 1);
          const lines = text.split("\n").filter((line) => line.trim() !== "");
          if (lines.length > 0) yield { kind: "lines", lines };
        }
      }
      await pause(every, signal);
    }
  } finally {
    await file?.close();
  }
}

/** Null where it is not there yet, or leads out of the folder. */
async function openMetrics(folder: string): Promise<FileHandle | null> {
  try {
    return await open(requireInside(folder, RUN_FILES.metrics), "r");
  } catch {
    return null;
  }
}

/** Waits, but for a signal. It keeps no process alive. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    timer.unref();
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}
