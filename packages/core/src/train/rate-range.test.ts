import { describe, expect, test } from "vitest";
import { data, getRandomState, io, manualSeed, nn, optim, tensor, train } from "../index.ts";

/** y = 3x of x = ±1: the loss (w − 3)² falls in every step as long as the rate is below 1, where it begins to swing up. */
function line() {
  const x = tensor([[1], [-1]]);
  const y = tensor([[3], [-3]]);
  const model = new nn.Linear(1, 1, { bias: false });
  model.weight.assign(tensor([[0]]));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.5 });
  return { model, optimizer, loss: new nn.MSELoss(), batches: [[x, y]] as const };
}

describe("a range test of the learning rate", () => {
  test("goes up by equal factors, and its losses are those by hand", async () => {
    const { batches, ...parts } = line();
    const { rates, losses } = await train.rateRange(parts, batches, { from: 1e-4, to: 0.4, steps: 100 });
    expect([rates[0], rates.length]).toEqual([1e-4, 100]);
    for (let step = 1; step < 100; step++) expect(rates[step] / rates[step - 1]).toBeCloseTo(4000 ** (1 / 99));
    // (w − 3)², with w ← w + 2η(3 − w).
    let [w, mean] = [0, 0];
    for (const [step, rate] of rates.entries()) {
      mean = 0.9 * mean + 0.1 * (w - 3) ** 2;
      const smoothed = mean / (1 - 0.9 ** (step + 1));
      expect(Math.abs(losses[step] - smoothed)).toBeLessThan(1e-5 * Math.max(1, smoothed));
      w += 2 * rate * (3 - w);
    }
  });

  test("stops where the loss explodes, and suggests a tenth of the rate at which it is lowest", async () => {
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(2, 16), new nn.ReLU(), new nn.Linear(16, 2));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const loader = new data.DataLoader(data.samples.moons({ count: 200 }), { batchSize: 20, shuffle: true, seed: 0 });
    const parts = { model, optimizer, loss: new nn.CrossEntropyLoss() };
    const { rates, losses, suggestion } = await train.rateRange(parts, loader, { to: 1e6 });
    expect(rates.length).toBeLessThan(100);
    expect(losses.at(-1)).toBeGreaterThan(Math.min(...losses));
    expect(suggestion).toBe(0.1 * rates[losses.indexOf(Math.min(...losses))]);
    expect(suggestion).toBeGreaterThan(1e-3);
    expect(suggestion).toBeLessThan(10);
  });

  test("puts everything back, to the bit", async () => {
    manualSeed(3);
    const model = new nn.Sequential(
      new nn.Linear(2, 8),
      new nn.BatchNorm1d(8),
      new nn.Dropout(0.3),
      new nn.Linear(8, 2),
    );
    const [first, ...rest] = model.parameters();
    const groups = [{ params: [first], lr: 1e-5 }, { params: rest }];
    const optimizer = new optim.AdamW(groups, { lr: 1e-4 });
    const loader = new data.DataLoader(data.samples.moons({ count: 60 }), { batchSize: 20, shuffle: true });
    const loss = new nn.CrossEntropyLoss();
    await new train.Trainer({ model, optimizer, loss }).fit(loader, { epochs: 2 });
    const state = () =>
      io.saveState({ model: model.stateDict(), optimizer: optimizer.stateDict(), loader: { ...loader.stateDict() } });
    const [before, random] = [state(), getRandomState()];
    const { suggestion } = await train.rateRange({ model, optimizer, loss }, loader);
    expect(suggestion).toBeGreaterThan(0);
    expect(Buffer.compare(state(), before)).toBe(0);
    expect(getRandomState()).toEqual(random);
  });

  test("suggests nothing where the loss never falls", async () => {
    const { batches, ...parts } = line();
    parts.model.weight.assign(tensor([[3]]));
    const { suggestion } = await train.rateRange(parts, batches);
    expect(suggestion).toBeNull();
    await expect(train.rateRange(parts, batches, { from: 1, to: 0.1 })).rejects.toThrow(/1 to 0.1 do not/);
    await expect(train.rateRange(parts, batches, { steps: 5 })).rejects.toThrow(/more than 20 steps, not 5/);
  });
});
