import { spawn } from "node:child_process";
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeEach, expect } from "vitest";

/** Runs the built command as a user does, in a folder of its own. */

const bin = fileURLToPath(new URL("../bin/noron.js", import.meta.url));
const signalAfter = new URL("signal-after.mjs", import.meta.url).href;

/** Where the real data lie, if they do. */
export const realData = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
export const hasRealData = (name: string) => existsSync(join(realData, name));

export interface Ended {
  code: number | null;
  /** What the system ended it with; null where it ended itself. */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The folder that commands of the present test run in. */
export let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "noron-test-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

export interface RunOptions {
  input?: string | Uint8Array;
  env?: Record<string, string>;
  /** The command gets a signal when it has said each of these on stderr, one after another. */
  interruptAfter?: string[];
  /** Ctrl-C unless another is asked for. */
  signal?: NodeJS.Signals;
  /** What stdout goes to, instead of being read. */
  stdoutTo?: string;
  /** No file may become larger, in kB. */
  largestFile?: number;
}

export function noron(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { largestFile, interruptAfter: texts, signal = "SIGINT" } = options;
    const sending = texts && { NORON_TEST_SIGNAL: JSON.stringify({ signal, texts }) };
    const env = { ...process.env, NORON_DEBUG: "", LC_ALL: "C", ...sending, ...options.env };
    const command = [process.execPath, ...(texts ? ["--import", signalAfter] : []), bin, ...args];
    // In blocks of 512 bytes.
    const limited = ["sh", "-c", `ulimit -f ${2 * largestFile!}; exec "$@"`, "sh", ...command];
    const [program, ...rest] = largestFile === undefined ? command : limited;
    const stdoutTo = options.stdoutTo === undefined ? "pipe" : openSync(options.stdoutTo, "w");
    const child = spawn(program, rest, { cwd: folder, env, stdio: ["pipe", stdoutTo, "pipe"] });
    if (typeof stdoutTo === "number") closeSync(stdoutTo);
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr!.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin!.on("error", () => {});
    child.stdin!.end(options.input ?? "");
  });
}

/**
 * Trains a run once for all tests of a block, each of which gets a copy of its folder, called `name`, beside the data.
 * Call it where beforeEach is called.
 */
export function useRun(name: string, data: string, contents: string, args: readonly string[]): void {
  let original = "";
  beforeEach(async () => {
    file(data, contents);
    if (original === "") {
      const { code, stderr } = await noron(["train", data, ...args, "--out", name]);
      if (code !== 0) throw new Error(stderr);
      original = mkdtempSync(join(tmpdir(), "noron-run-"));
      cpSync(join(folder, name), original, { recursive: true });
    } else cpSync(original, join(folder, name), { recursive: true });
  });
  afterAll(() => {
    if (original !== "") rmSync(original, { recursive: true });
  });
}

/** Writes a file into the test's folder and gives its name. */
export function file(name: string, contents: string | Uint8Array): string {
  writeFileSync(join(folder, name), contents);
  return name;
}

/** A table of two clouds: "x" and "y" say which "kind" a row is of, or follow from which "size" it has. */
export function clouds(rows = 80, target: "kind" | "size" = "kind"): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const side = row % 2 === 0 ? 1 : -1;
    const x = side + 0.3 * Math.sin(row * 12.9898);
    const y = side * 0.5 + 0.3 * Math.sin(row * 78.233);
    const colour = ["red", "green", "blue"][row % 3];
    const size = (10 * x + 3 * y).toFixed(3);
    return `${x.toFixed(4)},${y.toFixed(4)},${colour},${target === "size" ? size : side > 0 ? "right" : "left"}`;
  });
  return `x,y,colour,${target}\n${lines.join("\n")}\n`;
}

/** That a command was refused: exit code, the message, no stack trace, and nothing left behind but the inputs. */
export function expectRefusal(
  { code, stdout, stderr }: Ended,
  expected: number,
  message: RegExp,
  inputs: string[],
): void {
  expect(stderr).toMatch(message);
  expect(code).toBe(expected);
  expect(stderr).not.toMatch(/^\s+at .*[:(]\d+/m);
  expect(stderr).not.toMatch(/something went wrong inside/);
  expect(stdout).toBe("");
  expect(readdirSync(folder).sort()).toEqual([...inputs].sort());
}

// biome-ignore lint/suspicious/noExplicitAny: what JSON holds is checked by the tests
export type Fields = Record<string, any>;

/** Lines of a command that ended well with --log json. */
export function events({ code, stdout, stderr }: Ended): Fields[] {
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** An IDX file of bytes. */
export function idx(shape: number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  for (const [index, extent] of shape.entries()) header.setUint32(4 + 4 * index, extent);
  return new Uint8Array([...new Uint8Array(header.buffer), ...values]);
}

/** Images of 4 × 4 pixels that are bright at the top or at the bottom, and which. */
export function bars(count = 60): { images: Uint8Array; labels: Uint8Array } {
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 2);
  const pixels = Uint8Array.from({ length: count * 16 }, (_, at) => {
    const image = Math.floor(at / 16);
    const bright = Math.floor((at % 16) / 8) === labels[image];
    return (bright ? 200 : 20) + ((at * 7919) % 40);
  });
  return { images: idx([count, 4, 4], pixels), labels: idx([count], labels) };
}
