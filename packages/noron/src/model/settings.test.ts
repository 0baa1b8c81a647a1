import { nn } from "@noron/core";
import { describe, expect, test } from "vitest";
import { makeOptimizer, OPTIMIZERS, type OptimizerName } from "./choices.ts";
import { makeSchedule, SCHEDULES, type ScheduleName } from "./schedules.ts";
import { chooseSettings, type SettingsRequest } from "./settings.ts";

const facts = { task: "classification", images: false, trainingRows: 500 } as const;
const choose = (request: SettingsRequest) => chooseSettings(request, facts);

describe("numbers of an optimizer", () => {
  test("are the library's unless they are asked for", () => {
    for (const optimizer of Object.keys(OPTIMIZERS) as OptimizerName[]) {
      const { optimizerOptions, lr } = choose({ optimizer });
      expect(optimizerOptions).toEqual(OPTIMIZERS[optimizer].options ?? {});
      const plain = new OPTIMIZERS[optimizer].algorithm([parameter()], { lr, ...OPTIMIZERS[optimizer].options });
      expect(settingsOf({ optimizer })).toEqual({ ...plain.defaults });
    }
  });

  test("reach it", () => {
    expect(settingsOf({ beta1: 0, weightDecay: 0.2 })).toMatchObject({ betas: [0, 0.999], weightDecay: 0.2 });
    expect(settingsOf({ optimizer: "adam", beta2: 0.9 })).toMatchObject({ betas: [0.9, 0.9] });
    expect(settingsOf({ optimizer: "rmsprop", alpha: 0.9, momentum: 0.5 })).toMatchObject({
      alpha: 0.9,
      momentum: 0.5,
    });
    expect(settingsOf({ optimizer: "sgd", momentum: 0.5, nesterov: true })).toMatchObject({
      ...{ momentum: 0.5, nesterov: true },
    });
    expect(settingsOf({ optimizer: "nesterov", momentum: 0.5 })).toMatchObject({ momentum: 0.5, nesterov: true });
  });

  test.each<[SettingsRequest, RegExp]>([
    [{ momentum: 0.9 }, /--momentum is not for --optimizer adamw, but for sgd, momentum, nesterov, rmsprop/],
    [{ optimizer: "sgd", beta1: 0.9 }, /--beta1 is not for --optimizer sgd, but for adam, adamw/],
    [{ optimizer: "sgd", nesterov: true }, /Nesterov's step needs a momentum/],
    [{ optimizer: "nesterov", momentum: 0 }, /Nesterov's step needs a momentum/],
    [{ gamma: 0.5 }, /--gamma is not for --schedule constant, but for step, exponential, plateau/],
    [{ schedule: "cosine", stepSize: 2 }, /--step-size is not for --schedule cosine, but for step/],
    [{ schedule: "plateau", gamma: 2 }, /--gamma of --schedule plateau is below 1/],
  ])("%j is refused", (request, message) => {
    expect(() => choose(request)).toThrow(message);
  });
});

describe("schedules", () => {
  const rates = (schedule: ScheduleName, request: SettingsRequest = {}): number[] => {
    const settings = choose({ schedule, epochs: 10, lr: 0.1, batch: 50, optimizer: "sgd", ...request });
    const optimizer = makeOptimizer(settings, [parameter()]);
    const made = makeSchedule(settings.schedule!, optimizer, settings.lr);
    return Array.from({ length: schedule === "one-cycle" ? 99 : 10 }, () => {
      const [{ lr }] = optimizer.groups;
      made.step(1);
      return lr;
    });
  };

  test("go down over the epochs that there are", () => {
    expect(rates("step").map((rate) => Number(rate.toPrecision(3)))).toEqual([
      ...[0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.001, 0.001],
    ]);
    expect(rates("step", { stepSize: 1, gamma: 0.5 })[3]).toBeCloseTo(0.0125);
    expect(
      rates("exponential").at(-1)! * SCHEDULES.exponential.options({ epochs: 10, patience: 0, batches: 1 }, {}).gamma,
    ).toBeCloseTo(0.001, 5);
    expect(rates("cosine")[5]).toBeCloseTo(0.05);
    expect(rates("linear")[0]).toBeCloseTo(0.1 / 3);
    expect(rates("linear")[6]).toBeCloseTo(0.1);
    const cycle = rates("one-cycle");
    expect(Math.max(...cycle)).toBeCloseTo(0.1);
    expect(cycle[0]).toBeCloseTo(0.004);
    expect(cycle.at(-1)).toBeLessThan(0.001);
    expect(rates("plateau", { patience: 4 })[4]).toBeCloseTo(0.01);
  });

  test("none is the default", () => {
    expect(choose({}).schedule).toBeNull();
    expect(choose({ schedule: "constant" }).schedule).toBeNull();
  });
});

function parameter(): nn.Parameter {
  return new nn.Linear(2, 2).weight as nn.Parameter;
}

function settingsOf(request: SettingsRequest): object {
  return { ...makeOptimizer(choose(request), [parameter()]).defaults };
}
