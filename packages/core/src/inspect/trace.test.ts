import { describe, expect, it } from "vitest";
import { inspect, manualSeed, nn, randn, type Tensor, tensor } from "../index.ts";
import { getRandomState, setRandomState } from "../random/generator.ts";

const numbers = (values: { values: ArrayLike<number> } | null): number[] => Array.from(values!.values);

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs));
  for (let place = 0; place < actual.length; place++)
    expect(Math.abs(actual[place] - expected[place])).toBeLessThanOrEqual(tolerance * scale);
}

describe("trace of small networks by hand", () => {
  class Small extends nn.Module {
    first = new nn.Linear(2, 2);
    second = new nn.Linear(2, 1);
    forward(x: Tensor): Tensor {
      return this.second.forward(this.first.forward(x as Tensor<[number, 2]>).relu() as Tensor<[number, 2]>);
    }
  }

  const small = (): Small => {
    const model = new Small();
    model.first.weight.assign([
      [1, 2],
      [3, -4],
    ]);
    model.first.bias!.assign([1, 0]);
    model.second.weight.assign([[2, 5]]);
    model.second.bias!.assign([-1]);
    return model;
  };

  // h = (1·1 + 2·2 + 1, 3·1 − 4·2) = (6, −5); r = (6, 0); y = 2·6 − 1 = 11; loss = (11 − 9)² = 4.
  // dloss/dy = 4; dr = (8, 20); dh = (8, 0); dW₁ = dhᵀ x = [[8, 16], [0, 0]]; dW₂ = 4 r = (24, 0).
  const traced = (): inspect.Trace =>
    inspect.trace(small(), tensor([[1, 2]], { requiresGrad: true }), {
      loss: new nn.MSELoss(),
      target: tensor([[9]]),
    });

  it("gives the values and gradients of a linear, ReLU, linear network", () => {
    const { operations, loss, parameters, outputs, inputs } = traced();
    expect(loss).toBe(4);
    const forward = operations.filter(({ phase }) => phase === "forward");
    expect(forward.map(({ path, layer, op }) => `${path} ${layer} ${op}`)).toMatchInlineSnapshot(`
      [
        "first Linear permute",
        "first Linear reshape",
        "first Linear reshape",
        "first Linear matmul",
        "first Linear reshape",
        "first Linear reshape",
        "first Linear add",
        "Small Small relu",
        "second Linear permute",
        "second Linear reshape",
        "second Linear reshape",
        "second Linear matmul",
        "second Linear reshape",
        "second Linear reshape",
        "second Linear add",
        "MSELoss MSELoss sub",
        "MSELoss MSELoss mul",
        "MSELoss MSELoss sum",
        "MSELoss MSELoss div",
        "MSELoss MSELoss reshape",
      ]
    `);
    const hidden = forward.find(({ op, path }) => op === "add" && path === "first")!;
    expect(numbers(hidden.output)).toEqual([6, -5]);
    expect(numbers(hidden.gradient)).toEqual([8, 0]);
    const relu = forward.find(({ op }) => op === "relu")!;
    expect(numbers(relu.output)).toEqual([6, 0]);
    expect(numbers(relu.gradient)).toEqual([8, 20]);
    expect(relu.inputs[0].from).toEqual({ kind: "operation", index: hidden.index });
    expect(relu.inputs[1].from).toEqual({ kind: "constant", value: 0 });
    expect(outputs.map(({ name }) => name)).toEqual(["output"]);
    expect(numbers(outputs[0].value)).toEqual([11]);
    expect(numbers(outputs[0].gradient)).toEqual([4]);
    expect(numbers(inputs[0].gradient)).toEqual([8, 16]);
    expect(Object.fromEntries(parameters.map(({ name, gradient }) => [name, numbers(gradient)]))).toEqual({
      "first.weight": [8, 16, 0, 0],
      "first.bias": [8, 0],
      "second.weight": [24, 0],
      "second.bias": [4],
    });
    const weights = forward.find(({ op, path }) => op === "permute" && path === "second")!;
    expect(weights.inputs[0].from).toEqual({ kind: "parameter", name: "second.weight" });
  });

  it("gives the backward's operations, each with the one whose rule made it", () => {
    const { operations } = traced();
    const relu = operations.find(({ op }) => op === "relu")!;
    const rule = operations.filter(({ gradientOf }) => gradientOf === relu.index);
    expect(rule.map(({ op, path, phase }) => `${op} ${path} ${phase}`)).toEqual([
      "gt Small backward",
      "where Small backward",
    ]);
    expect(numbers(rule[1].output)).toEqual([8, 0]);
    for (const { inputs, index } of operations)
      for (const { from } of inputs) if (from.kind === "operation") expect(from.index).toBeLessThan(index);
  });

  it("groups a softmax with its steps", () => {
    const model = new nn.Softmax({ dim: 1 });
    const { operations, compositions } = inspect.trace(model, tensor([[0, Math.log(3)]]));
    expect(compositions).toHaveLength(1);
    const [{ name, path, first, end, result }] = compositions;
    expect([name, path]).toEqual(["softmax", "Softmax"]);
    const steps = operations.slice(first, end);
    expect(steps.every(({ composition }) => composition === 0)).toBe(true);
    expect(steps.map(({ op }) => op)).toEqual(["max", "expand", "sub", "exp", "sum", "expand", "div"]);
    near(numbers(operations[result!].output), [0.25, 0.75]);
  });

  it("traces without a loss, and with a function as the loss", () => {
    const model = small();
    const plain = inspect.trace(model, tensor([[1, 2]]));
    expect(plain.loss).toBeNull();
    expect(plain.operations.every(({ phase, gradient }) => phase === "forward" && gradient === null)).toBe(true);
    const own = inspect.trace(model, tensor([[1, 2]]), { loss: (y) => y.sum().mul(3) });
    expect(own.loss).toBe(33);
    expect(numbers(own.parameters[3].gradient)).toEqual([3]);
    model.requiresGrad_(false);
    expect(inspect.trace(model, tensor([[1, 2]]), { loss: (y) => y.sum() }).parameters[0].gradient).toBeNull();
  });

  it("is JSON", () => {
    class Log extends nn.Module {
      forward(x: Tensor): Tensor {
        return x.log();
      }
    }
    const { operations } = JSON.parse(JSON.stringify(inspect.trace(new Log(), tensor([1, 0, -1]))));
    expect(operations[0].output).toEqual({ shape: [3], dtype: "float32", values: [0, "-Infinity", "NaN"] });
  });
});

describe("trace of a network with batch norm, dropout and cross entropy", () => {
  const build = () => {
    manualSeed(4);
    const model = new nn.Sequential(
      new nn.Linear(6, 8),
      new nn.BatchNorm1d(8),
      new nn.ReLU(),
      new nn.Dropout(0.3),
      new nn.Linear(8, 3),
    );
    const x = randn([16, 6]).keep();
    const target = tensor(
      Array.from({ length: 16 }, (_, row) => row % 3),
      { dtype: "int32" },
    );
    x.dataSync();
    return { model, loss: new nn.CrossEntropyLoss(), x, target };
  };

  it("has the values of the ordinary run, which it leaves as it was", () => {
    const ordinary = build();
    const y = ordinary.model.forward(ordinary.x);
    const l = ordinary.loss.forward(y, ordinary.target);
    l.backward();
    const logits = y.dataSync();
    const value = l.itemSync();

    const { model, loss, x, target } = build();
    const state = model.stateDict();
    const before = Object.entries(state).map(([key, each]) => [key, [...each.dataSync()]]);
    const random = getRandomState();
    const traced = inspect.trace(model, x, { loss, target });
    near(numbers(traced.outputs[0].value), logits);
    expect(traced.loss).toBeCloseTo(value, 5);
    expect(getRandomState()).toEqual(random);
    expect(model.training).toBe(true);
    expect(model.parameters().every((parameter) => parameter.grad === null)).toBe(true);
    expect(Object.entries(model.stateDict()).map(([key, each]) => [key, [...each.dataSync()]])).toEqual(before);

    const gradients = new Map(traced.parameters.map(({ name, gradient }) => [name, gradient!.values]));
    for (const [name, parameter] of ordinary.model.namedParameters()) {
      const own = gradients.get(name)!;
      // In front of batch norm a bias has no effect: its gradient is rounding.
      if (name === "0.bias") expect(Math.max(...Array.from(own, Math.abs))).toBeLessThan(1e-6);
      else near(own, parameter.grad!.dataSync());
    }
    const next = new Map(traced.buffers.map((buffer) => [buffer.name, buffer.next]));
    near(next.get("1.running_mean")!.values, ordinary.model.layers[1].running_mean!.dataSync());
    near(next.get("1.running_var")!.values, ordinary.model.layers[1].running_var!.dataSync());

    // What was traced changes nothing about what follows.
    const after = model.forward(x);
    expect([...after.dataSync()]).toEqual([...logits]);
  });

  it("leaves a forward that waits for its backward", () => {
    const { model, loss, x, target } = build();
    const control = build();
    const random = getRandomState();
    const expected = control.loss.forward(control.model.forward(control.x), control.target);
    expected.backward();
    setRandomState(random);
    const l = loss.forward(model.forward(x), target);
    const traced = inspect.trace(model, x, { loss, target });
    expect(traced.loss).not.toBe(l.itemSync());
    l.backward();
    expect(l.itemSync()).toBe(expected.itemSync());
    const [first] = model.parameters();
    expect([...first.grad!.dataSync()]).toEqual([...control.model.parameters()[0].grad!.dataSync()]);
    expect(model.layers[1].num_batches_tracked!.itemSync()).toBe(1);
  });

  it("runs in the mode that the model is in", () => {
    const { model, x } = build();
    model.eval();
    const { operations } = inspect.trace(model, x);
    expect(operations.some(({ path, op }) => path === "3" || op === "threefry")).toBe(false);
    near(numbers(inspect.trace(model, x).outputs[0].value), model.forward(x).dataSync());
  });

  it("is right when the model has something computed or written within its forward", () => {
    class Odd extends nn.Module {
      norm = new nn.BatchNorm1d(6);
      weight = new nn.Parameter(tensor([2]));
      forward(x: Tensor): Tensor {
        const y = this.norm.forward(x as Tensor<[number, 6]>);
        if (y.sum().itemSync() > 1e9) throw new Error("never");
        this.weight.assign(this.weight.mul(2));
        return y.mul(this.weight);
      }
    }
    const { x } = build();
    const odd = new Odd();
    const traced = inspect.trace(odd, x, { loss: (y) => y.mul(y).sum() });
    expect(odd.weight.itemSync()).toBe(2);
    expect(odd.norm.num_batches_tracked!.itemSync()).toBe(0);
    near(numbers(traced.outputs[0].value), odd.forward(x).dataSync());
  });
});
