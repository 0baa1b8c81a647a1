import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { type Tensor, tensor } from "../src/index.ts";

/**
 * Reads the reference numbers in fixtures/ (written by fixtures/generate.py) and compares tensors with them.
 *
 * The tolerance is one for all: the largest difference in a tensor is at most 1e-5 of the tensor's largest value. Where
 * float32 cannot hold that, because the true value is zero or nearly so beside the numbers it is made of, the case
 * states an absolute floor for the tensor. Integers, booleans, NaN and infinities are compared exactly.
 */

export type FixtureDtype = "float32" | "float64" | "int32" | "bool";

/** A number of a fixture; JSON has none for these three. */
type FixtureNumber = number | "NaN" | "Infinity" | "-Infinity";

export interface FixtureTensor {
  shape: number[];
  dtype: FixtureDtype;
  data: FixtureNumber[];
}

/** Absolute floors by the path of a tensor in its case, such as "gradients.0". */
export type Floors = Record<string, number>;

export function loadFixture<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${file}`, import.meta.url), "utf8")) as T;
}

export function isFixtureTensor(value: unknown): value is FixtureTensor {
  return typeof value === "object" && value !== null && "data" in value && "dtype" in value && "shape" in value;
}

export function isFloating(fixture: FixtureTensor): boolean {
  return fixture.dtype === "float32" || fixture.dtype === "float64";
}

export function numbersOf(fixture: FixtureTensor): number[] {
  return fixture.data.map(Number);
}

/** A leaf with the fixture's shape, dtype and values. */
export function toTensor(fixture: FixtureTensor, requiresGrad = false): Tensor {
  return tensor(numbersOf(fixture), { shape: fixture.shape, dtype: fixture.dtype, requiresGrad });
}

/** A record of fixtures as a record of tensors, as a state dict is. */
export function toTensors(fixtures: Record<string, FixtureTensor>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(fixtures).map(([key, fixture]) => [key, toTensor(fixture)]));
}

export interface Closeness {
  /** What is compared, for the message. */
  label: string;
  /** Relative to the largest finite value of the expected tensor. */
  tolerance?: number;
  /** Absolute, for tensors whose true value is zero or nearly so. */
  floor?: number;
}

/** Compares a list of numbers with the expected one; the message names the worst element. */
export function expectNumbersClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { label, tolerance = 1e-5, floor = 0 }: Closeness,
): void {
  expect(actual.length, `${label}: number of elements`).toBe(expected.length);
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Number.isFinite(expected[i])) scale = Math.max(scale, Math.abs(expected[i]));
  }
  const bound = Math.max(tolerance * scale, floor);
  let worst = -1;
  let worstDifference = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = differenceOf(actual[i], expected[i]);
    if (difference > worstDifference) {
      worst = i;
      worstDifference = difference;
    }
  }
  if (worstDifference > bound) {
    expect.fail(
      `${label}: element ${worst} is ${actual[worst]}, expected ${expected[worst]}; ` +
        `the difference ${worstDifference} is above ${bound}`,
    );
  }
}

/** The absolute difference; NaN and the infinities are equal to themselves and infinitely far from all else. */
function differenceOf(actual: number, expected: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  const difference = Math.abs(actual - expected);
  return Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
}

/** Compares shape, dtype (of floating-point numbers and booleans) and values of a tensor with a fixture. */
export function expectClose(actual: Tensor, expected: FixtureTensor, closeness: Closeness): void {
  const { label } = closeness;
  expect([...actual.shape], `${label}: shape`).toEqual(expected.shape);
  if (expected.dtype !== "int32") expect(actual.dtype, `${label}: dtype`).toBe(expected.dtype);
  const values = Array.from(actual.dataSync() as ArrayLike<number>, Number);
  const exact = isFloating(expected) ? closeness : { label, tolerance: 0, floor: 0 };
  expectNumbersClose(values, numbersOf(expected), exact);
}

/** Compares the gradient that a backward pass left in a leaf. No gradient is the same as one of zeros. */
export function expectGradient(leaf: Tensor, expected: FixtureTensor, closeness: Closeness): void {
  const { grad } = leaf;
  if (grad === null) {
    const zero = expected.data.every((value) => value === 0);
    if (!zero) expect.fail(`${closeness.label}: there is no gradient`);
    return;
  }
  expectClose(grad, expected, closeness);
}

/** The options of a case with its tensors made; a case without options gives an empty object. */
export function toOptions(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, isFixtureTensor(value) ? toTensor(value) : value]),
  );
}
