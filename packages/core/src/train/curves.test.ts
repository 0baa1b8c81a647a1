import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { data, manualSeed, nn, optim, RandomStream, train } from "../index.ts";

const curve = (losses: readonly number[], validation?: readonly number[]): train.EpochLog[] =>
  losses.map((loss, index) => ({
    epoch: index + 1,
    loss,
    lr: 0.1,
    seconds: 1,
    ...(validation === undefined ? {} : { validationLoss: validation[index] }),
  }));

const range = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => of(i));

describe("diagnoseCurves", () => {
  it("finds that validation rises while training falls", () => {
    const training = range(20, (i) => 1 / (i + 1));
    const validation = range(20, (i) => 0.5 + 0.01 * (i - 4) ** 2);
    const [found, ...rest] = train.diagnoseCurves(curve(training, validation), { baseline: 1.1 });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ code: "overfitting", epoch: 6, trainingBest: 1 / 6 });
    // Medians of 0.01 · (2², 1, 0, 1, 2²) and of 0.01 · (11² … 15²), above 0.5.
    expect((found as { best: number }).best).toBeCloseTo(0.5 + 0.01, 10);
    expect((found as { last: number }).last).toBeCloseTo(0.5 + 0.01 * 169, 10);
    expect(train.diagnoseCurves(curve(training, validation), { baseline: 100 })).toEqual([]);
  });

  it("does not where both rise, where validation only trembles, or too early", () => {
    const falling = range(20, (i) => 1 / (i + 1));
    const rising = range(20, (i) => 0.5 + 0.01 * (i - 4) ** 2);
    expect(train.diagnoseCurves(curve(rising, rising))).toEqual([]);
    const trembling = range(20, (i) => 0.5 + 0.02 * Math.sin(i * 7));
    expect(train.diagnoseCurves(curve(falling, trembling))).toEqual([]);
    expect(train.diagnoseCurves(curve(falling.slice(0, 8), rising.slice(0, 8)))).toEqual([]);
    expect(train.diagnoseCurves(curve(falling))).toEqual([]);
    expect(train.diagnoseCurves([])).toEqual([]);
  });

  it("does not tell of a noisy epoch, and goes on telling of a rise that trembles about the limit", () => {
    const falling = range(60, (i) => 0.1 / (i + 1));
    const told = (validation: readonly number[]) =>
      range(60, (i) => i + 1).map(
        (end) => train.diagnoseCurves(curve(falling.slice(0, end), validation.slice(0, end))).length,
      );
    const spike = range(60, (i) => (i % 7 === 3 ? 0.3 : i % 7 === 5 ? 0.11 : 0.2));
    expect(new Set(told(spike))).toEqual(new Set([0]));
    // Between 2 and 18 % above the least, ten epochs on either side of the limit of 10 %.
    const trembling = range(60, (i) => (i < 10 ? 0.2 : i < 20 ? 0.24 : 0.222 + 0.012 * Math.sin(i / 3)));
    expect(told(trembling).join("")).toMatch(/^0+1+$/);
    // Eight high epochs late in a training are no rise that lasts.
    expect(new Set(told(range(60, (i) => (i >= 45 && i < 53 ? 0.3 : 0.2))))).toEqual(new Set([0]));
    // One that comes back for good is none any more.
    expect(told(range(60, (i) => (i < 10 || i > 30 ? 0.2 : 0.24))).join("")).toMatch(/^0+1+0+$/);
  });

  it("finds no overfitting where what was not trained on still costs less than what was", () => {
    const training = range(20, (i) => 1 + 1 / (i + 1));
    const validation = range(20, (i) => 0.5 + 0.002 * (i - 4) ** 2);
    expect(train.diagnoseCurves(curve(training, validation))).toEqual([]);
    const lower = training.map((loss) => loss - 0.9);
    expect(train.diagnoseCurves(curve(lower, validation))).toMatchObject([{ code: "overfitting", epoch: 6 }]);
  });

  it("finds a loss that stays at the baseline", () => {
    const flat = range(10, (i) => 0.69 + 0.001 * Math.sin(i));
    expect(train.diagnoseCurves(curve(flat, flat), { baseline: Math.log(2) })).toMatchObject([
      { code: "not-learning", baseline: Math.log(2) },
    ]);
    expect(train.diagnoseCurves(curve(flat, flat))).toEqual([]);
    expect(train.diagnoseCurves(curve(flat.slice(0, 4)), { baseline: Math.log(2) })).toEqual([]);
  });

  it("asks no less of a loss than smoothed labels let it reach", () => {
    // −0.55 ln 0.55 − 0.45 ln 0.45, of two classes with a smoothing of 0.9.
    const least = 0.6881388;
    const reached = range(10, () => 0.6883);
    expect(train.diagnoseCurves(curve(reached, reached), { baseline: Math.log(2), least })).toEqual([]);
    const above = range(10, () => Math.LN2);
    expect(train.diagnoseCurves(curve(above, above), { baseline: Math.log(2), least })).toHaveLength(1);
  });

  it("does not say of right answers that nothing was learned, only that the wrong ones cost much", () => {
    const judge = (loss: number, accuracy: number) => {
      const epochs = curve(range(10, () => loss)).map((log) => ({ ...log, accuracy }));
      return train.diagnoseCurves(epochs, { baseline: Math.log(2), commonest: 0.5 });
    };
    expect(judge(0.69, 0.97)).toEqual([]);
    expect(judge(0.69, 0.52)).toMatchObject([{ code: "not-learning" }]);
    expect(judge(48.9, 0.52)).toMatchObject([{ code: "not-learning" }]);
    const [costly, ...rest] = judge(48.9, 0.907);
    expect(rest).toEqual([]);
    expect(costly).toMatchObject({ code: "costly-errors", baseline: Math.log(2) });
    expect((costly as { accuracy: number }).accuracy).toBeCloseTo(0.907, 10);
  });

  it("compares the epoch whose weights are kept, not the last ones, with the baseline of the validation set", () => {
    // The last epochs are at the baseline, the fourth is not, and the other way round.
    const back = [0.6, 0.55, 0.52, 0.5, ...range(8, () => 0.7)];
    const options = { baseline: 0.69, kept: { epoch: 4, baseline: 0.69 } };
    expect(train.diagnoseCurves(curve(back, back), options)).toEqual([]);
    const falling = range(24, (i) => 0.6 / (i + 1));
    const above = range(24, (i) => 0.72 + 0.01 * i);
    expect(train.diagnoseCurves(curve(falling, above), { baseline: 0.69, kept: { epoch: 1, baseline: 0.71 } })).toEqual(
      [
        { code: "nothing-learned", epoch: 1, loss: 0.72, baseline: 0.71 },
        // As the validation loss rises from there, too.
        expect.objectContaining({ code: "overfitting", epoch: 1 }),
      ],
    );
    // Better by little is better.
    expect(train.diagnoseCurves(curve(above, above), { baseline: 0.69, kept: { epoch: 1, baseline: 0.725 } })).toEqual(
      [],
    );
  });

  it("finds nothing where both curves only fall", () => {
    const losses = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(losses, (values) => {
        const falling = [...values].sort((a, b) => b - a);
        expect(train.diagnoseCurves(curve(falling, falling))).toEqual([]);
      }),
      runs(100),
    );
  });

  const random = new RandomStream(5);
  /** Rows of 10 random features, with labels that follow from them or from nothing. */
  const rows = (count: number, learnable: boolean): data.TensorDataset => {
    const inputs = Float32Array.from({ length: count * 10 }, () => random.uniform() - 0.5);
    const labels = Int32Array.from({ length: count }, (_, row) =>
      learnable ? Number(inputs[row * 10] > inputs[row * 10 + 1]) : Number(random.uniform() < 0.5),
    );
    return new data.TensorDataset({ data: inputs, shape: [count, 10] }, { data: labels, shape: [count] });
  };
  const fit = async (training: data.TensorDataset, validation: data.TensorDataset, width: number, lr: number) => {
    manualSeed(3);
    const model = new nn.Sequential(new nn.Linear(10, width), new nn.ReLU(), new nn.Linear(width, 2));
    const optimizer = new optim.Adam(model.parameters(), { lr });
    const trainer = new train.Trainer({ model, loss: new nn.CrossEntropyLoss(), optimizer });
    const loader = new data.DataLoader(training, { batchSize: 20, shuffle: true, seed: 1 });
    const { epochs } = await trainer.fit(loader, {
      epochs: 40,
      validation: new data.DataLoader(validation, { batchSize: 100 }),
    });
    return train.diagnoseCurves(epochs, { baseline: Math.log(2) }).map(({ code }) => code);
  };

  it("judges real trainings: one that memorises, one that learns, one that cannot move", async () => {
    expect(await fit(rows(60, false), rows(100, false), 64, 0.01)).toEqual(["overfitting"]);
    expect(await fit(rows(400, true), rows(100, true), 16, 0.005)).toEqual([]);
    expect(await fit(rows(200, true), rows(100, true), 16, 1e-7)).toEqual(["not-learning"]);
  });
});
