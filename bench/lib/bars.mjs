/**
 * Where noron must stand, as ratios within one run: by medians, which decide, and by the least times, which on a busy
 * machine are nearer to what a quiet one gives. Null where nothing was measured.
 *
 * @typedef {{ work: string, bar: string, value: number | null, byLeast: number | null, holds: boolean | null, note?: string }} Bar
 */

import { pairedRatio } from "./statistics.mjs";

const SCRIPT_PEERS = ["tfjs-wasm", "tfjs-cpu", "jax-js"];

/**
 * @param {{ task: string, contenders: Record<string, { times: number[], median: number, min: number, rate: number }> }[]} results
 * @param {{ batch: number, bytesMoved: number, least: number }[]} traffic
 * @returns {Bar[]}
 */
export function bars(results, traffic) {
  const find = (task) => results.find((result) => result.task === task)?.contenders;
  /** How many times as fast as the fastest of some others noron is. */
  const against = (task, ids, own = "noron") => {
    const contenders = find(task);
    const others = ids.map((id) => contenders?.[id]).filter((other) => other !== undefined);
    if (contenders?.[own] === undefined || others.length === 0) return null;
    const fastest = others.reduce((best, other) => (other.median < best.median ? other : best));
    const value = pairedRatio(contenders[own].times, fastest.times);
    return { value, byLeast: Math.min(...fastest.times) / Math.min(...contenders[own].times) };
  };
  const list = [];
  const least = (work, bar, measured, floor, note) => {
    const { value = null, byLeast = null } = measured ?? {};
    const holds = value === null ? null : value >= floor;
    list.push({ work, bar, value, byLeast, holds, ...(note === undefined ? {} : { note }) });
  };

  for (const size of [512, 1024]) {
    const work = `product ${size}³, wasm, one thread`;
    least(work, "≥ 0.48 × OpenBLAS, one thread", against(`product ${size}`, ["openblas-1"]), 0.48);
    least(work, "≥ 1.7 × every JavaScript or wasm peer", against(`product ${size}`, SCRIPT_PEERS), 1.7);
  }
  for (const size of [512, 1024]) {
    const work = `product ${size}³`;
    const task = `product ${size}`;
    least(`${work}, wasm, two threads`, "≥ 1.8 × one thread", against(task, ["noron"], "noron-2"), 1.8);
    const blas = `${work}, with BLAS, two threads`;
    least(blas, "≥ 0.95 × OpenBLAS called directly", against(task, ["openblas-2"], "noron-blas-2"), 0.95);
    least(blas, "≥ 1.5 × onnxruntime-node", against(task, ["onnxruntime-1", "onnxruntime-2"], "noron-blas-2"), 1.5);
  }
  const even = find("product 512")?.noron;
  const odd = find("product 511")?.noron;
  const rates =
    even && odd
      ? {
          value: odd.rate / even.rate,
          byLeast: (odd.rate * odd.median) / odd.min / ((even.rate * even.median) / even.min),
        }
      : null;
  least("product 511³", "rate ≥ 0.95 × that of 512³", rates, 0.95);
  for (const batch of [64, 512]) {
    const task = `mlp ${batch} compiled`;
    const work = `MLP step, batch ${batch}, compiled, two threads`;
    const pytorch = ["pytorch-1", "pytorch-2"];
    least(work, "≥ 1.3 × PyTorch's best", against(task, pytorch, "noron-2"), 1.3);
    least(`${work}, with BLAS`, "≥ 2 × PyTorch's best", against(task, pytorch, "noron-blas-2"), 2);
    least(work, "≥ 5 × tfjs-wasm", against(task, ["tfjs-wasm"], "noron-2"), 5);
    least(work, "≥ 4 × jax-js", against(task, ["jax-js"], "noron-2"), 4);
  }
  for (const batch of [64, 512]) {
    const row = traffic.find((each) => each.batch === batch);
    const value = row === undefined ? null : row.bytesMoved / row.least;
    const holds = value === null ? null : value <= 1.5;
    list.push({
      work: `MLP step, batch ${batch}, bytes moved`,
      bar: "≤ 1.5 × the fewest",
      value,
      byLeast: null,
      holds,
    });
  }
  const loaded = against("mlp 64 compiled loaded", ["noron"], "noron-2");
  least("MLP step on a loaded machine, two threads", "≥ 0.77 × one thread", loaded, 1 / 1.3);
  const both = ["pytorch-1", "pytorch-2"];
  least("tiny network, compiled step", "≥ 15 × PyTorch's eager best", against("tiny compiled", both), 15);
  least("tiny network, ordinary loop", "≥ 3 × PyTorch's eager best", against("tiny ordinary", both), 3);
  for (const chain of ["affine", "six", "axpy"])
    least(
      `${chain} on 16 million floats`,
      "≥ 0.8 × a plain copy's bandwidth",
      against(`chain ${chain}`, ["copy"]),
      0.8,
    );
  least("import and first MLP step", "≥ 2 × jax-js (half its time)", against("first total", ["jax-js"]), 2);
  return list;
}
