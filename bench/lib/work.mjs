import { numbers, places } from "./numbers.mjs";

/**
 * What is measured. A task is plain data, sent to every contender; one that cannot do it says so by making nothing.
 *
 * @typedef {object} Task
 * @property {string} id
 * @property {string} group
 * @property {"product" | "chain" | "mlp" | "tiny"} kind
 * @property {string} title
 * @property {boolean} quick Whether it is part of the short run.
 * @property {number} [m]
 * @property {number} [k]
 * @property {number} [n]
 * @property {boolean} [transposeA] A is stored as [k, m].
 * @property {boolean} [transposeB] B is stored as [n, k].
 * @property {string} [chain]
 * @property {number} [size]
 * @property {number} [batch]
 * @property {"ordinary" | "read first" | "compiled"} [loop]
 * @property {boolean} [loaded] Another program keeps every core busy.
 * @property {number} amount Work of one run, in units.
 * @property {string} unit What `amount` a second is.
 */

export const CHAIN_SIZE = 2 ** 24;
const ROW = 1024;

/** Elementwise and reduction chains; `streams` is how many arrays must at least be read or written. */
export const chains = {
  affine: { title: "relu(2x + 1)", streams: 2 },
  six: { title: "sqrt(abs(relu(2x + 1) - x)), 6 operations", streams: 2 },
  axpy: { title: "a + 0.5 b", streams: 3 },
  sum: { title: "sum(x)", streams: 1 },
  spread: { title: "mean((x - 0.25)²)", streams: 1 },
  softmax: { title: `softmax of rows of ${ROW}`, streams: 2 },
};

/**
 * @param {string} id
 * @param {string} group
 * @param {[m: number, k: number, n: number]} extents
 * @param {Partial<Task>} more
 * @returns {Task}
 */
function product(id, group, [m, k, n], more = {}) {
  const quick = false;
  const title = id;
  return { id, group, kind: "product", title, quick, m, k, n, amount: (2 * m * k * n) / 1e9, unit: "GFLOP/s", ...more };
}

/** @returns {Task[]} */
export function allTasks() {
  const tasks = [];
  for (const size of [64, 127, 128, 256, 509, 511, 512, 1024])
    tasks.push(
      product(`product ${size}`, "squares", [size, size, size], {
        quick: [64, 511, 512].includes(size),
        title: `${size}³`,
      }),
    );
  for (const batch of [64, 512]) {
    const quick = batch === 64;
    const shapes = [
      { name: "forward 1", extents: [batch, 784, 128], title: "x W₁ᵀ", transposeB: true, quick },
      { name: "forward 2", extents: [batch, 128, 10], title: "h W₂ᵀ", transposeB: true, quick },
      { name: "weights 2", extents: [10, batch, 128], title: "dyᵀ h", transposeA: true },
      { name: "hidden", extents: [batch, 10, 128], title: "dy W₂" },
      { name: "weights 1", extents: [128, batch, 784], title: "dzᵀ x", transposeA: true, quick },
    ];
    for (const { name, extents, title, ...more } of shapes) {
      const [m, k, n] = extents;
      const whole = `batch ${batch}: ${title} (${m}×${k} · ${k}×${n})`;
      tasks.push(product(`mlp product ${batch} ${name}`, "shapes", [m, k, n], { ...more, title: whole }));
    }
  }
  for (const [chain, { title, streams }] of Object.entries(chains))
    tasks.push({
      id: `chain ${chain}`,
      group: "chains",
      kind: "chain",
      title,
      quick: chain === "six" || chain === "sum",
      chain,
      size: CHAIN_SIZE,
      amount: (streams * 4 * CHAIN_SIZE) / 1e9,
      unit: "GB/s",
    });
  const step = { group: "mlp", kind: "mlp", amount: 1, unit: "steps/s" };
  for (const batch of [1, 64, 512])
    for (const loop of ["ordinary", "read first", "compiled"])
      tasks.push({
        ...step,
        id: `mlp ${batch} ${loop}`,
        title: `batch ${batch}, ${LOOPS[loop]}`,
        quick: batch === 64,
        batch,
        loop,
      });
  for (const loop of ["ordinary", "compiled"])
    tasks.push({
      ...step,
      id: `mlp 64 ${loop} loaded`,
      group: "loaded",
      title: `batch 64, ${LOOPS[loop]}, every core busy with another program`,
      quick: false,
      batch: 64,
      loop,
      loaded: true,
    });
  for (const loop of ["ordinary", "compiled"])
    tasks.push({ ...step, id: `tiny ${loop}`, group: "tiny", kind: "tiny", title: LOOPS[loop], quick: true, loop });
  return tasks;
}

const LOOPS = {
  ordinary: "ordinary loop",
  "read first": "loss read before backward",
  compiled: "compiled step",
};

/**
 * What the results must be, computed here in double precision, and how far off they may be; null where contenders are
 * compared with each other instead.
 * @param {Task} task
 * @returns {{ values: number[], tolerance: number } | null}
 */
export function expected(task) {
  if (task.kind === "product") return { values: expectedProduct(task), tolerance: 2e-6 * Math.sqrt(task.k) };
  if (task.kind === "chain") return { values: expectedChain(task), tolerance: 2e-5 };
  return null;
}

function expectedProduct({ m, k, n, transposeA = false, transposeB = false }) {
  const a = numbers(1, m * k);
  const b = numbers(2, k * n);
  return places(m * n).map((place) => {
    const row = Math.floor(place / n);
    const column = place % n;
    let sum = 0;
    for (let inner = 0; inner < k; inner++)
      sum +=
        a[transposeA ? inner * m + row : row * k + inner] * b[transposeB ? column * k + inner : inner * n + column];
    return sum;
  });
}

function expectedChain({ chain, size }) {
  const x = numbers(3, size);
  if (chain === "sum" || chain === "spread") {
    let sum = 0;
    for (const value of x) sum += chain === "sum" ? value : (value - 0.25) ** 2;
    // A sum of positive and negative numbers near zero: as a mean, so that one tolerance fits.
    return [sum / size];
  }
  if (chain === "axpy") {
    const b = numbers(4, size);
    return places(size).map((place) => x[place] + 0.5 * b[place]);
  }
  if (chain === "softmax") {
    return places(size).map((place) => {
      const start = place - (place % ROW);
      let total = 0;
      for (let index = start; index < start + ROW; index++) total += Math.exp(x[index]);
      return Math.exp(x[place]) / total;
    });
  }
  const affine = (value) => Math.max(0, 2 * value + 1);
  if (chain === "affine") return places(size).map((place) => affine(x[place]));
  return places(size).map((place) => Math.sqrt(Math.abs(affine(x[place]) - x[place])));
}

export { ROW };
