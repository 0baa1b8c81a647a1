/**
 * The numbers that every contender works on: a hash of seed and place, so that JavaScript and Python make the same
 * without a file between them. peers/pytorch.py has the same functions.
 */

const made = new Map();

/**
 * `count` numbers in [-0.5, 0.5), independent to the eye.
 * @param {number} seed
 * @param {number} count
 */
export function numbers(seed, count) {
  return once(`${seed} ${count}`, () => {
    const values = new Float32Array(count);
    for (let index = 0; index < count; index++) values[index] = hash(seed, index) / 2 ** 32 - 0.5;
    return values;
  });
}

function once(key, make) {
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

/** Forgets numbers made before. */
export function forgetNumbers() {
  made.clear();
}

/**
 * @param {number} seed
 * @param {number} index
 */
function hash(seed, index) {
  let bits = (Math.imul(index, 0x9e3779b1) + Math.imul(seed, 0x85ebca6b)) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * The same numbers stretched to [-bound, bound).
 * @param {number} seed
 * @param {number} count
 * @param {number} bound
 */
export function within(seed, count, bound) {
  return once(`${seed} ${count} ${bound}`, () => numbers(seed, count).map((value) => value * 2 * bound));
}

/**
 * Places of an array that are compared: 64 all over it, and its last.
 * @param {number} size
 */
export function places(size) {
  const list = [];
  for (let index = 0; index < 64; index++) list.push((index * 2654435761) % size);
  list.push(size - 1);
  return list;
}

/**
 * What stands at those places.
 * @param {ArrayLike<number>} values
 */
export function sample(values) {
  return places(values.length).map((place) => values[place]);
}

/** The network's numbers: PyTorch's layout and, near enough, its bounds. */
export const mlp = {
  inputs: 784,
  hidden: 128,
  classes: 10,
  lr: 0.01,
  momentum: 0.9,
  dropout: 0.2,
  batches: 4,
  weights: () => ({
    w1: within(11, 128 * 784, 1 / 28),
    b1: within(12, 128, 1 / 28),
    w2: within(13, 10 * 128, 1 / Math.sqrt(128)),
    b2: within(14, 10, 1 / Math.sqrt(128)),
  }),
  /**
   * @param {number} batch
   * @param {number} which
   */
  batch: (batch, which) =>
    once(`batch ${batch} ${which}`, () => ({
      x: numbers(100 + which, batch * 784).map((value) => value + 0.5),
      labels: Int32Array.from(numbers(200 + which, batch), (value) => Math.min(9, Math.floor((value + 0.5) * 10))),
    })),
};

/** The classroom's network: 2-8-8-1. */
export const tiny = {
  sizes: [2, 8, 8, 1],
  batch: 32,
  lr: 0.1,
  weights: () =>
    [
      [8, 2],
      [8, 8],
      [1, 8],
    ].map(([out, inputs], layer) => ({
      weight: within(21 + layer, out * inputs, 1 / Math.sqrt(inputs)),
      bias: within(31 + layer, out, 1 / Math.sqrt(inputs)),
      out,
      inputs,
    })),
  x: () => numbers(41, 64).map((value) => 2 * value),
  /** Whether the two inputs have one sign, as 1 and -1. */
  y: () => {
    const x = tiny.x();
    return Float32Array.from({ length: 32 }, (_, row) => (x[2 * row] * x[2 * row + 1] > 0 ? 1 : -1));
  },
};

/**
 * Labels as rows with one 1.
 * @param {Int32Array} labels
 */
export function oneHot(labels) {
  const rows = new Float32Array(labels.length * 10);
  labels.forEach((label, row) => {
    rows[row * 10 + label] = 1;
  });
  return rows;
}
