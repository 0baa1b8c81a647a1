import { describe, expect, it } from "vitest";
import { pending } from "../../graph/node.ts";
import { setThreads, type Tensor, tensor } from "../../index.ts";
import type { MatmulKernel } from "../../kernel/kernel.ts";
import { RandomStream } from "../../random/random.ts";
import { startThreads, threadsReady } from "../wasm/threads/threads.ts";
import { WasmBackend } from "../wasm/wasm.ts";
import { findBlas, searchBlas } from "./blas.ts";
import { cutForBlas } from "./cut.ts";
import { blasLayout } from "./layout.ts";

const kernel = (left: [number, number, number], right: [number, number, number]): MatmulKernel => ({
  kind: "matmul",
  dtype: "float32",
  batch: 1,
  rows: 64,
  columns: 80,
  inner: 96,
  left,
  right,
  epilogue: null,
});

describe("the layout that a BLAS is told", () => {
  it("names plain and transposed factors with their leading dimension", () => {
    expect(blasLayout(kernel([0, 96, 1], [0, 80, 1]), 64)).toEqual({
      left: { transposed: 0, leading: 96 },
      right: { transposed: 0, leading: 80 },
    });
    expect(blasLayout(kernel([0, 1, 64], [0, 1, 100]), 64)).toEqual({
      left: { transposed: 1, leading: 64 },
      right: { transposed: 1, leading: 100 },
    });
  });

  it("leaves small products, reversed and doubly strided views and integers to the engine", () => {
    expect(blasLayout({ ...kernel([0, 96, 1], [0, 80, 1]), inner: 2 }, 64)).toBeNull();
    expect(blasLayout(kernel([0, -96, 1], [0, 80, 1]), 64)).toBeNull();
    expect(blasLayout(kernel([0, 192, 2], [0, 80, 1]), 64)).toBeNull();
    expect(blasLayout(kernel([0, 0, 1], [0, 80, 1]), 64)).toBeNull();
    expect(blasLayout({ ...kernel([0, 96, 1], [0, 80, 1]), dtype: "int32" }, 64)).toBeNull();
  });
});

describe("the pieces that a BLAS is called for", () => {
  it("cover the product, and are few where each would pack its factors again for little", () => {
    for (const [rows, inner, columns] of [
      [512, 512, 512],
      [1024, 1024, 1024],
      [8, 100, 4096],
      [4100, 64, 70],
      [127, 127, 127],
      [1, 70000, 1],
    ])
      for (const wholeRows of [true, false]) {
        const cut = cutForBlas(rows, columns, inner, wholeRows);
        expect(cut.down * cut.across).toBeLessThanOrEqual(16);
        expect((cut.down - 1) * cut.rows).toBeLessThan(rows);
        expect((cut.across - 1) * cut.columns).toBeLessThan(columns);
        expect(cut.down * cut.rows).toBeGreaterThanOrEqual(rows);
        expect(cut.across * cut.columns).toBeGreaterThanOrEqual(columns);
        if (wholeRows && rows >= 128) expect(cut.across).toBe(1);
      }
    expect(cutForBlas(512, 512, 512, false)).toMatchObject({ down: 1, across: 2 });
    expect(cutForBlas(512, 128, 784, true)).toMatchObject({ down: 2, across: 1 });
    expect(cutForBlas(64, 64, 64, false)).toMatchObject({ down: 1, across: 1 });
  });
});

// The library itself is installed without koffi; the benchmark's is.
const blas = findBlas() ?? searchBlas(new URL("../../../../../bench/package.json", import.meta.url).href);
const missing = "skipped without a BLAS and koffi, which npm ci --prefix bench installs";

describe.skipIf(blas === null)(`products by the machine's BLAS (${missing})`, () => {
  const engine = new WasmBackend();
  const withBlas = new WasmBackend(true, blas);
  const random = new RandomStream(3);
  const uniform = (dtype: "float32" | "float64", ...shape: number[]): Tensor => {
    const length = shape.reduce((size, extent) => size * extent, 1);
    return tensor(
      Float64Array.from({ length }, () => random.uniform() - 0.5),
      { shape, dtype },
    );
  };

  it.each(["float32", "float64"] as const)("equal the engine's for views, batches and epilogues in %s", (dtype) => {
    const products = [
      uniform(dtype, 70, 90).matmul(uniform(dtype, 90, 50)),
      uniform(dtype, 90, 70)
        .transpose(0, 1)
        .matmul(uniform(dtype, 50, 90).transpose(0, 1)),
      uniform(dtype, 200, 90)
        .slice(0, 3, 90)
        .matmul(uniform(dtype, 90, 100).slice(1, 7, 60))
        .add(1)
        .relu(),
      uniform(dtype, 3, 60, 70).matmul(uniform(dtype, 3, 70, 50)),
      uniform(dtype, 3, 60, 70).matmul(uniform(dtype, 70, 50)),
      uniform(dtype, 70, 90)
        .slice(0, null, null, -1)
        .matmul(uniform(dtype, 90, 50)),
      uniform(dtype, 500, 300).matmul(uniform(dtype, 300, 1)),
      uniform(dtype, 64, 90)
        .matmul(uniform(dtype, 90, 200))
        .add(1)
        .relu(),
      uniform(dtype, 3, 64, 90).matmul(uniform(dtype, 3, 200, 90).transpose(1, 2)),
      uniform(dtype, 700, 90)
        .matmul(uniform(dtype, 90, 130))
        .softmax(1),
    ];
    for (const product of products) {
      pending.created = [];
      engine.run([product], []);
      const expected = Float64Array.from(product.value!);
      product.value = null;
      withBlas.run([product], []);
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const worst = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - product.value![at])), 0);
      expect(worst / scale).toBeLessThan(dtype === "float32" ? 1e-5 : 1e-13);
    }
  });

  it("are the same bits on one thread and on several, which share their pieces", async () => {
    // Whatever can be shared, however small.
    const sharing = new WasmBackend(true, blas, { part: 0, plan: 0 });
    const products = [
      () => uniform("float32", 512, 300).matmul(uniform("float32", 300, 512)),
      () =>
        uniform("float32", 64, 784)
          .matmul(uniform("float32", 784, 128))
          .add(1)
          .relu(),
      () => uniform("float32", 128, 512).matmul(uniform("float32", 512, 784)),
      () =>
        uniform("float32", 1100, 300)
          .matmul(uniform("float32", 300, 509))
          .relu(),
      () => uniform("float64", 3, 131, 90).matmul(uniform("float64", 3, 90, 200)),
    ].map((make) => make());
    const bits: Buffer[][] = [];
    try {
      for (const threads of [1, 2, 3]) {
        setThreads(threads);
        await startThreads();
        // Modules reach the other threads between runs: the second run is shared.
        for (let run = 0; run < 2; run++) {
          while (run === 1 && threadsReady() < threads) await new Promise((resolve) => setImmediate(resolve));
          const values = products.map((product) => {
            pending.created = [];
            product.value = null;
            sharing.run([product], []);
            return Buffer.from(product.value!.buffer);
          });
          bits.push(values);
        }
      }
    } finally {
      setThreads(1);
    }
    const other = bits.map((values) => values.findIndex((value, which) => !value.equals(bits[0][which])));
    expect(other, "the first product with other bits, by run").toEqual(bits.map(() => -1));
  });
});
