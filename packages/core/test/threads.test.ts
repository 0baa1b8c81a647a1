import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { Pace } from "../src/backend/wasm/threads/pace.ts";
import { startThreads, threadsReady } from "../src/backend/wasm/threads/threads.ts";
import { WasmBackend } from "../src/backend/wasm/wasm.ts";
import { pending } from "../src/graph/node.ts";
import { getThreads, RandomStream, setThreads, type Tensor, tensor } from "../src/index.ts";
import type { TypedArray } from "../src/tensor/dtype.ts";
import { sizeOf } from "../src/tensor/shape.ts";
import { RandomGraph } from "./random-graph.ts";

/** An engine that shares whatever can be shared, however small. */
const eager = (fuse = true): WasmBackend => new WasmBackend(fuse, null, { part: 0, plan: 0 });

function bits(values: TypedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
}

describe("threads", () => {
  afterAll(() => setThreads(1));

  /** Runs the same graphs with several numbers of threads: every value, to the bit. */
  async function expectSameBits(engines: WasmBackend[], graphs: (which: number) => RandomGraph, count: number) {
    const results: Uint8Array[][][] = [];
    for (const threads of [1, 2, 3]) {
      setThreads(threads);
      await startThreads();
      const all: Uint8Array[][] = [];
      for (let which = 0; which < count; which++) {
        const graph = graphs(which);
        const { roots, effects } = graph.finish();
        pending.created = [];
        pending.slots.clear();
        if (roots.length + effects.length === 0) continue;
        const engine = engines[which % engines.length];
        const before = graph.slots.map((slot) => slot.slot!.block.storage.read(0, sizeOf(slot.shape)));
        const values: Uint8Array[] = [];
        // Modules reach the others between runs: the second run is shared.
        for (let run = 0; run < 2; run++) {
          graph.slots.forEach((slot, at) => {
            slot.slot!.block.storage.write(before[at], 0);
          });
          for (const root of roots) root.value = null;
          if (run === 1 && threads > 1)
            while (threadsReady() < threads) await new Promise((resolve) => setImmediate(resolve));
          engine.run(roots, effects);
        }
        for (const root of roots) values.push(bits(root.value!));
        for (const slot of graph.slots) values.push(bits(slot.slot!.block.storage.read(0, sizeOf(slot.shape))));
        all.push(values);
      }
      results.push(all);
    }
    expect(results[0].length).toBeGreaterThan(count / 2);
    for (const other of [1, 2])
      results[0].forEach((values, which) => {
        expect(results[other][which], `graph ${which}`).toEqual(values);
      });
  }

  it("give the bits of one thread, for random graphs", async () => {
    await expectSameBits(
      [eager(), eager(false)],
      (which) => new RandomGraph(40_000 + which, which % 4 === 0 ? "float64" : "float32"),
      120,
    );
  });

  it("give the bits of one thread, for products and reductions of every kind of shape", async () => {
    const random = new RandomStream(5);
    const uniform = (...shape: number[]): Tensor =>
      tensor(
        Float32Array.from({ length: sizeOf(shape) }, () => random.uniform() - 0.5),
        { shape },
      );
    const made = [
      () => uniform(131, 70).matmul(uniform(70, 90)).add(1).relu(),
      () => uniform(300, 64).matmul(uniform(64, 10)),
      () => uniform(100_003).sub(0.25).sum(),
      () => uniform(30, 401).cumsum(1),
      () => uniform(50, 301).cumsum(0),
      () => uniform(3, 50_001).var(1),
      () => uniform(7, 5, 9).matmul(uniform(7, 9, 6)),
      () => uniform(3, 40, 90).matmul(uniform(3, 90, 70)),
      () => uniform(12, 40, 90).matmul(uniform(12, 90, 70)),
      () => uniform(1, 300).matmul(uniform(300, 200)),
      () => uniform(130, 70).matmul(uniform(70, 90)).softmax(1),
      () => uniform(20, 333).sum(1),
      () => uniform(333, 21).sum(0),
      () => uniform(10_007).mul(2).exp(),
      () => uniform(10_007).sum(),
      () => uniform(2, 5003).sub(uniform(2, 1)).softmax(1),
      () => uniform(65, 130).add(uniform(130, 65).transpose(0, 1)),
    ];
    const values: Uint8Array[][] = [];
    const roots = made.map((make) => make());
    pending.created = [];
    const engine = eager();
    for (const threads of [1, 2, 3, 5]) {
      setThreads(threads);
      await startThreads();
      for (let run = 0; run < 2; run++) {
        for (const root of roots) {
          root.value = null;
          engine.run([root], []);
        }
        if (threads > 1) while (threadsReady() < threads) await new Promise((resolve) => setImmediate(resolve));
      }
      values.push(roots.map((root) => bits(root.value!)));
    }
    for (const other of values.slice(1)) expect(other).toEqual(values[0]);
  });

  it("are as many as asked for, and refuse what is no number of threads", () => {
    setThreads(3);
    expect(getThreads()).toBe(3);
    for (const wrong of [0, -1, 1.5, Number.NaN, 65]) expect(() => setThreads(wrong)).toThrow(/from 1 to 64/);
    expect(getThreads()).toBe(3);
  });
});

describe("the choice between one thread and several", () => {
  const run = (pace: Pace, runs: number, alone: number, shared: () => number): number => {
    let total = 0;
    for (let at = 0; at < runs; at++) {
      const { shares } = pace;
      const time = shares ? shared() : alone;
      pace.record(shares, time);
      total += time;
    }
    return total;
  };

  it("shares what gains, and seldom looks at one thread", () => {
    const pace = new Pace();
    pace.record(false, 2);
    expect(run(pace, 1000, 2, () => 1.1)).toBeLessThan(1150);
  });

  it("is at most a little slower than one thread where sharing is ten times as slow", () => {
    const pace = new Pace();
    pace.record(false, 1);
    expect(run(pace, 2000, 1, () => 10)).toBeLessThan(2600);
  });

  it("is not led astray by one interruption, and comes back to sharing", () => {
    const pace = new Pace();
    pace.record(false, 2);
    run(pace, 50, 2, () => 1);
    pace.record(true, 500);
    expect(pace.shares).toBe(true);
    run(pace, 100, 2, () => 50);
    let shared = 0;
    run(pace, 2000, 2, () => {
      shared++;
      return 1;
    });
    expect(shared).toBeGreaterThan(1000);
  });
});

describe("a process with threads, from what was built", () => {
  const program = fileURLToPath(new URL("threads-program.mjs", import.meta.url));

  function start(what: string): Promise<{ code: number | null; out: string; error: string }> {
    const child = spawn(process.execPath, [program, what], { env: { ...process.env, NORON_BLAS: "off" } });
    let [out, error] = ["", ""];
    child.stdout.on("data", (text) => {
      out += text;
    });
    child.stderr.on("data", (text) => {
      error += text;
    });
    return new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, out, error }));
    });
  }

  it("ends by itself", async () => {
    expect(await start("work")).toEqual({ code: 0, out: "shared by 2\n", error: "" });
  });

  it("gives a clear error when a thread fails in the middle of a step", async () => {
    const { code, out } = await start("fail");
    expect(code).toBe(0);
    expect(out).toMatch(/^ThreadError: a thread failed \(TypeError.*results are not whole.*setThreads\(1\)/);
    expect(out).toMatch(/then alone: same\n$/);
  });

  it("goes on with one thread, and says so, when a thread has ended between steps", async () => {
    const { code, out, error } = await start("end");
    expect(code).toBe(0);
    expect(error).toMatch(/noron goes on with one thread, since a thread ended/);
    expect(out).toMatch(/then alone: same\n$/);
  });
}, 30_000);
