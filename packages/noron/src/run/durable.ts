import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What a file is called while it is written; one process at a time writes into a folder. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.tmp`);
}

/**
 * Writes a file so that there is the old one or the new one, whole, at every moment: whether the program is killed or the
 * machine loses its power. It is written under another name, flushed to the disk and renamed, and the folder flushed too.
 * @throws Error of the file system, with the old file in its place
 */
export function writeDurably(path: string, contents: string | Uint8Array): void {
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, contents);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  flushFolder(dirname(path));
}

/** Removes a file, if it is there and may be removed. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where nothing may be written, there is nothing to tidy up.
  }
}

/** Until the folder is flushed, the new name may be lost with the power. */
function flushFolder(folder: string): void {
  try {
    const opened = openSync(folder, "r");
    try {
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
  } catch {
    // Windows flushes no folders, and some file systems of other machines do not: the file itself is whole.
  }
}
