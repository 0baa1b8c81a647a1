import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const PYTHON = process.env.NORON_BENCH_PYTHON ?? "/usr/bin/python3";

/**
 * Who takes part.
 *
 * @typedef {object} Definition
 * @property {string} id
 * @property {string} label
 * @property {string} peer
 * @property {Record<string, unknown>} [options]
 * @property {(task: import("./work.mjs").Task) => boolean} [takes] Which tasks it is asked; all unless said.
 */

const large = ({ kind, m, k, n }) => kind === "product" && m * k * n >= 512 ** 3;

/** @type {Definition[]} */
export const definitions = [
  { id: "noron", label: "noron, wasm", peer: "noron.mjs", options: { backend: "wasm", threads: 1 } },
  {
    id: "noron-2",
    label: "noron, wasm, 2 threads",
    peer: "noron.mjs",
    options: { backend: "wasm", threads: 2 },
    takes: ({ kind }) => kind !== "tiny",
  },
  {
    id: "noron-blas",
    label: "noron with BLAS",
    peer: "noron.mjs",
    options: { backend: "blas", threads: 1 },
    takes: ({ kind }) => kind === "product" || kind === "mlp",
  },
  {
    id: "noron-blas-2",
    label: "noron with BLAS, 2 threads",
    peer: "noron.mjs",
    options: { backend: "blas", threads: 2 },
    takes: ({ kind }) => kind === "product" || kind === "mlp",
  },
  { id: "copy", label: "plain copy", peer: "copy.mjs" },
  { id: "openblas-1", label: "OpenBLAS, 1 thread", peer: "openblas.mjs", options: { threads: 1 } },
  { id: "openblas-2", label: "OpenBLAS, 2 threads", peer: "openblas.mjs", options: { threads: 2 }, takes: large },
  { id: "onnxruntime-1", label: "onnxruntime-node, 1 thread", peer: "onnxruntime.mjs", options: { threads: 1 } },
  {
    id: "onnxruntime-2",
    label: "onnxruntime-node, 2 threads",
    peer: "onnxruntime.mjs",
    options: { threads: 2 },
    takes: large,
  },
  { id: "pytorch-1", label: "PyTorch, 1 thread", peer: "pytorch.py", options: { threads: 1 } },
  { id: "pytorch-2", label: "PyTorch, 2 threads", peer: "pytorch.py", options: { threads: 2 } },
  { id: "tfjs-wasm", label: "tfjs, wasm", peer: "tfjs.mjs", options: { backend: "wasm" } },
  { id: "tfjs-cpu", label: "tfjs, cpu", peer: "tfjs.mjs", options: { backend: "cpu" } },
  { id: "jax-js", label: "jax-js", peer: "jax.mjs" },
  { id: "brain", label: "brain.js", peer: "brain.mjs" },
];

// What a contender could take at all, so that no process is started for nothing.
const kinds = {
  "copy.mjs": ["chain"],
  "openblas.mjs": ["product"],
  "onnxruntime.mjs": ["product"],
  "brain.mjs": ["tiny"],
};

/**
 * @param {Definition} definition
 * @param {import("./work.mjs").Task} task
 */
export function takes(definition, task) {
  if (task.loaded && !/noron|pytorch/.test(definition.id)) return false;
  return (kinds[definition.peer]?.includes(task.kind) ?? true) && (definition.takes?.(task) ?? true);
}

/** A contender's process. */
export class Contender {
  #child;
  #lines;
  #errors = "";

  /** @param {Definition} definition */
  constructor(definition) {
    const { peer, options = {} } = definition;
    const python = peer.endsWith(".py");
    if (python && !existsSync(PYTHON)) throw new Error(`${PYTHON} is not there`);
    const json = JSON.stringify(options);
    this.#child = python
      ? spawn(PYTHON, [file(`peers/${peer}`), json])
      : spawn(process.execPath, [file("lib/worker.mjs"), file(`peers/${peer}`), json], { cwd: file(".") });
    this.#child.on("error", () => {});
    this.#child.stdin.on("error", () => {});
    this.#child.stderr.on("data", (data) => {
      this.#errors = `${this.#errors}${data}`.slice(-2000);
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * @param {string} command
   * @param {object} [message]
   */
  async ask(command, message = {}) {
    this.#child.stdin.write(`${JSON.stringify({ command, ...message })}\n`);
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`it ended: ${this.#errors.trim().split("\n").at(-1) || "without a word"}`);
      if (!value.startsWith("{")) continue;
      const answer = JSON.parse(value);
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    }
  }

  async close() {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 3000);
    await ended;
    clearTimeout(timer);
  }
}

/** Programs that do nothing but keep cores busy; the result ends them. */
export function load(cores) {
  const busy = Array.from({ length: cores }, () =>
    spawn(process.execPath, ["-e", "const end = Date.now() + 120000; while (Date.now() < end);"]),
  );
  return () => {
    for (const child of busy) child.kill("SIGKILL");
  };
}

/** The folder of Python's torch, in bytes, or null. */
export function pytorchBytes() {
  const script =
    "import importlib.util as u, os; p = u.find_spec('torch').submodule_search_locations[0];" +
    "print(sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(p) for f in fs if os.path.exists(os.path.join(d, f))))";
  const { status, stdout } = spawnSync(PYTHON, ["-c", script], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : null;
}
