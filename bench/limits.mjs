/**
 * What the machine allows, beside what noron takes: `node bench/limits.mjs`, 40 seconds (after `npm ci --prefix bench`).
 *
 * WebAssembly has vectors of 128 bits. Small loops of them, written here byte by byte and not by noron, measure how many
 * fused multiply-adds, square roots and bytes copied there can be in a second; the least time of a task follows from how
 * many of these it needs.
 */
import os from "node:os";
import { setFlagsFromString } from "node:v8";
import { installNoron } from "./lib/install.mjs";
import { allTasks, CHAIN_SIZE } from "./lib/work.mjs";

// Node 20 has relaxed SIMD behind a flag; later ones know the flag no more.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

const [GET, SET, TEE, LOOP, END, BRANCH_IF] = [0x20, 0x21, 0x22, 0x03, 0x0b, 0x0d];
const [I32, V128, EMPTY] = [0x7f, 0x7b, 0x40];
const ADD_I32 = 0x6a;
const SIMD = { madd: [0x85, 0x02], sqrt: [0xe3, 0x01], add: [0xe4, 0x01] };
const simd = (name) => [0xfd, ...SIMD[name]];

const unsigned = (value) => {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
};
const section = (id, content) => [id, ...unsigned(content.length), ...content];

/**
 * run(turns): a loop over a body of instructions. Local 0 counts down, 1 is a sum, and from 2 on lie `vectors` vectors
 * that begin as 1.
 */
function compile(vectors, body) {
  const one = [0xfd, 0x0c, ...new Uint8Array(new Float32Array(4).fill(1).buffer)];
  const code = [
    ...Array.from({ length: vectors }, (_, which) => [...one, SET, 2 + which]).flat(),
    ...[LOOP, EMPTY, ...body, GET, 0, 0x41, 0x7f, ADD_I32, TEE, 0, BRANCH_IF, 0, END],
    // The results are used, so that no engine leaves them out.
    ...Array.from({ length: vectors }, (_, which) => [GET, 2 + which, ...(which > 0 ? simd("add") : [])]).flat(),
    ...(vectors > 0 ? [0xfd, 0x1b, 0] : [0x41, 0]),
    ...[GET, 1, ADD_I32, END],
  ];
  const locals = [2, 1, I32, ...unsigned(vectors), V128];
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, I32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, 0x72, 0x75, 0x6e, 0, 0]),
    ...section(10, [1, ...unsigned(locals.length + code.length), ...locals, ...code]),
  ];
  return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports.run;
}

/** Seconds of the fastest of many calls. */
function least(run, calls = 60) {
  for (let call = 0; call < 30; call++) run();
  let best = Number.POSITIVE_INFINITY;
  for (let call = 0; call < calls; call++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

/** Seconds that one of a body's operations takes, where `count` of them make a turn. */
function secondsEach(vectors, count, body) {
  const turns = 20_000;
  const run = compile(vectors, body);
  return least(() => run(turns)) / (turns * count);
}

const each = (count, vectors, make) => Array.from({ length: count }, (_, index) => make(2 + (index % vectors))).flat();
// With 12 sums no addition waits for the one before; with 8 the processor's delay of 4 cycles shows.
const madd = (sums) =>
  secondsEach(
    sums + 1,
    4 * sums,
    each(4 * sums, sums, (sum) => [GET, 2 + sums, GET, 2 + sums, GET, sum, ...simd("madd"), SET, sum]),
  );
const clock = 1 / secondsEach(0, 16, Array.from({ length: 16 }, () => [GET, 1, GET, 0, ADD_I32, SET, 1]).flat());
const multiplyAdd = madd(12);
const eightSums = madd(8);
const sqrt = secondsEach(
  8,
  32,
  each(32, 8, (vector) => [GET, vector, ...simd("sqrt"), SET, vector]),
);
const [from, to] = [new Float32Array(CHAIN_SIZE).fill(1), new Float32Array(CHAIN_SIZE)];
const copy = least(() => to.set(from), 30);

const say = (text) => process.stdout.write(`${text}\n`);
const cycles = (seconds) => `${(seconds * clock).toFixed(2)} cycles`;
const flops = (seconds) => `${(8 / seconds / 1e9).toFixed(1)} GFLOP/s`;
say(`${os.cpus()[0]?.model.trim()}, Node ${process.versions.node}, ${os.availableParallelism()} cores`);
say(`clock                        ${(clock / 1e9).toFixed(2)} GHz (a chain of additions)`);
say(`multiply-add of 4 lanes      ${cycles(multiplyAdd)}: ${flops(multiplyAdd)} a thread`);
say(`the same with 8 sums         ${cycles(eightSums)}: ${flops(eightSums)}`);
say(`square root of 4 lanes       ${cycles(sqrt)}`);
say(
  `copy of ${CHAIN_SIZE / 2 ** 20} Mi floats        ${(copy * 1000).toFixed(2)} ms, ${((8 * CHAIN_SIZE) / copy / 1e9).toFixed(1)} GB/s read and written`,
);

installNoron();
const { open } = await import("./peers/noron.mjs");
const tasks = allTasks();

/** Milliseconds of noron's fastest run of a task. */
async function noron(id, threads, backend) {
  const made = (await open({ threads, backend })).make(tasks.find((task) => task.id === id));
  const end = performance.now() + 1500;
  while (performance.now() < end) await made.run(1);
  let best = Number.POSITIVE_INFINITY;
  const stop = performance.now() + 1000;
  while (performance.now() < stop) {
    const start = performance.now();
    await made.run(1);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Seconds of OpenBLAS's product of so many rows by 512 and 512 by 512, or another, on one thread; null where it is not installed. */
async function openblas(rows, shape = {}) {
  try {
    const { open } = await import("./peers/openblas.mjs");
    const made = (await open({ threads: 1 })).make({ kind: "product", m: rows, k: 512, n: 512, ...shape });
    const time = least(() => made.run(1));
    made.dispose();
    return time;
  } catch {
    return null;
  }
}

const rows = [];
const whole = await openblas(512);
if (whole !== null) {
  say(`OpenBLAS, one thread, 512³    ${((2 * 512 ** 3) / whole / 1e9).toFixed(0)} GFLOP/s`);
  for (const pieces of [2, 4, 8]) {
    const more = (pieces * (await openblas(512 / pieces))) / whole - 1;
    say(`the same in ${pieces} pieces         ${(100 * more).toFixed(0)} % more time`);
  }
  // Each of two threads does half of the first layer's product, and half of its gradient. Before the others: they are
  // those of an installation without BLAS.
  for (const batch of [64, 512]) {
    const forward = await openblas(batch / 2, { k: 784, n: 128, transposeB: true });
    const gradient = await openblas(128, { k: batch, n: 392, transposeA: true });
    rows.push([`mlp ${batch} compiled`, 2, forward + gradient, "two large products by BLAS", "blas"]);
  }
}

const vectors = CHAIN_SIZE / 4;
const products = (batch) => batch * (2 * 784 * 128 + 3 * 128 * 10);
rows.push(
  ["product 64", 1, (64 ** 3 / 4) * multiplyAdd, "multiply-adds"],
  ["product 512", 1, (512 ** 3 / 4) * multiplyAdd, "multiply-adds"],
  ["product 512", 2, (512 ** 3 / 8) * multiplyAdd, "multiply-adds"],
  ["product 1024", 1, (1024 ** 3 / 4) * multiplyAdd, "multiply-adds"],
  ["mlp 64 compiled", 2, (products(64) / 8) * multiplyAdd, "multiply-adds of the five products"],
  ["mlp 512 compiled", 2, (products(512) / 8) * multiplyAdd, "multiply-adds of the five products"],
  ["chain affine", 1, copy, "a plain copy"],
  ["chain six", 1, Math.max(copy, vectors * sqrt), vectors * sqrt > copy ? "square roots" : "a plain copy"],
);
const format = (milliseconds) =>
  milliseconds < 1 ? `${(milliseconds * 1000).toPrecision(3)} µs` : `${milliseconds.toFixed(2)} ms`;
say("\ntask              threads  the least  noron takes  of the limit  what limits it");
for (const [id, threads, seconds, why, backend] of rows) {
  const took = await noron(id, threads, backend);
  const part = `${((seconds * 1e5) / took).toFixed(0)} %`;
  say(
    `${id.padEnd(17)} ${String(threads).padEnd(7)} ${format(seconds * 1000).padStart(10)} ${format(took).padStart(12)} ` +
      `${part.padStart(13)}  ${why}`,
  );
}
