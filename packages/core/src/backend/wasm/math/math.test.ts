import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type FunctionBuilder, I32, type Local, ModuleBuilder, V128 } from "../assembler.ts";
import { VectorBuilder } from "../vector.ts";
import { MATH } from "./index.ts";

const memory = new WebAssembly.Memory({ initial: 400 });
/** Where the first and second operand and the result lie. */
const AT = [0, 8 << 20, 16 << 20] as const;

type Apply = (first: number, second: number, out: number, bytes: number) => void;

/** A function over arrays in memory, in a loop that holds the code itself and in one that calls it. */
function build(name: string, type: "f32" | "f64", arity: number): { inline: Apply; called: Apply } {
  const module = new ModuleBuilder();
  module.importMemory({ minimum: 1 });
  const emit = MATH[name][type];
  const parameters = new Array<typeof V128>(arity).fill(V128);
  const own = module.function(parameters, [V128]);
  own.get(emit(new VectorBuilder(own), ...parameters.map((_, k) => k)));
  const loop = (apply: (fn: FunctionBuilder, operands: Local[]) => void): FunctionBuilder => {
    const fn = module.function([I32, I32, I32, I32]);
    const position = fn.local(I32);
    fn.loop();
    const operands = parameters.map((_, k) => {
      fn.get(k).get(position).op("i32.add").vectorMemory("v128.load");
      return new VectorBuilder(fn).result();
    });
    fn.get(2).get(position).op("i32.add");
    apply(fn, operands);
    fn.vectorMemory("v128.store");
    fn.get(position).i32(16).op("i32.add").tee(position).get(3).op("i32.lt_u").branchIf(0).end();
    return fn;
  };
  const inline = loop((fn, operands) => {
    const result = emit(new VectorBuilder(fn), ...operands);
    fn.get(result);
  });
  const called = loop((fn, operands) => {
    for (const operand of operands) fn.get(operand);
    fn.call(own.index);
  });
  module.export("inline", inline);
  module.export("called", called);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } });
  return instance.exports as { inline: Apply; called: Apply };
}

type Values = Float32Array | Float64Array | Int32Array;
type Constructor<T> = new (buffer: ArrayBufferLike, offset: number, length: number) => T;

/** The function of one or two arrays, both ways, which must agree to the bit. */
function run<T extends Values>(array: Constructor<T>, fn: { inline: Apply; called: Apply }, ...columns: T[]): T {
  const { length, BYTES_PER_ELEMENT } = columns[0];
  for (const [k, column] of columns.entries()) new array(memory.buffer, AT[k], length).set(column as never);
  const out = (): T => new array(memory.buffer, AT[2], length).slice() as T;
  const bytes = length * BYTES_PER_ELEMENT;
  fn.inline(...AT, bytes);
  const result = out();
  fn.called(...AT, bytes);
  const words = (values: T): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  expect(words(out()).equals(words(result))).toBe(true);
  return result;
}

/** erf by its series and by the continued fraction of erfc (Abramowitz and Stegun 7.1.6, 7.1.14). */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6 || Number.isNaN(x)) return Math.sign(x);
  if (size < 2) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-13; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 50; n > 0; n--) fraction = n / 2 / (size + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (size + fraction));
}

/** C's pow in JavaScript. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
}

interface Row {
  readonly reference: (x: number) => number;
  /** Worst errors in ulp, as the functions' own documentation states them. */
  readonly f32: number;
  readonly f64: number;
  /** Results at 0, −0, Infinity, −Infinity, the smallest subnormal and 1. NaN always gives NaN. */
  readonly special: readonly [zero: number, minusZero: number, up: number, down: number, small: number, one: number];
  /** Further places where something changes. */
  readonly near?: readonly number[];
}

const S = "small" as unknown as number;
const { E, LN2, PI } = Math;
const FUNCTIONS: { [name: string]: Row } = {
  exp: {
    reference: Math.exp,
    f32: 1.03,
    f64: 0.76,
    special: [1, 1, Infinity, 0, 1, E],
    near: [88.72284, -87.33655, -103.97208],
  },
  exp2: { reference: (x) => 2 ** x, f32: 1.04, f64: 1, special: [1, 1, Infinity, 0, 1, 2], near: [128, -126, -150] },
  expm1: {
    reference: Math.expm1,
    f32: 1.21,
    f64: 0.92,
    special: [0, -0, Infinity, -1, S, E - 1],
    near: [88.72284, -17, 2 ** -25],
  },
  log: {
    reference: Math.log,
    f32: 0.85,
    f64: 0.82,
    special: [-Infinity, -Infinity, Infinity, NaN, NaN, 0],
    near: [Math.SQRT1_2, Math.SQRT2, 1],
  },
  log2: {
    reference: Math.log2,
    f32: 0.52,
    f64: 1.55,
    special: [-Infinity, -Infinity, Infinity, NaN, NaN, 0],
    near: [1, 2, 8],
  },
  log1p: {
    reference: Math.log1p,
    f32: 0.88,
    f64: 0.82,
    special: [0, -0, Infinity, NaN, S, LN2],
    near: [-1, 1, 2 ** -25, 2 ** 24],
  },
  tanh: {
    reference: Math.tanh,
    f32: 1.52,
    f64: 1.3,
    special: [0, -0, 1, -1, S, Math.tanh(1)],
    near: [0.6, -0.6, 0.17329, 9, 9.5],
  },
  sigmoid: {
    reference: (x) => 1 / (1 + Math.exp(-x)),
    f32: 1.68,
    f64: 1.62,
    special: [0.5, 0.5, 1, 0, 0.5, 1 / (1 + 1 / E)],
    near: [-87.33655, -103.97208, 17],
  },
  rsqrt: { reference: (x) => 1 / Math.sqrt(x), f32: 1.5, f64: 1.5, special: [Infinity, -Infinity, 0, NaN, NaN, 1] },
  erf: {
    reference: erf,
    f32: 1.53,
    f64: 1.11,
    special: [0, -0, 1, -1, NaN, 0.8427007929497149],
    near: [1, -1, 3.9192059, 4],
  },
  sin: {
    reference: Math.sin,
    f32: 0.57,
    f64: 0.78,
    special: [0, -0, NaN, NaN, S, Math.sin(1)],
    near: [PI, PI / 4, -PI / 2, 2 ** 20, 16367173 * 2 ** 72],
  },
  cos: {
    reference: Math.cos,
    f32: 0.57,
    f64: 0.76,
    special: [1, 1, NaN, NaN, 1, Math.cos(1)],
    near: [PI, PI / 4, -PI / 2, 2 ** 20, 16367173 * 2 ** 72],
  },
  tan: {
    reference: Math.tan,
    f32: 0.57,
    f64: 1.96,
    special: [0, -0, NaN, NaN, S, Math.tan(1)],
    near: [PI, PI / 4, -PI / 2, 2 ** 20, 16367173 * 2 ** 72],
  },
  asin: { reference: Math.asin, f32: 0.59, f64: 0.62, special: [0, -0, NaN, NaN, S, PI / 2], near: [1, -1, 0.5, -0.5] },
  acos: {
    reference: Math.acos,
    f32: 0.59,
    f64: 0.62,
    special: [PI / 2, PI / 2, NaN, NaN, PI / 2, 0],
    near: [1, -1, 0.5, -0.5],
  },
  atan: {
    reference: Math.atan,
    f32: 0.52,
    f64: 1.61,
    special: [0, -0, PI / 2, -PI / 2, S, PI / 4],
    near: [0.41421356, 2.4142135],
  },
  sinh: {
    reference: Math.sinh,
    f32: 0.59,
    f64: 1.5,
    special: [0, -0, Infinity, -Infinity, S, Math.sinh(1)],
    near: [1, 89.41599],
  },
  cosh: {
    reference: Math.cosh,
    f32: 0.59,
    f64: 1.19,
    special: [1, 1, Infinity, Infinity, 1, Math.cosh(1)],
    near: [89.41599],
  },
};
const NAMES = Object.keys(FUNCTIONS);
const POW = { f32: 0.58, f64: 1 };

/** The distance to the next number of the format, at the size of y. */
function ulp(y: number, fraction: number, least: number): number {
  const size = Math.abs(y);
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent--;
  if (2 ** (exponent + 1) <= size) exponent++;
  return 2 ** (Math.max(exponent, least) - fraction);
}

/** The worst error of float32 results against float64 ones, and the first that is wrong altogether. */
function worstSingle(got: Float32Array, want: (k: number) => number): { worst: number; at: number; wrong: number } {
  let worst = 0;
  let at = -1;
  let wrong = -1;
  for (let k = 0; k < got.length; k++) {
    const exact = want(k);
    const rounded = Math.fround(exact);
    if (Object.is(got[k], rounded)) continue;
    // Beyond the largest number, either side of the threshold may round over it.
    const size = Math.abs(exact);
    const beyond = size > 3.402823e38 && size < 3.402824e38;
    if (!Number.isFinite(rounded) || !Number.isFinite(got[k]) || (rounded === 0 && got[k] === 0)) {
      if (!beyond && wrong < 0) wrong = k;
      continue;
    }
    const error = Math.abs(got[k] - exact) / 2 ** (Math.max(Math.floor(Math.log2(size)), -126) - 23);
    if (error > worst) {
      worst = error;
      at = k;
    }
  }
  return { worst, at, wrong };
}

test("every function that is timed and measured here is one of the table, and all are", () => {
  expect([...NAMES, "pow", "idiv", "irem"].sort()).toEqual(Object.keys(MATH).sort());
});

describe("float32", () => {
  const DENSE = 4099;
  const sample = new Uint32Array(2 ** 20);
  for (let k = 0; k < sample.length; k++) sample[k] = k * DENSE;
  const bitsOf = (x: number): number => new Uint32Array(new Float32Array([x]).buffer)[0];

  test.each(NAMES)("%s is as accurate as stated at all sizes and around its thresholds", (name) => {
    const { reference, f32, near = [] } = FUNCTIONS[name];
    const bits = new Uint32Array(sample.length + (near.length + 1) * 256);
    bits.set(sample);
    [0, ...near].forEach((place, index) => {
      for (let k = 0; k < 256; k++) bits[sample.length + index * 256 + k] = bitsOf(place) - 128 + k;
    });
    const xs = new Float32Array(bits.buffer);
    const got = run(Float32Array, build(name, "f32", 1), xs);
    const { worst, at, wrong } = worstSingle(got, (k) => reference(xs[k]));
    expect(wrong < 0 ? "none" : `${xs[wrong]} gives ${got[wrong]}`).toBe("none");
    expect(worst, `at ${xs[at]}`).toBeLessThan(f32);
  });

  test.each(NAMES)("%s is as accurate as stated where it bends", (name) => {
    const { reference, f32 } = FUNCTIONS[name];
    const xs = Float32Array.from({ length: 2 ** 16 }, (_, k) => (k / 2 ** 16 - 0.5) * 2 ** (1 + (k % 8)));
    const got = run(Float32Array, build(name, "f32", 1), xs);
    const { worst, at, wrong } = worstSingle(got, (k) => reference(xs[k]));
    expect(wrong < 0 ? "none" : `${xs[wrong]} gives ${got[wrong]}`).toBe("none");
    expect(worst, `at ${xs[at]}`).toBeLessThan(f32);
  });

  test("pow is as accurate as stated", () => {
    let state = 12345;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return (state >>> 0) / 2 ** 32;
    };
    const length = 2 ** 17;
    const xs = Float32Array.from({ length }, (_, k) => 2 ** ((random() - 0.5) * (k % 2 ? 2 : 280)));
    const ys = xs.map((x, k) => ((random() - 0.5) * (k % 3 ? 300 : 4)) / (k % 3 ? Math.abs(Math.log2(x)) : 1));
    const got = run(Float32Array, build("pow", "f32", 2), xs, ys);
    const { worst, at, wrong } = worstSingle(got, (k) => power(xs[k], ys[k]));
    expect(wrong < 0 ? "none" : `${xs[wrong]}, ${ys[wrong]} gives ${got[wrong]}`).toBe("none");
    expect(worst, `at ${xs[at]}, ${ys[at]}`).toBeLessThan(POW.f32);
  });
});

describe("float64", () => {
  interface Fixture {
    readonly arguments: string[];
    readonly results: string;
    readonly rest: string;
  }
  const path = new URL("./fixtures/float64.json", import.meta.url);
  const fixtures: { [name: string]: Fixture } = JSON.parse(readFileSync(path, "utf8"));
  const bytes = (text: string): ArrayBuffer => new Uint8Array(Buffer.from(text, "base64")).buffer;

  test.each([...NAMES, "pow"])("%s is as accurate as stated", (name) => {
    const fixture = fixtures[name];
    const columns = fixture.arguments.map((column) => new Float64Array(bytes(column)));
    const results = new Float64Array(bytes(fixture.results));
    const rest = new Int8Array(bytes(fixture.rest));
    expect(results.length).toBeGreaterThan(300);
    const got = run(Float64Array, build(name, "f64", columns.length), ...columns);
    let worst = 0;
    let at = 0;
    for (let k = 0; k < results.length; k++) {
      const error = Math.abs((got[k] - results[k]) / ulp(results[k], 52, -1022) - rest[k] / 200);
      if (!(error <= worst)) {
        worst = error;
        at = k;
      }
    }
    expect(worst, `at ${columns.map((column) => column[at])}`).toBeLessThan(
      name === "pow" ? POW.f64 : FUNCTIONS[name].f64,
    );
  });

  test("sin, cos and tan reduce arguments of every exponent", () => {
    const xs = Float64Array.from(
      { length: 8192 },
      (_, k) => (1 + ((k * 0.6180339887498949) % 1)) * 2 ** ((k >> 3) % 1024),
    );
    for (const name of ["sin", "cos", "tan"]) {
      const got = run(Float64Array, build(name, "f64", 1), xs);
      const { reference } = FUNCTIONS[name];
      // Math's own functions are within an ulp as well.
      for (let k = 0; k < xs.length; k++) {
        const want = reference(xs[k]);
        expect(Math.abs(got[k] - want) <= 3 * ulp(want, 52, -1022), `${name}(${xs[k]}) = ${got[k]}`).toBe(true);
      }
    }
  });
});

describe.each([
  ["f32", Float32Array, 2 ** -149, 1.2e-7],
  ["f64", Float64Array, 2 ** -1074, 4.5e-16],
] as const)("%s at its ends", (type, of, small, tolerance) => {
  const rounded = (x: number): number => (type === "f32" ? Math.fround(x) : x);
  const close = (got: number, want: number): boolean =>
    Object.is(got, want) || (want !== 0 && Math.abs(got - want) <= Math.abs(want) * tolerance);

  test.each(NAMES)("%s", (name) => {
    const { special } = FUNCTIONS[name];
    const fn = build(name, type, 1);
    const at = new of([0, -0, Infinity, -Infinity, small, 1, NaN, -small]) as Float32Array;
    const got = run(of as Constructor<Float32Array>, fn, at);
    special.forEach((want, k) => {
      if (k === 4 && Number.isNaN(want)) return;
      expect(close(got[k], want === S ? small : rounded(want)), `${name}(${at[k]}) = ${got[k]}`).toBe(true);
    });
    expect(got[6]).toBeNaN();
    if (special[4] === S) expect(got[7]).toBe(-small);
  });

  test("functions of the smallest subnormal that are not itself", () => {
    const at = new of([small, small, small, small]) as Float32Array;
    const exponent = Math.log2(small);
    const expected: [string, number][] = [
      ["log", exponent * LN2],
      ["log2", exponent],
      ["rsqrt", 1 / Math.sqrt(small)],
      ["erf", small],
    ];
    for (const [name, want] of expected) {
      const got = run(of as Constructor<Float32Array>, build(name, type, 1), at)[0];
      expect(close(got, rounded(want)), `${name} = ${got}`).toBe(true);
    }
  });

  test("pow follows C's special cases", () => {
    const largest = type === "f32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
    const values = [0, 0.5, 1, 1.5, 2, 3, 4, 1e10, 16777215, 2 ** 53 - 1, 2 ** 60, small, largest, Infinity].map(
      rounded,
    );
    const all = [...values, ...values.map((x) => -x), NaN];
    const pairs = all.flatMap((x) => all.map((y) => [x, y]));
    while (pairs.length % 4) pairs.push([1, 1]);
    const xs = new of(pairs.map(([x]) => x)) as Float32Array;
    const ys = new of(pairs.map(([, y]) => y)) as Float32Array;
    const got = run(of as Constructor<Float32Array>, build("pow", type, 2), xs, ys);
    pairs.forEach(([x, y], k) => {
      expect(close(got[k], rounded(power(x, y))), `pow(${x}, ${y}) = ${got[k]}`).toBe(true);
    });
  });

  test.each([...NAMES, "pow"])("%s of one lane does not depend on the others", (name) => {
    const arity = name === "pow" ? 2 : 1;
    const fn = build(name, type, arity);
    const some = [0.3, 1e30, NaN, -7, Infinity, 2 ** 21, small, 0.9, -Infinity, 3e5, -0.4, -1e20];
    const lanes = type === "f32" ? 4 : 2;
    const mixed = new of(some) as Float32Array;
    const columns = (xs: Float32Array): Float32Array[] => (arity === 2 ? [xs, xs.map(() => 1.7)] : [xs]);
    const got = run(of as Constructor<Float32Array>, fn, ...columns(mixed));
    mixed.forEach((x, k) => {
      const same = new of(new Array(lanes).fill(x)) as Float32Array;
      expect(got[k]).toBe(run(of as Constructor<Float32Array>, fn, ...columns(same))[0]);
    });
  });
});

test("int32 division truncates, wraps and takes 0 as a divisor", () => {
  const edges = [0, 1, -1, 2, -2, 3, -3, 7, 10, -10, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 2, 1 - 2 ** 31];
  const pairs = edges.flatMap((x) => edges.map((y) => [x, y]));
  for (let k = 0; k < 20000; k++) {
    pairs.push([Math.imul(k, 0x9e3779b1), Math.imul(k + 7, 0x85ebca6b) >> ((k * 7) % 32)]);
  }
  while (pairs.length % 4) pairs.push([1, 1]);
  const xs = Int32Array.from(pairs, ([x]) => x);
  const ys = Int32Array.from(pairs, ([, y]) => y);
  for (const type of ["f32", "f64"] as const) {
    expect(run(Int32Array, build("idiv", type, 2), xs, ys)).toEqual(xs.map((x, k) => (ys[k] === 0 ? 0 : x / ys[k])));
    expect(run(Int32Array, build("irem", type, 2), xs, ys)).toEqual(xs.map((x, k) => (ys[k] === 0 ? 0 : x % ys[k])));
  }
});
