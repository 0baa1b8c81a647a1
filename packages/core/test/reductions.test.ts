import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backend/backend.ts";
import { reference } from "../src/backend/reference/reference.ts";
import { useBackend } from "../src/backend/registry.ts";
import { WasmBackend } from "../src/backend/wasm/wasm.ts";
import { manualSeed, nn, rand, type Tensor, tensor } from "../src/index.ts";
import type { TypedArray } from "../src/tensor/dtype.ts";

/** Reductions that are so long that they are cut into pieces, against plain loops in float64. */
describe("long reductions", () => {
  const engine = new WasmBackend();
  let before: Backend;
  beforeAll(() => {
    before = useBackend(engine);
  });
  afterAll(() => {
    useBackend(before);
  });

  const cases: [name: string, shape: number[], compute: (x: Tensor) => Tensor][] = [
    ["a sum of all", [66_049], (x) => x.sum()],
    ["a sum of a prime number of pieces", [1_000_003], (x) => x.sum()],
    ["a mean of a chain", [300, 400], (x) => x.sub(0.25).mul(x).mean()],
    ["the greatest of a few rows", [3, 70_001], (x) => x.max(1)],
    ["the least of a few columns", [70_001, 3], (x) => x.min(0)],
    ["a sum over both ends", [130, 5, 260], (x) => x.sum([0, 2])],
    ["a sum of a transposed tensor", [512, 200], (x) => x.transpose(0, 1).mul(2).sum()],
    ["a sum of every other, from the second on", [140_001], (x) => x.slice(0, 1, 140_001, 2).exp().sum()],
    [
      "a sum beyond the ends",
      [70_000],
      (x) =>
        x
          .add(1)
          .pad([[5, 9]])
          .sum(),
    ],
    ["a variance", [90_001], (x) => x.var()],
    ["a softmax", [4, 40_000], (x) => x.softmax(1)],
    ["a norm and what it divides", [100_003], (x) => x.div(x.norm())],
    ["sums of which one needs another", [70_000], (x) => x.sub(x.max()).sum().add(x.sum()).add(x.mul(x).sum())],
    ["a sum with places in it", [70_000], (x) => x.argmax()],
    ["a layer's normalization", [2, 50_000], (x) => new nn.LayerNorm(50_000, { dtype: "float64" }).forward(x as never)],
  ];
  const values = (result: Tensor): TypedArray => result.dataSync();

  it.each(cases)("%s", (_, shape, compute) => {
    manualSeed(7);
    const x = tensor(rand(shape, { dtype: "float64" }).sub(0.5).dataSync(), { shape });
    const actual = values(compute(x));
    useBackend(reference);
    const expected = values(compute(x));
    useBackend(engine);
    let worst = 0;
    expected.forEach((value, index) => {
      worst = Math.max(worst, Math.abs(actual[index] - value) / Math.max(1, Math.abs(value)));
    });
    expect(worst).toBeLessThan(1e-10);
  });

  it("are cut whatever else their kernel does, and short ones are not", () => {
    const x = rand([100_000]).keep();
    x.sum().dataSync();
    expect(engine.lastKernels).toBe(3);
    rand([65_536]).mul(2).sum().dataSync();
    expect(engine.lastKernels).toBe(2);
    rand([60_000]).sum().dataSync();
    expect(engine.lastKernels).toBe(1);
    // Exponentials are computed once.
    x.softmax(0).dataSync();
    expect(engine.lastKernels).toBe(1);
    rand([100, 1000]).sum(1).dataSync();
    expect(engine.lastKernels).toBe(1);
  });
});
