import { describe, expect, test } from "vitest";
import { concat, stack, type Tensor, where } from "../src/index.ts";
import {
  expectClose,
  expectGradient,
  type FixtureTensor,
  type Floors,
  isFloating,
  loadFixture,
  toTensor,
} from "./fixtures.ts";

/** Every operation's value and gradients against PyTorch's, in float32. */

interface Options {
  other?: number;
  dim?: number | number[];
  keepdim?: boolean;
  correction?: number;
  min?: number;
  max?: number;
  shape?: number[];
  dims?: number[];
  start?: number;
  end?: number;
  step?: number;
  padding?: [number, number][];
  value?: number;
  numClasses?: number;
}

interface Case {
  name: string;
  op: string;
  inputs: FixtureTensor[];
  options: Options;
  output: FixtureTensor;
  upstream?: FixtureTensor;
  gradients?: (FixtureTensor | null)[];
  floors?: Floors;
}

/** Options that only name what the case sets, so that a default is the library's own. */
function only<K extends keyof Options>(options: Options, ...names: K[]): Pick<Options, K> {
  return Object.fromEntries(names.filter((name) => name in options).map((name) => [name, options[name]])) as Pick<
    Options,
    K
  >;
}

const one = (options: Options) => options.dim as number;
const right = ([, b]: Tensor[], options: Options) => b ?? (options.other as number);

type Run = (inputs: Tensor[], options: Options) => Tensor;

/** A reduction over all elements when the case gives no dimension, and over those it gives otherwise. */
const overAll =
  (all: (x: Tensor) => Tensor, some: (x: Tensor, dim: number, o: { keepdim?: boolean }) => Tensor): Run =>
  ([x], o) =>
    o.dim === undefined ? all(x) : some(x, one(o), only(o, "keepdim"));

const operations: Record<string, Run> = {
  add: (x, o) => x[0].add(right(x, o)),
  sub: (x, o) => x[0].sub(right(x, o)),
  mul: (x, o) => x[0].mul(right(x, o)),
  div: (x, o) => x[0].div(right(x, o)),
  pow: (x, o) => x[0].pow(right(x, o)),
  minimum: ([a, b]) => a.minimum(b),
  maximum: ([a, b]) => a.maximum(b),
  where: ([condition, a, b]) => where(condition, a, b),
  eq: (x, o) => x[0].eq(right(x, o)),
  ne: (x, o) => x[0].ne(right(x, o)),
  lt: (x, o) => x[0].lt(right(x, o)),
  le: (x, o) => x[0].le(right(x, o)),
  gt: (x, o) => x[0].gt(right(x, o)),
  ge: (x, o) => x[0].ge(right(x, o)),
  neg: ([x]) => x.neg(),
  exp: ([x]) => x.exp(),
  log: ([x]) => x.log(),
  sqrt: ([x]) => x.sqrt(),
  abs: ([x]) => x.abs(),
  sign: ([x]) => x.sign(),
  clamp: ([x], o) => x.clamp(o.min, o.max),
  sin: ([x]) => x.sin(),
  cos: ([x]) => x.cos(),
  tan: ([x]) => x.tan(),
  sigmoid: ([x]) => x.sigmoid(),
  tanh: ([x]) => x.tanh(),
  erf: ([x]) => x.erf(),
  relu: ([x]) => x.relu(),
  softmax: ([x], o) => x.softmax(one(o)),
  logSoftmax: ([x], o) => x.logSoftmax(one(o)),
  logsumexp: ([x], o) => (o.dim === undefined ? x.logsumexp() : x.logsumexp(o.dim, only(o, "keepdim"))),
  sum: ([x], o) => (o.dim === undefined ? x.sum() : x.sum(o.dim, only(o, "keepdim"))),
  mean: ([x], o) => (o.dim === undefined ? x.mean() : x.mean(o.dim, only(o, "keepdim"))),
  var: ([x], o) => x.var(o.dim, only(o, "correction", "keepdim")),
  std: ([x], o) => x.std(o.dim, only(o, "correction", "keepdim")),
  max: overAll(
    (x) => x.max(),
    (x, dim, o) => x.max(dim, o),
  ),
  min: overAll(
    (x) => x.min(),
    (x, dim, o) => x.min(dim, o),
  ),
  prod: overAll(
    (x) => x.prod(),
    (x, dim, o) => x.prod(dim, o),
  ),
  argmax: overAll(
    (x) => x.argmax(),
    (x, dim, o) => x.argmax(dim, o),
  ),
  argmin: overAll(
    (x) => x.argmin(),
    (x, dim, o) => x.argmin(dim, o),
  ),
  cumsum: ([x], o) => x.cumsum(one(o)),
  matmul: ([a, b]) => a.matmul(b),
  reshape: ([x], o) => x.reshape(o.shape!),
  permute: ([x], o) => x.permute(o.dims!),
  transpose: ([x], o) => x.transpose(o.dims![0], o.dims![1]),
  expand: ([x], o) => x.expand(o.shape!),
  slice: ([x], o) =>
    o.step === undefined ? x.slice(one(o), o.start!, o.end!) : x.slice(one(o), o.start!, o.end!, o.step),
  concat: (inputs, o) => concat(inputs, one(o)),
  stack: (inputs, o) => stack(inputs, one(o)),
  pad: ([x], o) => (o.value === undefined ? x.pad(o.padding!) : x.pad(o.padding!, o.value)),
  gather: ([x, index], o) => x.gather(one(o), index),
  indexSelect: ([x, index], o) => x.indexSelect(one(o), index),
  oneHot: ([x], o) => x.oneHot(o.numClasses!),

  "matmul of transposes": ([a, b]) => a.transpose(-1, -2).matmul(b.transpose(-1, -2)),
  "matmul of a slice": ([a, b]) => a.slice(1, 1, 6, 2).matmul(b),
  "relu of an affine map": ([x, weight, bias]) => x.matmul(weight.transpose(0, 1)).add(bias).relu(),
  "softmax of a transpose": ([x]) => x.transpose(0, 1).softmax(1),
  "sum of a permuted product": ([a, b]) => a.permute([2, 0, 1]).mul(b).sum(1),
  "an expanded tensor times itself": ([x]) => x.expand([4, 3]).mul(x),
  "the same tensor three times": ([x]) => x.mul(x).add(x),
  "a reshaped transpose": ([x]) => x.transpose(0, 1).reshape([12]).tanh().mul(3),
  "two slices multiplied": ([x]) => x.slice(1, 0, 3).mul(x.slice(1, 2, 5)),
  "a padded slice": ([x]) =>
    x
      .slice(0, 1, 3)
      .pad(
        [
          [0, 2],
          [1, 0],
        ],
        0.5,
      )
      .exp(),
  attention: ([query, key, value]) => query.matmul(key.transpose(-1, -2)).mul(0.5).softmax(-1).matmul(value),
  "standardised rows": ([x]) =>
    x.sub(x.mean(1, { keepdim: true })).div(x.var(1, { correction: 0, keepdim: true }).add(1e-5).sqrt()),
};

const cases = loadFixture<Case[]>("ops.json");

test("every operation of the fixtures is known here, and every one known here has a case", () => {
  expect([...new Set(cases.map((found) => found.op))].sort()).toEqual(Object.keys(operations).sort());
});

for (const op of Object.keys(operations)) {
  describe(op, () => {
    for (const { name, inputs, options, output, upstream, gradients, floors } of cases.filter((c) => c.op === op)) {
      test(name, () => {
        const leaves = inputs.map((input) => toTensor(input, upstream !== undefined && isFloating(input)));
        const result = operations[op](leaves, options);
        if (upstream !== undefined) result.backward(toTensor(upstream));
        expectClose(result, output, { label: `${name}: output`, floor: floors?.output });
        gradients?.forEach((gradient, index) => {
          if (gradient === null) return;
          const label = `${name}: gradient of input ${index}`;
          expectGradient(leaves[index], gradient, { label, floor: floors?.[`gradients.${index}`] });
        });
      });
    }
  });
}
