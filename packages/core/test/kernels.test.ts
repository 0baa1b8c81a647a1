import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backend/backend.ts";
import { useBackend } from "../src/backend/registry.ts";
import { WasmBackend } from "../src/backend/wasm/wasm.ts";
import { manualSeed, nn, randn, tensor } from "../src/index.ts";
import * as optim from "../src/optim/index.ts";

/** How many kernels things take is part of what the engine promises: fusion is real. */
describe("kernels", () => {
  const engine = new WasmBackend();
  let before: Backend;
  beforeAll(() => {
    before = useBackend(engine);
  });
  afterAll(() => {
    useBackend(before);
  });

  it("runs a chain of six elementwise operations as one", () => {
    const x = tensor(Float32Array.from({ length: 1000 }, (_, index) => index / 1000));
    x.add(1).mul(2).exp().sub(0.5).sqrt().tanh().dataSync();
    expect(engine.lastKernels).toBe(1);
  });

  it("runs relu(x Wᵀ + b) as one", () => {
    const x = tensor(new Float32Array(64 * 32).fill(0.5), { shape: [64, 32] });
    const w = tensor(new Float32Array(16 * 32).fill(0.25), { shape: [16, 32] });
    const b = tensor(new Float32Array(16).fill(-1));
    x.matmul(w.transpose(0, 1)).add(b).relu().dataSync();
    expect(engine.lastKernels).toBe(1);
  });

  it("needs no plan to write what is there already", () => {
    const model = new nn.Sequential(new nn.Linear(3, 7), new nn.BatchNorm1d(7));
    const state = Object.fromEntries(Object.entries(model.stateDict()).map(([name, value]) => [name, value.clone()]));
    for (const value of Object.values(state)) value.dataSync();
    const made = engine.plansMade;
    model.loadStateDict(state);
    model.parameters()[1].assign([1, 2, 3, 4, 5, 6, 7]);
    expect(engine.plansMade).toBe(made);
    expect(model.parameters()[1].toArray()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const weight = model.parameters()[0];
    const before = weight.mul(1);
    weight.assign(Float32Array.from({ length: 21 }, (_, index) => index));
    expect(before.dataSync()).toEqual(state["0.weight"].dataSync());
  });

  it("runs softmax, and layer normalization, as one", () => {
    const x = tensor(
      Float32Array.from({ length: 640 }, (_, index) => index % 7),
      { shape: [64, 10] },
    );
    x.softmax(1).dataSync();
    expect(engine.lastKernels).toBe(1);
    new nn.LayerNorm(10).forward(x).dataSync();
    expect(engine.lastKernels).toBe(1);
  });

  it("trains 784-128-ReLU-BatchNorm-Dropout-10 with Nesterov in at most 12 a step", () => {
    manualSeed(0);
    const model = new nn.Sequential(
      new nn.Linear(784, 128),
      new nn.ReLU(),
      new nn.BatchNorm1d(128),
      new nn.Dropout(0.2),
      new nn.Linear(128, 10),
    );
    const loss = new nn.CrossEntropyLoss();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true });
    const x = randn([64, 784]).dataSync();
    const y = Int32Array.from({ length: 64 }, (_, index) => index % 10);
    const losses: number[] = [];
    for (let step = 0; step < 4; step++) {
      optimizer.zeroGrad();
      const l = loss.forward(model.forward(tensor(x, { shape: [64, 784] }) as never), tensor(y));
      l.backward();
      optimizer.step();
      losses.push(l.itemSync());
    }
    expect(losses[3]).toBeLessThan(losses[0]);
    expect(engine.lastKernels).toBeLessThanOrEqual(12);
  });

  it("computes no product twice when the loss is read before backward", () => {
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(32, 64), new nn.Tanh(), new nn.Linear(64, 8));
    const loss = new nn.MSELoss();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const values = randn([16, 32]).dataSync();
    const step = (early: boolean): { kernels: number; loss: number } => {
      optimizer.zeroGrad();
      const l = loss.forward(
        model.forward(tensor(values, { shape: [16, 32] as [16, 32] })),
        tensor(new Float32Array(128), { shape: [16, 8] }),
      );
      const read = early ? l.itemSync() : null;
      l.backward();
      optimizer.step();
      return { kernels: engine.lastKernels, loss: read ?? l.itemSync() };
    };
    const whole = step(false);
    const rest = step(true);
    // Two products and the loss have been computed by then.
    expect(rest.kernels).toBeLessThanOrEqual(whole.kernels - 2);
    expect(rest.loss).toBeLessThan(whole.loss);
  });
});
