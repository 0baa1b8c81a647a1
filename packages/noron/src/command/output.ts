import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../errors.ts";

/**
 * Writes a file under another name and renames it when it is whole.
 * @throws UsageError where it cannot be written
 */
export function writeWhole(path: string, contents: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new UsageError("cannot-write", { file: path, problem: (error as Error).message });
  }
}

/** @throws UsageError where there is something already: nothing is written over unless it is asked for */
export function requireFree(path: string, option: string): void {
  if (existsSync(path)) throw new UsageError("file-exists", { file: path, option });
}
