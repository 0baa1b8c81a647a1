/**
 * The benchmark: noron and its peers, interleaved, in one run.
 *
 *     node bench/run.mjs [--quick] [--only TEXT]…
 *
 * --quick  fewer sizes and rounds, under two minutes
 * --only   tasks and groups whose name contains TEXT (squares, shapes, chains, mlp, loaded, tiny, first, traffic, memory,
 *         sizes)
 *
 * Writes bench/results.json, and after a whole run docs/benchmarks.md.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bars } from "./lib/bars.mjs";
import { definitions } from "./lib/contenders.mjs";
import { installNoron } from "./lib/install.mjs";
import { measureFirstStep, measureGroup, measureMemory, measureTraffic } from "./lib/measure.mjs";
import { toMarkdown, toText } from "./lib/report.mjs";
import { installedSizes } from "./lib/sizes.mjs";
import { allTasks } from "./lib/work.mjs";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string", multiple: true } },
});
const settings = flags.quick
  ? { rounds: 5, slice: 25, warmUp: 120, starts: 2, seconds: 2 }
  : { rounds: 9, slice: 50, warmUp: 350, starts: 7, seconds: 6 };
settings.cores = os.availableParallelism();

const say = (text) => process.stderr.write(`${text}\n`);
installNoron();
const versions = {};
const absent = {};
const notes = { versions, absent, say };
const load = os.loadavg();
const wanted = (...names) =>
  flags.only === undefined || flags.only.some((text) => names.some((name) => name.includes(text)));

const all = allTasks();
const tasks = all.filter((task) => (task.quick || !flags.quick) && wanted(task.id, task.group));
const results = [];
for (const group of new Set(tasks.map((task) => task.group))) {
  say(group);
  const own = tasks.filter((task) => task.group === group);
  results.push(...(await measureGroup(own, definitions, settings, notes)));
}

const step = all.find(({ id }) => id === "mlp 64 ordinary");
const libraries = definitions.filter(({ id }) => ["noron", "pytorch-1", "tfjs-wasm", "jax-js"].includes(id));
if (wanted("first")) {
  say("first");
  results.push(...(await measureFirstStep(libraries, step, settings.starts, notes)));
}
let traffic = [];
if (wanted("traffic")) {
  say("traffic");
  const steps = all.filter(({ id }) => id === "mlp 64 ordinary" || id === "mlp 512 ordinary");
  traffic = await measureTraffic(libraries[0], steps, notes);
}
let memory = [];
if (wanted("memory")) {
  say("memory");
  memory = await measureMemory(libraries, step, settings.seconds, notes);
}
const sizes = wanted("sizes") ? installedSizes() : [];

const report = {
  date: new Date().toISOString().slice(0, 10),
  machine: {
    model: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: settings.cores,
    memory: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}`,
    load: load.map((value) => value.toFixed(2)).join(", "),
  },
  node: process.versions.node,
  settings,
  versions,
  absent,
  bars: bars(results, traffic),
  results,
  traffic,
  memory,
  sizes,
};
process.stdout.write(`${toText(report)}\n`);
const place = (path) => fileURLToPath(new URL(path, import.meta.url));
if (flags.only === undefined) {
  writeFileSync(place("results.json"), `${JSON.stringify(report, null, 2)}\n`);
  // As the repository's formatter writes it, where that is installed.
  spawnSync(place("../node_modules/.bin/biome"), ["format", "--write", place("results.json")]);
  writeFileSync(place("../docs/benchmarks.md"), toMarkdown(report));
  say(`\nwritten: bench/results.json and docs/benchmarks.md`);
} else say("\nA part alone leaves bench/results.json and docs/benchmarks.md as they are.");
