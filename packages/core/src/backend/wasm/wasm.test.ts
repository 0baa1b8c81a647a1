import { describe, expect, it } from "vitest";
import { pending } from "../../graph/node.ts";
import { type Tensor, tensor } from "../../index.ts";
import { RandomStream } from "../../random/random.ts";
import { reference } from "../reference/reference.ts";
import { WasmBackend } from "./wasm.ts";

const random = new RandomStream(1);

function uniform(...shape: number[]): Tensor {
  const length = shape.reduce((size, extent) => size * extent, 1);
  return tensor(
    Float32Array.from({ length }, () => random.uniform() - 0.5),
    { shape },
  );
}

/** Runs roots on the engine and compares them with the reference; says how many kernels there were. */
function check(...roots: Tensor[]): number {
  const engine = new WasmBackend();
  pending.created = [];
  reference.run(roots, []);
  const expected = roots.map((root) => Float64Array.from(root.value!));
  for (const root of roots) root.value = null;
  engine.run(roots, []);
  roots.forEach((root, which) => {
    const scale = expected[which].reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    const worst = expected[which].reduce((most, value, at) => Math.max(most, Math.abs(value - root.value![at])), 0);
    expect(worst / scale).toBeLessThan(2e-6);
  });
  return engine.lastKernels;
}

describe("generated kernels", () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 100])("are right for vectors of %i", (length) => {
    expect(check(uniform(length).add(uniform(length)).mul(3))).toBe(1);
  });

  it.each([
    [1, 1],
    [3, 5],
    [7, 64],
    [64, 10],
    [100, 130],
    [5, 3000],
    [3000, 5],
  ])("reduce %i × %i along rows, columns and both, in several passes of one kernel", (rows, columns) => {
    expect(check(uniform(rows, columns).sum(1))).toBe(1);
    expect(check(uniform(rows, columns).sum(0))).toBe(1);
    expect(check(uniform(rows, columns).sum())).toBe(1);
    for (const dim of [0, 1]) {
      const x = uniform(rows, columns);
      const sum = x.sum(dim, { keepdim: true });
      const deviation = x.sub(sum);
      expect(check(deviation.mul(deviation.mul(deviation).sum(dim, { keepdim: true })), sum)).toBe(1);
    }
  });

  it.each([
    [1, 1, 1],
    [4, 8, 8],
    [5, 3, 7],
    [64, 784, 128],
    [130, 300, 10],
    [127, 33, 65],
    [3, 520, 1],
    [1, 784, 128],
    [2, 19, 13],
    [3, 18, 7],
    [4, 17, 5],
    [6, 410, 70],
    [7, 9, 70],
    [8, 11, 66],
    [11, 401, 71],
    [12, 64, 80],
    [23, 805, 65],
    [10, 512, 128],
    [50, 51, 3],
    [33, 20, 12],
  ])("multiply %i × %i by × %i, transposed and batched, with an epilogue", (rows, inner, columns) => {
    expect(check(uniform(rows, inner).matmul(uniform(inner, columns)))).toBe(1);
    expect(check(uniform(rows, inner).matmul(uniform(columns, inner).transpose(0, 1)))).toBe(1);
    expect(check(uniform(inner, rows).transpose(0, 1).matmul(uniform(inner, columns)))).toBe(1);
    expect(check(uniform(rows, inner).matmul(uniform(inner, columns)).add(uniform(columns)).relu())).toBe(1);
    expect(
      check(
        uniform(3, rows, inner)
          .matmul(uniform(3, inner, columns))
          .add(uniform(columns))
          .relu(),
      ),
    ).toBe(1);
  });

  it("multiply small matrices whose rows or columns run backwards", () => {
    const backwards = (dim: number) => uniform(6, 6).slice(dim, null, null, -1);
    for (const dim of [0, 1]) {
      check(backwards(dim).matmul(uniform(6, 5)));
      check(uniform(5, 6).matmul(backwards(dim)));
    }
  });

  it("sum millions of floats without losing them", () => {
    const ones = tensor(new Float32Array(5_000_000).fill(0.1));
    expect(ones.sum().itemSync() / 500_000).toBeCloseTo(1, 5);
  });
});
