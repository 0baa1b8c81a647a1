import { readFileSync } from "node:fs";
import { mlp, numbers, oneHot, sample, tiny } from "../lib/numbers.mjs";
import { ROW } from "../lib/work.mjs";

/**
 * jax-js on its wasm device, steps and chains under jit. In Node it runs one thread: its threads need the browser's
 * Worker.
 */
export async function open() {
  // Node 20 has no navigator, which it looks at.
  globalThis.navigator ??= { userAgent: "node" };
  const { init, defaultDevice, jit, nn, numpy: np, random, valueAndGrad } = await import("@jax-js/jax");
  await init("wasm");
  defaultDevice("wasm");
  const packageFile = new URL("../node_modules/@jax-js/jax/package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(packageFile, "utf8"));
  const array = (values, shape) => np.array(values).reshape(shape);

  function product({ m, k, n, transposeA, transposeB }) {
    const a = array(numbers(1, m * k), transposeA ? [k, m] : [m, k]);
    const b = array(numbers(2, k * n), transposeB ? [n, k] : [k, n]);
    const once = jit((p, q) => np.matmul(transposeA ? np.transpose(p) : p, transposeB ? np.transpose(q) : q));
    return {
      check: async () => sample(await once(a.ref, b.ref).data()),
      async run(count) {
        for (let step = 0; step < count; step++) {
          const c = once(a.ref, b.ref);
          await c.blockUntilReady();
          c.dispose();
        }
      },
      dispose() {
        a.dispose();
        b.dispose();
      },
    };
  }

  function chain({ chain: name, size }) {
    const x = array(numbers(3, size), name === "softmax" ? [size / ROW, ROW] : [size]);
    const operands = [x];
    if (name === "axpy") operands.push(array(numbers(4, size), [size]));
    const functions = {
      affine: (p) => nn.relu(p.mul(2).add(1)),
      six: (p) => np.sqrt(np.abs(nn.relu(p.ref.mul(2).add(1)).sub(p))),
      axpy: (p, q) => p.add(q.mul(0.5)),
      softmax: (p) => nn.softmax(p, 1),
      sum: (p) => np.sum(p),
      spread: (p) => np.mean(np.square(p.sub(0.25))),
    };
    const compiled = jit(functions[name]);
    const once = () => compiled(...operands.map((operand) => operand.ref));
    const scalar = name === "sum" || name === "spread";
    return {
      async check() {
        const values = await once().data();
        return scalar ? [values[0] / (name === "sum" ? size : 1)] : sample(values);
      },
      async run(count) {
        for (let step = 0; step < count; step++) {
          const y = once();
          if (scalar) await y.data();
          else {
            await y.blockUntilReady();
            y.dispose();
          }
        }
      },
      dispose() {
        for (const operand of operands) operand.dispose();
      },
    };
  }

  function mlpLoop(batch, dropout) {
    const { hidden, inputs, classes, lr, momentum } = mlp;
    const { w1, b1, w2, b2 } = mlp.weights();
    const keep = 1 - dropout;
    const correction = batch / Math.max(1, batch - 1);
    let state = {
      params: {
        w1: array(w1, [hidden, inputs]),
        b1: array(b1, [hidden]),
        w2: array(w2, [classes, hidden]),
        b2: array(b2, [classes]),
        scale: np.ones([hidden]),
        shift: np.zeros([hidden]),
      },
      velocity: {
        w1: np.zeros([hidden, inputs]),
        b1: np.zeros([hidden]),
        w2: np.zeros([classes, hidden]),
        b2: np.zeros([classes]),
        scale: np.zeros([hidden]),
        shift: np.zeros([hidden]),
      },
      running: { mean: np.zeros([hidden]), variance: np.ones([hidden]) },
      key: random.key(0),
    };
    const lossOf = (params, x, y, key) => {
      let h = nn.relu(np.matmul(x, np.transpose(params.w1)).add(params.b1));
      let mean = np.zeros([hidden]);
      let variance = np.ones([hidden]);
      if (batch > 1) {
        mean.dispose();
        variance.dispose();
        mean = np.mean(h.ref, 0);
        const centred = h.sub(mean.ref);
        variance = np.mean(np.square(centred.ref), 0);
        h = centred
          .div(np.sqrt(variance.ref.add(1e-5)))
          .mul(params.scale)
          .add(params.shift);
      } else {
        params.scale.dispose();
        params.shift.dispose();
      }
      if (dropout > 0) h = np.where(random.bernoulli(key, keep, [batch, hidden]), h.div(keep), 0);
      else key.dispose();
      const logits = np.matmul(h, np.transpose(params.w2)).add(params.b2);
      const loss = np.sum(nn.logSoftmax(logits, 1).mul(y)).mul(-1 / batch);
      return [loss, { mean, variance }];
    };
    const step = jit(({ params, velocity, running, key }, x, y) => {
      const keys = random.split(key.ref, 2);
      key.dispose();
      const [own, next] = [keys.ref.slice(0), keys.slice(1)];
      const held = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.ref]));
      const [[loss, { mean, variance }], gradients] = valueAndGrad(lossOf, { hasAux: true })(held, x, y, own);
      const after = { params: {}, velocity: {} };
      for (const name of Object.keys(params)) {
        const gradient = gradients[name];
        const moved = velocity[name].mul(momentum).add(gradient.ref);
        after.params[name] = params[name].sub(gradient.add(moved.ref.mul(momentum)).mul(lr));
        after.velocity[name] = moved;
      }
      const moving = {
        mean: running.mean.mul(0.9).add(mean.mul(0.1)),
        variance: running.variance.mul(0.9).add(variance.mul(0.1 * correction)),
      };
      return [loss, { ...after, running: moving, key: next }];
    });
    const batches = Array.from({ length: mlp.batches }, (_, which) => {
      const { x, labels } = mlp.batch(batch, which);
      return [array(x, [batch, inputs]), array(oneHot(labels), [batch, classes])];
    });
    let next = 0;
    return async (count, each) => {
      for (let index = 0; index < count; index++) {
        const [x, y] = batches[next++ % batches.length];
        const [loss, after] = step(state, x.ref, y.ref);
        state = after;
        const [value] = await loss.data();
        each?.(value);
      }
    };
  }

  function tinyLoop() {
    let params = tiny.weights().map(({ weight, bias, out, inputs }) => ({
      weight: array(weight, [out, inputs]),
      bias: array(bias, [out]),
    }));
    const x = array(tiny.x(), [tiny.batch, 2]);
    const y = array(tiny.y(), [tiny.batch, 1]);
    const lossOf = (layers, input, target) => {
      let h = input;
      layers.forEach(({ weight, bias }, index) => {
        h = np.matmul(h, np.transpose(weight)).add(bias);
        if (index < 2) h = np.tanh(h);
      });
      return np.mean(np.square(h.sub(target)));
    };
    const step = jit((layers, input, target) => {
      const held = layers.map(({ weight, bias }) => ({ weight: weight.ref, bias: bias.ref }));
      const [loss, gradients] = valueAndGrad(lossOf)(held, input, target);
      const after = layers.map(({ weight, bias }, index) => ({
        weight: weight.sub(gradients[index].weight.mul(tiny.lr)),
        bias: bias.sub(gradients[index].bias.mul(tiny.lr)),
      }));
      return [loss, after];
    });
    return async (count, each) => {
      for (let index = 0; index < count; index++) {
        const [loss, after] = step(params, x.ref, y.ref);
        params = after;
        const [value] = await loss.data();
        each?.(value);
      }
    };
  }

  return {
    version,
    make(task) {
      if (task.kind === "product") return product(task);
      if (task.kind === "chain") return chain(task);
      if (task.loop === "read first" || task.loaded) return null;
      const make = task.kind === "mlp" ? (dropout) => mlpLoop(task.batch, dropout) : tinyLoop;
      let train = null;
      return {
        async check() {
          const values = [];
          await make(0)(task.kind === "mlp" ? 5 : 20, (value) => values.push(value));
          return values;
        },
        run(count) {
          train ??= make(mlp.dropout);
          return train(count);
        },
      };
    },
  };
}
