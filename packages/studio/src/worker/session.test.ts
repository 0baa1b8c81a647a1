import { nn, ones, train } from "@noron/core";
import { expect, test } from "vitest";
import { layer, optimizer } from "../experiment/experiment.ts";
import { preset } from "../experiment/presets.ts";
import { problemOfStep } from "./problem.ts";
import { Session, Unready } from "./session.ts";

function problemOf(change: (experiment: ReturnType<typeof preset>) => void): Unready["problem"] | null {
  const experiment = preset("spirals");
  change(experiment);
  try {
    new Session(experiment, null, { between: () => {} });
    return null;
  } catch (error) {
    if (error instanceof Unready) return error.problem;
    throw error;
  }
}

test("what a layer throws in training is a problem at it", () => {
  const model = new nn.Sequential(new nn.Linear(2, 6), new nn.BatchNorm1d(6));
  const { layers } = new Session(preset("spirals"), null, { between: () => {} });
  let problem: ReturnType<typeof problemOfStep> | null = null;
  try {
    model.forward(ones([1, 2]));
  } catch (error) {
    problem = problemOfStep(error, layers);
  }
  expect(problem).toMatchObject({ where: 1, code: "layer-fails", values: { layer: "Tanh" } });
  expect(problem!.values.message).toMatch(/^BatchNorm1d needs more than one value a channel in training/);
});

test("a step that throws ends training with what was said, and it is told of", async () => {
  let told = 0;
  const between = (of: Session) => {
    if (of.problem !== null) told++;
  };
  const session = new Session(preset("spirals"), null, { between });
  session.loss.forward = () => {
    throw new Error("of the loss");
  };
  session.run();
  await session.train();
  expect([session.alive, session.gate.open, session.next, told]).toEqual([false, false, null, 1]);
  expect(session.problem).toMatchObject({ where: "training", code: "library", values: { en: "of the loss" } });
});

test("a normalization over one value is told of at its layer, before training", () => {
  const norm = [layer("Linear", { outFeatures: 6 }), layer("BatchNorm1d"), layer("Linear", { outFeatures: null })];
  expect(problemOf((of) => Object.assign(of, { layers: norm, batchSize: 1 }))).toMatchObject({
    where: 1,
    code: "batch-of-one",
  });
  expect(problemOf((of) => Object.assign(of, { layers: norm, batchSize: 2 }))).toBeNull();
  const places = (channels: number) => [
    layer("Linear", { outFeatures: 6 }),
    layer("Unflatten", { channels }),
    layer("InstanceNorm1d"),
    layer("Flatten"),
    layer("Linear", { outFeatures: null }),
  ];
  expect(problemOf((of) => Object.assign(of, { layers: places(6) }))).toMatchObject({ where: 2, code: "one-place" });
  expect(problemOf((of) => Object.assign(of, { layers: places(3) }))).toBeNull();
});

test("Nesterov without momentum is told of at the optimizer", () => {
  const options = { lr: 0.1, nesterov: true };
  expect(problemOf((of) => Object.assign(of, { optimizer: optimizer("SGD", options) }))).toMatchObject({
    where: "optimizer",
    code: "nesterov-alone",
  });
  const moving = { ...options, momentum: 0.9 };
  expect(problemOf((of) => Object.assign(of, { optimizer: optimizer("SGD", moving) }))).toBeNull();
});

test("a last batch of one example joins the one before it where a layer normalizes over the batch", async () => {
  const experiment = preset("spirals");
  experiment.layers.splice(1, 0, layer("BatchNorm1d"));
  // 225 examples are trained on.
  experiment.batchSize = 32;
  const session = new Session(experiment, null, {
    between: (of) => {
      if (of.epoch === 1) of.end();
    },
  });
  session.run();
  await session.train();
  expect([session.problem, session.epoch, session.step]).toEqual([null, 1, 7]);
});

test("a network that knows its examples by heart, and no others, has not diverged", async () => {
  let least = Number.POSITIVE_INFINITY;
  const session = new Session(preset("overfitting"), null, {
    between: (of) => {
      least = Math.min(least, of.lastLoss ?? least);
      if (of.epoch === 500) of.end();
    },
  });
  session.run();
  await session.train();
  expect([session.epoch, session.diverged]).toEqual([500, null]);
  const { validationLoss } = session.history.epochs.at(-1)!;
  expect(validationLoss).toBeGreaterThan(train.EXPLOSION * least);
});

test.each([1, 2, 3, 4])(
  "batches of one class, which one answer would do for, have not diverged, with seed %i",
  async (seed) => {
    const session = new Session({ ...preset("spirals"), batchSize: 2, seed }, null, {
      between: (of) => {
        if (of.epoch === 2) of.end();
      },
    });
    session.run();
    await session.train();
    expect([session.epoch, session.diverged]).toEqual([2, null]);
  },
);

test.each([1, 2, 3, 4, 5])("the preset of XOR learns it, with seed %i", async (seed) => {
  const session = new Session({ ...preset("xor"), seed }, null, {
    between: (of) => {
      if (of.epoch === 60) of.end();
    },
  });
  session.run();
  await session.train();
  expect(session.history.epochs.at(-1)!.accuracy).toBeGreaterThan(0.97);
});
