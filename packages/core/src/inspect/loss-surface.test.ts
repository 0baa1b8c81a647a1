import { describe, expect, it } from "vitest";
import { getRandomState, inspect, manualSeed, nn, optim, randn, type Tensor, tensor } from "../index.ts";

const line = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));

/** y = w₀ x₀ + w₁ x₁ without a bias: a network whose weights are two. */
function two() {
  manualSeed(2);
  const model = new nn.Sequential(new nn.Linear(2, 1, { bias: false }));
  const x = tensor([
    [1, 2],
    [-1, 0.5],
    [3, -2],
  ]);
  const target = tensor([[1], [2], [-1]]);
  return { model: model as nn.Layer, loss: new nn.MSELoss(), x, target };
}

function deep() {
  manualSeed(5);
  const model = new nn.Sequential(
    new nn.Linear(3, 8),
    new nn.BatchNorm1d(8),
    new nn.Tanh(),
    new nn.Dropout(0.5),
    new nn.Linear(8, 2),
  );
  const x = randn([20, 3]).keep();
  x.dataSync();
  const target = tensor(
    Array.from({ length: 20 }, (_, row) => row % 2),
    { dtype: "int32" },
  );
  return { model: model as nn.Layer, loss: new nn.CrossEntropyLoss(), x, target };
}

const weights = (model: nn.Module): unknown =>
  Object.entries(model.stateDict()).map(([key, each]) => [key, [...each.dataSync()]]);

const RULES: [name: string, make: (parameters: Tensor[]) => optim.Optimizer][] = [
  ["SGD", (parameters) => new optim.SGD(parameters, { lr: 0.05 })],
  ["momentum", (parameters) => new optim.SGD(parameters, { lr: 0.02, momentum: 0.9 })],
  ["Nesterov", (parameters) => new optim.SGD(parameters, { lr: 0.02, momentum: 0.9, nesterov: true })],
  ["Adam", (parameters) => new optim.Adam(parameters, { lr: 0.1 })],
];

describe("a plane of two weights", () => {
  it("has the loss of the network with these weights", () => {
    const of = two();
    const plane = inspect.weightPlane(of.model, { name: "0.weight", index: 0 }, { name: "0.weight", index: 1 });
    const as = line(5, -2, 2);
    const bs = line(4, -1, 3);
    const surface = inspect.lossSurface(of, plane, as, bs);
    bs.forEach((b, row) => {
      as.forEach((a, column) => {
        const errors = [a + 2 * b - 1, -a + 0.5 * b - 2, 3 * a - 2 * b + 1];
        const expected = errors.reduce((sum, error) => sum + error ** 2, 0) / 3;
        expect(surface[row * as.length + column]).toBeCloseTo(expected, 4);
      });
    });
  });

  it.each(RULES)("is walked as a training of these weights walks: %s", (_, make) => {
    const of = two();
    const plane = inspect.weightPlane(of.model, { name: "0.weight", index: 0 }, { name: "0.weight", index: 1 });
    const [parameter] = of.model.parameters();
    const path = inspect.lossPath(of, plane, { start: plane.center, steps: 20, optimizer: make });
    expect(path).toHaveLength(21);
    const optimizer = make([parameter]);
    for (const { a, b, loss } of path) {
      const [w0, w1] = parameter.dataSync();
      expect(a).toBeCloseTo(w0, 5);
      expect(b).toBeCloseTo(w1, 5);
      optimizer.zeroGrad();
      const now = of.loss.forward(of.model.forward(of.x), of.target);
      now.backward();
      expect(loss).toBeCloseTo(now.itemSync(), 4);
      optimizer.step();
    }
    expect(path[20].loss).toBeLessThan(path[0].loss);
  });

  it("refuses weights that are not there", () => {
    const { model } = two();
    const at = (name: string, index: number) => ({ name, index });
    expect(() => inspect.weightPlane(model, at("0.weight", 0), at("0.weight", 2))).toThrow(/no weight 0\.weight\[2\]/);
    expect(() => inspect.weightPlane(model, at("1.weight", 0), at("0.weight", 0))).toThrow(/parameters are 0\.weight/);
    expect(() => inspect.weightPlane(model, at("0.weight", 0), at("0.weight", 0))).toThrow(/twice/);
  });
});

describe("a filter-normalised plane", () => {
  it("has rows of the network's norms, and moves no vector", () => {
    const { model } = deep();
    const { directions } = inspect.filterNormalizedPlane(model, 1);
    for (const direction of directions) {
      expect(Object.keys(direction)).toEqual(["0.weight", "4.weight"]);
      for (const [name, parameter] of model.namedParameters()) {
        if (direction[name] === undefined) continue;
        const weight = parameter.dataSync();
        const width = parameter.shape[1]!;
        for (let row = 0; row < weight.length; row += width)
          expect(Math.hypot(...direction[name].subarray(row, row + width))).toBeCloseTo(
            Math.hypot(...weight.subarray(row, row + width)),
            5,
          );
      }
    }
    expect(inspect.filterNormalizedPlane(model, 1)).toEqual(inspect.filterNormalizedPlane(model, 1));
  });

  it("has the loss of a network that is moved by hand, and slopes that agree with its differences", () => {
    const of = deep();
    const plane = inspect.filterNormalizedPlane(of.model, 3);
    const [surface] = inspect.lossSurface(of, plane, [0.4], [-0.7]);
    const moved = deep();
    for (const [name, parameter] of moved.model.namedParameters()) {
      const [u, v] = plane.directions.map((direction) => direction[name]);
      if (u === undefined) continue;
      parameter.assign(parameter.dataSync().map((value, place) => value + 0.4 * u[place] - 0.7 * v[place]));
    }
    moved.model.eval();
    expect(surface).toBeCloseTo(moved.loss.forward(moved.model.forward(moved.x), moved.target).itemSync(), 5);

    const h = 1e-2;
    const [left, right] = inspect.lossSurface(of, plane, [0.4 - h, 0.4 + h], [-0.7]);
    const [below, above] = inspect.lossSurface(of, plane, [0.4], [-0.7 - h, -0.7 + h]);
    const slope = [(right - left) / (2 * h), (above - below) / (2 * h)];
    const optimizer = (parameters: Tensor[]) => new optim.SGD(parameters, { lr: 1 });
    const [from, to] = inspect.lossPath(of, plane, { start: [0.4, -0.7], steps: 1, optimizer });
    expect(from.a - to.a).toBeCloseTo(slope[0], 3);
    expect(from.b - to.b).toBeCloseTo(slope[1], 3);
  });

  it("leaves the network, its gradients, its mode and the random numbers as they were", () => {
    const of = deep();
    of.loss.forward(of.model.forward(of.x), of.target).backward();
    const gradients = () => of.model.parameters().map(({ grad }) => [...grad!.dataSync()]);
    const before = [weights(of.model), gradients(), getRandomState()];
    const plane = inspect.filterNormalizedPlane(of.model, 3);
    inspect.lossSurface(of, plane, line(4, -1, 1), line(3, -1, 1));
    inspect.lossPath(of, plane, { start: [0.5, 0.5], steps: 5, optimizer: RULES[3][1] });
    expect([weights(of.model), gradients(), getRandomState()]).toEqual(before);
    expect([...of.model.modules()].every(({ training }) => training)).toBe(true);
  });

  it("ends a path that leaves the range", () => {
    const of = two();
    const plane = inspect.weightPlane(of.model, { name: "0.weight", index: 0 }, { name: "0.weight", index: 1 });
    const optimizer = (parameters: Tensor[]) => new optim.SGD(parameters, { lr: 1e6 });
    const path = inspect.lossPath(of, plane, { start: [1, 1], steps: 100, optimizer });
    expect(path.length).toBeLessThan(20);
    expect(Number.isFinite(path.at(-1)!.loss)).toBe(false);
  });
});
