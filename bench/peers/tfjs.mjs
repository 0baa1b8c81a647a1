import { createRequire } from "node:module";
import { mlp, numbers, oneHot, sample, tiny } from "../lib/numbers.mjs";
import { ROW } from "../lib/work.mjs";

/** TensorFlow.js with its wasm backend (SIMD; in Node it has no threads) or its plain JavaScript one. */
export async function open({ backend = "wasm" } = {}) {
  const require = createRequire(import.meta.url);
  const tf = require("@tensorflow/tfjs");
  if (backend === "wasm") require("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend(backend);
  await tf.ready();

  function product({ m, k, n, transposeA, transposeB }) {
    if (backend === "cpu" && m * k * n > 256 ** 3) return null;
    const a = tf.tensor(numbers(1, m * k), transposeA ? [k, m] : [m, k]);
    const b = tf.tensor(numbers(2, k * n), transposeB ? [n, k] : [k, n]);
    const once = () => tf.matMul(a, b, transposeA, transposeB);
    return {
      check() {
        const c = once();
        const values = sample(c.dataSync());
        c.dispose();
        return values;
      },
      run(count) {
        for (let step = 0; step < count; step++) once().dispose();
      },
      dispose: () => tf.dispose([a, b]),
    };
  }

  function chain({ chain: name, size }) {
    if (backend === "cpu") return null;
    const x = tf.tensor(numbers(3, size), name === "softmax" ? [size / ROW, ROW] : [size]);
    const b = name === "axpy" ? tf.tensor(numbers(4, size)) : null;
    const affine = () => tf.relu(tf.add(tf.mul(x, 2), 1));
    const functions = {
      affine,
      six: () => tf.sqrt(tf.abs(tf.sub(affine(), x))),
      axpy: () => tf.add(x, tf.mul(b, 0.5)),
      softmax: () => tf.softmax(x),
      sum: () => tf.sum(x),
      spread: () => tf.mean(tf.squaredDifference(x, 0.25)),
    };
    const once = () => tf.tidy(functions[name]);
    const scalar = name === "sum" || name === "spread";
    return {
      check() {
        const y = once();
        const values = y.dataSync();
        y.dispose();
        return scalar ? [values[0] / (name === "sum" ? size : 1)] : sample(values);
      },
      run(count) {
        for (let step = 0; step < count; step++) {
          const y = once();
          if (scalar) y.dataSync();
          y.dispose();
        }
      },
      dispose: () => tf.dispose(b === null ? x : [x, b]),
    };
  }

  /** A loop over batches in turn that reads the loss of every step. */
  function loop(optimizer, lossOf, batches) {
    let next = 0;
    return async (count, each) => {
      for (let step = 0; step < count; step++) {
        const [x, y] = batches[next++ % batches.length];
        const loss = optimizer.minimize(() => lossOf(x, y), true);
        each?.((await loss.data())[0]);
        loss.dispose();
      }
    };
  }

  function mlpLoop(batch, dropout) {
    const { hidden, inputs, classes, lr, momentum } = mlp;
    const { w1, b1, w2, b2 } = mlp.weights();
    // The other way round in memory: this library's layout of a dense layer.
    const weights1 = tf.tidy(() => tf.transpose(tf.tensor(w1, [hidden, inputs])).variable());
    const bias1 = tf.variable(tf.tensor(b1));
    const weights2 = tf.tidy(() => tf.transpose(tf.tensor(w2, [classes, hidden])).variable());
    const bias2 = tf.variable(tf.tensor(b2));
    const scale = tf.variable(tf.ones([hidden]));
    const shift = tf.variable(tf.zeros([hidden]));
    const runningMean = tf.variable(tf.zeros([hidden]), false);
    const runningVariance = tf.variable(tf.ones([hidden]), false);
    const correction = batch / Math.max(1, batch - 1);
    const batches = Array.from({ length: mlp.batches }, (_, which) => {
      const { x, labels } = mlp.batch(batch, which);
      return [tf.tensor(x, [batch, inputs]), tf.tensor(oneHot(labels), [batch, classes])];
    });
    const lossOf = (x, y) => {
      let h = tf.relu(tf.add(tf.matMul(x, weights1), bias1));
      if (batch > 1) {
        const { mean, variance } = tf.moments(h, 0);
        const normal = tf.mul(tf.sub(h, mean), tf.rsqrt(tf.add(variance, 1e-5)));
        h = tf.add(tf.mul(normal, scale), shift);
        runningMean.assign(tf.add(tf.mul(runningMean, 0.9), tf.mul(mean, 0.1)));
        runningVariance.assign(tf.add(tf.mul(runningVariance, 0.9), tf.mul(variance, 0.1 * correction)));
      }
      if (dropout > 0) h = tf.dropout(h, dropout);
      return tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(h, weights2), bias2));
    };
    return loop(tf.train.momentum(lr, momentum, true), lossOf, batches);
  }

  function tinyLoop() {
    const layers = tiny.weights().map(({ weight, bias, out, inputs }) => ({
      weight: tf.tidy(() => tf.transpose(tf.tensor(weight, [out, inputs])).variable()),
      bias: tf.variable(tf.tensor(bias)),
    }));
    const batch = [tf.tensor(tiny.x(), [tiny.batch, 2]), tf.tensor(tiny.y(), [tiny.batch, 1])];
    const lossOf = (x, y) => {
      let h = x;
      layers.forEach(({ weight, bias }, index) => {
        h = tf.add(tf.matMul(h, weight), bias);
        if (index < 2) h = tf.tanh(h);
      });
      return tf.losses.meanSquaredError(y, h);
    };
    return loop(tf.train.sgd(tiny.lr), lossOf, [batch]);
  }

  return {
    version: tf.version_core,
    make(task) {
      if (task.kind === "product") return product(task);
      if (task.kind === "chain") return chain(task);
      if (task.loop === "read first" || task.loaded) return null;
      if (backend === "cpu" && task.kind === "mlp") return null;
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
