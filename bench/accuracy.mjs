// Trains with the command's default options on each data set, with seeds 0 to 4, and prints the test scores' means beside
// what they must reach. Build first (npm run build). Usage: node bench/accuracy.mjs [name …]
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const data = fileURLToPath(new URL("../../shared/data/", import.meta.url));
const command = fileURLToPath(new URL("../packages/noron/bin/noron.js", import.meta.url));
const seeds = [0, 1, 2, 3, 4];

const sets = [
  {
    name: "penguins",
    args: [`${data}penguins.csv`, "--target", "species"],
    score: "accuracy",
    of: ({ test }) => test.accuracy,
    reached: (mean) => mean >= 0.97,
    goal: "≥ 0.97",
  },
  {
    name: "mpg",
    args: [`${data}mpg.csv`, "--target", "mpg"],
    score: "RMSE / baseline's",
    of: ({ test, testBaseline }) => test.rmse / testBaseline.rmse,
    reached: (mean) => mean <= 0.5,
    goal: "≤ 0.5",
  },
  {
    name: "diamonds",
    args: [`${data}diamonds.csv.gz`, "--target", "price"],
    score: "R²",
    of: ({ test }) => test.r2,
    reached: (mean) => mean >= 0.97,
    goal: "≥ 0.97",
  },
  {
    name: "mnist",
    args: [`${data}t10k-images-idx3-ubyte.gz`, `${data}t10k-labels-idx1-ubyte.gz`],
    score: "accuracy",
    of: ({ test }) => test.accuracy,
    reached: (mean) => mean >= 0.95,
    goal: "≥ 0.95",
  },
  {
    name: "digits",
    args: [],
    score: "accuracy",
    of: ({ test }) => test.accuracy,
    reached: (mean) => mean >= 0.97,
    goal: "≥ 0.97",
  },
];

const asked = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "noron-accuracy-"));
console.log("| data | score | goal | mean | worst and best of 5 seeds | epochs | seconds a run |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
let failed = false;
for (const { name, args, score, of, reached, goal } of sets) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const missing = args.find((arg) => arg.startsWith(data) && !existsSync(arg));
  if (missing !== undefined) {
    console.log(`| ${name} | skipped: there is no ${missing} |`);
    continue;
  }
  const runs = seeds.map((seed) => {
    const start = performance.now();
    const out = join(folder, `${name}-${seed}`);
    const all = ["train", ...args, "--seed", String(seed), "--log", "json", "--out", out];
    const lines = execFileSync(process.execPath, [command, ...all], { encoding: "utf8", maxBuffer: 2 ** 28 });
    const result = lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .find(({ event }) => event === "result");
    return { score: of(result), epochs: result.epochs, seconds: (performance.now() - start) / 1000 };
  });
  const mean = (key) => runs.reduce((sum, run) => sum + run[key], 0) / runs.length;
  const scores = runs.map((run) => run.score).sort((a, b) => a - b);
  const good = reached(mean("score"));
  failed ||= !good;
  const range = `${scores[0].toFixed(4)} to ${scores.at(-1).toFixed(4)}`;
  const numbers = `${mean("score").toFixed(4)}${good ? "" : " (missed)"} | ${range}`;
  console.log(`| ${name} | ${score} | ${goal} | ${numbers} | ${mean("epochs")} | ${mean("seconds").toFixed(1)} |`);
}
rmSync(folder, { recursive: true });
process.exitCode = failed ? 1 : 0;
