import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { gradcheck, manualSeed, nn, ones, optim, type Tensor, tensor, zeros } from "../index.ts";
import { RandomStream } from "../random/random.ts";

const random = new RandomStream(5);
const numbers = (shape: number[]): Tensor =>
  tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    { shape },
  );

const dtype = "float64" as const;

describe("gradients equal central differences", () => {
  const cases: [name: string, make: () => nn.Layer, shape: number[]][] = [
    ["Linear", () => new nn.Linear(3, 4, { dtype }), [5, 3]],
    ["Linear of any rank", () => new nn.Linear(3, 2, { dtype }) as nn.Layer, [2, 2, 3]],
    ["Sigmoid", () => new nn.Sigmoid(), [2, 3]],
    ["Tanh", () => new nn.Tanh(), [2, 3]],
    ["ReLU", () => new nn.ReLU(), [2, 3]],
    ["LeakyReLU", () => new nn.LeakyReLU({ negativeSlope: 0.1 }), [2, 3]],
    ["GELU", () => new nn.GELU(), [2, 3]],
    ["GELU tanh", () => new nn.GELU({ approximate: "tanh" }), [2, 3]],
    ["SiLU", () => new nn.SiLU(), [2, 3]],
    ["ELU", () => new nn.ELU({ alpha: 0.7 }), [2, 3]],
    ["Softplus", () => new nn.Softplus({ beta: 2 }), [2, 3]],
    ["Softmax", () => new nn.Softmax({ dim: 1 }), [2, 3, 2]],
    ["LogSoftmax", () => new nn.LogSoftmax({ dim: 0 }), [3, 2]],
    ["BatchNorm1d", () => new nn.BatchNorm1d(3, { dtype }), [4, 3]],
    ["BatchNorm1d of sequences", () => new nn.BatchNorm1d(3, { dtype }), [2, 3, 4]],
    ["BatchNorm2d", () => new nn.BatchNorm2d(2, { dtype }), [2, 2, 2, 3]],
    ["LayerNorm", () => new nn.LayerNorm([2, 3], { dtype }), [2, 2, 3]],
    ["RMSNorm", () => new nn.RMSNorm(3, { dtype, eps: 1e-6 }), [4, 3]],
    ["GroupNorm", () => new nn.GroupNorm(2, 4, { dtype }), [2, 4, 3]],
    ["InstanceNorm1d", () => new nn.InstanceNorm1d(2, { dtype, affine: true, trackRunningStats: true }), [2, 2, 4]],
    ["InstanceNorm2d", () => new nn.InstanceNorm2d(2, { dtype }), [2, 2, 2, 2]],
    ["Flatten", () => new nn.Flatten(), [2, 3, 2]],
    ["Unflatten", () => new nn.Unflatten(1, [3, 2]), [2, 6]],
    ["Dropout", () => new nn.Dropout(0.4), [3, 4]],
    ["DropConnect", () => new nn.DropConnect(3, 2, { dtype }), [4, 3]],
  ];
  for (const [name, make, shape] of cases) {
    for (const training of [true, false]) {
      test(`${name} in ${training ? "train" : "eval"}`, () => {
        const layer = make();
        layer.train(training);
        const parameters = layer.parameters();
        const values = parameters.map((parameter) => numbers([...parameter.shape]));
        const state = layer.stateDict();
        const names = [...layer.namedParameters()].map(([path]) => path);
        gradcheck(
          (x: Tensor) => {
            manualSeed(3);
            return layer.forward(x);
          },
          [numbers(shape)],
        );
        // Of the parameters, by what backward leaves in them against moving each.
        names.forEach((path, index) => {
          layer.loadStateDict({ ...state, [path]: values[index] });
        });
        if (parameters.length === 0) return;
        const x = numbers(shape);
        const run = (): Tensor => {
          manualSeed(3);
          return layer.forward(x).pow(2).sum();
        };
        layer.zeroGrad();
        run().backward();
        for (const parameter of parameters) {
          const gradient = parameter.grad!.dataSync();
          const value = parameter.dataSync();
          for (let place = 0; place < value.length; place++) {
            const at = (shift: number): number => {
              const moved = value.slice();
              moved[place] += shift;
              parameter.assign(moved);
              return run().itemSync();
            };
            const numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
            parameter.assign(value);
            expect(gradient[place]).toBeCloseTo(numeric, 4);
          }
        }
      });
    }
  }
});

describe("Linear", () => {
  test("starts within 1/√in, from the seed", () => {
    manualSeed(4);
    const first = new nn.Linear(100, 50);
    const values = [...first.weight.dataSync()];
    expect(Math.max(...values)).toBeLessThanOrEqual(0.1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.1);
    expect(Math.max(...values)).toBeGreaterThan(0.099);
    manualSeed(4);
    expect(new nn.Linear(100, 50).weight.dataSync()).toEqual(first.weight.dataSync());
  });

  test("says what does not fit", () => {
    expect(() => new nn.Linear(0, 1)).toThrow("inFeatures");
    expect(() => new nn.Linear(3, 4).forward(zeros([3, 2]) as Tensor)).toThrow("transposed");
    expect(() => new nn.Linear(3, 4).forward(zeros([5, 2]) as Tensor)).toThrow(
      "Linear(3, 4) needs a last extent of 3, but the input has shape [5, 2]; make it Linear(2, 4)",
    );
  });
});

describe("dropout", () => {
  test("drops a share and keeps the expectation", () => {
    manualSeed(2);
    const y = [...new nn.Dropout({ p: 0.25 }).forward(ones([10000])).dataSync()];
    const dropped = y.filter((value) => value === 0).length;
    expect(dropped / 10000).toBeCloseTo(0.25, 1);
    expect(new Set(y.map((value) => value.toFixed(5)))).toEqual(new Set(["0.00000", (4 / 3).toFixed(5)]));
    const off = new nn.Dropout(0.9).eval();
    expect([...off.forward(ones([4])).dataSync()]).toEqual([1, 1, 1, 1]);
    expect(() => new nn.Dropout(1.5)).toThrow(RangeError);
  });

  test("the backward uses the mask of the forward", () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { requiresGrad: true });
    const y = new nn.Dropout(0.5).forward(x);
    y.sum().backward();
    const values = y.dataSync();
    [...x.grad!.dataSync()].forEach((gradient, index) => {
      expect(gradient * (index + 1)).toBeCloseTo(values[index]);
    });
  });

  test("DropConnect drops weights, one mask a batch", () => {
    manualSeed(6);
    const layer = new nn.DropConnect(50, 40, { bias: false, p: 0.5 });
    layer.weight.assign(ones([40, 50]));
    const y = layer.forward(ones([2, 50])).dataSync();
    expect(y.slice(0, 40)).toEqual(y.slice(40));
    expect(new Set(y).size).toBeGreaterThan(1);
    expect(
      [
        ...layer
          .eval()
          .forward(ones([1, 50]))
          .dataSync(),
      ].every((value) => value === 50),
    ).toBe(true);
  });
});

describe("Unflatten", () => {
  test("splits one dimension, counted from either end, and computes a size of -1", () => {
    const of = (shape: number[], dim: number, sizes: number[]) =>
      new nn.Unflatten(dim, sizes).forward(zeros(shape)).shape;
    expect(of([2, 12], 1, [3, 4])).toEqual([2, 3, 4]);
    expect(of([2, 12], -1, [3, -1])).toEqual([2, 3, 4]);
    expect(of([4, 12, 5], 0, [2, 2])).toEqual([2, 2, 12, 5]);
    expect(of([0, 12], 1, [3, 4])).toEqual([0, 3, 4]);
  });

  test("is undone by Flatten", () => {
    const x = numbers([2, 12]);
    const y = new nn.Flatten().forward(new nn.Unflatten(1, [3, 2, -1]).forward(x));
    expect([y.shape, y.dataSync()]).toEqual([[2, 12], x.dataSync()]);
  });

  test("says what does not fit", () => {
    expect(() => new nn.Unflatten(1, [3, 4]).forward(zeros([2, 10]))).toThrow(
      "Unflatten(1, [3, 4]) needs 12 elements along dimension 1, but the input has shape [2, 10]; let one of the sizes be -1",
    );
    expect(() => new nn.Unflatten(1, [3, -1]).forward(zeros([2, 10]))).toThrow("a multiple of 3 elements");
    expect(() => new nn.Unflatten(2, [3, 4]).forward(zeros([2, 12]))).toThrow("dim 2 is out of range");
    expect(() => new nn.Unflatten(0, [1]).forward(zeros([]))).toThrow("the input has shape []");
    expect(() => new nn.Unflatten(1, [])).toThrow("such as [3, 4]");
    expect(() => new nn.Unflatten(1, 3 as never)).toThrow("such as [3, 4]");
    expect(() => new nn.Unflatten(1, [0, 4])).toThrow("sizes[0], not 0");
    expect(() => new nn.Unflatten(1, [-1, -1])).toThrow("sizes[1], not -1");
    expect(() => new nn.Unflatten(0.5, [3])).toThrow("dim, not 0.5");
  });

  test("is saved with its sizes, and is written with them", () => {
    const layer = new nn.Unflatten(1, [3, -1]);
    const again = nn.fromConfig(JSON.parse(JSON.stringify(layer.toConfig())));
    expect(again.toConfig()).toEqual(layer.toConfig());
    expect(again.forward(zeros([2, 12])).shape).toEqual([2, 3, 4]);
    expect(String(layer)).toBe("Unflatten(1, [3, -1])");
  });
});

describe("batch norm", () => {
  test("refuses one value a channel in training", () => {
    expect(() => new nn.BatchNorm1d(2).forward(ones([1, 2]))).toThrow("more than one value a channel");
    expect(() => new nn.BatchNorm1d(2).eval().forward(ones([1, 2]))).not.toThrow();
    expect(() => new nn.InstanceNorm1d(2).forward(ones([3, 2, 1]))).toThrow("more than one place");
    expect(() => new nn.BatchNorm1d(2).forward(ones([3, 4, 2]) as Tensor)).toThrow("permute");
  });

  test("statistics ride in the optimizer's evaluation", () => {
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    for (let step = 1; step <= 3; step++) {
      optimizer.zeroGrad();
      model
        .forward(
          tensor([
            [1, 2],
            [3, -4],
          ]) as Tensor as Tensor<[2, 2]>,
        )
        .sum()
        .backward();
      optimizer.step();
      expect(model.stateDict()["1.num_batches_tracked"].itemSync()).toBe(step);
    }
  });

  test("two calls before an evaluation count twice", () => {
    const norm = new nn.BatchNorm1d(1);
    norm.forward(tensor([[1], [3]]));
    norm.forward(tensor([[2], [4]]));
    expect(norm.num_batches_tracked!.itemSync()).toBe(2);
    expect(norm.running_mean!.itemSync()).toBeCloseTo(0.9 * 0.2 + 0.1 * 3);
  });
});

describe("losses", () => {
  const probabilities = tensor(
    [
      [0.7, 0.2, 0.1],
      [0.1, 0.3, 0.6],
    ],
    { dtype },
  );
  const truth = tensor(
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
    { dtype },
  );
  const predicted = tensor([2.5, 0, -1], { dtype });
  const actual = tensor([3, -0.5, 2], { dtype });

  test("as the lecture writes them", () => {
    const y = [3, -0.5, 2];
    const p = [2.5, 0, -1];
    const n = 3;
    // MAE = 1/n Σ |y − ŷ|
    const mae = y.reduce((sum, value, i) => sum + Math.abs(value - p[i]), 0) / n;
    expect(new nn.MAELoss().forward(predicted, actual).itemSync()).toBeCloseTo(mae, 12);
    // MSE = 1/n Σ (y − ŷ)²
    const mse = y.reduce((sum, value, i) => sum + (value - p[i]) ** 2, 0) / n;
    expect(new nn.MSELoss().forward(predicted, actual).itemSync()).toBeCloseTo(mse, 12);
    // BCE = −Σ [y log ŷ + (1 − y) log(1 − ŷ)]
    const labels = [1, 0, 1];
    const chances = [0.9, 0.2, 0.4];
    const bce = -labels.reduce((sum, t, i) => sum + t * Math.log(chances[i]) + (1 - t) * Math.log(1 - chances[i]), 0);
    const binary = new nn.BCELoss({ reduction: "sum" });
    expect(binary.forward(tensor(chances, { dtype }), tensor(labels, { dtype })).itemSync()).toBeCloseTo(bce, 12);
    // CCE = −Σᵢ Σ_c y_ic log ŷ_ic
    const cce = -(Math.log(0.7) + Math.log(0.3));
    const categorical = new nn.CrossEntropyLoss({ input: "probabilities", reduction: "sum" });
    expect(categorical.forward(probabilities, truth).itemSync()).toBeCloseTo(cce, 12);
    expect(categorical.forward(probabilities, tensor([0, 1], { dtype: "int32" })).itemSync()).toBeCloseTo(cce, 12);
  });

  test("gradients equal central differences", () => {
    const x = numbers([4, 3]);
    const classes = tensor([0, 2, -100, 1], { dtype: "int32" });
    const weight = tensor([0.5, 1, 2], { dtype });
    const chances = x.sigmoid().detach();
    const y = numbers([4, 3]).sigmoid().detach();
    for (const reduction of ["mean", "sum", "none"] as const) {
      gradcheck((input: Tensor) => new nn.L1Loss({ reduction }).forward(input, y), [x]);
      gradcheck((input: Tensor) => new nn.MSELoss({ reduction }).forward(input, y), [x]);
      gradcheck((input: Tensor) => new nn.HuberLoss({ reduction, delta: 0.6 }).forward(input, y), [x]);
      gradcheck((input: Tensor) => new nn.BCELoss({ reduction }).forward(input, y), [chances]);
      gradcheck((input: Tensor) => new nn.BCEWithLogitsLoss({ reduction, posWeight: weight }).forward(input, y), [x]);
      gradcheck((input: Tensor) => new nn.NLLLoss({ reduction, weight }).forward(input, classes), [x]);
      const options = { reduction, weight, labelSmoothing: 0.1 };
      gradcheck((input: Tensor) => new nn.CrossEntropyLoss(options).forward(input, classes), [x]);
      gradcheck((input: Tensor) => new nn.CrossEntropyLoss(options).forward(input, y), [x]);
      const given = { ...options, input: "probabilities" as const };
      gradcheck((input: Tensor) => new nn.CrossEntropyLoss(given).forward(input, classes), [chances]);
    }
  });

  test("say what does not fit", () => {
    const loss = new nn.CrossEntropyLoss();
    expect(() => loss.forward(zeros([2, 3]), tensor([0, 3], { dtype: "int32" }))).toThrow(
      "class 3, but the input has 3",
    );
    expect(() => loss.forward(zeros([2, 3]), tensor([0, -1], { dtype: "int32" }))).toThrow(RangeError);
    expect(() => loss.forward(zeros([2, 3]), zeros([3], { dtype: "int32" }))).toThrow("[2]");
    expect(() => new nn.MSELoss().forward(zeros([4, 1]), zeros([4]))).toThrow("unsqueeze(-1)");
    expect(() => new nn.MSELoss({ reduction: "average" as never })).toThrow("reductions");
    expect(() => new nn.CrossEntropyLoss({ weight: ones([2]) }).forward(zeros([2, 3]), zeros([2]))).toThrow(
      "3 classes",
    );
  });

  test("a model is written as a tree", () => {
    const inner = new nn.Sequential(new nn.Linear(8, 2), new nn.Dropout(0.2));
    const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), inner);
    expect(String(model)).toBe(
      "Sequential(\n  (0): Linear(4, 8)\n  (1): ReLU()\n  (2): Sequential(\n    (0): Linear(8, 2)\n    (1): Dropout(p=0.2)\n  )\n)",
    );
    expect(inspect(model)).toBe(String(model));
  });

  test("layers say that they take tensors", () => {
    const model = new nn.Sequential(new nn.Linear(2, 1), new nn.ReLU());
    expect(() => model.forward([[1, 2]] as never)).toThrow(/^Linear\.forward takes a tensor, but was given an array/);
    expect(() => new nn.Linear(2, 1).forward(undefined as never)).toThrow("takes a tensor, but was given nothing");
    expect(() => new nn.ReLU().forward(3 as never)).toThrow("takes a tensor, but was given a number");
  });

  test("class indices are whole numbers, and wrong ones that are computed give NaN", () => {
    const x = tensor([
      [1, 2, 3],
      [0, 1, 0],
    ]) as Tensor;
    for (const loss of [new nn.CrossEntropyLoss(), new nn.NLLLoss()]) {
      for (const wrong of [
        [0.2, 1.9],
        [1, 2.5],
        [-0.5, 0],
      ])
        expect(() => loss.forward(x, tensor(wrong))).toThrow("whole number");
      const known = loss.forward(x, tensor([0, 2])).itemSync();
      expect(loss.forward(x, tensor([-1, 1]).add(1)).itemSync()).toBeCloseTo(known, 6);
    }
    const each = new nn.CrossEntropyLoss({ reduction: "none", ignoreIndex: 9 });
    for (const [wrong, at] of [
      [3, 1],
      [-1, 0],
      [0.5, 1],
    ]) {
      const target = at === 0 ? [wrong, 1] : [1, wrong];
      const losses = each.forward(x, tensor(target).mul(1)).dataSync();
      expect([losses[at], Number.isFinite(losses[1 - at])]).toEqual([Number.NaN, true]);
      expect(new nn.CrossEntropyLoss().forward(x, tensor(target).mul(1)).itemSync()).toBeNaN();
    }
    expect(each.forward(x, tensor([9, 1], { dtype: "int32" }).mul(1)).dataSync()[0]).toBe(0);
  });

  test("a share of zero meets a probability of zero", () => {
    const x = tensor([[1, 0]], { requiresGrad: true });
    const loss = new nn.CrossEntropyLoss({ input: "probabilities" }).forward(x, tensor([[1, 0]]));
    loss.backward();
    expect(loss.itemSync()).toBeCloseTo(0);
    expect([...x.grad!.dataSync()]).toEqual([-1, 0]);
  });

  test("a Softmax in front of logits is pointed out, once", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Softmax({ dim: 1 }));
    const target = tensor([0], { dtype: "int32" });
    new nn.CrossEntropyLoss({ input: "probabilities" }).forward(model.forward(ones([1, 2])), target);
    expect(warn).not.toHaveBeenCalled();
    for (let time = 0; time < 2; time++) new nn.CrossEntropyLoss().forward(model.forward(ones([1, 2])), target);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0][0]).toContain("Softmax");
    warn.mockRestore();
  });
});

describe("initialisation", () => {
  test("has the spread that its formula says", () => {
    manualSeed(9);
    const deviation = (fill: (weight: nn.Parameter) => nn.Parameter): number =>
      fill(new nn.Parameter(zeros([200, 300]) as Tensor))
        .std()
        .itemSync();
    expect(deviation((w) => nn.init.kaimingNormal(w, { nonlinearity: "relu" }))).toBeCloseTo(Math.sqrt(2 / 300), 3);
    expect(deviation((w) => nn.init.kaimingUniform(w, { a: Math.sqrt(5) }))).toBeCloseTo(1 / Math.sqrt(3 * 300), 3);
    expect(deviation((w) => nn.init.xavierNormal(w))).toBeCloseTo(Math.sqrt(2 / 500), 3);
    expect(deviation((w) => nn.init.xavierUniform(w))).toBeCloseTo(Math.sqrt(2 / 500), 3);
    expect(deviation((w) => nn.init.normal(w, 1, 0.5))).toBeCloseTo(0.5, 1);
    expect([...nn.init.constant(new nn.Parameter(zeros([2])), 3).dataSync()]).toEqual([3, 3]);
  });
});
