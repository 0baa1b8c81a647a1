import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RandomStream } from "@noron/core";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bestWeights, parseCheckpoint } from "../src/run/checkpoint.ts";
import { temporaryName } from "../src/run/durable.ts";

const folder = mkdtempSync(join(tmpdir(), "noron-kills-"));
const writer = join(folder, "writer.mjs");
beforeAll(async () => {
  const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const alias = {
    "@noron/core": source("../../core/src/index.ts"),
    "@noron/tabular": source("../../tabular/src/index.ts"),
  };
  await build({
    input: source("checkpoint-writer.ts"),
    platform: "node",
    resolve: { alias },
    output: { file: writer },
    logLevel: "silent",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KILLS = 200;
/** So many are to fall inside the writing, however fast the disk is. */
const WITHIN = 20;
const AT_ONCE = 2;

/** Has checkpoints written, kills the writer some time after the first is whole, and gives the last that it said to be. */
function killAfter(run: string, milliseconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, run], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk) => {
      if (said === "") setTimeout(() => child.kill("SIGKILL"), milliseconds);
      said += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal !== "SIGKILL") reject(new Error(`the writer ended with ${code}`));
      else resolve(Number(said.trim().split("\n").at(-1)));
    });
  });
}

test(`killed at ${KILLS} random moments, many of them while it is written, the last checkpoint is whole`, async () => {
  const random = new RandomStream(7);
  let begun = 0;
  let within = 0;
  const work = async () => {
    while (begun < KILLS || (within < WITHIN && begun < 10 * KILLS)) {
      const run = join(folder, String(begun++));
      const said = await killAfter(run, random.uniform() * 20);
      const path = join(run, "checkpoint.safetensors");
      if (existsSync(temporaryName(path))) within++;
      const checkpoint = parseCheckpoint(readFileSync(path), path);
      const [{ epoch }] = checkpoint.trainer.history;
      // The last one that was said to be whole, or the next, which was renamed and not told of.
      expect([said, said + 1]).toContain(epoch);
      expect(checkpoint.trainer.epoch).toBe(epoch + 1);
      const values = bestWeights(checkpoint, path).weight.dataSync();
      expect(values).toHaveLength(20_000);
      expect(values.every((value) => value === epoch)).toBe(true);
      // What was left half written is under its own name: nothing takes it for a run's file.
      expect(
        readdirSync(run)
          .filter((name) => !name.startsWith("."))
          .sort(),
      ).toEqual([...["checkpoint.safetensors", "config.json", "metrics.jsonl", "preprocessing.json", "training.lock"]]);
      rmSync(run, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(within).toBeGreaterThanOrEqual(WITHIN);
});
