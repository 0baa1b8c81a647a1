import { readFileSync } from "node:fs";
import { mlp, numbers, sample, tiny } from "../lib/numbers.mjs";
import { ROW } from "../lib/work.mjs";

/**
 * noron. Operands and results lie in engine memory, as parameters do: y.assign(…) traces, finds the plan, runs it and
 * ends when the result is there. Packing of products is inside the time.
 */
export async function open({ backend = "wasm", threads = 1 } = {}) {
  // Without BLAS it is what an installation without koffi does, which lies beside this file.
  if (backend === "wasm") process.env.NORON_BLAS = "off";
  const noron = await import("@noron/core");
  noron.setBackend(backend);
  noron.setThreads(threads);
  const { version } = JSON.parse(readFileSync(new URL("../../packages/core/package.json", import.meta.url), "utf8"));
  const { nn, optim, tensor } = noron;
  const slot = (values, shape) => new nn.Parameter(tensor(values, { shape }), { requiresGrad: false });

  function product({ m, k, n, transposeA, transposeB }) {
    const a = slot(numbers(1, m * k), transposeA ? [k, m] : [m, k]);
    const b = slot(numbers(2, k * n), transposeB ? [n, k] : [k, n]);
    const c = slot(new Float32Array(m * n), [m, n]);
    const once = () => c.assign((transposeA ? a.transpose(0, 1) : a).matmul(transposeB ? b.transpose(0, 1) : b));
    return {
      check() {
        once();
        return sample(c.dataSync());
      },
      run(count) {
        for (let step = 0; step < count; step++) once();
      },
    };
  }

  function chain({ chain: name, size }) {
    const shape = name === "softmax" ? [size / ROW, ROW] : [size];
    const x = slot(numbers(3, size), shape);
    const reductions = {
      sum: () => x.sum(),
      spread: () => {
        const centred = x.sub(0.25);
        return centred.mul(centred).mean();
      },
    };
    if (name in reductions) {
      const reduce = reductions[name];
      return {
        check: () => [reduce().itemSync() / (name === "sum" ? size : 1)],
        run(count) {
          for (let step = 0; step < count; step++) reduce().itemSync();
        },
      };
    }
    const b = name === "axpy" ? slot(numbers(4, size), shape) : null;
    const y = slot(new Float32Array(size), shape);
    const maps = {
      affine: () => x.mul(2).add(1).relu(),
      six: () => x.mul(2).add(1).relu().sub(x).abs().sqrt(),
      axpy: () => x.add(b.mul(0.5)),
      softmax: () => x.softmax(1),
    };
    const map = maps[name];
    return {
      check() {
        y.assign(map());
        return sample(y.dataSync());
      },
      run(count) {
        for (let step = 0; step < count; step++) y.assign(map());
      },
    };
  }

  /** A training loop of `count` steps over batches in turn; every loop reads the loss of every step. */
  function loops(model, loss, optimizer, batches, loop) {
    let next = 0;
    if (loop === "compiled") {
      const step = noron.compile((x, y) => {
        optimizer.zeroGrad();
        const value = loss.forward(model.forward(x), y);
        value.backward();
        optimizer.step();
        return value;
      });
      return async (count, each) => {
        for (let index = 0; index < count; index++) {
          const [x, y] = batches[next++ % batches.length];
          const value = await step(x, y).item();
          each?.(value);
        }
      };
    }
    const readFirst = loop === "read first";
    return async (count, each) => {
      for (let index = 0; index < count; index++) {
        const [x, y] = batches[next++ % batches.length];
        optimizer.zeroGrad();
        const value = loss.forward(model.forward(x), y);
        let number = readFirst ? await value.item() : 0;
        value.backward();
        optimizer.step();
        if (!readFirst) number = await value.item();
        each?.(number);
      }
    };
  }

  function mlpModel(batch, dropout, loop) {
    const layers = [new nn.Linear(mlp.inputs, mlp.hidden), new nn.ReLU()];
    if (batch > 1) layers.push(new nn.BatchNorm1d(mlp.hidden));
    layers.push(new nn.Dropout(dropout), new nn.Linear(mlp.hidden, mlp.classes));
    const model = new nn.Sequential(...layers);
    const { w1, b1, w2, b2 } = mlp.weights();
    const first = layers[0];
    const last = layers.at(-1);
    first.weight.assign(w1);
    first.bias.assign(b1);
    last.weight.assign(w2);
    last.bias.assign(b2);
    const optimizer = new optim.SGD(model.parameters(), { lr: mlp.lr, momentum: mlp.momentum, nesterov: true });
    const batches = Array.from({ length: mlp.batches }, (_, which) => {
      const { x, labels } = mlp.batch(batch, which);
      return [tensor(x, { shape: [batch, mlp.inputs] }), tensor(labels)];
    });
    return loops(model, new nn.CrossEntropyLoss(), optimizer, batches, loop);
  }

  function tinyModel(loop) {
    const [first, second, third] = tiny.weights().map(({ weight, bias, out, inputs }) => {
      const layer = new nn.Linear(inputs, out);
      layer.weight.assign(weight);
      layer.bias.assign(bias);
      return layer;
    });
    const model = new nn.Sequential(first, new nn.Tanh(), second, new nn.Tanh(), third);
    const optimizer = new optim.SGD(model.parameters(), { lr: tiny.lr });
    const batch = [tensor(tiny.x(), { shape: [tiny.batch, 2] }), tensor(tiny.y(), { shape: [tiny.batch, 1] })];
    return loops(model, new nn.MSELoss(), optimizer, [batch], loop);
  }

  async function losses(train, count) {
    const values = [];
    await train(count, (value) => values.push(value));
    return values;
  }

  return {
    version,
    /** The kernels of an ordinary training step, and the bytes that they move. */
    async traffic({ batch }) {
      await mlpModel(batch, mlp.dropout, "ordinary")(3);
      return noron.engineInfo().lastRun;
    },
    make(task) {
      if (task.kind === "product") return product(task);
      if (task.kind === "chain") return chain(task);
      if (task.loop === "compiled" && typeof noron.compile !== "function") return null;
      if (task.kind === "mlp") {
        return {
          check: () => losses(mlpModel(task.batch, 0, task.loop), 5),
          run: trainer(() => mlpModel(task.batch, mlp.dropout, task.loop)),
        };
      }
      return { check: () => losses(tinyModel(task.loop), 20), run: trainer(() => tinyModel(task.loop)) };
    },
  };
}

/** A loop over a model that is made when it is first run. */
function trainer(make) {
  let train = null;
  return (count) => {
    train ??= make();
    return train(count);
  };
}
