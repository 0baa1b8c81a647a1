import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../errors.ts";
import { systemProblem } from "../language/problem.ts";

/** A new file of numbers, without a name where the system knows such: even after a kill -9 nothing of it stays. */
export class TemporaryFile {
  readonly #file: number;

  constructor(private readonly path: string) {
    this.#file = openNameless(path);
  }

  /** Writes numbers to its end. @throws UsageError where the disk takes no more */
  append(values: Float64Array): void {
    const bytes = bytesOf(values);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    } catch (error) {
      throw notTaken(error, this.path);
    }
  }

  /** Fills numbers from a place in bytes. */
  read(values: Float64Array, position: number): void {
    const bytes = bytesOf(values);
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.#file, bytes, done, bytes.length - done, position + done);
      if (read === 0) throw new Error("a temporary file of rows has been cut off");
      done += read;
    }
  }

  remove(): void {
    closeSync(this.#file);
  }
}

/** Opens a new file, which loses its name at once where the system keeps files without. */
export function openNameless(path: string): number {
  const file = openSync(path, "wx+");
  if (process.platform !== "win32") rmSync(path);
  return file;
}

/** The error that says that a temporary file cannot be written. */
export function notTaken(error: unknown, path: string): UsageError {
  return new UsageError(
    "temporary-not-written",
    { folder: dirname(path), problem: systemProblem(error) },
    { cause: error },
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
