import { describe, expect, test } from "vitest";
import { data, manualSeed, nn, optim, type Tensor, tensor, train } from "../index.ts";

function spirals(count = 80) {
  manualSeed(1);
  const model = new nn.Sequential(
    new nn.Linear(2, 16),
    new nn.Tanh(),
    new nn.Linear(16, 16),
    new nn.Tanh(),
    new nn.Linear(16, 2),
  );
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.03 });
  const loader = new data.DataLoader(data.samples.spirals({ count }), { batchSize: 20, shuffle: true, seed: 1 });
  return { model, optimizer, loader };
}

describe("Trainer", () => {
  test("learns spirals, and its numbers agree with evaluate and predict", async () => {
    const { model, optimizer, loader } = spirals();
    const trainer = new train.Trainer({
      model,
      loss: new nn.CrossEntropyLoss(),
      optimizer,
      metrics: [train.accuracy(), train.confusionMatrix()],
    });
    const seen: string[] = [];
    const log = train.history();
    const result = await trainer.fit(loader, {
      epochs: 60,
      validation: loader,
      callbacks: [
        log,
        {
          onTrainBegin: () => void seen.push("begin"),
          onEpochBegin: (epoch) => void (epoch === 1 && seen.push("epoch")),
          onBatchEnd: async ({ epoch, batch, batches }) => {
            if (epoch === 1) seen.push(`${batch}/${batches}`);
          },
          onEpochEnd: ({ epoch }) => void (epoch === 1 && seen.push("end")),
          onTrainEnd: () => void seen.push("over"),
        },
      ],
    });
    expect(seen).toEqual(["begin", "epoch", "1/4", "2/4", "3/4", "4/4", "end", "over"]);
    expect(log.epochs).toEqual(result.epochs);
    expect(result.epochs.length).toBe(60);
    expect(result.epochs[0]).toMatchObject({ epoch: 1, lr: 0.03 });
    const last = result.epochs[59];
    expect(last.validationAccuracy).toBeGreaterThan(0.95);
    expect(last.loss).toBeLessThan(result.epochs[0].loss / 2);
    const found = await trainer.evaluate(loader);
    expect(found.loss).toBeCloseTo(last.validationLoss, 5);
    const matrix = found.confusionMatrix as number[][];
    expect(matrix.flat().reduce((sum, count) => sum + count, 0)).toBe(80);
    const plain = new data.DataLoader(loader.dataset, { batchSize: 30 });
    const predicted = await trainer.predict(plain);
    expect(predicted.shape).toEqual([80, 2]);
    const whole = await trainer.predict(loader.dataset.batch(Array.from({ length: 80 }, (_, i) => i))[0]);
    const parts = predicted.dataSync();
    whole.dataSync().forEach((value, index) => {
      expect(value).toBeCloseTo(parts[index], 4);
    });
    expect(model.training).toBe(true);
  });

  test("early stopping ends and gives back the best weights and buffers", async () => {
    manualSeed(1);
    const model = new nn.Sequential(new nn.Linear(2, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.05 });
    const loader = new data.DataLoader(data.samples.blobs({ count: 41, classes: 2 }), { batchSize: 20 });
    const trainer = new train.Trainer({ model, loss: new nn.CrossEntropyLoss(), optimizer });
    const states: Record<string, number[]>[] = [];
    const values = () =>
      Object.fromEntries(Object.entries(model.stateDict()).map(([key, value]) => [key, [...value.dataSync()]]));
    const stopping = train.earlyStopping({ patience: 2, monitor: "score" });
    const scores = [3, 1, 2, 5, 4, 0];
    const result = await trainer.fit(loader, {
      epochs: 6,
      callbacks: [
        {
          onEpochEnd(log) {
            states.push(values());
            log.score = scores[log.epoch - 1];
          },
        },
        stopping,
      ],
    });
    expect(result.epochs.length).toBe(4);
    expect(result.stopped).toContain("score has not become better since epoch 2");
    expect(stopping.best).toBe(1);
    expect(stopping.bestEpoch).toBe(2);
    expect(values()).toEqual(states[1]);
    expect(values()).not.toEqual(states[3]);
  });

  test("merges a last batch of one for batch norm", async () => {
    const model = new nn.Sequential(new nn.Linear(2, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.05 });
    const loader = new data.DataLoader(data.samples.moons({ count: 21 }), { batchSize: 10 });
    const trainer = new train.Trainer({ model, loss: new nn.CrossEntropyLoss(), optimizer });
    await expect(trainer.fit(loader, { epochs: 1, validation: loader })).resolves.toBeDefined();
    expect(model.stateDict()["1.num_batches_tracked"].itemSync()).toBe(2);
  });

  test("names epoch and batch when the loss is not a number, and puts modes back", async () => {
    const model = new nn.Sequential(new nn.Linear(1, 1), new nn.Dropout(0.1));
    model.eval();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const x = tensor([[1], [2], [Number.NaN], [4]]);
    const loader = new data.DataLoader(new data.TensorDataset(x, tensor([[1], [2], [3], [4]])), { batchSize: 1 });
    const trainer = new train.Trainer({ model, loss: new nn.MSELoss(), optimizer });
    const error = await trainer.fit(loader, { epochs: 2 }).catch((found: unknown) => found);
    expect(error).toBeInstanceOf(train.DivergenceError);
    expect(error).toMatchObject({ epoch: 1, batch: 3 });
    expect(String(error)).toContain("epoch 1, batch 3");
    expect([...model.modules()].every((module) => !module.training)).toBe(true);
    await expect(trainer.evaluate(loader)).resolves.toBeDefined();
  });

  test("stops when asked, clips, and moves schedules", async () => {
    const { model, optimizer, loader } = spirals(40);
    const trainer = new train.Trainer({
      model,
      loss: new nn.CrossEntropyLoss(),
      optimizer,
      scheduler: new optim.StepLR(optimizer, { stepSize: 1, gamma: 0.5 }),
      clipNorm: 0.1,
    });
    const result = await trainer.fit(loader, {
      epochs: 9,
      callbacks: [{ onEpochEnd: ({ epoch }, self) => void (epoch === 2 && self.stop("enough")) }],
    });
    expect(result.stopped).toBe("enough");
    expect(result.epochs.map(({ lr }) => lr)).toEqual([0.03, 0.015]);
    const cycle = new optim.OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 4 });
    await new train.Trainer({ model, loss: new nn.CrossEntropyLoss(), optimizer, scheduler: cycle }).fit(loader, {
      epochs: 2,
    });
    expect(cycle.lastEpoch).toBe(4);
    const plateau = new optim.ReduceLROnPlateau(optimizer, { patience: 0, threshold: 10 });
    await new train.Trainer({ model, loss: new nn.CrossEntropyLoss(), optimizer, scheduler: plateau }).fit(loader);
    expect(plateau.lastEpoch).toBe(1);
  });

  test("says that data which are gone through once are over", async () => {
    const { model, optimizer, loader } = spirals(20);
    const trainer = new train.Trainer({ model, loss: new nn.CrossEntropyLoss(), optimizer });
    await expect(trainer.fit(loader.batches(), { epochs: 2 })).rejects.toThrow("epoch 2 has no batches");
  });

  test("learns digits, better than their mean images do", async () => {
    manualSeed(0);
    const size = 16;
    const [training, held] = data.samples.digits({ count: 2500, size, seed: 1 }).split(0.8);
    const model = new nn.Sequential(
      new nn.Linear(size * size, 96),
      new nn.BatchNorm1d(96),
      new nn.ReLU(),
      new nn.Linear(96, 10),
    );
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.004 });
    const trainer = new train.Trainer({
      model,
      loss: new nn.CrossEntropyLoss(),
      optimizer,
      metrics: [train.accuracy()],
    });
    const loader = new data.DataLoader(training, { batchSize: 50, shuffle: true, seed: 1 });
    await trainer.fit(loader, { epochs: 8 });
    const { accuracy } = await trainer.evaluate(new data.DataLoader(held, { batchSize: 100 }));
    expect(accuracy).toBeGreaterThan(0.95);

    const width = size * size;
    const means = Array.from({ length: 10 }, () => new Float64Array(width));
    const { data: pixels } = training.columns[0];
    for (let row = 0; row < training.length; row++)
      for (let at = 0; at < width; at++) means[training.columns[1].data[row]][at] += pixels[row * width + at] / 200;
    let right = 0;
    for (let row = 0; row < held.length; row++) {
      const distance = means.map((mean) =>
        mean.reduce((sum, value, at) => sum + (value - held.columns[0].data[row * width + at]) ** 2, 0),
      );
      if (distance.indexOf(Math.min(...distance)) === held.columns[1].data[row]) right++;
    }
    expect(right / held.length).toBeLessThan(0.92);
    expect(right / held.length).toBeGreaterThan(0.5);
  });
});

describe("compiled steps", () => {
  test("are the ordinary ones, with dropout, batch norm, ignored labels, a schedule, clipping and a partial batch", async () => {
    const run = async (own: boolean): Promise<{ numbers: unknown; forwards: number }> => {
      manualSeed(2);
      const layers = new nn.Sequential(
        new nn.Linear(2, 16),
        new nn.BatchNorm1d(16),
        new nn.ReLU(),
        new nn.Dropout(0.2),
        new nn.Linear(16, 3),
      );
      let forwards = 0;
      // A module of one's own is traced at each step; the library's are compiled.
      class Own extends nn.Module {
        inner = layers;
        forward(x: Tensor): Tensor {
          forwards++;
          return this.inner.forward(x as Tensor<[number, 2]>);
        }
      }
      const model = (own ? new Own() : layers) as unknown as nn.Layer;
      const optimizer = new optim.AdamW(model.parameters(), { lr: 0.02 });
      const blobs = data.samples.blobs({ count: 90, classes: 3 });
      const [x, y] = blobs.batch(Int32Array.from({ length: 90 }, (_, index) => index));
      const labels = Int32Array.from(y.dataSync(), (label, index) => (index % 29 === 3 ? -100 : label));
      const loader = new data.DataLoader(new data.TensorDataset(x, tensor(labels)), {
        batchSize: 20,
        shuffle: true,
        seed: 3,
      });
      const trainer = new train.Trainer({
        model,
        loss: new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }),
        optimizer,
        scheduler: new optim.StepLR(optimizer, { stepSize: 2, gamma: 0.5 }),
        clipNorm: 1,
      });
      const { epochs } = await trainer.fit(loader, { epochs: 6, validation: loader });
      return { numbers: epochs.map(({ seconds: _, ...rest }) => rest), forwards };
    };
    const traced = await run(true);
    expect(traced.forwards).toBeGreaterThanOrEqual(60);
    expect((await run(false)).numbers).toEqual(traced.numbers);
  });
});

describe("metrics", () => {
  const of = <Value>(metric: train.Metric<Value>, ...batches: [Tensor, Tensor][]): Value => {
    metric.reset();
    for (const [prediction, target] of batches) metric.update(prediction, target);
    return metric.compute();
  };
  const scores = tensor([
    [2, 1, 0],
    [0, 3, 1],
    [0, 1, 5],
    [4, 0, 1],
  ]);
  const classes = tensor([0, 1, 1, 2], { dtype: "int32" });

  test("of classes", () => {
    expect(of(train.accuracy(), [scores, classes], [scores, classes])).toBe(0.5);
    expect(of(train.accuracy(), [scores, classes.oneHot(3).to("float32")])).toBe(0.5);
    expect(of(train.confusionMatrix(), [scores, classes])).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [1, 0, 0],
    ]);
    // F1 of each class: 2/3, 2/3, 0.
    expect(of(train.f1(), [scores, classes])).toBeCloseTo(4 / 9);
    expect(of(train.f1({ average: "weighted" }), [scores, classes])).toBeCloseTo((2 / 3 + (2 * 2) / 3) / 4);
    expect(of(train.f1({ average: "micro" }), [scores, classes])).toBeCloseTo(0.5);
    expect(() => of(train.f1({ average: "binary" }), [scores, classes])).toThrow("3 classes");
    expect(of(train.accuracy(), [scores, tensor([0, -100, 1, 2], { dtype: "int32" })])).toBeCloseTo(1 / 3);
    // Six of class 0 and four of class 1, all said to be 0; nobody speaks of class 2. F1 of each class: 3/4, 0.
    const zeros = tensor(Array.from({ length: 10 }, () => [1, 0, 0]));
    const two = tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 1], { dtype: "int32" });
    expect(of(train.f1(), [zeros, two])).toBeCloseTo(0.375);
    const sequence = scores.reshape([2, 2, 3]).permute([0, 2, 1]);
    expect(of(train.accuracy(), [sequence, classes.reshape([2, 2])])).toBe(0.5);
    expect(() => of(train.accuracy(), [scores, tensor([1, 2])])).toThrow("do not belong together");
  });

  test("of yes and no", () => {
    const logits = tensor([[0.3], [-2], [4]]);
    const truth = tensor([[1], [0], [1]]);
    const metric = train.accuracy();
    expect(of(metric, [logits, truth])).toBeCloseTo(2 / 3);
    metric.attach?.(new nn.BCEWithLogitsLoss());
    expect(of(metric, [logits, truth])).toBe(1);
    expect(of(train.f1({ threshold: 0.5 }), [logits, truth])).toBeCloseTo(2 / 3);
  });

  test("of numbers", () => {
    const first: [Tensor, Tensor] = [tensor([1, 2]), tensor([2, 2])];
    const second: [Tensor, Tensor] = [tensor([5]), tensor([2])];
    expect(of(train.mae(), first, second)).toBeCloseTo(4 / 3);
    expect(of(train.rmse(), first, second)).toBeCloseTo(Math.sqrt(10 / 3));
    const far = [1e6 + 1, 1e6 + 2, 1e6 + 3, 1e6 + 4];
    const near = far.map((value, index) => value + (index % 2 === 0 ? 0.5 : -0.5));
    expect(of(train.r2(), [tensor(near, { dtype: "float64" }), tensor(far, { dtype: "float64" })])).toBeCloseTo(0.8);
    expect(of(train.r2(), [tensor([1]), tensor([1])])).toBeNaN();
    // Squares of such numbers are no float64.
    for (const size of [2 ** 1000, 2 ** -1000]) {
      const in64 = (values: number[]) =>
        tensor(
          values.map((value) => value * size),
          { dtype: "float64" },
        );
      const batches: [Tensor, Tensor][] = [
        [in64([2 ** -20]), in64([0])],
        [in64([1.5, 2.25, 3]), in64([1, 2.5, 3.75])],
      ];
      const errors = [2 ** -20, 0.5, 0.25, 0.75];
      const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
      expect(of(train.rmse(), ...batches) / size).toBeCloseTo(Math.sqrt(squares / 4), 12);
      const spread = [0, 1, 2.5, 3.75].reduce((sum, actual) => sum + (actual - 7.25 / 4) ** 2, 0);
      expect(of(train.r2(), ...batches)).toBeCloseTo(1 - squares / spread, 12);
    }
    expect(of(train.rmse(), [tensor([Number.POSITIVE_INFINITY, 1]), tensor([0, 0])])).toBe(Number.POSITIVE_INFINITY);
  });
});
