import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import { isIdx, type NamedBytes, nearestName } from "@noron/tabular";
import { InputError } from "../errors.ts";
import { Problem, systemProblem } from "../language/problem.ts";

/** Bytes, the name of their file for messages, and where it is. */
export interface FileBytes extends NamedBytes {
  path: string;
}

/** A file's bytes. "-" is standard input. @throws InputError that says why it cannot be read. */
export function readBytes(path: string): FileBytes {
  if (path !== "-") refuseDevice(path);
  try {
    if (path === "-") return { name: "standard input", path, bytes: readFileSync(0) };
    return { name: basename(path), path, bytes: readFileSync(path) };
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** Whether a path is a folder. @throws InputError where there is nothing. */
export function isFolder(path: string): boolean {
  return statusOf(path).isDirectory();
}

/** @throws InputError for a device such as /dev/zero, which may never end and which a run folder may name as its data */
export function refuseDevice(path: string): void {
  const status = statusOf(path);
  if (status.isCharacterDevice() || status.isBlockDevice())
    throw new InputError("unreadable-file", { file: path, problem: new Problem("device") });
}

function statusOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** The names in a folder, sorted. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** The error that says why a file cannot be read. */
export function unreadable(error: unknown, path: string): InputError {
  const { code } = error as NodeJS.ErrnoException;
  const file = path;
  if (code === "ENOENT") {
    const nearest = nearestFile(basename(path), neighbours(path));
    const suggestion = nearest === undefined ? undefined : join(dirname(path), nearest);
    return new InputError("no-such-file", { file }, { suggestion });
  }
  if (code === "EACCES" || code === "EPERM") return new InputError("not-permitted", { file });
  if (code === "EISDIR") return new InputError("is-a-folder", { file });
  if (code === "ENOTDIR") return new InputError("not-a-folder", { file });
  if (code === "ERR_FS_FILE_TOO_LARGE") return new InputError("file-too-large", { file });
  return new InputError("unreadable-file", { file, problem: systemProblem(error) }, { cause: error });
}

/** The file whose name without its ending is most like another's: "dup.csv" is not near "gus.csv" for both being CSV. */
function nearestFile(name: string, files: readonly string[]): string | undefined {
  const stem = (file: string) => file.replace(/(?<=.)\..*$/, "");
  const nearest = nearestName(stem(name), files.map(stem));
  const called = files.filter((file) => stem(file) === nearest);
  return called.find((file) => file.slice(stem(file).length) === name.slice(stem(name).length)) ?? called[0];
}

function neighbours(path: string): string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}

/** Whether bytes are an IDX file, gzip or not, or are called like one. */
export function looksLikeIdx({ name, bytes }: NamedBytes): boolean {
  if (/[-_.]idx\d+[-_.]ubyte(\.gz)?$/i.test(name)) return true;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return isIdx(bytes);
  try {
    // The first bytes are enough, and a part of a file has no end to check.
    return isIdx(gunzipSync(bytes.subarray(0, 1024), { finishFlush: constants.Z_SYNC_FLUSH }));
  } catch {
    return false;
  }
}
