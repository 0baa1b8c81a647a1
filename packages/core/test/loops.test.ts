import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { context } from "../src/graph/context.ts";
import { evaluate } from "../src/graph/evaluate.ts";
import { manualSeed, nn, noGrad, StaleTensorError, type Tensor, tensor } from "../src/index.ts";
import * as optim from "../src/optim/index.ts";
import { RandomStream } from "../src/random/random.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/**
 * Loops as people write them. A loop is a generator that yields tensors to be read and gets their first element, so that
 * the same text runs synchronously and awaited; it returns numbers to be compared with eager evaluation.
 */
type Loop = (steps: number, at: (step: number) => void) => Generator<Tensor, number[], number>;

const BATCH = 8;
const double = { dtype: "float64" } as const;

function network(): {
  model: nn.Module & { forward(x: Tensor): Tensor };
  loss: nn.MSELoss;
  batch: (step: number) => [Tensor, Tensor];
} {
  manualSeed(3);
  const model = new nn.Sequential(
    new nn.Linear(4, 8, double),
    new nn.Tanh(),
    new nn.BatchNorm1d(8, double),
    new nn.Dropout({ p: 0.1 }),
    new nn.Linear(8, 1, double),
  ) as unknown as nn.Module & { forward(x: Tensor): Tensor };
  const random = new RandomStream(5);
  const xs = Array.from({ length: 16 }, () => Float64Array.from({ length: BATCH * 4 }, () => random.normal()));
  const ys = xs.map((x) => Float64Array.from({ length: BATCH }, (_, row) => Math.sin(x[row * 4]) + x[row * 4 + 1]));
  const batch = (step: number): [Tensor, Tensor] => [
    tensor(xs[step % 16], { shape: [BATCH, 4] }),
    tensor(ys[step % 16], { shape: [BATCH, 1] }),
  ];
  return { model, loss: new nn.MSELoss(), batch };
}

/** The usual step, with something done before and after the update. */
function training(
  body: (parts: {
    step: number;
    l: Tensor;
    logits: Tensor;
    model: nn.Module & { forward(x: Tensor): Tensor };
    update: () => void;
  }) => Generator<Tensor, number | undefined, number>,
): Loop {
  return function* (steps, at) {
    const { model, loss, batch } = network();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true });
    const numbers: number[] = [];
    for (let step = 0; step < steps; step++) {
      at(step);
      const [x, y] = batch(step);
      optimizer.zeroGrad();
      const logits = model.forward(x);
      const l = loss.forward(logits, y);
      const update = (): void => {
        l.backward();
        optimizer.step();
      };
      const number = yield* body({ step, l, logits, model, update });
      if (number !== undefined) numbers.push(number);
    }
    return numbers;
  };
}

const loops: Record<string, { loop: Loop; bytes?: number }> = {
  "item after step": {
    loop: training(function* ({ l, update }) {
      update();
      return yield l;
    }),
  },
  "logits read after step": {
    loop: training(function* ({ logits, update }) {
      update();
      return yield logits;
    }),
  },
  "losses pushed into an array and read at the end": {
    bytes: 1500,
    loop: function* (steps, at) {
      const losses: Tensor[] = [];
      const inner = training(function* ({ l, update }) {
        update();
        losses.push(l);
        return undefined;
        // biome-ignore lint/correctness/noUnreachable: makes this a generator like the others
        yield l;
      });
      yield* inner(steps, at);
      const numbers: number[] = [];
      for (const l of losses) numbers.push(yield l);
      return numbers;
    },
  },
  "a running loss tensor": {
    loop: function* (steps, at) {
      let total: Tensor = tensor(0, double);
      const inner = training(function* ({ step, l, update }) {
        update();
        total = total.add(l.detach());
        return step % 50 === 49 ? yield total : undefined;
      });
      return yield* inner(steps, at);
    },
  },
  "an average of weights by hand": {
    loop: function* (steps, at) {
      let average: Tensor | null = null;
      const inner = training(function* ({ step, model, update }) {
        update();
        const weight = model.parameters()[0];
        average = noGrad(() => (average === null ? weight.clone() : average.mul(0.99).add(weight.mul(0.01))));
        return step % 50 === 49 ? yield average : undefined;
      });
      return yield* inner(steps, at);
    },
  },
  "gradients accumulated over four batches": {
    loop: function* (steps, at) {
      const { model, loss, batch } = network();
      const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
      const numbers: number[] = [];
      for (let step = 0; step < steps; step++) {
        at(step);
        const [x, y] = batch(step);
        const l = loss.forward(model.forward(x), y).div(4);
        l.backward();
        if (step % 4 === 3) {
          optimizer.step();
          optimizer.zeroGrad();
          numbers.push(yield l);
        }
      }
      return numbers;
    },
  },
  "a gradient's norm after step": {
    loop: training(function* ({ model, update }) {
      update();
      return yield model.parameters()[0].grad!.pow(2).sum().sqrt();
    }),
  },
  "two optimizers on one loss": {
    loop: function* (steps, at) {
      const { model, loss, batch } = network();
      const parameters = model.parameters();
      const first = new optim.SGD(parameters.slice(0, 2), { lr: 0.05 });
      const second = new optim.Adam(parameters.slice(2), { lr: 0.01 });
      const numbers: number[] = [];
      for (let step = 0; step < steps; step++) {
        at(step);
        const [x, y] = batch(step);
        first.zeroGrad();
        second.zeroGrad();
        const l = loss.forward(model.forward(x), y);
        l.backward();
        first.step();
        second.step();
        numbers.push(yield l);
      }
      return numbers;
    },
  },
  "a GAN": {
    loop: function* (steps, at) {
      manualSeed(11);
      const generator = new nn.Sequential(new nn.Linear(2, 8, double), new nn.Tanh(), new nn.Linear(8, 2, double));
      const judge = new nn.Sequential(new nn.Linear(2, 8, double), new nn.LeakyReLU(), new nn.Linear(8, 1, double));
      const loss = new nn.BCEWithLogitsLoss();
      const ofGenerator = new optim.Adam(generator.parameters(), { lr: 0.01 });
      const ofJudge = new optim.Adam(judge.parameters(), { lr: 0.01 });
      const random = new RandomStream(2);
      const draw = (): Tensor =>
        tensor(
          Float64Array.from({ length: 16 }, () => random.normal()),
          { shape: [8, 2] },
        );
      const [yes, no] = [1, 0].map((value) => tensor(new Float64Array(8).fill(value), { shape: [8, 1] }));
      const numbers: number[] = [];
      for (let step = 0; step < steps; step++) {
        at(step);
        const fake = generator.forward(draw() as never) as Tensor;
        ofJudge.zeroGrad();
        const judged = loss.forward(judge.forward(draw().add(3) as never) as Tensor, yes);
        const caught = loss.forward(judge.forward(fake.detach() as never) as Tensor, no);
        judged.add(caught).backward();
        ofJudge.step();
        ofGenerator.zeroGrad();
        const fooled = loss.forward(judge.forward(generator.forward(draw() as never) as never) as Tensor, yes);
        fooled.backward();
        ofGenerator.step();
        numbers.push((yield caught) + (yield fooled));
      }
      return numbers;
    },
  },
  "while (loss > …)": {
    loop: function* (steps, at) {
      const { model, loss, batch } = network();
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
      const numbers: number[] = [];
      let current = Number.POSITIVE_INFINITY;
      let step = 0;
      while (current > 1e-12 && step < steps) {
        at(step);
        const [x, y] = batch(step++);
        optimizer.zeroGrad();
        const l = loss.forward(model.forward(x), y);
        l.backward();
        optimizer.step();
        current = yield l;
        numbers.push(current);
      }
      return numbers;
    },
  },
  "loss read before backward, with dropout": {
    loop: training(function* ({ l, update }) {
      const number = yield l;
      update();
      return number;
    }),
  },
  "w = w.sub(g.mul(lr)) with fresh leaves": {
    loop: function* (steps, at) {
      const { batch } = network();
      let w: Tensor = tensor(new Float64Array(4), { shape: [4, 1], requiresGrad: true });
      const numbers: number[] = [];
      for (let step = 0; step < steps; step++) {
        at(step);
        const [x, y] = batch(step);
        const l = x.matmul(w).sub(y).pow(2).mean();
        l.backward();
        const g = w.grad!;
        const next: Tensor = noGrad(() => w.sub(g.mul(0.05)));
        numbers.push(yield l);
        w = tensor(next.dataSync(), { shape: [4, 1], requiresGrad: true });
      }
      return numbers;
    },
  },
  "predictions pushed in eval": {
    bytes: 1500,
    loop: function* (steps, at) {
      const predictions: Tensor[] = [];
      const inner = training(function* ({ model, update, logits }) {
        update();
        model.eval();
        predictions.push(model.forward(tensor(new Float64Array(4).fill(0.5), { shape: [1, 4] })));
        model.train();
        return undefined;
        // biome-ignore lint/correctness/noUnreachable: makes this a generator like the others
        yield logits;
      });
      yield* inner(steps, at);
      const numbers: number[] = [];
      for (const prediction of predictions) numbers.push(yield prediction);
      return numbers;
    },
  },
  "a hidden activation held from inside a Module": {
    bytes: 1500,
    loop: function* (steps, at) {
      manualSeed(1);
      class Net extends nn.Module {
        first = new nn.Linear(4, 8, double);
        second = new nn.Linear(8, 1, double);
        held: Tensor[] = [];
        forward(x: Tensor): Tensor {
          const hidden = (this.first.forward(x as never) as Tensor).relu();
          this.held.push(hidden);
          return this.second.forward(hidden as never) as Tensor;
        }
      }
      const { loss, batch } = network();
      const model = new Net();
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.05 });
      const numbers: number[] = [];
      for (let step = 0; step < steps; step++) {
        at(step);
        const [x, y] = batch(step);
        optimizer.zeroGrad();
        const l = loss.forward(model.forward(x), y);
        l.backward();
        optimizer.step();
        numbers.push(yield l);
      }
      // Under eager evaluation it has been computed already.
      if (context.observer === null) {
        expect(() => model.held[0].dataSync()).toThrow(StaleTensorError);
        expect(() => model.held[0].dataSync()).toThrow(/Net.*keep\(\)/);
      }
      return numbers;
    },
  },
};

function runSync(loop: Loop, steps: number, at: (step: number) => void): number[] {
  const generator = loop(steps, at);
  let next = generator.next();
  while (!next.done) next = generator.next(next.value.dataSync()[0]);
  return next.value;
}

async function runAwaited(loop: Loop, steps: number, at: (step: number) => void): Promise<number[]> {
  const generator = loop(steps, at);
  let next = generator.next();
  while (!next.done) next = generator.next((await next.value.data())[0]);
  return next.value;
}

/** Runs a loop with every operation evaluated as it is made. */
function runEager(loop: Loop, steps: number): number[] {
  context.observer = {
    created(node) {
      node.kept = true;
      evaluate([node]);
    },
  };
  try {
    return runSync(loop, steps, () => {});
  } finally {
    context.observer = null;
  }
}

function bytesInUse(): number {
  collect();
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

const STEPS = 5000;

/** Bytes a step between the two marks. */
function slope(): { at: (step: number) => void; value: () => number } {
  const marks: number[] = [];
  return {
    at: (step) => {
      if (step === STEPS / 5 || step === STEPS - 1) marks.push(bytesInUse());
    },
    value: () => (marks[1] - marks[0]) / (STEPS * 0.8),
  };
}

describe("loops as people write them", () => {
  // A graph that stays costs thousands of bytes a step (see the control); code that warms up, some dozens.
  beforeAll(() => {
    runSync(loops["item after step"].loop, 1000, () => {});
  });

  for (const [name, { loop, bytes = 200 }] of Object.entries(loops)) {
    it(name, async () => {
      const eager = runEager(loop, 100);
      expect(eager.length).toBeGreaterThan(0);
      const synchronous = slope();
      const numbers = runSync(loop, STEPS, synchronous.at);
      eager.forEach((expected, index) => {
        expect(Math.abs(numbers[index] - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
      });
      expect(synchronous.value(), "bytes a step, synchronous").toBeLessThan(bytes);
      const awaited = slope();
      expect(await runAwaited(loop, STEPS, awaited.at)).toEqual(numbers);
      expect(awaited.value(), "bytes a step, awaited").toBeLessThan(bytes);
    });
  }

  it("a control that must leak does: losses held with their graphs and no step", () => {
    const held: Tensor[] = [];
    const measured = slope();
    const { model, loss, batch } = network();
    for (let step = 0; step < STEPS; step++) {
      measured.at(step);
      const [x, y] = batch(step);
      const l = loss.forward(model.eval().forward(x), y);
      l.itemSync();
      held.push(l);
    }
    expect(measured.value()).toBeGreaterThan(3000);
    held[0].backward();
  });

  it("stays flat without a step, and over 100,000 steps", async () => {
    const { model, loss, batch } = network();
    // The table that holds graphs by node grows to its working size first.
    const without: number[] = [];
    for (let step = 0; step < 50_000; step++) {
      if (step === 30_000 || step === 49_999) without.push(bytesInUse());
      const [x, y] = batch(step);
      loss.forward(model.eval().forward(x), y).itemSync();
    }
    expect((without[1] - without[0]) / 20_000).toBeLessThan(16);
    const marks: number[] = [];
    await runAwaited(loops["item after step"].loop, 100_000, (step) => {
      if (step === 10_000 || step === 99_999) marks.push(bytesInUse());
    });
    expect((marks[1] - marks[0]) / 90_000).toBeLessThan(16);
  });
});
