// What a table costs that does not fit into memory: makes one of five million rows and twenty columns (or as many rows as
// --rows says), inspects it, trains on it, measures and predicts it, reports the run and explains a row, each in a process of
// its own, and writes docs/large.md.
//
//   node bench/large-csv.mjs [--rows 5000000] [--epochs 1] [--keep] [--print]
//
// --keep leaves the file where it is, for the next time; --print writes no document.
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: asked } = parseArgs({
  options: {
    rows: { type: "string", default: "5000000" },
    epochs: { type: "string", default: "1" },
    keep: { type: "boolean", default: false },
    print: { type: "boolean", default: false },
  },
});
const rows = Number(asked.rows);
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "bench", ".large");
const data = join(folder, `rows-${rows}.csv`);
const command = join(root, "packages", "noron", "bin", "noron.js");

/** A generator of numbers from 0 to 1 (mulberry32), so that the file is the same each time. */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Twelve columns of numbers, five of categories, yes or no, a date, and the class that follows from some of them. */
function makeTable(path) {
  const random = makeRandom(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const pick = (count) => Math.floor(random() * random() * count);
  const names = [
    ...Array.from({ length: 9 }, (_, index) => `number${index + 1}`),
    "count",
    "amount",
    "score",
    "colour",
    "city",
    "product",
    "customer",
    "channel",
    "member",
    "day",
    "class",
  ];
  const colours = ["red", "green", "blue", "black", "white"];
  const channels = ["web", "shop", "phone", "partner"];
  const file = openSync(path, "w");
  writeSync(file, `${names.join(",")}\n`);
  let lines = [];
  for (let row = 0; row < rows; row++) {
    const numbers = Array.from({ length: 9 }, normal);
    const [count, amount, score] = [Math.floor(random() * 50), Math.exp(2 + 1.5 * normal()), random()];
    const colour = Math.floor(random() * colours.length);
    const city = pick(200);
    const member = random() < 0.4;
    const signal =
      numbers[0] - numbers[1] * numbers[2] + (colour === 2 ? 1 : 0) + (member ? 0.7 : -0.3) + (city % 3) * 0.5;
    const kind = signal > 1.2 ? "high" : signal > -0.5 ? "middle" : "low";
    const cells = numbers.map((value) => (random() < 0.02 ? "" : value.toFixed(4)));
    const date = new Date(1.5e12 + Math.floor(random() * 2000) * 86_400_000).toISOString().slice(0, 10);
    cells.push(String(count), amount.toFixed(2), random() < 0.1 ? "NA" : score.toFixed(5));
    cells.push(
      random() < 0.01 ? "" : colours[colour],
      `city-${city}`,
      `product-${pick(3000)}`,
      `c${Math.floor(random() * rows)}`,
    );
    cells.push(channels[pick(4)], member ? "yes" : "no", date, kind);
    lines.push(cells.join(","));
    if (lines.length === 10_000 || row === rows - 1) {
      writeSync(file, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  closeSync(file);
}

/** Runs the command and gives the events of its --log json, its seconds, and its peak of resident memory in bytes. */
function run(args) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [command, ...args], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    let peak = 0;
    const look = () => {
      try {
        peak =
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) * 1024 || peak;
      } catch {
        // It has ended, or this is no Linux.
      }
    };
    const looking = setInterval(look, 50);
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(looking);
      if (code !== 0) reject(new Error(`noron ${args.join(" ")} ended with ${code}`));
      const events = text
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line));
      resolve({ events, seconds: (performance.now() - start) / 1000, peak });
    });
  });
}

mkdirSync(folder, { recursive: true });
if (!existsSync(data)) makeTable(data);
const bytes = statSync(data).size;
rmSync(join(folder, "run"), { recursive: true, force: true });

const inspected = await run(["inspect", data, "-t", "class", "--stream", "--log", "json"]);
const trained = await run([
  "train",
  data,
  "-t",
  "class",
  "--stream",
  "--epochs",
  asked.epochs,
  "--batch",
  "1024",
  "--out",
  "run",
  "--log",
  "json",
]);
const evaluated = await run(["evaluate", "run", data, "--stream", "--log", "json"]);
const predicted = await run(["predict", "run", data, "--stream", "--out", "predictions.csv"]);
const reported = await run(["report", "run", "--stream", "--log", "json"]);
const explained = await run(["explain", "run", "--row", String(Math.floor(rows * 0.8)), "--stream", "--log", "json"]);
const find = (name) => trained.events.filter(({ event }) => event === name);
const stages = Object.fromEntries(find("reading").map(({ stage, seconds }) => [stage, seconds]));
const [{ split }] = find("data");
const epochs = find("epoch");
const [result] = find("result");
const read = stages.inspected + stages.scanned + stages.stored + stages["laid-out"];
const training = (trained.seconds - read) / epochs.length;

const whole = (value) => Math.round(value).toLocaleString("en-US");
const time = (value) => `${value.toFixed(value < 10 ? 1 : 0)} s`;
const mib = (value) => `${whole(value / 2 ** 20)} MiB`;
const line = (what, seconds, count) => `| ${what} | ${time(seconds)} | ${whole(count / seconds)} |`;
const report = `# Tables larger than memory

Written by \`node bench/large-csv.mjs\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores, ${cpus()[0].model.trim()},
${mib(totalmem())} of memory, Node ${process.versions.node}. The table has ${whole(rows)} rows and 20 columns (12 of numbers, 5 of categories, of which
one has as many texts as rows and one 3,000, a date, yes or no, and the class), cells missing in 11 of them: ${mib(bytes)} of CSV.

| \`noron train --stream\` | time | rows a second |
| --- | ---: | ---: |
${line("look at the bytes: hash and encoding", stages.inspected, rows)}
${line("first pass: types, statistics, categories, classes", stages.scanned, rows)}
${line("second pass: cells as numbers in a file", stages.stored, rows)}
${line("fit, and lay out as rows", stages["laid-out"], rows)}
${line(`an epoch: ${whole(split.training)} rows trained on in batches of 1,024, ${whole(split.validation)} to choose the epoch`, training, split.training + split.validation)}

| command | time | peak of resident memory |
| --- | ---: | ---: |
| \`inspect --stream\` | ${time(inspected.seconds)} | ${mib(inspected.peak)} |
| \`train --stream\`, ${epochs.length} epoch${epochs.length === 1 ? "" : "s"} | ${time(trained.seconds)} | ${mib(trained.peak)} |
| \`evaluate --stream\` | ${time(evaluated.seconds)} | ${mib(evaluated.peak)} |
| \`predict --stream --out\` | ${time(predicted.seconds)} | ${mib(predicted.peak)} |
| \`report --stream\` | ${time(reported.seconds)} | ${mib(reported.peak)} |
| \`explain --stream --row\` | ${time(explained.seconds)} | ${mib(explained.peak)} |

On ${whole(split.test)} rows not trained on the accuracy is ${result.test.accuracy.toFixed(4)}, and that of the commonest class ${result.testBaseline.accuracy.toFixed(4)}.
`;
if (asked.print) console.log(report);
else {
  const path = join(root, "docs", "large.md");
  const rest = existsSync(path) ? readFileSync(path, "utf8").split("\n## ").slice(1) : [];
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, [report, ...rest.map((section) => `## ${section}`)].join("\n"));
  console.log(`written to ${path}`);
}
if (!asked.keep) rmSync(folder, { recursive: true });
