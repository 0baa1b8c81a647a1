import { describe, expect, it } from "vitest";
import { compile, manualSeed, nn, optim, StaleTensorError, type Tensor, tensor } from "../index.ts";
import { RandomStream } from "../random/random.ts";

const double = { dtype: "float64" } as const;

function parts(make: (parameters: Tensor[]) => optim.Optimizer<never>) {
  manualSeed(4);
  const model = new nn.Sequential(
    new nn.Linear(4, 8, double),
    new nn.ReLU(),
    new nn.BatchNorm1d(8, double),
    new nn.Dropout(0.3),
    new nn.Linear(8, 3, double),
  );
  const loss = new nn.CrossEntropyLoss();
  const optimizer = make(model.parameters());
  const random = new RandomStream(9);
  const batch = (rows: number): [Tensor<[number, 4]>, Tensor] => [
    tensor(
      Float64Array.from({ length: rows * 4 }, () => random.normal()),
      { shape: [rows, 4] as [number, 4] },
    ),
    tensor(Int32Array.from({ length: rows }, () => random.integer(3))),
  ];
  const step = (x: Tensor, y: Tensor): Tensor => {
    optimizer.zeroGrad();
    const l = loss.forward(model.forward(x as Tensor<[number, 4]>), y);
    l.backward();
    optimizer.step();
    return l;
  };
  return { model, optimizer, batch, step };
}

const optimizers: Record<string, (parameters: Tensor[]) => optim.Optimizer<never>> = {
  "SGD with Nesterov and decay": (parameters) =>
    new optim.SGD(parameters, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }) as never,
  Adam: (parameters) => new optim.Adam(parameters, { lr: 0.01 }) as never,
  AdamW: (parameters) => new optim.AdamW(parameters, { lr: 0.01 }) as never,
  Adagrad: (parameters) => new optim.Adagrad(parameters, { lr: 0.1, lrDecay: 0.1 }) as never,
  RMSprop: (parameters) => new optim.RMSprop(parameters, { lr: 0.01, momentum: 0.5, centered: true }) as never,
};

describe("compile", () => {
  for (const [name, make] of Object.entries(optimizers)) {
    it(`takes the very steps of an ordinary loop: ${name}, a schedule, dropout and a last partial batch`, () => {
      const run = (compiled: boolean): { losses: number[]; weights: number[]; mean: number[] } => {
        const { model, optimizer, batch, step } = parts(make);
        const schedule = new optim.StepLR(optimizer, { stepSize: 10, gamma: 0.7 });
        const take = compiled ? compile(step) : step;
        const losses: Tensor[] = [];
        for (let index = 0; index < 60; index++) {
          losses.push(take(...batch(index % 5 === 4 ? 3 : 8)));
          schedule.step();
        }
        return {
          losses: losses.map((l) => l.itemSync()),
          weights: [...model.parameters()[0].dataSync()],
          mean: [...model.stateDict()["2.running_mean"].dataSync()],
        };
      };
      expect(run(true)).toEqual(run(false));
    });
  }

  it("runs the function for its first calls and then for calls 4, 8, 16, … only", () => {
    const { batch, step } = parts(optimizers.Adam);
    const traced: number[] = [];
    let call = 0;
    const compiled = compile((x: Tensor, y: Tensor) => {
      traced.push(call);
      return step(x, y);
    });
    for (call = 1; call <= 70; call++) compiled(...batch(8));
    expect(traced).toEqual([1, 2, 3, 4, 8, 16, 32, 64]);
  });

  it("returns arrays and records, and works without a step", () => {
    const weight = new nn.Parameter(tensor([1, 2, 3]));
    const both = compile((x: Tensor) => ({ sum: x.mul(weight).sum(), twice: x.mul(2) }));
    const list = compile((x: Tensor) => [x.add(1), x.add(2)]);
    for (let index = 0; index < 6; index++) {
      const { sum, twice } = both(tensor([index, 1, 1]));
      expect(sum.itemSync()).toBe(index + 5);
      expect(twice.toArray()).toEqual([2 * index, 2, 2]);
      expect(list(tensor([index])).map((part) => part.itemSync())).toEqual([index + 1, index + 2]);
    }
  });

  it("keeps each call's results apart", () => {
    const twice = compile((x: Tensor) => x.mul(2));
    const results = [1, 2, 3, 4, 5, 6].map((value) => twice(tensor([value])));
    expect(results.map((result) => result.itemSync())).toEqual([2, 4, 6, 8, 10, 12]);
  });

  it("throws when a constant has changed, and says to make it an argument", () => {
    let beta = 2;
    const scaled = compile((x: Tensor) => x.mul(beta));
    for (let call = 0; call < 3; call++) scaled(tensor([1]));
    beta = 3;
    expect(() => scaled(tensor([1]))).toThrow(/constant.*was 2 and is now 3.*mul.*argument/);
    let offset = tensor([1, 2]);
    const moved = compile((x: Tensor) => x.add(offset));
    for (let call = 0; call < 3; call++) moved(tensor([1, 1]));
    offset = tensor([5, 5]);
    expect(() => moved(tensor([1, 1]))).toThrow(/constant.*tensor of shape \[2\].*argument/);
  });

  it("throws when the function does something else than it did", () => {
    let more = false;
    const fn = compile((x: Tensor) => (more ? x.exp().add(1) : x.exp()));
    for (let call = 0; call < 3; call++) fn(tensor([0]));
    more = true;
    expect(() => fn(tensor([0]))).toThrow(/other operations than before/);
  });

  it("follows train() and eval(), and gradients that are there or not", () => {
    const { model, batch } = parts(optimizers.Adam);
    const forward = compile((x: Tensor) => model.forward(x as Tensor<[number, 4]>));
    const [x] = batch(8);
    for (let call = 0; call < 3; call++) forward(x);
    model.eval();
    expect(forward(x).toArray()).toEqual(model.forward(x).toArray());
    expect(forward(x).toArray()).toEqual(forward(x).toArray());

    const weight = new nn.Parameter(tensor([2], { dtype: "float64" }));
    const accumulate = compile((v: Tensor) => {
      v.mul(weight).sum().backward();
      return v;
    });
    const totals: number[] = [];
    for (let call = 0; call < 12; call++) {
      if (call % 4 === 0) weight.zeroGrad();
      accumulate(tensor([call], { dtype: "float64" }));
      totals.push(weight.grad!.itemSync());
    }
    expect(totals).toEqual([0, 1, 3, 6, 4, 9, 15, 22, 8, 17, 27, 38]);
  });

  it("refuses what it cannot compile", () => {
    expect(() => compile((x: Tensor) => x)(3 as never)).toThrow(/takes tensors/);
    expect(() => compile((_: Tensor) => "text" as never)(tensor([1]))).toThrow(/returns tensors/);
    const reading = compile((x: Tensor) => x.mul(x.sum().itemSync()));
    expect(() => reading(tensor([1, 2]))).toThrow(/reads a value.*outside/);
    const branching = compile((x: Tensor) => (x.itemSync() > 0 ? x : x.neg()));
    expect(() => branching(tensor([1]))).toThrow(/reads a value.*outside/);
    expect(() => compile((async (x: Tensor) => x) as never)(tensor([1]) as never)).toThrow(/synchronous/);
  });

  it("leaves graphs of the old parameters stale, as an ordinary step does", () => {
    const { batch, step, model } = parts(optimizers.Adam);
    const compiled = compile(step);
    for (let call = 0; call < 3; call++) compiled(...batch(8));
    const weight = model.parameters()[0];
    const derived = weight.mul(2);
    const used = derived.add(1);
    compiled(...batch(8));
    expect(used.dataSync()).toBeDefined();
    const held = weight.mul(3);
    held.add(1).dataSync();
    compiled(...batch(8));
    expect(() => held.dataSync()).toThrow(StaleTensorError);
  });
});
