import { describe, expect, test } from "vitest";
import { context } from "../graph/context.ts";
import { pendingNodes } from "../graph/evaluate.ts";
import { getRandomState, manualSeed, nn, ones, optim, StaleTensorError, type Tensor, tensor, zeros } from "../index.ts";

class Block extends nn.Module {
  norm = new nn.LayerNorm(4);
  layers = [new nn.Linear(4, 4), new nn.ReLU()] as const;
  forward(x: Tensor): Tensor {
    let value: Tensor = this.norm.forward(x);
    for (const layer of this.layers) value = layer.forward(value);
    return value;
  }
}

class Net extends nn.Module {
  fc1 = new nn.Linear(3, 4);
  block = new Block();
  list = new nn.ModuleList([new nn.Linear(4, 4, { bias: false })]);
  scale = new nn.Parameter(ones([4]));
  constructor() {
    super();
    this.registerBuffer("seen", zeros([], { dtype: "int32" }));
  }
  forward(x: Tensor): Tensor {
    const hidden = this.block.forward(this.fc1.forward(x));
    return this.list.at(0).forward(hidden).mul(this.scale);
  }
}

describe("registration", () => {
  test("finds modules, parameters and buffers by name, in the order of definition", () => {
    const net = new Net();
    expect([...net.namedModules()].map(([path]) => path)).toEqual([
      "",
      "fc1",
      "block",
      "block.norm",
      "block.layers.0",
      "block.layers.1",
      "list",
      "list.0",
    ]);
    expect([...net.namedParameters()].map(([path]) => path)).toEqual([
      "scale",
      "fc1.weight",
      "fc1.bias",
      "block.norm.weight",
      "block.norm.bias",
      "block.layers.0.weight",
      "block.layers.0.bias",
      "list.0.weight",
    ]);
    expect([...net.namedBuffers()].map(([path]) => path)).toEqual(["seen"]);
    expect(Object.keys(net.stateDict())).toContain("seen");
    expect(net.children.length).toBe(3);
  });

  test("gives shared parameters once, but saves them under each name", () => {
    class Tied extends nn.Module {
      first = new nn.Linear(3, 3);
      second = this.first;
      forward(x: Tensor): Tensor {
        return this.second.forward(this.first.forward(x));
      }
    }
    const tied = new Tied();
    expect(tied.parameters().length).toBe(2);
    expect(Object.keys(tied.stateDict())).toEqual(["first.weight", "first.bias", "second.weight", "second.bias"]);
    expect(() => tied.forward(ones([1, 3]))).not.toThrow();
  });

  test("refuses a forward that is a property", () => {
    class Arrow extends nn.Module {
      fc = new nn.Linear(1, 1);
      forward = (x: Tensor): Tensor => this.fc.forward(x);
    }
    const arrow = new Arrow();
    expect(() => arrow.parameters()).toThrow("Arrow has forward as a property");
    expect(() => arrow.summary()).toThrow("write it as a method");
    class Outer extends nn.Module {
      inner = arrow;
      forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    expect(() => new Outer().forward(ones([1, 1]))).toThrow("Arrow has forward as a property");
  });

  test("finds a layer that is called but not registered", () => {
    class Hidden extends nn.Module {
      #fc = new nn.Linear(2, 2);
      forward(x: Tensor): Tensor {
        return this.#fc.forward(x);
      }
    }
    expect(() => new Hidden().forward(ones([1, 2]))).toThrow(/Hidden calls a layer of class Linear.*#private/);
    class Local extends nn.Module {
      forward(x: Tensor): Tensor {
        return new nn.Linear(2, 2).forward(x);
      }
    }
    expect(() => new Local().forward(ones([1, 2]))).toThrow("Local calls a layer of class Linear");
    expect(context.layerPath).toBe("");
    expect(context.moduleDepth).toBe(0);
  });

  test("lets a layer be called that an outer module holds", () => {
    const shared = new nn.Linear(2, 2);
    class Inner extends nn.Module {
      readonly #shared = shared;
      forward(x: Tensor): Tensor {
        return this.#shared.forward(x);
      }
    }
    class Outer extends nn.Module {
      shared = shared;
      inner = new Inner();
      forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    expect(() => new Outer().forward(ones([1, 2]))).not.toThrow();
  });

  test("buffers are checked and protected", () => {
    const net = new Net() as Net & { seen: Tensor };
    expect(() => net.registerBuffer("seen", zeros([1]))).toThrow("already");
    expect(() => net.registerBuffer("fc1", zeros([1]))).toThrow("already");
    expect(() => net.registerBuffer("a.b", zeros([1]))).toThrow("named");
    expect(() => {
      net.seen = zeros([]);
    }).toThrow("assign");
    net.seen.assign(3);
    expect(net.stateDict().seen.itemSync()).toBe(3);
  });

  test("parameters are floats", () => {
    expect(() => new nn.Parameter(zeros([2], { dtype: "int32" }))).toThrow(TypeError);
    expect(new nn.Parameter(tensor([1, 2]), { requiresGrad: false }).requiresGrad).toBe(false);
  });
});

describe("calls", () => {
  test("carry the path of their layer, and put it back after an error", () => {
    const net = new Net();
    const paths = new Set<string>();
    context.observer = { created: (node) => paths.add(node.path) };
    net.forward(ones([2, 3]));
    context.observer = null;
    expect([...paths]).toEqual(expect.arrayContaining(["fc1", "block.norm", "block.layers.0", "list.0", "Net"]));
    expect(() => net.forward(ones([2, 5]))).toThrow('in layer "fc1"');
    expect(context.layerPath).toBe("");
    expect(context.moduleDepth).toBe(0);
  });

  test("super.forward is the same call", () => {
    class Base extends nn.Module {
      fc = new nn.Linear(2, 2);
      forward(x: Tensor): Tensor {
        return this.fc.forward(x);
      }
    }
    class Derived extends Base {
      override forward(x: Tensor): Tensor {
        return super.forward(x).relu();
      }
    }
    new Base();
    const paths = new Set<string>();
    const derived = new Derived();
    context.observer = { created: (node) => paths.add(node.path) };
    derived.forward(ones([1, 2]));
    context.observer = null;
    expect([...paths].sort()).toEqual(["Derived", "fc"]);
  });

  test("results of outermost calls are kept, hidden values are not", () => {
    class Leaky extends nn.Module {
      fc = new nn.Linear(2, 2);
      hidden: Tensor | null = null;
      forward(x: Tensor) {
        this.hidden = this.fc.forward(x);
        return { all: [this.hidden.relu()], sum: this.hidden.sum() };
      }
    }
    const model = new Leaky();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const { all, sum } = model.forward(ones([1, 2]));
    sum.backward();
    optimizer.step();
    expect(all[0].dataSync().length).toBe(2);
    expect(Number.isFinite(sum.itemSync())).toBe(true);
    expect(() => model.hidden!.dataSync()).toThrow(StaleTensorError);
    expect(() => model.hidden!.dataSync()).toThrow('"fc"');
  });

  test("an asynchronous forward is refused", () => {
    class Late extends nn.Module {
      async forward(x: Tensor): Promise<Tensor> {
        return x;
      }
    }
    expect(() => new Late().forward(ones([1]))).toThrow("asynchronous");
  });

  test("a graph that grows is run in between", () => {
    const model = new nn.Linear(1, 1);
    let x: Tensor = ones([1, 1]);
    for (let step = 0; step < 3000; step++) x = model.forward(x);
    expect(pendingNodes()).toBeLessThan(2100);
  });
});

describe("state", () => {
  test("travels from one module to another", () => {
    const first = new Net();
    const second = new Net();
    const x = tensor([[1, -2, 3]]);
    expect(second.forward(x).dataSync()).not.toEqual(first.forward(x).dataSync());
    second.loadStateDict(first.stateDict());
    expect(second.forward(x).dataSync()).toEqual(first.forward(x).dataSync());
  });

  test("is a copy", () => {
    const layer = new nn.Linear(2, 1, { bias: false });
    const state = layer.stateDict();
    const before = state.weight.dataSync();
    layer.weight.assign([[5, 6]]);
    expect(state.weight.dataSync()).toEqual(before);
    layer.loadStateDict(state);
    expect(layer.weight.dataSync()).toEqual(before);
  });

  test("errors name every key, and change nothing", () => {
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
    const before = model.stateDict();
    const { "0.bias": _, ...rest } = before;
    const wrong = { ...rest, "0.weight": zeros([3, 3]), extra: zeros([1]), "2.weight": zeros([1, 3]) };
    let message = "";
    try {
      model.loadStateDict(wrong);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain("missing: 0.bias");
    expect(message).toContain("unexpected: extra");
    expect(message).toContain("0.weight is [3, 3], not [3, 2]");
    expect(model.stateDict()["2.weight"].dataSync()).toEqual(before["2.weight"].dataSync());
    const report = model.loadStateDict({ "2.weight": zeros([1, 3]), extra: zeros([1]) }, { strict: false });
    expect(report).toEqual({ missing: ["0.weight", "0.bias", "2.bias"], unexpected: ["extra"] });
    expect([...model.stateDict()["2.weight"].dataSync()]).toEqual([0, 0, 0]);
  });

  test("loading lets pending values be computed from what was", () => {
    const layer = new nn.Linear(1, 1, { bias: false });
    layer.weight.assign([[2]]);
    const y = layer.forward(tensor([[3]]));
    layer.loadStateDict({ weight: tensor([[10]]) });
    expect(y.itemSync()).toBe(6);
    expect(layer.forward(tensor([[3]])).itemSync()).toBe(30);
  });
});

test("modes and gradients reach all modules", () => {
  const net = new Net();
  net.eval();
  expect([...net.modules()].every((module) => !module.training)).toBe(true);
  net.train();
  expect([...net.modules()].every((module) => module.training)).toBe(true);
  net
    .forward(ones([1, 3]))
    .sum()
    .backward();
  expect(net.fc1.weight.grad).not.toBeNull();
  net.zeroGrad();
  expect(net.fc1.weight.grad).toBeNull();
  net.requiresGrad_(false);
  expect(net.forward(ones([1, 3])).requiresGrad).toBe(false);
  net.requiresGrad_();
  expect(net.forward(ones([1, 3])).requiresGrad).toBe(true);
});

describe("summary", () => {
  test("lists layers, shapes and parameters, and leaves nothing behind", () => {
    manualSeed(1);
    const model = new nn.Sequential(
      new nn.Linear(784, 128),
      new nn.BatchNorm1d(128),
      new nn.ReLU(),
      new nn.Dropout(0.2),
      new nn.Linear(128, 10),
    );
    const random = getRandomState();
    const pending = pendingNodes();
    const state = model.stateDict();
    const summary = model.summary([32, 784]);
    expect(summary.layers.map(({ path, type, outputShape }) => [path, type, outputShape])).toEqual([
      ["0", "Linear", [32, 128]],
      ["1", "BatchNorm1d", [32, 128]],
      ["2", "ReLU", [32, 128]],
      ["3", "Dropout", [32, 128]],
      ["4", "Linear", [32, 10]],
    ]);
    expect(summary.layers.map(({ parameters }) => parameters)).toEqual([100480, 256, 0, 0, 1290]);
    expect(summary.parameters).toBe(102026);
    expect(String(summary)).toContain("102,026 parameters");
    expect(getRandomState()).toEqual(random);
    expect(pendingNodes()).toBe(pending);
    expect([...model.modules()].every((module) => module.training)).toBe(true);
    for (const [key, value] of Object.entries(model.stateDict()))
      expect(value.dataSync()).toEqual(state[key].dataSync());
  });

  test("guesses an input, and does without", () => {
    expect(new Net().summary().layers[0]).toMatchObject({ path: "fc1", outputShape: [1, 4] });
    class Two extends nn.Module {
      fc = new nn.Linear(2, 3);
      forward(x: Tensor, y: Tensor): Tensor {
        return this.fc.forward(x.mul(y));
      }
    }
    expect(new Two().summary().layers).toEqual([{ path: "fc", type: "Linear", outputShape: null, parameters: 9 }]);
  });
});

test("layers can be made again from their configuration", () => {
  const model = new nn.Sequential(
    new nn.Linear(4, 8, { bias: false }),
    new nn.BatchNorm1d(8, { momentum: null }),
    new nn.LeakyReLU({ negativeSlope: 0.1 }),
    new nn.Sequential(new nn.Dropout(0.3), new nn.GroupNorm(2, 8), new nn.LayerNorm(8), new nn.RMSNorm(8)),
    new nn.DropConnect(8, 2, { p: 0.1 }),
    new nn.Softmax({ dim: 1 }),
  );
  const again = nn.fromConfig(JSON.parse(JSON.stringify(model.toConfig())));
  again.loadStateDict(model.stateDict());
  const x = ones([3, 4]);
  expect(again.eval().forward(x).dataSync()).toEqual((model.eval() as nn.Layer).forward(x).dataSync());
  expect(JSON.stringify(again.toConfig())).toBe(JSON.stringify(model.toConfig()));
  expect(() => new Net().toConfig()).toThrow("toConfig");
  expect(() => nn.fromConfig({ layer: "constructor", args: [], options: {} })).toThrow("no layer");
});
