import { describe, expect, it } from "vitest";
import { data, getRandomState, inspect, manualSeed, nn, optim, randn, type Tensor, tensor, train } from "../index.ts";

type Make = (parameters: Tensor[], lr: number) => optim.Optimizer;

const OPTIMIZERS: Record<string, Make> = {
  sgd: (parameters, lr) => new optim.SGD(parameters, { lr }),
  nesterov: (parameters, lr) => new optim.SGD(parameters, { lr, momentum: 0.9, nesterov: true }),
  adagrad: (parameters, lr) => new optim.Adagrad(parameters, { lr }),
  rmsprop: (parameters, lr) => new optim.RMSprop(parameters, { lr, momentum: 0.9 }),
  adam: (parameters, lr) => new optim.Adam(parameters, { lr }),
  adamw: (parameters, lr) => new optim.AdamW(parameters, { lr }),
};

function setUp() {
  manualSeed(7);
  const model = new nn.Sequential(
    new nn.Linear(4, 16),
    new nn.BatchNorm1d(16),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(16, 8),
    new nn.ReLU(),
    new nn.Linear(8, 1),
  );
  const x = randn([90, 4]).keep();
  const set = new data.TensorDataset(x, x.slice(1, 0, 1).mul(2).keep());
  const loader = new data.DataLoader(set, { batchSize: 10, shuffle: true, seed: 1 });
  return { model, loader, loss: new nn.MSELoss() };
}

async function divergence(fitting: Promise<unknown>): Promise<train.DivergenceError> {
  const error = await fitting.then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(train.DivergenceError);
  return error;
}

describe("a watched training", () => {
  it.each(Object.entries(OPTIMIZERS))("that diverges says which layer went first: %s", async (_, make) => {
    const { model, loader, loss } = setUp();
    const optimizer = make(model.parameters(), 1e12);
    const trainer = new train.Trainer({ model, loss, optimizer });
    const { finding, epoch, message } = await divergence(trainer.fit(loader, { epochs: 5, watch: true }));
    expect(epoch).toBe(1);
    expect(message).toContain(`layer "${finding!.path}"`);

    // The same by a plain loop that looks at every step.
    const control = setUp();
    const plain = make(control.model.parameters(), 1e12);
    let expected: inspect.Finding | undefined;
    for await (const [x, y] of control.loader) {
      [expected] = inspect
        .diagnose(inspect.measure(control.model, x, { loss: control.loss, target: y }))
        .filter(({ code }) => code === "exploded" || code === "non-finite");
      if (expected !== undefined) break;
      plain.zeroGrad();
      control.loss.forward(control.model.forward(x), y).backward();
      plain.step();
    }
    expect(finding!.path).toBe(expected!.path);
    expect(finding!.code).toBe(expected!.code);
  });

  it("names the one layer whose rate is too high, late in a training and with a schedule", async () => {
    const { model, loader, loss } = setUp();
    const [own, others] = [model.layers[4].parameters(), model.parameters()].map((list) => new Set(list));
    const params = [...others].filter((parameter) => !own.has(parameter));
    const optimizer = new optim.Adam([{ params }, { params: [...own] }], { lr: 1e-3 });
    const late: train.Callback = {
      onBatchEnd({ epoch, batch }) {
        if (epoch === 7 && batch === 4) optimizer.groups[1].lr = 1e9;
      },
    };
    const trainer = new train.Trainer({ model, loss, optimizer });
    const error = await divergence(trainer.fit(loader, { epochs: 20, watch: true, callbacks: [late] }));
    expect(error).toMatchObject({ epoch: 7, finding: { code: "exploded", path: "4", layer: "Linear" } });
  });

  it("says so where the inputs are not finite, or so large that the first step is lost", async () => {
    const { model, loader, loss } = setUp();
    const [x, y] = loader.dataset.batch(Array.from({ length: 90 }, (_, row) => row)) as [Tensor, Tensor];
    const holes = tensor([...x.dataSync().slice(0, 359), Number.NaN]).reshape([90, 4]);
    const fit = (each: nn.Layer, inputs: Tensor) => {
      const trainer = new train.Trainer({
        model: each,
        loss,
        optimizer: new optim.SGD(each.parameters(), { lr: 0.01 }),
      });
      return trainer.fit(new data.DataLoader(new data.TensorDataset(inputs, y), { batchSize: 30 }), { watch: true });
    };
    const missing = await divergence(fit(model, holes));
    expect(missing).toMatchObject({ batch: 3, finding: { phase: "input", value: "NaN" } });
    expect(missing.message).toContain("from inputs that are not finite");
    const huge = await divergence(fit(new nn.Sequential(new nn.Linear(4, 1)), x.mul(1e30)));
    expect(huge).toMatchObject({ batch: 1, finding: { path: "0", layer: "Linear" } });
  });

  it("ends where the loss explodes and stays finite, and where only that of validation does", async () => {
    const { model, loader, loss } = setUp();
    const optimizer = new optim.Adam(model.parameters(), { lr: 300 });
    const trainer = new train.Trainer({ model, loss, optimizer });
    const error = await divergence(trainer.fit(loader, { epochs: 3, watch: true }));
    expect(Number.isFinite(error.loss)).toBe(true);
    expect(error.finding).toMatchObject({ code: "exploded", layer: "Linear" });

    const other = setUp();
    const one = new data.DataLoader(other.loader.dataset, { batchSize: 90 });
    const bold = new optim.SGD(other.model.parameters(), { lr: 1e6 });
    const single = new train.Trainer({ model: other.model, loss: other.loss, optimizer: bold });
    const after = await divergence(single.fit(one, { validation: one, watch: true }));
    expect(after).toMatchObject({ epoch: 1, batch: null });
    expect(after.finding).not.toBeNull();
    // Unwatched it ends by itself.
    const free = setUp();
    const unwatched = new optim.Adam(free.model.parameters(), { lr: 300 });
    const plain = new train.Trainer({ model: free.model, loss: free.loss, optimizer: unwatched });
    await expect(plain.fit(free.loader, { epochs: 3 })).resolves.toBeDefined();
  });

  it.each(Object.entries(OPTIMIZERS))("is the same to the bit as one that is not: %s", async (_, make) => {
    const run = async (watch: boolean) => {
      const { model, loader, loss } = setUp();
      const optimizer = make(model.parameters(), 0.01);
      const trainer = new train.Trainer({ model, loss, optimizer });
      const { epochs } = await trainer.fit(loader, { epochs: 8, validation: loader, watch });
      const weights = Object.entries(model.stateDict()).map(([key, each]) => [key, [...each.dataSync()]]);
      return { weights, epochs: epochs.map(({ seconds: _, ...rest }) => rest), random: getRandomState() };
    };
    expect(await run(true)).toEqual(await run(false));
  });
});
