/**
 * How good the command's default options are, beside scikit-learn's MLP on the same rows: test scores over seeds 0 to 4.
 *
 *     node bench/accuracy.mjs [NAME …]
 *
 * Build first (npm run build). scikit-learn comes from the system's Python (Debian: python3-sklearn). Without names all sets
 * are measured. What was measured takes its place in bench/accuracy.json, and docs/accuracy.md is written from all that is
 * there. Ends with 1 where a goal is missed.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { accuracyReport } from "./lib/accuracy-report.mjs";
import { writeSplit } from "./lib/accuracy-split.mjs";

const data = fileURLToPath(new URL("../../shared/data/", import.meta.url));
const command = fileURLToPath(new URL("../packages/noron/bin/noron.js", import.meta.url));
const script = fileURLToPath(new URL("accuracy.py", import.meta.url));
const kept = fileURLToPath(new URL("accuracy.json", import.meta.url));
const report = fileURLToPath(new URL("../docs/accuracy.md", import.meta.url));
const python = process.env.NORON_BENCH_PYTHON ?? "/usr/bin/python3";
const seeds = [0, 1, 2, 3, 4];

const sets = [
  { name: "penguins", files: ["penguins.csv"], target: "species", score: "accuracy", goal: 0.97 },
  { name: "mpg", files: ["mpg.csv"], target: "mpg", score: "r2", goal: 0.75 },
  { name: "diamonds", files: ["diamonds.csv.gz"], target: "price", score: "r2", goal: 0.97 },
  {
    name: "mnist",
    files: ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"],
    score: "accuracy",
    goal: 0.95,
  },
  { name: "digits", files: [], score: "accuracy", goal: 0.97 },
];

/** What noron's test scores are, with its default options. */
function trainNoron({ files, target }, seed, folder) {
  const args = ["train", ...files.map((file) => join(data, file)), ...(target === undefined ? [] : ["-t", target])];
  const all = [...args, "--seed", String(seed), "--log", "json", "--out", join(folder, "run")];
  const lines = execFileSync(process.execPath, [command, ...all], { encoding: "utf8", maxBuffer: 2 ** 28 });
  const events = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { test, epochs } = events.find(({ event }) => event === "result");
  return { ...test, epochs };
}

/** What scikit-learn's are, by variant; undefined where it is not there. */
async function trainPeer(set, seed, folder) {
  if (set.files.length === 0) return undefined;
  await writeSplit({ ...set, files: set.files.map((file) => join(data, file)) }, seed, folder);
  const ended = spawnSync(python, [script, folder], { encoding: "utf8" });
  if (ended.status === 0) return JSON.parse(ended.stdout);
  process.stderr.write(
    `scikit-learn is left out: ${(ended.error?.message ?? ended.stderr).trim().split("\n").at(-1)}\n`,
  );
  return undefined;
}

const asked = process.argv.slice(2);
const results = existsSync(kept) ? JSON.parse(readFileSync(kept, "utf8")) : {};
for (const set of sets) {
  if (asked.length > 0 && !asked.includes(set.name)) continue;
  const missing = set.files.find((file) => !existsSync(join(data, file)));
  if (missing !== undefined) {
    process.stderr.write(`${set.name} is left out: there is no ${missing}\n`);
    continue;
  }
  const runs = [];
  for (const seed of seeds) {
    const folder = mkdtempSync(join(tmpdir(), "noron-accuracy-"));
    const noron = trainNoron(set, seed, folder);
    const peer = await trainPeer(set, seed, folder);
    rmSync(folder, { recursive: true });
    runs.push({ noron, peer });
    process.stderr.write(`${set.name}, seed ${seed}: ${JSON.stringify({ noron, peer: peer?.scores })}\n`);
  }
  results[set.name] = runs;
}
writeFileSync(kept, `${JSON.stringify(results, null, 1)}\n`);
const { text, missed } = accuracyReport(
  sets.flatMap((set) => (set.name in results ? [{ ...set, runs: results[set.name] }] : [])),
);
process.stdout.write(text);
writeFileSync(report, text);
process.exitCode = missed ? 1 : 0;
