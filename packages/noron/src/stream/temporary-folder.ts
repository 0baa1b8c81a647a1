import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import { systemProblem } from "../language/problem.ts";

const present = new Set<TemporaryFolder>();
process.on("exit", () => {
  for (const folder of present) folder.remove();
});

/** A folder for files that are needed while a command runs. It is removed at its end, however it ends but by kill -9. */
export class TemporaryFolder {
  readonly path: string;

  constructor() {
    const place = largePlace();
    try {
      this.path = mkdtempSync(join(place, "noron-"));
    } catch (error) {
      throw new UsageError("no-temporary-folder", { folder: place, problem: systemProblem(error) });
    }
    present.add(this);
  }

  /** @throws UsageError where fewer bytes are free */
  requireSpace(bytes: number): void {
    const { bavail, bsize } = statfsSync(this.path);
    if (bytes <= bavail * bsize) return;
    throw new UsageError("disk-full", {
      folder: this.path,
      needed: gibibytes(bytes),
      free: gibibytes(bavail * bsize),
    });
  }

  remove(): void {
    present.delete(this);
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Where /tmp may be memory, /var/tmp is a disk. */
function largePlace(): string {
  if (process.env.TMPDIR !== undefined || process.platform !== "linux") return tmpdir();
  try {
    accessSync("/var/tmp", constants.W_OK);
    return "/var/tmp";
  } catch {
    return tmpdir();
  }
}

/** So many GiB, in digits. */
function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toLocaleString("en-US", { maximumFractionDigits: 1 })}`;
}
