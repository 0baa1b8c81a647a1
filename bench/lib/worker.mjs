/**
 * The process that one contender runs in. It is told, by lines of JSON, what to prepare and how often to run it, and
 * answers with times. Its own work lies outside the clock.
 *
 *     node worker.mjs peers/NAME.mjs OPTIONS
 */
import { createInterface } from "node:readline";
import { forgetNumbers, mlp } from "./numbers.mjs";

const [, , path, options = "{}"] = process.argv;
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
// What a library prints must not come between the answers.
console.log = console.info = console.warn = console.debug = () => {};

let peer = null;
let task = null;

const commands = {
  async open() {
    peer = await (await import(path)).open(JSON.parse(options));
    return { version: peer.version };
  },
  async prepare({ task: wanted }) {
    await task?.dispose?.();
    task = null;
    task = await peer.make(wanted);
    if (task === null) return { skipped: true };
    const values = await task.check();
    forgetNumbers();
    return { values: values === null ? null : Array.from(values, Number) };
  },
  async run({ count }) {
    const start = performance.now();
    await task.run(count);
    return { ms: performance.now() - start };
  },
  /** From the first byte of the library to the first loss, the numbers to work on made before. */
  async first({ task: wanted }) {
    mlp.weights();
    for (let which = 0; which < mlp.batches; which++) mlp.batch(wanted.batch, which);
    const start = performance.now();
    peer = await (await import(path)).open(JSON.parse(options));
    const imported = performance.now();
    task = await peer.make(wanted);
    if (task === null) return { skipped: true };
    await task.run(1);
    return { import: imported - start, total: performance.now() - start, version: peer.version };
  },
  traffic({ task: wanted }) {
    return peer.traffic(wanted);
  },
  memory() {
    return { rss: process.memoryUsage().rss };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const { command, ...message } = JSON.parse(line);
    answer(await commands[command](message));
  } catch (error) {
    answer({ error: String(error?.stack ?? error) });
  }
}
process.exit(0);
