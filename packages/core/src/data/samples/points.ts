import { RandomStream } from "../../random/random.ts";
import { TensorDataset } from "../dataset.ts";

/** Small data sets that are made, not read: points in the plane with classes, and a curve. The same seed gives the same. */

/** Keeps the draws of the rows' order apart from those of their places. */
const ORDER = 12;

export interface SampleOptions {
  /** How many examples. */
  count?: number;
  /** How far they are scattered (a standard deviation). */
  noise?: number;
  seed?: number;
}

export interface ClassOptions extends SampleOptions {
  /** How many classes. */
  classes?: number;
}

/** Points [count, 2] (float32) and classes [count] (int32), of each class evenly many, in random order. */
function points(
  count: number,
  seed: number,
  classes: number,
  place: (label: number, share: number, random: RandomStream) => [number, number],
): TensorDataset {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`a sample has one example at least, not ${count}`);
  const random = new RandomStream(seed, 7);
  const x = new Float32Array(count * 2);
  const y = new Int32Array(count);
  const each = Math.ceil(count / classes);
  const rows = new RandomStream(seed, ORDER).permutation(count);
  for (let index = 0; index < count; index++) {
    const label = index % classes;
    x.set(place(label, each === 1 ? 0 : Math.floor(index / classes) / (each - 1), random), 2 * rows[index]);
    y[rows[index]] = label;
  }
  return new TensorDataset({ data: x, shape: [count, 2] }, { data: y, shape: [count] });
}

/** Arms of a spiral wound around each other, one a class: no straight line tells them apart. */
export function spirals({ count = 300, noise = 0.02, seed = 0, classes = 2 }: ClassOptions = {}): TensorDataset {
  return points(count, seed, classes, (label, share, random) => {
    const radius = 0.1 + 0.9 * share;
    const angle = 1.5 * Math.PI * share + (2 * Math.PI * label) / classes;
    return [radius * Math.cos(angle) + noise * random.normal(), radius * Math.sin(angle) + noise * random.normal()];
  });
}

/** Two half circles that reach into each other. */
export function moons({ count = 300, noise = 0.1, seed = 0 }: SampleOptions = {}): TensorDataset {
  return points(count, seed, 2, (label, share, random) => {
    const angle = Math.PI * share;
    const [x, y] = label === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return [x - 0.5 + noise * random.normal(), y - 0.25 + noise * random.normal()];
  });
}

/** A circle within another. */
export function circles({ count = 300, noise = 0.05, seed = 0 }: SampleOptions = {}): TensorDataset {
  return points(count, seed, 2, (label, share, random) => {
    const angle = 2 * Math.PI * share;
    const radius = label === 0 ? 1 : 0.5;
    return [radius * Math.cos(angle) + noise * random.normal(), radius * Math.sin(angle) + noise * random.normal()];
  });
}

/** Four clouds at the corners of a square, opposite ones of one class: exclusive or. */
export function xor({ count = 300, noise = 0.15, seed = 0 }: SampleOptions = {}): TensorDataset {
  return points(count, seed, 2, (label, _, random) => {
    const side = random.uniform() < 0.5 ? -0.5 : 0.5;
    return [side + noise * random.normal(), (label === 0 ? side : -side) + noise * random.normal()];
  });
}

/** A cloud a class, around places on a circle. */
export function blobs({ count = 300, noise = 0.15, seed = 0, classes = 3 }: ClassOptions = {}): TensorDataset {
  return points(count, seed, classes, (label, _, random) => {
    const angle = (2 * Math.PI * label) / classes;
    return [Math.cos(angle) + noise * random.normal(), Math.sin(angle) + noise * random.normal()];
  });
}

/** y = sin(3x)/2 + x²/2 with noise, for x in [−1, 1]: [count, 1] to [count, 1], float32. */
export function curve({ count = 200, noise = 0.05, seed = 0 }: SampleOptions = {}): TensorDataset {
  const random = new RandomStream(seed, 7);
  const x = Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
  const y = x.map((value) => Math.sin(3 * value) / 2 + value ** 2 / 2 + noise * random.normal());
  return new TensorDataset({ data: x, shape: [count, 1] }, { data: y, shape: [count, 1] });
}
