import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backend/backend.ts";
import { useBackend } from "../src/backend/registry.ts";
import { WasmBackend } from "../src/backend/wasm/wasm.ts";
import { manualSeed, nn, noGrad, ones, optim, rand, type Tensor, tensor } from "../src/index.ts";

/** What linear layers begin with is drawn as they are made and computed when someone first reads any of it. */
describe("first values", () => {
  const engine = new WasmBackend();
  let before: Backend;
  beforeAll(() => {
    before = useBackend(engine);
  });
  afterAll(() => {
    useBackend(before);
  });

  /** U(−1/√in, 1/√in) of the numbers that come next. */
  const expected = (shape: readonly number[], inputs: number): number[] => {
    const bound = 1 / Math.sqrt(inputs);
    return [
      ...rand(shape)
        .mul(2 * bound)
        .add(-bound)
        .dataSync(),
    ].map(Number);
  };
  const values = (tensor: Tensor): number[] => [...tensor.dataSync()].map(Number);

  it("are the numbers that were next when the layer was made, whatever has been drawn and computed since", () => {
    manualSeed(5);
    const wanted = [expected([3, 4], 4), expected([3], 4), expected([2, 3], 3), expected([2], 3)];
    manualSeed(5);
    const [first, second] = [new nn.Linear(4, 3), new nn.Linear(3, 2)];
    rand([10]).dataSync();
    ones([2]).add(1).dataSync();
    const layers = [second.bias!, first.weight, first.bias!, second.weight] as Tensor[];
    expect(layers.map(values)).toEqual([wanted[3], wanted[0], wanted[1], wanted[2]]);
    expect(new Set(wanted.flat()).size).toBe(12 + 3 + 6 + 2);
  });

  it("of a model are computed together", () => {
    const layers = [new nn.Linear(5, 7), new nn.Linear(7, 11), new nn.Linear(11, 3)];
    const made = engine.plansMade;
    values(layers[1].weight);
    expect(engine.plansMade).toBe(made + 1);
    for (const { weight, bias } of layers) expect(values(weight).concat(values(bias!))).not.toContain(0);
    expect(engine.plansMade).toBe(made + 1);
  });

  it("that are replaced before anyone reads them are not computed", () => {
    const layer = new nn.Linear(13, 17);
    const made = engine.plansMade;
    const [weight, bias] = [new Float32Array(13 * 17).fill(3), new Float32Array(17).fill(1)];
    layer.loadStateDict({ weight: tensor(weight, { shape: [17, 13] }), bias: tensor(bias) });
    layer.weight.assign(new Float32Array(13 * 17).fill(2));
    expect(engine.plansMade).toBe(made);
    expect(new Set(values(layer.weight))).toEqual(new Set([2]));
    expect(new Set(values(layer.bias!))).toEqual(new Set([1]));
  });

  it("stay when those of another parameter are replaced", () => {
    manualSeed(9);
    const wanted = expected([2, 3], 3);
    manualSeed(9);
    const layer = new nn.Linear(3, 2);
    layer.bias!.assign([1, 2]);
    expect([values(layer.weight), values(layer.bias!)]).toEqual([wanted, [1, 2]]);
  });

  it("have a gradient where no module and no optimizer has read them before", () => {
    const layer = new nn.Linear(3, 2);
    ones([4, 3]).matmul(layer.weight.transpose(0, 1)).add(layer.bias!).sum().backward();
    expect([values(layer.weight.grad!), values(layer.bias!.grad!)]).toEqual([Array(6).fill(4), [4, 4]]);
  });

  it("of many layers that are never called do not pile up", () => {
    manualSeed(1);
    const wanted = expected([1, 2], 2);
    manualSeed(1);
    const first = new nn.Linear(2, 1, { bias: false });
    const made = engine.plansMade;
    const others = Array.from({ length: 600 }, () => new nn.Linear(2, 1, { bias: false }));
    expect(engine.plansMade).toBeGreaterThan(made);
    expect(values(first.weight)).toEqual(wanted);
    expect(values(others[599].weight)).not.toContain(0);
  });

  it("are there for an optimizer, whose steps begin from them", () => {
    manualSeed(7);
    const wanted = expected([2, 3], 3);
    manualSeed(7);
    const layer = new nn.Linear(3, 2, { bias: false });
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.5 });
    layer
      .forward(ones([1, 3]))
      .sum()
      .backward();
    optimizer.step();
    noGrad(() => layer.weight.add(0.5))
      .dataSync()
      .forEach((value, index) => {
        expect(value).toBeCloseTo(wanted[index], 6);
      });
  });
});
