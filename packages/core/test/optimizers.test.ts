import { describe, expect, test } from "vitest";
import { nn, optim, type Tensor, tensor } from "../src/index.ts";
import { expectClose, expectNumbersClose, type FixtureTensor, loadFixture, numbersOf, toTensors } from "./fixtures.ts";

/**
 * Every optimizer's path of 20 steps on a network of 3, 5 (tanh) and 2 with the mean squared error, against PyTorch's
 * in float64, and every schedule's learning rates over 30 epochs.
 */

interface Problem {
  x: FixtureTensor;
  y: FixtureTensor;
  state: Record<string, FixtureTensor>;
}

interface Schedule {
  scheduler: string;
  options: Record<string, unknown>;
}

interface Trajectory {
  name: string;
  optimizer: string;
  options: Record<string, unknown>;
  /** Rows a step: step i takes the rows from i · batch on, modulo their number. */
  batch: number;
  /** Parameter groups by the keys of their parameters, with their own options. */
  groups?: { keys: string[]; options: Record<string, unknown> }[];
  schedule?: Schedule;
  /** Before each step. */
  losses: FixtureTensor;
  /** By the number of steps taken. */
  parametersAfter: Record<string, Record<string, FixtureTensor>>;
}

interface ScheduleCase extends Schedule {
  name: string;
  /** The learning rate of each parameter group. */
  initial: number[];
  /** What ReduceLROnPlateau is given, an epoch each. */
  metrics?: number[];
  /** [groups, epochs], the first column before any step. */
  rates: FixtureTensor;
}

interface Optimizer {
  zeroGrad(): unknown;
  step(): unknown;
  groups: { lr: number }[];
}

interface Scheduler {
  step(metric?: number): unknown;
}

const optimizers = optim as unknown as Record<
  string,
  new (
    params: Tensor[] | Record<string, unknown>[],
    options: Record<string, unknown>,
  ) => Optimizer
>;

const schedulers = optim as unknown as Record<
  string,
  new (
    optimizer: Optimizer,
    options: Record<string, unknown>,
  ) => Scheduler
>;

const tolerance = 1e-9;

const { problem, trajectories, schedules } = loadFixture<{
  problem: Problem;
  trajectories: Trajectory[];
  schedules: ScheduleCase[];
}>("optimizers.json");

/** Some rows of a matrix of the problem. */
function rows(fixture: FixtureTensor, start: number, count: number): Tensor {
  const columns = fixture.shape[1];
  const values = numbersOf(fixture).slice(start * columns, (start + count) * columns);
  return tensor(values, { shape: [count, columns], dtype: "float64" });
}

describe("trajectories", () => {
  for (const { name, optimizer, options, batch, groups, schedule, losses, parametersAfter } of trajectories) {
    test(name, () => {
      const model = new nn.Sequential(
        new nn.Linear(3, 5, { dtype: "float64" }),
        new nn.Tanh(),
        new nn.Linear(5, 2, { dtype: "float64" }),
      );
      model.loadStateDict(toTensors(problem.state));
      const loss = new nn.MSELoss();
      const parameters = new Map<string, Tensor>(model.namedParameters());
      const made = new optimizers[optimizer](
        groups
          ? groups.map((group) => ({ params: group.keys.map((key) => parameters.get(key)!), ...group.options }))
          : model.parameters(),
        options,
      );
      const scheduler = schedule ? new schedulers[schedule.scheduler](made, schedule.options) : undefined;

      const count = problem.x.shape[0];
      const found: number[] = [];
      for (let step = 0; step < losses.shape[0]; step++) {
        const start = (step * batch) % count;
        made.zeroGrad();
        const value = loss.forward(model.forward(rows(problem.x, start, batch)), rows(problem.y, start, batch));
        value.backward();
        made.step();
        scheduler?.step();
        found.push(value.itemSync());
        const expected = parametersAfter[step + 1];
        if (expected === undefined) continue;
        const state = model.stateDict();
        for (const [key, parameter] of Object.entries(expected)) {
          expectClose(state[key], parameter, { label: `${name}: ${key} after ${step + 1} steps`, tolerance });
        }
      }
      expectNumbersClose(found, numbersOf(losses), { label: `${name}: losses`, tolerance });
    });
  }
});

describe("learning rate schedules", () => {
  for (const { name, scheduler, options, initial, metrics, rates } of schedules) {
    test(name, () => {
      const groups = initial.map((lr) => ({ params: new nn.Linear(1, 1, { bias: false }).parameters(), lr }));
      // With momentum, which OneCycleLR may cycle.
      const optimizer = new optimizers.SGD(groups, { lr: initial[0], momentum: 0.9 });
      const made = new schedulers[scheduler](optimizer, options);
      const epochs = rates.shape[1];
      const found: number[][] = initial.map(() => []);
      for (let epoch = 0; epoch < epochs; epoch++) {
        optimizer.groups.forEach((group, index) => {
          found[index].push(group.lr);
        });
        if (epoch === epochs - 1) break;
        if (metrics) made.step(metrics[epoch]);
        else made.step();
      }
      expect(optimizer.groups.length).toBe(initial.length);
      const expected = numbersOf(rates);
      found.forEach((sequence, index) => {
        const label = `${name}: group ${index}`;
        expectNumbersClose(sequence, expected.slice(index * epochs, (index + 1) * epochs), { label, tolerance });
      });
    });
  }
});
