import { describe, expect, test } from "vitest";
import { data, manualSeed, type Tensor, tensor } from "../index.ts";

const numbered = (count: number): data.TensorDataset =>
  new data.TensorDataset(
    { data: Float32Array.from({ length: count * 2 }, (_, i) => i), shape: [count, 2] },
    { data: Int32Array.from({ length: count }, (_, i) => i), shape: [count] },
  );

const labels = (loader: data.DataLoader): number[][] => [...loader].map(([, y]) => [...y.dataSync()]);

describe("datasets", () => {
  test("take rows of every column", () => {
    const [x, y] = numbered(4).batch([3, 1]);
    expect(x.toArray()).toEqual([
      [6, 7],
      [2, 3],
    ]);
    expect(y.toArray()).toEqual([3, 1]);
    expect(y.dtype).toBe("int32");
    expect(() => numbered(4).batch([4])).toThrow("no example 4");
  });

  test("take tensors too, and check sizes", () => {
    const set = new data.TensorDataset(tensor([[1], [2]]), tensor([true, false]));
    expect(set.batch([1])[1].toArray()).toEqual([false]);
    expect(() => new data.TensorDataset(tensor([1, 2]), tensor([1]))).toThrow("column 1 has 1");
    expect(() => new data.TensorDataset({ data: new Float32Array(3), shape: [2, 2] })).toThrow("do not fill");
  });

  test("split", () => {
    const [train, rest] = numbered(10).split(0.7, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(train.length).toBe(7);
    expect(rest.batch([0, 1, 2])[1].toArray()).toEqual([2, 1, 0]);
  });

  test("split at random by a seed, unless told not to", () => {
    const parts = (options?: data.SplitOptions) =>
      numbered(20)
        .split(0.8, options)
        .map(({ columns }) => [...columns[1].data]);
    const inOrder = Array.from({ length: 20 }, (_, i) => i);
    const [first, second] = parts();
    expect([first.length, second.length]).toEqual([16, 4]);
    expect([...first, ...second]).not.toEqual(inOrder);
    expect([...first, ...second].sort((a, b) => a - b)).toEqual(inOrder);
    expect(parts({ seed: 0 })).toEqual([first, second]);
    expect(parts({ seed: 1 })).not.toEqual([first, second]);
    expect(parts({ shuffle: false }).flat()).toEqual(inOrder);
    expect(() => numbered(20).split(0.8, 42 as never)).toThrow("{ seed: 42 }");
    expect(() => parts({ seed: 0.5 })).toThrow("integer");
  });
});

describe("loaders", () => {
  test("go through all examples, the last batch partial, dropped or merged", () => {
    const set = numbered(7);
    expect(labels(new data.DataLoader(set, { batchSize: 3 }))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(labels(new data.DataLoader(set, { batchSize: 3, dropLast: true }))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    const merging = new data.DataLoader(set, { batchSize: 3, mergeLastOfOne: true });
    expect(labels(merging)).toEqual([
      [0, 1, 2],
      [3, 4, 5, 6],
    ]);
    expect(merging.length).toBe(2);
    expect(labels(new data.DataLoader(numbered(1), { batchSize: 3, mergeLastOfOne: true }))).toEqual([[0]]);
    expect(() => new data.DataLoader(set, { batchSize: 0 })).toThrow(RangeError);
  });

  test("shuffle every pass anew, by the seed", async () => {
    const make = (seed?: number) => new data.DataLoader(numbered(20), { batchSize: 20, shuffle: true, seed });
    const first = make(3);
    const passes = [labels(first)[0], labels(first)[0]];
    expect(passes[0]).not.toEqual(passes[1]);
    expect([...passes[0]].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    const second = make(3);
    const found: number[][] = [];
    for (let pass = 0; pass < 2; pass++) for await (const [, y] of second) found.push([...y.dataSync()]);
    expect(found).toEqual(passes);
    expect(labels(make(4))[0]).not.toEqual(passes[0]);
    manualSeed(1);
    const seeded = labels(make())[0];
    manualSeed(1);
    expect(labels(make())[0]).toEqual(seeded);
    const resumed = make(3);
    resumed.epoch = 1;
    expect(labels(resumed)[0]).toEqual(passes[1]);
  });
});

describe("samples", () => {
  const { samples } = data;
  for (const name of ["spirals", "moons", "circles", "xor", "blobs", "digits"] as const) {
    test(`${name} are balanced, finite and come from the seed`, () => {
      const set = samples[name]({ count: 60, seed: 2 });
      const [x, y] = set.batch(Array.from({ length: 60 }, (_, i) => i)) as [Tensor, Tensor];
      expect([...x.dataSync()].every(Number.isFinite)).toBe(true);
      const counts = new Map<number, number>();
      for (const label of y.dataSync()) counts.set(label, (counts.get(label) ?? 0) + 1);
      expect(new Set(counts.values()).size).toBe(1);
      expect(samples[name]({ count: 60, seed: 2 }).columns[0].data).toEqual(set.columns[0].data);
      expect(samples[name]({ count: 60, seed: 3 }).columns[0].data).not.toEqual(set.columns[0].data);
    });
  }

  test("are in random order, not along their curves", () => {
    for (const name of ["spirals", "moons", "circles"] as const) {
      const [x, y] = samples[name]({ count: 400, noise: 0 }).columns;
      // Neighbours along a curve are near each other; rows in random order are not.
      const steps = Array.from({ length: 398 }, (_, row) =>
        Math.hypot(x.data[2 * row] - x.data[2 * row + 4], x.data[2 * row + 1] - x.data[2 * row + 5]),
      );
      expect(steps.reduce((sum, step) => sum + step, 0) / steps.length).toBeGreaterThan(0.3);
      expect(y.data.slice(0, 20)).not.toEqual(Int32Array.from({ length: 20 }, (_, row) => row % 2));
    }
  });

  test("the curve has noise around a function", () => {
    const { columns } = samples.curve({ count: 50, noise: 0 });
    columns[0].data.forEach((x, i) => {
      expect(columns[1].data[i]).toBeCloseTo(Math.sin(3 * x) / 2 + x ** 2 / 2, 6);
    });
  });

  test("digits are images of the size asked for", () => {
    const set = samples.digits({ count: 20, size: 12, noise: 0 });
    expect(set.columns[0].shape).toEqual([20, 144]);
    for (let index = 0; index < 20; index++) {
      const image = (set.columns[0].data as Float32Array).subarray(index * 144, (index + 1) * 144);
      const ink = image.reduce((sum, value) => sum + value, 0);
      expect(ink).toBeGreaterThan(4);
      expect(ink).toBeLessThan(80);
    }
    expect(() => samples.digits({ size: 4 })).toThrow("8 pixels");
  });
});
