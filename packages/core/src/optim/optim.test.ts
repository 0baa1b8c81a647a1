import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { backend, useBackend } from "../backend/registry.ts";
import { WasmBackend } from "../backend/wasm/wasm.ts";
import { nn, ones, optim, type Tensor, tensor, zeros } from "../index.ts";

const dtype = "float64" as const;

function parameter(values: number[]): nn.Parameter {
  return new nn.Parameter(tensor(values, { dtype }) as Tensor);
}

/** A loss whose gradient is the given vector. */
function withGradient(w: Tensor, gradient: number[]): void {
  w.mul(tensor(gradient, { dtype }) as Tensor)
    .sum()
    .backward();
}

const values = (t: Tensor): number[] => [...(t.dataSync() as Float64Array)];

function expectClose(actual: number[], expected: number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index], 12);
  });
}

describe("updates by hand", () => {
  test("gradient descent: w − η g", () => {
    const w = parameter([1, 2]);
    const sgd = new optim.SGD([w], { lr: 0.1 });
    withGradient(w, [10, -20]);
    sgd.step();
    expectClose(values(w), [0, 4]);
    expectClose(values(w.grad!), [10, -20]);
  });

  test("momentum, Nesterov and weight decay", () => {
    const w = parameter([1]);
    const sgd = new optim.SGD([w], { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.5 });
    let x = 1;
    let v = 0;
    for (let step = 0; step < 4; step++) {
      sgd.zeroGrad();
      withGradient(w, [2]);
      sgd.step();
      const g = 2 + 0.5 * x;
      v = 0.9 * v + g;
      x -= 0.1 * (g + 0.9 * v);
      expectClose(values(w), [x]);
    }
  });

  test("Adam and AdamW: the first step is η, AdamW's after w is shrunk", () => {
    const first = parameter([1]);
    const adam = new optim.Adam([first], { lr: 0.1, eps: 0 });
    withGradient(first, [123]);
    adam.step();
    expectClose(values(first), [0.9]);
    const second = parameter([1]);
    const adamw = new optim.AdamW([second], { lr: 0.1, eps: 0, weightDecay: 0.2 });
    withGradient(second, [-123]);
    adamw.step();
    expectClose(values(second), [0.98 + 0.1]);
  });

  test("Adagrad and RMSprop", () => {
    const first = parameter([1]);
    const adagrad = new optim.Adagrad([first], { lr: 0.1, eps: 0 });
    withGradient(first, [3]);
    adagrad.step();
    adagrad.zeroGrad();
    withGradient(first, [4]);
    adagrad.step();
    expectClose(values(first), [1 - 0.1 - (0.1 * 4) / 5]);
    const second = parameter([1]);
    const rmsprop = new optim.RMSprop([second], { lr: 0.1, alpha: 0.75, eps: 0 });
    withGradient(second, [3]);
    rmsprop.step();
    expectClose(values(second), [1 - (0.1 * 3) / 1.5]);
  });
});

describe("memory", () => {
  test("parameters, gradients and moments lie side by side, and a step is one evaluation", () => {
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Linear(4, 2));
    const before = model.stateDict();
    const optimizer = new optim.Adam(model.parameters());
    const slots = model.parameters().map((p) => p.slot!);
    expect(new Set(slots.map((slot) => slot.block)).size).toBe(1);
    expect(slots.map((slot) => slot.offset)).toEqual([0, 12, 16, 24]);
    expect(new Set(model.parameters().map((p) => p.gradSlot!.slot!.block)).size).toBe(1);
    for (const [key, value] of Object.entries(model.stateDict()))
      expect(value.dataSync()).toEqual(before[key].dataSync());

    let runs = 0;
    let effects = 0;
    const present = backend();
    useBackend({
      name: "counting",
      run(roots, written) {
        runs++;
        effects += written.length;
        present.run(roots, written);
      },
      prepare: (roots, written) => present.prepare(roots, written),
    });
    try {
      model
        .forward(ones([2, 3]))
        .sum()
        .backward();
      optimizer.step();
    } finally {
      useBackend(present);
    }
    expect(runs).toBe(1);
    // Gradients, two moments, parameters: each in one piece.
    expect(effects).toBe(4);
  });

  test("a graph that was recorded before the parameters moved is still right", () => {
    const layer = new nn.Linear(2, 1, { bias: false });
    const other = new nn.Linear(2, 1, { bias: false });
    layer.weight.assign([[2, 3]]);
    const loss = layer.forward(tensor([[1, 10]])).sum();
    const sgd = new optim.SGD([...layer.parameters(), ...other.parameters()], { lr: 1 });
    loss.backward();
    sgd.step();
    expect(loss.itemSync()).toBe(32);
    expect([...layer.weight.dataSync()]).toEqual([1, -7]);
  });

  test("a second optimizer, in another order and over a part, changes the same parameters", () => {
    const [a, b, c] = [parameter([1]), parameter([2, 3]), parameter([4])];
    const first = new optim.SGD([a, b, c], { lr: 1 });
    const second = new optim.SGD([c, a], { lr: 1, momentum: 0.5 });
    const third = new optim.Adam([b, c], { lr: 1 });
    for (const p of [a, b, c]) withGradient(p, p === b ? [1, 1] : [1]);
    second.step();
    expectClose([...values(a), ...values(b), ...values(c)], [0, 2, 3, 3]);
    first.step();
    expectClose([...values(a), ...values(b), ...values(c)], [-1, 1, 2, 2]);
    third.step();
    expect(values(b)[0]).toBeCloseTo(0, 6);
    expect(values(a)[0]).toBe(-1);
  });

  test("parameters without a gradient are left alone, and count their own steps", () => {
    const [a, b, c] = [parameter([1]), parameter([1]), parameter([1])];
    const adam = new optim.Adam([a, b, c], { lr: 0.1, eps: 0 });
    withGradient(a, [1]);
    withGradient(c, [1]);
    adam.step();
    expectClose([...values(a), ...values(b), ...values(c)], [0.9, 1, 0.9]);
    adam.zeroGrad();
    withGradient(b, [5]);
    withGradient(c, [1]);
    adam.step();
    expectClose([...values(a), ...values(b), ...values(c)], [0.9, 0.9, 0.8]);
    expect(adam.stateDict().state[1].step).toBe(1);
    expect(adam.stateDict().state[2].step).toBe(2);
  });

  test("float32 and float64 side by side", () => {
    const a = new nn.Parameter(ones([2]) as Tensor);
    const b = parameter([1, 1]);
    const sgd = new optim.SGD([a, b], { lr: 0.5 });
    a.sum().backward();
    withGradient(b, [1, 1]);
    sgd.step();
    expectClose([...values(a), ...values(b)], [0.5, 0.5, 0.5, 0.5]);
  });

  test("gradients of several backwards add up, before and after they are computed", () => {
    const [a, b] = [parameter([0]), parameter([0])];
    const sgd = new optim.SGD([a, b], { lr: 1 });
    withGradient(a, [1]);
    withGradient(b, [1]);
    values(a.grad!);
    withGradient(a, [2]);
    sgd.step();
    expectClose([...values(a), ...values(b)], [-3, -1]);
    sgd.step();
    expectClose([...values(a), ...values(b)], [-6, -2]);
  });
});

describe("plans", () => {
  test("a training step is few kernels, and neither schedules nor step counts make new plans", () => {
    const engine = new WasmBackend();
    const before = useBackend(engine);
    try {
      const model = new nn.Sequential(
        new nn.Linear(20, 12),
        new nn.BatchNorm1d(12),
        new nn.ReLU(),
        new nn.Dropout(0.2),
        new nn.Linear(12, 5),
      );
      const loss = new nn.CrossEntropyLoss();
      const makers = [
        () => new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true }),
        () => new optim.AdamW(model.parameters(), { lr: 0.1 }),
      ];
      for (const make of makers) {
        const optimizer = make();
        const schedule = new optim.ExponentialLR(optimizer, { gamma: 0.9 });
        const step = () => {
          optimizer.zeroGrad();
          const x = tensor(new Float32Array(160).fill(Math.random()), { shape: [8, 20] });
          const value = loss.forward(model.forward(x), zeros([8], { dtype: "int32" }));
          value.backward();
          optimizer.step();
          schedule.step();
          return value.itemSync();
        };
        step();
        const made = engine.plansMade;
        for (let count = 0; count < 5; count++) step();
        expect(engine.plansMade).toBe(made);
        expect(engine.lastKernels).toBeLessThanOrEqual(16);
      }
    } finally {
      useBackend(before);
    }
  });
});

test("any parameters, optimizers and missing gradients give what each parameter alone would get", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
  const steps = fc.array(fc.record({ which: fc.nat(), missing: fc.nat(), twice: fc.boolean(), read: fc.boolean() }), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(sizes, fc.nat(), steps, (lengths, order, plan) => {
      const w = lengths.map((length, index) => parameter(new Array(length).fill(index)));
      const expected = w.map((p) => values(p));
      const part = w.filter((_, index) => (order >> index) & 1).reverse();
      const settings = { lr: 0.1, momentum: 0.5 };
      const sets = part.length > 0 ? [w, part] : [w];
      const optimizers = sets.map((set) => new optim.SGD(set, settings));
      const velocity = sets.map((set) => new Map(set.map((p) => [p, new Array(p.shape[0]).fill(0)])));
      for (const { which, missing, twice, read } of plan) {
        for (const p of w) p.zeroGrad();
        const gradients = new Map<Tensor, number>();
        w.forEach((p, index) => {
          if ((missing >> index) & 1) return;
          for (let time = 0; time < (twice ? 2 : 1); time++) {
            withGradient(p, new Array(lengths[index]).fill(index + 1));
            gradients.set(p, (gradients.get(p) ?? 0) + index + 1);
          }
          if (read && index === 1) values(p.grad!);
        });
        const chosen = which % sets.length;
        optimizers[chosen].step();
        for (const p of sets[chosen]) {
          const gradient = gradients.get(p);
          if (gradient === undefined) continue;
          const v = velocity[chosen].get(p)!;
          const own = expected[w.indexOf(p)];
          for (let at = 0; at < own.length; at++) {
            v[at] = 0.5 * v[at] + gradient;
            own[at] -= 0.1 * v[at];
          }
        }
        w.forEach((p, index) => {
          expectClose(values(p), expected[index]);
        });
      }
    }),
    runs(60),
  );
});

describe("state", () => {
  const run = (optimizer: optim.Optimizer<never>, w: Tensor, steps: number): void => {
    for (let step = 0; step < steps; step++) {
      optimizer.zeroGrad();
      w.sub(3).pow(2).sum().backward();
      optimizer.step();
    }
  };
  const makers: [string, (w: Tensor[]) => optim.Optimizer<never>][] = [
    ["SGD", (w) => new optim.SGD(w, { lr: 0.1, momentum: 0.9 }) as never],
    ["Adagrad", (w) => new optim.Adagrad(w, { lr: 0.5, initialAccumulatorValue: 0.1 }) as never],
    ["RMSprop", (w) => new optim.RMSprop(w, { lr: 0.1, centered: true, momentum: 0.5 }) as never],
    ["Adam", (w) => new optim.Adam(w, { lr: 0.1, amsgrad: true }) as never],
  ];
  for (const [name, make] of makers) {
    test(`of ${name} continues elsewhere`, () => {
      const w = parameter([1, 2]);
      const optimizer = make([w]);
      run(optimizer, w, 3);
      const saved = optimizer.stateDict();
      const copy = parameter(values(w));
      run(optimizer, w, 3);
      const other = make([copy]);
      other.loadStateDict(saved);
      run(other, copy, 3);
      expectClose(values(copy), values(w));
    });
  }

  test("is checked", () => {
    const adam = new optim.Adam([parameter([1, 2])]);
    expect(() => adam.loadStateDict({ state: {}, groups: [] })).toThrow("groups");
    const bad = { state: { 0: { step: 1, exp_avg: zeros([3]) } }, groups: [{ params: [0] }] };
    expect(() => adam.loadStateDict(bad)).toThrow("exp_avg of parameter 0 is [3], not [2]");
  });
});

describe("clipping", () => {
  test("scales all gradients to a norm, and gives the norm before", () => {
    const [a, b] = [parameter([0]), parameter([0, 0])];
    const sgd = new optim.SGD([a, b], { lr: 1 });
    withGradient(a, [3]);
    withGradient(b, [0, 4]);
    const norm = optim.clipGradNorm([a, b], 1);
    sgd.step();
    expectClose([norm.itemSync()], [5]);
    const scale = 1 / (5 + 1e-6);
    expectClose([...values(a), ...values(b)], [-3 * scale, 0, -4 * scale]);
    expectClose(values(b.grad!), [0, 4 * scale]);
    sgd.zeroGrad();
    withGradient(a, [0.3]);
    withGradient(b, [0, 0.4]);
    optim.clipGradNorm([a, b], 1);
    expectClose(values(b.grad!), [0, 0.4]);
  });

  test("of values, of other norms, and without gradients", () => {
    const [a, b] = [parameter([0]), parameter([0])];
    expect(() => optim.clipGradNorm([a, b], 1)).toThrow("no");
    withGradient(a, [3]);
    withGradient(b, [-7]);
    expectClose(values(optim.clipGradNorm([a, b], 100, { normType: Infinity })), [7]);
    optim.clipGradValue([a, b], 5);
    expectClose([...values(a.grad!), ...values(b.grad!)], [3, -5]);
    a.zeroGrad();
    withGradient(a, [Number.NaN]);
    expect(() => optim.clipGradNorm([a], 1, { errorIfNonfinite: true })).toThrow("NaN");
  });
});

test("bad settings are refused", () => {
  const w = parameter([1]);
  expect(() => new optim.SGD([w], { lr: -1 })).toThrow("lr");
  expect(() => new optim.SGD([w], { nesterov: true })).toThrow("Nesterov");
  expect(() => new optim.Adam([w], { betas: [1, 0.9] })).toThrow("betas[0]");
  expect(() => new optim.SGD([])).toThrow("empty");
  expect(() => new optim.SGD([w, w])).toThrow("twice");
  expect(() => new optim.SGD([tensor([1], { requiresGrad: true })])).toThrow("nn.Parameter");
  expect(() => new optim.SGD(new nn.Linear(2, 1) as never)).toThrow("pass model.parameters()");
  expect(() => new optim.SGD(undefined as never)).toThrow("such as model.parameters()");
});

test("schedules can be saved and continued", () => {
  const make = () => new optim.SGD([parameter([1])], { lr: 1 });
  const first = make();
  const schedule = new optim.CosineAnnealingLR(first, { tMax: 10 });
  for (let step = 0; step < 4; step++) schedule.step();
  const second = make();
  const again = new optim.CosineAnnealingLR(second, { tMax: 10 });
  again.loadStateDict(JSON.parse(JSON.stringify(schedule.stateDict())));
  second.groups[0].lr = first.groups[0].lr;
  schedule.step();
  again.step();
  expect(second.groups[0].lr).toBe(first.groups[0].lr);
  const cycle = new optim.OneCycleLR(make(), { maxLr: 1, totalSteps: 2 });
  cycle.step();
  cycle.step();
  expect(() => cycle.step()).toThrow("over");
});
