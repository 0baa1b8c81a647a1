// A process that shares steps among two threads, for threads.test.ts: `work` does just that, in `fail` the second
// thread fails in the middle of a step, in `end` it ends between two steps.
import { setTimeout as sleep } from "node:timers/promises";
import workerThreads, { Worker } from "node:worker_threads";
import { compile, randn, setThreads } from "../dist/index.js";

const what = process.argv[2];
const workers = [];
const builtin = process.getBuiltinModule.bind(process);

class Watched extends Worker {
  constructor(source, options) {
    // The tenth shared run throws.
    const text = source.replace("lastRun = run;", "lastRun = run; if (run === 10) null.fails;");
    if (text === source) throw new Error("the worker's text is another one now");
    super(what === "fail" ? text : source, options);
    workers.push(this);
  }
}
process.getBuiltinModule = (name) =>
  name === "node:worker_threads" ? { ...workerThreads, Worker: Watched } : builtin(name);

setThreads(2);
const [a, b] = [randn([384, 384]), randn([384, 384])];
const product = compile((x, y) => x.matmul(y));
const expected = product(a, b).dataSync();
try {
  while (workers.length === 0) product(a, b);
  await sleep(300);
  // On a busy machine threads take part in few runs.
  const end = Date.now() + (what === "fail" ? 20_000 : 200);
  while (Date.now() < end) {
    product(a, b);
    await sleep(1);
  }
  if (what === "work") console.log(`shared by ${1 + workers.length}`);
} catch (error) {
  console.log(String(error));
}
if (what === "end") {
  await workers[0].terminate();
  await sleep(50);
}
if (what !== "work") {
  const again = product(a, b).dataSync();
  console.log(`then alone: ${again.every((value, at) => value === expected[at]) ? "same" : "other"}`);
}
