import { constants, copyFileSync, linkSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import { removeQuietly } from "./durable.ts";

/** The file that says which process trains into a folder. */
const LOCK = "training.lock";

/**
 * Takes a run folder for this process, so that no two train into it at a time. What a process that was killed has left is
 * taken over.
 * @returns what gives it back
 * @throws UsageError while another process has it; Error of the file system
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, LOCK);
  const own = join(folder, `.${LOCK}.${process.pid}`);
  writeFileSync(own, JSON.stringify({ pid: process.pid, host: hostname() }));
  try {
    while (!linked(own, path)) {
      const holder = readHolder(path);
      if (holder === null) continue;
      if (isAlive(holder)) throw taken(folder, path, holder);
      // Another process may find the same left-over and be quicker: what is taken away is looked at again.
      const left = `${own}.left`;
      try {
        renameSync(path, left);
      } catch {
        continue;
      }
      const now = readHolder(left);
      const stolen = now !== null && isAlive(now);
      if (stolen) linked(left, path);
      removeQuietly(left);
      if (stolen) throw taken(folder, path, now);
    }
  } finally {
    removeQuietly(own);
  }
  return () => removeQuietly(path);
}

/** Whether some process, this one or another, trains into a folder now. */
export function isTrainedInto(folder: string): boolean {
  const holder = readHolder(join(folder, LOCK));
  return holder !== null && (isOwn(holder) || isAlive(holder));
}

function isOwn({ pid, host }: Holder): boolean {
  return pid === process.pid && host === hostname();
}

interface Holder {
  pid: number;
  host: string;
}

/** Gives a file a second name, unless there is one of that name. */
function linked(from: string, to: string): boolean {
  const attempt = (action: () => void): boolean | null => {
    try {
      action();
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EEXIST" ? false : null;
    }
  };
  // Not every file system has second names.
  const done = attempt(() => linkSync(from, to)) ?? attempt(() => copyFileSync(from, to, constants.COPYFILE_EXCL));
  if (done === null) throw new Error(`${to} cannot be written`);
  return done;
}

/** Who has the lock; null if nobody has it any more. */
function readHolder(path: string): Holder | null {
  try {
    const { pid, host } = JSON.parse(readFileSync(path, "utf8")) as Holder;
    return { pid: Number(pid), host: String(host) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    // No lock that noron wrote: nobody has the folder.
    return { pid: 0, host: hostname() };
  }
}

function isAlive({ pid, host }: Holder): boolean {
  // Of another machine it cannot be said. In containers, numbers of processes come again: ours is never another's.
  if (host !== hostname()) return true;
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function taken(folder: string, path: string, { pid, host }: Holder): UsageError {
  if (host === hostname()) return new UsageError("folder-in-use", { folder, process: pid, lock: path });
  return new UsageError("folder-in-use-elsewhere", { folder, process: pid, host, lock: path });
}
