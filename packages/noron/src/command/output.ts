import { once } from "node:events";
import {
  closeSync,
  fchmodSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import { systemProblem } from "../language/problem.ts";
import { makeFolder } from "../run/make-folder.ts";

/**
 * Writes a file under another name and renames it when it is whole, as WholeFile does.
 * @throws UsageError where it cannot be written
 */
export function writeWhole(path: string, contents: string | Uint8Array): void {
  const file = new WholeFile(path);
  try {
    file.write(contents);
    file.finish();
  } finally {
    file.discard();
  }
}

/**
 * A file, with the folders that lead to it, that is written piece by piece under another name, and gets its own when it is
 * whole. Links stay: it is what they lead to that is written. A pipe or a device has no other name, and is written at once.
 */
export class WholeFile {
  /** Its name until it is whole, and where it belongs; null where it is written at once. */
  #names: { temporary: string; target: string } | null = null;
  #file: number | undefined;
  /** Whether there is a file of the temporary name. */
  #there = false;
  readonly #discard = () => this.discard();

  constructor(private readonly path: string) {
    process.on("exit", this.#discard);
    this.#attempt(() => {
      const before = statusOf(path);
      if (before !== undefined && !before.isFile()) {
        this.#file = openSync(path, "w");
        return;
      }
      const target = followLinks(path);
      const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
      this.#names = { temporary, target };
      makeFolder(dirname(target));
      this.#file = openSync(temporary, "w");
      this.#there = true;
      if (before !== undefined) fchmodSync(this.#file, before.mode);
    });
  }

  /** @throws UsageError where it cannot be written */
  write(contents: string | Uint8Array): void {
    this.#attempt(() => writeFileSync(this.#file!, contents));
  }

  /** Gives it its name. @throws UsageError */
  finish(): void {
    this.#attempt(() => {
      closeSync(this.#file!);
      this.#file = undefined;
      if (this.#names !== null) renameSync(this.#names.temporary, this.#names.target);
      this.#there = false;
    });
  }

  /** Removes what was written, unless it has its name. */
  discard(): void {
    process.off("exit", this.#discard);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (this.#there && this.#names !== null) rmSync(this.#names.temporary, { force: true });
    this.#there = false;
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.discard();
      throw new UsageError("cannot-write", { file: this.path, problem: systemProblem(error) });
    }
  }
}

/** Standard output, as a file that is written piece by piece. */
export class StandardOutput {
  /** Waits for a reader that is slower. */
  async write(text: string): Promise<void> {
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  }

  finish(): void {}

  discard(): void {}
}

/** Whether there is something that writing would put an end to; a pipe or a terminal takes what is written, and stays. */
export function isTaken(path: string): boolean {
  const status = statusOf(path);
  return status !== undefined && !status.isFIFO() && !status.isCharacterDevice();
}

/** Undefined where there is nothing, or a link leads to nothing. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Linux follows as many. */
const MOST_LINKS = 40;

/** The path of what a link leads to, which need not be there yet, or of what is no link. */
function followLinks(path: string): string {
  let target = path;
  for (let links = 0; isLink(target); links++) {
    // The system has words for links in a circle.
    if (links === MOST_LINKS) statSync(path);
    target = resolve(realpathSync(dirname(target)), readlinkSync(target));
  }
  return target;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
