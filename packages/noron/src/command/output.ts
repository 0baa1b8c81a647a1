import { once } from "node:events";
import { closeSync, existsSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../errors.ts";
import { systemProblem } from "../language/problem.ts";
import { makeFolder } from "../run/make-folder.ts";

/**
 * Writes a file under another name and renames it when it is whole.
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

/** A file, with the folders that lead to it, that is written piece by piece under another name, and gets its own when it is whole. */
export class WholeFile {
  readonly #temporary: string;
  #file: number | undefined;
  /** Whether there is a file of the temporary name. */
  #there = false;
  readonly #discard = () => this.discard();

  constructor(private readonly path: string) {
    this.#temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
    process.on("exit", this.#discard);
    this.#attempt(() => {
      makeFolder(dirname(path));
      this.#file = openSync(this.#temporary, "w");
      this.#there = true;
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
      renameSync(this.#temporary, this.path);
      this.#there = false;
    });
  }

  /** Removes what was written, unless it has its name. */
  discard(): void {
    process.off("exit", this.#discard);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    if (this.#there) rmSync(this.#temporary, { force: true });
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

/** @throws UsageError where there is something already: nothing is written over unless it is asked for */
export function requireFree(path: string, option: string): void {
  if (existsSync(path)) throw new UsageError("file-exists", { file: path, option });
}
