import { describe, expect, it } from "vitest";
import { inspect, manualSeed, nn, optim, randn, type Tensor, tensor, zeros } from "../index.ts";
import { getRandomState } from "../random/generator.ts";

type Finding = inspect.Finding;

const classes = (rows: number, count: number): Tensor =>
  tensor(
    Array.from({ length: rows }, (_, row) => row % count),
    { dtype: "int32" },
  );

/** What diagnose() finds in a network on 64 random rows of 8 features and 3 classes. */
function findings(model: nn.Module, x: Tensor = randn([64, 8]), options: inspect.MeasureOptions = {}): Finding[] {
  const target = classes(64, 3);
  return inspect.diagnose(inspect.measure(model, x, { loss: new nn.CrossEntropyLoss(), target, ...options }));
}

const codes = (found: readonly Finding[]): string[] => found.map(({ code }) => code);

function network(activation: () => nn.Layer, hidden = 2, norm?: () => nn.Layer): nn.Sequential<nn.Layer[]> {
  const layers: nn.Layer[] = [];
  for (let layer = 0; layer < hidden; layer++) {
    layers.push(new nn.Linear(layer === 0 ? 8 : 32, 32));
    if (norm !== undefined) layers.push(norm());
    layers.push(activation());
  }
  layers.push(new nn.Linear(32, 3));
  return new nn.Sequential(...layers);
}

function initialised(model: nn.Module): nn.Module {
  for (const parameter of model.parameters())
    if (parameter.shape.length === 2) nn.init.kaimingNormal(parameter, { nonlinearity: "relu" });
  return model;
}

const HEALTHY: [name: string, make: () => nn.Module][] = [
  ["ReLU", () => network(() => new nn.ReLU())],
  ["ReLU, eight layers with He's initialisation", () => initialised(network(() => new nn.ReLU(), 8))],
  [
    "ReLU with batch norm and dropout",
    () =>
      network(
        () => new nn.ReLU(),
        3,
        () => new nn.BatchNorm1d(32),
      ),
  ],
  ["tanh", () => network(() => new nn.Tanh(), 3)],
  ["sigmoid", () => network(() => new nn.Sigmoid(), 1)],
  ["GELU by tanh", () => network(() => new nn.GELU({ approximate: "tanh" }))],
  ["SiLU", () => network(() => new nn.SiLU())],
  [
    "dropout",
    () =>
      network(
        () => new nn.ReLU(),
        2,
        () => new nn.Dropout(0.5),
      ),
  ],
  ["linear", () => new nn.Linear(8, 3)],
];

describe("a healthy network", () => {
  it.each(HEALTHY)("has no findings: %s", (_, make) => {
    manualSeed(3);
    const model = make();
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
    expect(findings(model, undefined, { optimizer })).toEqual([]);
    expect(findings(model.eval())).toEqual([]);
  });

  it("has none after it has learned, where gradients are small and its answers sure", () => {
    manualSeed(3);
    const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1), new nn.Sigmoid());
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
    const loss = new nn.BCELoss();
    const x = randn([64, 2]).keep();
    const target = x.slice(1, 0, 1).gt(0).to("float32").keep();
    target.dataSync();
    for (let step = 0; step < 400; step++) {
      optimizer.zeroGrad();
      loss.forward(model.forward(x), target).backward();
      optimizer.step();
    }
    const measures = inspect.measure(model, x, { loss, target, optimizer });
    expect(measures.loss).toBeLessThan(0.05);
    expect(inspect.diagnose(measures, { baseline: Math.log(2) })).toEqual([]);
  });
});

describe("an ill network", () => {
  const scale = (layer: nn.Module, by: number): void => {
    for (const parameter of layer.parameters()) parameter.assign(parameter.mul(by));
  };

  it("is saturated where tanh or sigmoid is at its limits", () => {
    for (const [of, make] of [
      ["tanh", () => new nn.Tanh()],
      ["sigmoid", () => new nn.Sigmoid()],
    ] as const) {
      manualSeed(1);
      const model = network(make, 2);
      scale(model.layers[2], 100);
      const found = findings(model).filter(({ code }) => code === "saturated");
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ code: "saturated", path: "3", of });
      const traced = inspect.trace(model, randn([64, 8])).operations.filter(({ op }) => op === of);
      expect(traced).toHaveLength(2);
      expect((found[0] as { share: number }).share).toBeGreaterThan(0.8);
    }
  });

  it("counts what is at the limits", () => {
    const { layers } = inspect.measure(
      new nn.Sequential(new nn.Tanh(), new nn.Identity(), new nn.Linear(4, 1)),
      tensor([
        [0, 1, 3, -3],
        [0.5, 2.2, -2, 1e9],
      ]),
    );
    // tanh⁻¹ 0.97 = 2.0923: 3, −3, 2.2 and 1e9 are beyond it.
    expect(layers[0]).toMatchObject({ path: "0", layer: "Tanh", saturation: { of: "tanh", share: 0.5 } });
  });

  it("has dead units where a ReLU gives 0 for a whole batch", () => {
    manualSeed(1);
    const model = network(() => new nn.ReLU(), 2);
    const { bias } = model.layers[0] as nn.Linear<8, 32>;
    bias!.assign(Array.from({ length: 32 }, (_, unit) => (unit < 20 ? -100 : 0)));
    const [first, ...rest] = findings(model);
    expect(first).toEqual({
      code: "dead-units",
      path: "1",
      layer: "ReLU",
      dead: 20,
      units: 32,
      share: 20 / 32,
      rows: 64,
    });
    expect(rest).toEqual([]);
    // Few rows say nothing about units.
    const few = inspect.measure(model, randn([8, 8]), { loss: new nn.CrossEntropyLoss(), target: classes(8, 3) });
    expect(inspect.diagnose(few)).toEqual([]);
    bias!.assign(new Array(32).fill(-100));
    const all = { code: "dead-units", path: "1", layer: "ReLU", dead: 32, units: 32, share: 1, rows: 64 };
    expect(findings(model)).toEqual([all]);
    // No rate moves what no gradient reaches.
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const still = inspect.measure(model, randn([64, 8]), {
      ...{ loss: new nn.CrossEntropyLoss(), target: classes(64, 3), optimizer },
    });
    expect(inspect.diagnose(still, { baseline: 0.1 })).toEqual([all]);
  });

  it("is stuck where its weights are all 0, whatever the activation, and not where only the last layer's are", () => {
    for (const make of [() => new nn.Tanh(), () => new nn.ReLU()]) {
      manualSeed(1);
      const model = network(make, 2);
      for (const parameter of model.parameters()) parameter.assign(zeros(parameter.shape));
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      expect(findings(model, undefined, { optimizer })).toEqual([{ code: "zero-weights", path: "0", layer: "Linear" }]);
      const begun = network(make, 2);
      scale(begun.layers[4], 0);
      expect(codes(findings(begun))).not.toContain("zero-weights");
    }
  });

  it("lets no gradient through where it gives the same whatever the weights are", () => {
    manualSeed(1);
    const model = new nn.Sequential(new nn.Linear(8, 4), new nn.Tanh(), new nn.Linear(4, 1), new nn.Softmax());
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const target = classes(64, 2).to("float32").reshape([64, 1]);
    const measures = inspect.measure(model, randn([64, 8]), { loss: new nn.MSELoss(), target, optimizer });
    expect(measures.loss).toBeCloseTo(0.5, 6);
    const found = [{ code: "no-gradients", path: "3", layer: "Softmax" }];
    expect(inspect.diagnose(measures, { baseline: 0.25 })).toEqual(found);
    // Without a baseline nothing says that it is not at the end of its training.
    expect(codes(inspect.diagnose(measures))).not.toContain("no-gradients");
  });

  it("has weights that decayed, where weight decay is on and all of them are next to 0", () => {
    manualSeed(1);
    const model = new nn.Sequential(new nn.Linear(8, 8), new nn.Tanh(), new nn.Linear(8, 3));
    const judge = (weightDecay: number) => {
      const measures = inspect.measure(model, randn([64, 8]), {
        loss: new nn.CrossEntropyLoss(),
        target: classes(64, 3),
      });
      return inspect.diagnose(measures, { baseline: Math.log(3), weightDecay });
    };
    expect(judge(0.5)).toEqual([]);
    scale(model.layers[2], 1e-5);
    expect(codes(judge(0.5))).toEqual(["vanishing-gradients"]);
    scale(model.layers[0], 1e-3);
    expect(judge(0.5)).toMatchObject([{ code: "decayed-weights", path: "0", layer: "Linear", weightDecay: 0.5 }]);
    expect(codes(judge(0))).toEqual(["vanishing-gradients"]);
  });

  it("has vanishing gradients with many sigmoids, and exploding ones with large weights", () => {
    manualSeed(1);
    const [vanishing, ...rest] = findings(network(() => new nn.Sigmoid(), 8));
    expect(vanishing).toMatchObject({ code: "vanishing-gradients", path: "0", layer: "Linear", last: "16" });
    expect((vanishing as { ratio: number }).ratio).toBeLessThan(1e-5);
    expect(rest).toEqual([]);
    const large = network(() => new nn.ReLU(), 5);
    for (let layer = 2; layer < 10; layer += 2) scale(large.layers[layer], 40);
    expect(findings(large)[0]).toMatchObject({ code: "exploding-gradients", path: "0", last: "10" });
  });

  it("exploded where values leave what float32 tells apart, and names the layer and what went in", () => {
    manualSeed(1);
    const model = network(() => new nn.ReLU(), 3);
    scale(model.layers[2], 1e9);
    const [found, ...rest] = findings(model);
    expect(found).toMatchObject({ code: "exploded", path: "2", layer: "Linear" });
    expect(rest).toEqual([]);
    const data = findings(
      network(() => new nn.ReLU()),
      randn([64, 8]).mul(1e12),
    );
    expect(data[0]).toMatchObject({ code: "exploded", path: "0" });
    expect((data[0] as { input: number }).input).toBeGreaterThan(1e12);
  });

  it("names where the first NaN or infinity is", () => {
    manualSeed(1);
    class Log extends nn.Module {
      forward(x: Tensor): Tensor {
        return x.log();
      }
    }
    const x = randn([64, 8]).keep();
    const largest = Math.max(...x.dataSync().map(Math.abs));
    const withLog = new nn.Sequential(new nn.Linear(8, 8), new Log() as nn.Layer, new nn.Linear(8, 3));
    expect(findings(withLog, x)).toEqual([
      { code: "non-finite", phase: "forward", path: "1", layer: "Log", value: "NaN", input: largest },
    ]);
    const model = network(() => new nn.ReLU());
    scale(model.layers[2], Number.POSITIVE_INFINITY);
    expect(findings(model, x)[0]).toMatchObject({ phase: "parameter", path: "2", layer: "Linear" });
    const holes = tensor([Number.NaN, ...x.dataSync().slice(1)]).reshape([64, 8]);
    expect(
      findings(
        network(() => new nn.ReLU()),
        holes,
      )[0],
    ).toMatchObject({ phase: "input", value: "NaN" });
    class Root extends nn.Module {
      inner = new nn.Linear(8, 3);
      forward(x: Tensor): Tensor {
        return this.inner.forward(x.mul(0).sqrt() as Tensor<[number, 8]>);
      }
    }
    const root = new nn.Sequential(new nn.Linear(8, 8), new Root() as nn.Layer);
    expect(findings(root, x)[0]).toMatchObject({ phase: "backward", path: "1", layer: "Root" });
    const loss = inspect.diagnose(
      inspect.measure(new nn.Linear(8, 1), x.mul(1e30), { loss: new nn.MSELoss(), target: zeros([64, 1]) }),
    );
    expect(loss[0]).toMatchObject({ code: "non-finite", phase: "loss", layer: "Linear", value: "Infinity" });
  });

  it("lets an infinity pass that is made finite again", () => {
    class Masked extends nn.Module {
      inner = new nn.Linear(8, 3);
      forward(x: Tensor): Tensor {
        return this.inner.forward(x.mul(0).log().exp().add(x) as Tensor<[number, 8]>);
      }
    }
    const found = inspect.measure(new Masked(), randn([64, 8]));
    expect(found.nonFinite).toBeNull();
  });

  it("has updates too large or too small beside its weights", () => {
    manualSeed(1);
    const model = network(() => new nn.ReLU());
    const optimizer = new optim.SGD(model.parameters(), { lr: 100 });
    const measureWith = (each: optim.Optimizer) =>
      inspect.measure(model, randn([64, 8]), {
        loss: new nn.CrossEntropyLoss(),
        target: classes(64, 3),
        optimizer: each,
      });
    expect(codes(inspect.diagnose(measureWith(optimizer)))).toEqual(["updates-too-large"]);
    const slow = measureWith(new optim.Adam(model.parameters(), { lr: 1e-8 }));
    expect(inspect.diagnose(slow)).toEqual([]);
    expect(codes(inspect.diagnose(slow, { baseline: Math.log(3) }))).toEqual(["updates-too-small"]);
    expect(inspect.diagnose(slow, { baseline: 100 })).toEqual([]);
    // Where the loss hardly depends on the weights any more, as at the end of a training, no rate is too low.
    const rest = measureWith(new optim.SGD(model.parameters(), { lr: 1e-9 }));
    const layers = rest.layers.map((layer) => ({
      ...layer,
      weights: layer.weights.map((weight) => ({ ...weight, gradient: 1e-3 * weight.gradient! })),
    }));
    expect(codes(inspect.diagnose(rest, { baseline: Math.log(3) }))).toEqual(["updates-too-small"]);
    expect(inspect.diagnose({ ...rest, layers }, { baseline: Math.log(3) })).toEqual([]);
    // Where saturation is why nothing moves, no higher rate is asked for.
    const limits = network(() => new nn.Tanh());
    scale(limits.layers[0], 1e4);
    const sgd = new optim.SGD(limits.parameters(), { lr: 1e-9 });
    const stuck = inspect.measure(limits, randn([64, 8]), {
      ...{ loss: new nn.CrossEntropyLoss(), target: classes(64, 3), optimizer: sgd },
    });
    expect(codes(inspect.diagnose(stuck, { baseline: 0.1 }))).not.toContain("updates-too-small");
    expect(codes(inspect.diagnose(stuck, { baseline: 0.1 }))).toContain("saturated");
    expect(inspect.diagnose(slow, { baseline: Math.log(3), thresholds: { update: [0, 1] } })).toEqual([]);
  });
});

describe("measuring", () => {
  const build = () => {
    manualSeed(4);
    const model = new nn.Sequential(
      new nn.Linear(6, 8),
      new nn.BatchNorm1d(8),
      new nn.ReLU(),
      new nn.Dropout(0.3),
      new nn.Linear(8, 3),
    );
    const x = randn([32, 6]).keep();
    x.dataSync();
    return { model, loss: new nn.CrossEntropyLoss(), x, target: classes(32, 3) };
  };
  const OPTIMIZERS: [name: string, make: (parameters: Tensor[]) => optim.Optimizer][] = [
    ["SGD", (parameters) => new optim.SGD(parameters, { lr: 0.1 })],
    ["Nesterov", (parameters) => new optim.SGD(parameters, { lr: 0.1, momentum: 0.9, nesterov: true })],
    ["Adam", (parameters) => new optim.Adam(parameters, { lr: 0.01, amsgrad: true })],
    ["AdamW", (parameters) => new optim.AdamW(parameters, { lr: 0.01 })],
    ["RMSprop", (parameters) => new optim.RMSprop(parameters, { lr: 0.01, momentum: 0.9 })],
    ["Adagrad", (parameters) => new optim.Adagrad(parameters, { lr: 0.01 })],
  ];

  /** Six steps, looked at before each or not; all that is left behind, bit for bit. */
  function trained(make: (parameters: Tensor[]) => optim.Optimizer, look: boolean) {
    const { model, loss, x, target } = build();
    const optimizer = make(model.parameters());
    const updates: number[] = [];
    const moved: number[] = [];
    for (let step = 0; step < 6; step++) {
      const before = model.parameters().map((parameter) => Float64Array.from(parameter.dataSync()));
      if (look) {
        const { layers } = inspect.measure(model, x, { loss, target, optimizer });
        updates.push(...layers.flatMap(({ weights }) => weights.map(({ update }) => update!)));
      }
      optimizer.zeroGrad();
      loss.forward(model.forward(x), target).backward();
      optimizer.step();
      model.parameters().forEach((parameter, index) => {
        if (parameter.shape.length < 2) return;
        const after = parameter.dataSync();
        const sum = before[index].reduce((total, value, place) => total + (after[place] - value) ** 2, 0);
        moved.push(Math.sqrt(sum / after.length));
      });
    }
    const state = Object.entries(model.stateDict()).map(([key, each]) => [key, [...each.dataSync()]]);
    const remembered = JSON.stringify(optimizer.stateDict().groups);
    const memory = Object.values(optimizer.stateDict().state).map((each) =>
      Object.entries(each).map(([key, value]) => [key, typeof value === "number" ? value : [...value.dataSync()]]),
    );
    return { left: { state, remembered, memory, random: getRandomState() }, updates, moved };
  }

  it.each(OPTIMIZERS)("changes no bit of a training, and foretells its updates: %s", (_, make) => {
    const plain = trained(make, false);
    const watched = trained(make, true);
    expect(watched.left).toEqual(plain.left);
    expect(watched.updates).toHaveLength(watched.moved.length);
    watched.updates.forEach((update, index) => {
      expect(Math.abs(update - watched.moved[index])).toBeLessThanOrEqual(1e-3 * watched.moved[index]);
    });
  });

  it("is JSON, in the order in which layers run", () => {
    const { model, loss, x, target } = build();
    const { layers } = JSON.parse(JSON.stringify(inspect.measure(model, x, { loss, target })));
    expect(layers.map(({ path, layer }: inspect.LayerMeasure) => `${path} ${layer}`)).toEqual([
      "0 Linear",
      "1 BatchNorm1d",
      "2 ReLU",
      "3 Dropout",
      "4 Linear",
    ]);
  });
});
