import { afterEach, describe, expect, it } from "vitest";
import {
  AnomalyError,
  compile,
  detectAnomaly,
  full,
  manualSeed,
  nn,
  optim,
  randn,
  setDetectAnomaly,
  type Tensor,
  tensor,
  where,
  zeros,
} from "../index.ts";

class Apply extends nn.Module {
  constructor(readonly of: (x: Tensor) => Tensor) {
    super();
  }
  forward(x: Tensor): Tensor {
    return this.of(x);
  }
}

class Net extends nn.Module {
  inner: Apply;
  constructor(of: (x: Tensor) => Tensor) {
    super();
    this.inner = new Apply(of);
  }
  forward(x: Tensor): Tensor {
    return this.inner.forward(x).mul(2);
  }
}

function caught(run: () => unknown): AnomalyError {
  try {
    run();
  } catch (error) {
    if (error instanceof AnomalyError) return error;
    throw error;
  }
  throw new Error("nothing was found");
}

afterEach(() => setDetectAnomaly(false));

describe("detectAnomaly", () => {
  it("names the logarithm of a negative number", () => {
    const net = new Net((x) => x.log());
    const error = caught(() => detectAnomaly(() => net.forward(tensor([[1, 2, -1]]))));
    expect(error.message).toMatchInlineSnapshot(
      `"log in layer "inner" gave NaN: 1 of 3 elements, the first at [0, 2], from log(-1); input shapes [1, 3], output shape [1, 3]. A logarithm needs numbers above 0: add a small number or clamp first; for probabilities use logSoftmax."`,
    );
    expect(error).toMatchObject({
      op: "log",
      layer: "inner",
      phase: "forward",
      value: "NaN",
      inputShapes: [[1, 3]],
      outputShape: [1, 3],
    });
    // The stack leads to where the program asked for it.
    expect(error.stack).toContain("anomaly.test.ts");
  });

  it("names a division by zero in the forward", () => {
    const net = new Net((x) => x.div(x.sub(1)));
    const error = caught(() => detectAnomaly(() => net.forward(tensor([1, 2])).sum()));
    expect(error).toMatchObject({ op: "div", layer: "inner", phase: "forward", value: "Infinity" });
    expect(error.message).toContain("div(1, 0)");
    expect(error.hint).toContain("divided by 0");
    // As the last operation too, where nothing goes on from it.
    expect(caught(() => detectAnomaly(() => tensor([1]).div(0))).op).toBe("div");
    expect(caught(() => detectAnomaly(() => tensor([0]).div(0))).value).toBe("NaN");
    const x = tensor([1], { requiresGrad: true });
    setDetectAnomaly(true);
    expect(caught(() => x.div(0).backward())).toMatchObject({ op: "div", phase: "forward" });
    setDetectAnomaly(false);
  });

  it("names the root at 0 whose slope is infinite", () => {
    const net = new Net((x) => x.sqrt());
    const x = tensor([4, 0], { requiresGrad: true });
    const error = caught(() => detectAnomaly(() => net.forward(x).sum().backward()));
    expect(error).toMatchObject({ op: "sqrt", layer: "inner", phase: "backward", value: "Infinity" });
    expect(error.message).toMatch(/^the gradient of sqrt in layer "inner" gave Infinity: 1 of 2 elements/);
    expect(error.hint).toContain("slope of a root");
  });

  it("names what follows from parameters and data that hold NaN already", () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
    const data = caught(() => detectAnomaly(() => model.forward(tensor([[1, Number.NaN]]))));
    expect(data).toMatchObject({ op: "matmul", layer: "0", value: "NaN" });
    expect(data.hint).toContain("look at the data");
    model.layers[0].bias!.assign([0, Number.NaN]);
    const parameter = caught(() => detectAnomaly(() => model.forward(tensor([[1, 2]]))));
    expect(parameter).toMatchObject({ op: "add", layer: "0" });
  });

  it("names what leaves the range in a training that diverges", async () => {
    manualSeed(1);
    const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 1));
    const optimizer = new optim.SGD(model.parameters(), { lr: 1e12 });
    const loss = new nn.MSELoss();
    const x = randn([8, 4]).keep();
    const run = async (): Promise<void> => {
      for (let step = 0; step < 10; step++) {
        optimizer.zeroGrad();
        const l = loss.forward(model.forward(x), zeros([8, 1]));
        l.backward();
        optimizer.step();
        await l.item();
      }
    };
    const error: AnomalyError = await detectAnomaly(run).then(
      () => {
        throw new Error("nothing was found");
      },
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(AnomalyError);
    expect(error.hint).toContain("learning rate");
    expect(error.layer).not.toBe("");
  });

  it("lets an infinity pass that the program wrote itself or makes finite again", () => {
    const mask = tensor([[true, false]]);
    detectAnomaly(() => {
      const masked = where(mask, tensor([[1, 2]]), full([1, 2], -Infinity));
      expect([...masked.softmax(1).dataSync()]).toEqual([1, 0]);
      const p = tensor([1, 0], { requiresGrad: true });
      const l = new nn.BCELoss().forward(p, tensor([1, 1]));
      l.backward();
      expect(l.itemSync()).toBe(50);
      expect(tensor([0]).log().exp().itemSync()).toBe(0);
    });
    // Used twice, finite once only.
    expect(
      caught(() =>
        detectAnomaly(() => {
          const low = tensor([0]).log();
          low.exp();
          return low.sum();
        }),
      ).op,
    ).toBe("log");
  });

  it("gives the numbers of an ordinary run where nothing is wrong", async () => {
    const run = async (): Promise<number[]> => {
      manualSeed(3);
      const model = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.ReLU(), new nn.Dropout(0.5));
      const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
      const x = randn([8, 4]).keep();
      const losses: number[] = [];
      for (let step = 0; step < 3; step++) {
        optimizer.zeroGrad();
        const l = model.forward(x).mul(0.5).pow(2).sum();
        l.backward();
        optimizer.step();
        losses.push(await l.item());
      }
      return losses;
    };
    const ordinary = await run();
    const watched = await detectAnomaly(run);
    for (let step = 0; step < 3; step++) expect(watched[step]).toBeCloseTo(ordinary[step], 4);
    expect(await run()).toEqual(ordinary);
  });

  it("sees into a compiled step", () => {
    const weight = new nn.Parameter(tensor([1]));
    const optimizer = new optim.SGD([weight], { lr: 0.5 });
    const step = compile((x: Tensor) => {
      optimizer.zeroGrad();
      const l = weight.mul(x).sum().log();
      l.backward();
      optimizer.step();
      return l;
    });
    for (let call = 0; call < 6; call++) step(tensor([1]));
    weight.assign([-1]);
    expect(step(tensor([1])).itemSync()).toBeNaN();
    weight.assign([-1]);
    expect(caught(() => detectAnomaly(() => step(tensor([1])))).op).toBe("log");
  });

  it("is switched on and off", () => {
    const log = (): number => tensor([-1]).log().itemSync();
    expect(log()).toBeNaN();
    setDetectAnomaly(true);
    setDetectAnomaly(true);
    expect(log).toThrow(AnomalyError);
    setDetectAnomaly(false);
    expect(log()).toBeNaN();
    expect(() => detectAnomaly(log)).toThrow(AnomalyError);
    expect(log()).toBeNaN();
  });
});
