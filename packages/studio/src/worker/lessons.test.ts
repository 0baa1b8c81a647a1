import { getRandomState } from "@noron/core";
import { describe, expect, it } from "vitest";
import type { LayerNumber } from "../formulas/layer-number.ts";
import { PATH_OPTIMIZERS } from "../lessons/piece-values.ts";
import { Lessons } from "./lessons.ts";

/** What a piece of a lesson shows is held against the formula by hand. */

const lessons = new Lessons();
const plain = (values: ArrayLike<LayerNumber>): number[] => Array.from(values as unknown as ArrayLike<number>);
const close = (values: ArrayLike<LayerNumber>, expected: readonly number[]): void => {
  expect(values).toHaveLength(expected.length);
  plain(values).forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index], 4);
  });
};

describe("the pieces of the lessons", () => {
  it("multiply and add", () => {
    close(lessons.linear([1, -0.5], [0, 0.8, 1.5, -0.6], [0.2, -0.3]).values, [-0.4 + 0.2, 1.5 + 0.3 - 0.3]);
  });

  it.each([
    ["Sigmoid", (x: number) => 1 / (1 + Math.exp(-x))],
    ["Tanh", Math.tanh],
    ["ReLU", (x: number) => Math.max(0, x)],
    ["LeakyReLU", (x: number) => (x > 0 ? x : 0.1 * x)],
  ] as const)("bend by %s", (name, f) => {
    const h = 1e-6;
    for (const x of [-2.5, -0.3, 0.7, 3]) {
      const { y, slope, lines, slopeLines } = lessons.activation(name, 0.1, x);
      close([y, slope], [f(x), (f(x + h) - f(x - h)) / (2 * h)]);
      expect(lines[0].numbers.y).toBe(y);
      expect(slopeLines[0].numbers.slope).toBe(slope);
    }
    const curve = lessons.activationCurve(name, 0.1, -6, 6);
    close(curve.y, curve.x.map(f));
  });

  it("make distributions", () => {
    const powers = [2, 1, -1].map(Math.exp);
    const total = powers.reduce((a, b) => a + b);
    close(
      lessons.softmax([2, 1, -1]).values,
      powers.map((power) => power / total),
    );
  });

  it("normalize a batch by its own mean and variance, or by the running ones", () => {
    const values = [1, 10, 2, 20, 3, 30];
    const { tables, statistics } = lessons.batchNorm(values, 2, 1, true, 3);
    const output = tables.find(({ name }) => name === "output")!;
    const deviation = Math.sqrt(2 / 3 + 1e-5);
    close(
      Array.from(output.values).filter((_, place) => place % 2 === 0),
      [-1, 0, 1].map((x) => (2 * x) / deviation + 1),
    );
    const column = (name: string) => statistics!.columns.find((each) => each.name === name)!.values;
    close(column("batchMean"), [2, 20]);
    close(column("unbiasedVariance"), [1, 100]);
    close(column("nextRunningMean"), [0.2, 2]);
    const evaluated = lessons.batchNorm(values, 1, 0, false, 0).tables.find(({ name }) => name === "output")!;
    // Ten times a tenth of the way from 0 to the mean, and from 1 to the variance.
    const left = 0.9 ** 10;
    close(
      Array.from(evaluated.values).filter((_, place) => place % 2 === 1),
      [10, 20, 30].map((x) => (x - 20 * (1 - left)) / Math.sqrt(left + 100 * (1 - left) + 1e-5)),
    );
  });

  it("take mean and variance over the cells that belong together", () => {
    const values = Array.from({ length: 24 }, (_, place) => (place * 7) % 11);
    const groups = {
      batch: [3, 4, 5, 15, 16, 17],
      layer: Array.from({ length: 12 }, (_, place) => place),
      instance: [3, 4, 5],
      group: [0, 1, 2, 3, 4, 5],
    } as const;
    for (const [kind, places] of Object.entries(groups)) {
      const { tables, lines } = lessons.normalization(kind as keyof typeof groups, values, 4);
      const [input] = tables;
      expect(
        [...input.involved].sort((a, b) => a - b),
        kind,
      ).toEqual(places);
      const mean = places.reduce((sum, place) => sum + values[place], 0) / places.length;
      close([lines[0].numbers.mean], [mean]);
    }
  });

  it("drop by a mask that another seed draws anew, and drop nothing in evaluation", () => {
    const values = Array.from({ length: 40 }, (_, place) => place + 1);
    const masks = [1, 2].map((seed) => {
      const { tables } = lessons.dropout(0.5, true, seed, values, 0);
      const mask = plain(tables.find(({ of }) => of === "mask")!.values);
      close(
        tables.find(({ name }) => name === "output")!.values,
        mask.map((kept, place) => 2 * kept * values[place]),
      );
      return mask;
    });
    expect(masks[0]).not.toEqual(masks[1]);
    close(lessons.dropout(0.5, false, 1, values, 0).tables.find(({ name }) => name === "output")!.values, values);
    const { tables } = lessons.dropConnect(0.25, true, 3, [1, -1], [1, 2, 3, 4, 5, 6], 0);
    const mask = plain(tables.find(({ of }) => of === "mask")!.values);
    close(
      tables.find(({ name }) => name === "output")!.values,
      [0, 2, 4].map((at) => (mask[at] * (at + 1) - mask[at + 1] * (at + 2)) / 0.75),
    );
  });

  it("measure errors, and how they change", () => {
    close([lessons.regressionLoss("MSELoss", 1.5, 0).loss], [2.25]);
    close(lessons.regressionLoss("MSELoss", 1.5, 0).gradients, [3]);
    close(lessons.regressionLoss("L1Loss", -1.5, 0).gradients, [-1]);
    close([lessons.regressionLoss("HuberLoss", 3, 0).loss], [2.5]);
    const curve = lessons.regressionCurve("MSELoss", 1, -4, 4);
    close(
      curve.slope,
      curve.x.map((x) => 2 * (x - 1)),
    );
    close([lessons.binaryLoss(0.7, 1).loss], [-Math.log(0.7)]);
    close(
      lessons.binaryCurve(0).y,
      lessons.binaryCurve(0).x.map((x) => -Math.log(1 - x)),
    );
    const { loss, probabilities, gradients, gradientLines } = lessons.crossEntropy([1.5, 0.5, -1], 2);
    const [one, two, three] = plain(probabilities);
    close([loss], [-Math.log(three)]);
    close(gradients, [one, two, three - 1]);
    expect(gradientLines).toHaveLength(3);
  });

  it("go down a surface as each optimizer does, from where the surface says", () => {
    const { as, bs, losses } = lessons.valley();
    expect(losses).toHaveLength(as.length * bs.length);
    const paths = lessons.optimizerPaths([...PATH_OPTIMIZERS], 0.1, 0.8, 30);
    for (const { name, points, diverged } of paths) {
      expect(points, name).toHaveLength(31);
      expect(diverged, name).toBe(false);
      const [first, last] = plain([points[0].loss, points[30].loss]);
      expect(last, name).toBeLessThan(0.5 * first);
    }
    const end = (name: string): number => plain([paths.find((path) => path.name === name)!.points[30].loss])[0];
    expect(end("momentum"), "momentum is faster in a valley").toBeLessThan(end("sgd") / 10);
    expect(end("nesterov"), "Nesterov overshoots less").toBeLessThan(end("momentum") / 10);
    const at = (rate: number) => {
      const { points } = lessons.optimizerPaths(["sgd"], rate, 0, 30)[0];
      return { down: plain(points.map(({ b }) => b)), losses: plain(points.map(({ loss }) => loss)) };
    };
    const bottom = at(0.1).down.at(-1)!;
    const sides = (rate: number) =>
      at(rate)
        .down.slice(0, 6)
        .map((b) => Math.sign(b - bottom));
    expect(sides(0.1), "no bouncing at the rate that the piece begins with").toEqual([1, 1, 1, 1, 1, 1]);
    expect(sides(0.6), "from wall to wall").toEqual([1, -1, 1, -1, 1, -1]);
    expect(at(0.6).losses[30], "and down").toBeLessThan(0.01 * at(0.6).losses[0]);
    expect(at(0.8).losses[30], "flies off").toBeGreaterThan(10 * at(0.8).losses[0]);
    const nesterov = plain(lessons.optimizerPaths(["nesterov"], 0.6, 0.8, 30)[0].points.map(({ loss }) => loss));
    expect(nesterov[30], "Nesterov sooner").toBeGreaterThan(10 * nesterov[0]);
    expect(lessons.optimizerPaths(["sgd"], 2, 0, 60)[0].diverged, "a learning rate that is too large").toBe(true);
  });

  it("have the figures that the lessons name", () => {
    // Sigmoid's slope is 0.25 at most, and almost nothing at 6.
    const sigmoid = lessons.activationCurve("Sigmoid", 0.1, -6, 6);
    expect(Math.max(...plain(sigmoid.slope))).toBeCloseTo(0.25, 6);
    expect(plain([lessons.activation("Sigmoid", 0.1, 6).slope])[0]).toBeLessThan(0.003);
    // MAE pulls equally hard wherever the prediction is, Huber as MAE far off and half as MSE near by.
    for (const at of [-4, -0.4, 0.4, 4]) close(lessons.regressionLoss("L1Loss", at, 0).gradients, [Math.sign(at)]);
    close(lessons.regressionLoss("HuberLoss", 4, 0).gradients, [1]);
    close([lessons.regressionLoss("HuberLoss", 0.4, 0).loss], [0.4 ** 2 / 2]);
    // The first step of Adam is as long as the learning rate, that of RMSprop longer; AdamW's decay comes before it.
    const firstStep = (name: (typeof PATH_OPTIMIZERS)[number]): number[] => {
      const [from, to] = lessons.optimizerPaths([name], 0.1, 0.8, 1)[0].points;
      const [a, b, c, d] = plain([from.a, from.b, to.a, to.b]);
      return [c - a, d - b];
    };
    close(firstStep("adam") as never, [0.1, -0.1]);
    close(firstStep("adagrad") as never, [0.1, -0.1]);
    close(firstStep("rmsprop") as never, [1, -1]);
    close(firstStep("adamw") as never, [0.1 + 1.6 * 0.1 * 0.01, -0.1 - 1.7 * 0.1 * 0.01]);
  });

  it("make more steps with smaller batches in as many epochs", () => {
    const paths = lessons.batchPaths([1, 4, 16], 0.05, 3, 1);
    expect(paths.map(({ points }) => points.length - 1)).toEqual([48, 12, 3]);
    const all = lessons.batchPaths([16], 0.05, 3, 2);
    close(
      all[0].points.map(({ loss }) => loss),
      plain(paths[2].points.map(({ loss }) => loss)),
    );
    expect(lessons.batchPaths([1], 0.05, 3, 2)[0].points).not.toEqual(paths[0].points);
  });

  it("leave the random numbers of a training alone", () => {
    const before = getRandomState();
    lessons.dropout(0.5, true, 1, [1, 2], 0);
    lessons.linear([1, 1], [1, 1, 1, 1], [0, 0]);
    lessons.step();
    expect(getRandomState()).toEqual(before);
  });
});
