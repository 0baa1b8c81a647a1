import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../backend/backend.ts";
import { useBackend } from "../backend/registry.ts";
import { WasmBackend } from "../backend/wasm/wasm.ts";
import { nn, type Tensor, zeros } from "../index.ts";

const slot = (...shape: number[]): Tensor => new nn.Parameter(zeros(shape), { requiresGrad: false });

describe("the bytes that kernels move", () => {
  const engine = new WasmBackend();
  let before: Backend;
  beforeAll(() => {
    before = useBackend(engine);
  });
  afterAll(() => {
    useBackend(before);
  });

  it("are those of operands and results, each once", () => {
    const [x, y, z] = [slot(30, 40), slot(30, 40), slot(40)];
    y.assign(x.mul(x).add(z).exp());
    expect(engine.lastRun()).toMatchObject({ kernels: 1, bytesMoved: 4 * (1200 + 40 + 1200) });
    y.assign(x.softmax(1));
    expect(engine.lastRun()).toMatchObject({ kernels: 1, bytesMoved: 4 * 2400 });
    x.sum(0).dataSync();
    expect(engine.lastRun()).toMatchObject({ kernels: 1, bytesMoved: 4 * 1240 });
  });

  it("leave out a product that goes straight into its epilogue", () => {
    const [x, w, b, y] = [slot(30, 40), slot(20, 40), slot(20), slot(30, 20)];
    y.assign(x.matmul(w.transpose(0, 1)).add(b).relu());
    expect(engine.lastRun()).toMatchObject({ kernels: 1, bytesMoved: 4 * (1200 + 800 + 20 + 600) });
    y.assign(x.matmul(w.transpose(0, 1)));
    expect(engine.lastRun()).toMatchObject({ kernels: 1, bytesMoved: 4 * (1200 + 800 + 600) });
  });
});
