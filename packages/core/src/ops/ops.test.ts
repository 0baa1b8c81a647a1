import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { context, type Observer } from "../graph/context.ts";
import { stateTensor } from "../graph/node.ts";
import {
  arange,
  bernoulli,
  concat,
  type DType,
  eye,
  full,
  getRandomState,
  linspace,
  manualSeed,
  maximum,
  ones,
  onesLike,
  rand,
  randint,
  randn,
  randperm,
  ShapeError,
  StaleTensorError,
  setRandomState,
  stack,
  type Tensor,
  tensor,
  where,
  zeros,
  zerosLike,
} from "../index.ts";

const ints = (values: number[]): Tensor => tensor(values, { dtype: "int32" });
const read = (value: Tensor): unknown => value.toArray();

describe("creation", () => {
  it("is written to JSON by its values", () => {
    expect(JSON.parse(JSON.stringify({ x: tensor([[1, 2]]).mul(2) }))).toEqual({
      x: { shape: [1, 2], dtype: "float32", data: [2, 4] },
    });
  });

  it("says what operations take", () => {
    const x = ones([2, 2]);
    expect(() => x.sum({ dim: 1 } as never)).toThrow("sum(1)");
    expect(() => x.mul("3" as never)).toThrow("mul takes a number or a tensor, not string");
    expect(() => x.add([1, 2] as never)).toThrow("write tensor(…)");
    expect(() => x.sub(null as never)).toThrow("not null");
    expect(() => x.eq(undefined as never)).toThrow(TypeError);
    expect(() => tensor([1], { dtype: "uint8" as never })).toThrow('there is no dtype "uint8"; there are bool');
  });

  it("takes numbers, nested arrays and typed arrays, and copies them", () => {
    expect(tensor(3)).toMatchObject({ shape: [], dtype: "float32" });
    expect(tensor([[1, 2, 3]])).toMatchObject({ shape: [1, 3], dtype: "float32" });
    expect(tensor([[true], [false]])).toMatchObject({ shape: [2, 1], dtype: "bool" });
    expect(tensor([])).toMatchObject({ shape: [0], dtype: "float32" });
    expect(tensor([[], []])).toMatchObject({ shape: [2, 0] });
    expect(tensor(new Float64Array(6), { shape: [2, 3] })).toMatchObject({ shape: [2, 3], dtype: "float64" });
    expect(read(tensor(Uint8Array.of(0, 255)))).toEqual([0, 255]);
    expect(read(tensor(Uint8Array.of(0, 255), { dtype: "bool" }))).toEqual([false, true]);
    expect(read(tensor([1.7, -1.7, 3e9], { dtype: "int32" }))).toEqual([1, -1, 2 ** 31 - 1]);
    const source = Float32Array.of(1, 2);
    const copy = tensor(source);
    source[0] = 9;
    expect(read(copy)).toEqual([1, 2]);
    copy.dataSync()[0] = 9;
    expect(read(copy)).toEqual([1, 2]);
  });

  it("refuses ragged arrays, values that do not fill a shape, and what is no number", () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => tensor([[1, 2], 3])).toThrow(ShapeError);
    expect(() => tensor([1, [2]])).toThrow(ShapeError);
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(/3 values .* do not fill the shape \[2, 2\]/);
    expect(() => tensor(["1"] as unknown as number[])).toThrow(TypeError);
    expect(() => zeros([2, -1])).toThrow(ShapeError);
    expect(() => zeros([1.5])).toThrow(ShapeError);
  });

  it("makes the usual ones", () => {
    expect(read(zeros([2]))).toEqual([0, 0]);
    expect(read(ones([2], { dtype: "int32" }))).toEqual([1, 1]);
    expect(read(full([2], 7.5))).toEqual([7.5, 7.5]);
    expect(full([1], true).dtype).toBe("bool");
    expect(read(eye(2, 3))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(read(zerosLike(ints([1])))).toEqual([0]);
    expect(onesLike(ints([1])).dtype).toBe("int32");
    expect(read(arange(4))).toEqual([0, 1, 2, 3]);
    expect(arange(4).dtype).toBe("int32");
    expect(read(arange(5, 0, -2))).toEqual([5, 3, 1]);
    expect(arange(0, 1, 0.25)).toMatchObject({ dtype: "float32", shape: [4] });
    expect(read(arange(3, { dtype: "float32" }))).toEqual([0, 1, 2]);
    expect(read(arange(2, 2))).toEqual([]);
    expect(read(linspace(0, 1, 5))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(-1, 0.1, 7).dataSync()[6]).toBe(Math.fround(0.1));
    expect(read(linspace(3, 9, 1))).toEqual([3]);
    for (const made of [
      zeros([2], { requiresGrad: true }),
      full([2], 3, { requiresGrad: true }),
      eye(2, 2, { requiresGrad: true }),
      rand([2], { requiresGrad: true }),
    ]) {
      made.sum().backward();
      expect(made.grad).not.toBeNull();
    }
  });
});

describe("dtypes", () => {
  const of = (dtype: DType): Tensor => tensor([1, 2], { dtype });

  it("promote bool < int32 < float32 < float64", () => {
    expect(of("bool").add(of("int32")).dtype).toBe("int32");
    expect(of("int32").mul(of("float32")).dtype).toBe("float32");
    expect(of("float64").sub(of("float32")).dtype).toBe("float64");
    expect(of("bool").add(of("bool")).dtype).toBe("int32");
    expect(concat([of("int32"), of("float32")]).dtype).toBe("float32");
    expect(where(of("bool"), of("int32"), of("float64")).dtype).toBe("float64");
    expect(of("int32").reshape([1, 2]).matmul(of("float32")).dtype).toBe("float32");
  });

  it("take a number in, unless it is a fraction and they are integers", () => {
    expect(of("int32").add(1).dtype).toBe("int32");
    expect(of("int32").add(0.5).dtype).toBe("float32");
    expect(of("bool").mul(2).dtype).toBe("int32");
    expect(of("float64").mul(0.1).dataSync()[0]).toBe(0.1);
    expect(where(tensor([true]), 1, 0).dtype).toBe("float32");
    expect(where(tensor([true]), of("int32"), 0.5).dtype).toBe("float32");
  });

  it("divide integers to float32, and functions of integers are float32", () => {
    expect(read(ints([1, 3]).div(ints([2, 2])))).toEqual([0.5, 1.5]);
    expect(read(ints([1]).div(2))).toEqual([0.5]);
    for (const made of [ints([1]).exp(), ints([1]).mean(), ints([1]).softmax(0), ints([1]).gelu(), ints([2]).pow(0.5)])
      expect(made.dtype).toBe("float32");
    expect(ints([1]).relu().dtype).toBe("int32");
    expect(read(ints([1, 2]).sum())).toBe(3);
    expect(read(tensor([true, true]).sum())).toBe(2);
    expect(read(tensor([true, false]).max())).toBe(true);
    expect(read(tensor([true, false]).argmin())).toBe(1);
  });

  it("raise integers to whole powers exactly", () => {
    expect(read(ints([3, -2]).pow(5))).toEqual([243, -32]);
    expect(read(ints([2, 7]).pow(ints([30, 0])))).toEqual([2 ** 30, 1]);
    expect(() => ints([2]).pow(-1)).toThrow(RangeError);
  });

  it("convert", () => {
    expect(read(tensor([1.9, -1.9, Number.NaN, 1e10]).to("int32"))).toEqual([1, -1, 0, 2 ** 31 - 1]);
    expect(read(tensor([0, 0.1, Number.NaN]).to("bool"))).toEqual([false, true, true]);
    const x = tensor([1]);
    expect(x.to("float32")).toBe(x);
    expect(() => x.to("float16" as DType)).toThrow(/no dtype "float16"/);
  });
});

describe("comparisons and logic", () => {
  it("give bool, and combine", () => {
    const x = tensor([1, Number.NaN, -Infinity]);
    expect(read(x.isNaN())).toEqual([false, true, false]);
    expect(read(x.isFinite())).toEqual([true, false, false]);
    expect(read(ints([3]).isFinite())).toEqual([true]);
    expect(read(x.gt(0).logicalOr(x.isNaN()))).toEqual([true, true, false]);
    expect(read(x.gt(0).logicalAnd(x.lt(2)).logicalNot())).toEqual([false, true, true]);
    expect(read(tensor([[1, 0]]).any(1))).toEqual([true]);
    expect(read(tensor([[1, 0]]).all())).toBe(false);
    expect(read(tensor([[], []]).all(1))).toEqual([true, true]);
    expect(read(tensor([[], []]).any(1))).toEqual([false, false]);
  });

  it("the side that where does not take gives neither value nor gradient", () => {
    const x = tensor([-1, 4], { requiresGrad: true });
    const y = where(x.gt(0), x.sqrt(), x.mul(2));
    expect(read(y)).toEqual([-2, 2]);
    where(x.gt(0), 1, x.mul(2)).sum().backward();
    expect(read(x.grad!)).toEqual([2, 0]);
  });
});

describe("extrema", () => {
  it("over all, equal ones share the gradient; over a dimension the first takes it", () => {
    const x = tensor(
      [
        [1, 3],
        [3, 0],
      ],
      { requiresGrad: true },
    );
    x.max().backward();
    expect(read(x.grad!)).toEqual([
      [0, 0.5],
      [0.5, 0],
    ]);
    const y = tensor([[2, 2, 1]], { requiresGrad: true });
    y.max(1).sum().backward();
    expect(read(y.grad!)).toEqual([[1, 0, 0]]);
  });

  it("argmax finds NaN first", () => {
    const x = tensor([[1, Number.NaN, 2, Number.NaN]]);
    expect(read(x.argmax(1))).toEqual([1]);
    expect(read(x.argmin(-1, { keepdim: true }))).toEqual([[1]]);
    expect(read(x.argmax())).toBe(1);
    expect(x.argmax(null, { keepdim: true }).shape).toEqual([1, 1]);
  });

  it("of nothing are refused", () => {
    expect(() => zeros([0, 2]).max()).toThrow(ShapeError);
    expect(() => zeros([0, 2]).argmax(0)).toThrow(ShapeError);
    expect(zeros([0, 2]).max(1).shape).toEqual([0]);
    expect(read(zeros([0, 2]).sum(0))).toEqual([0, 0]);
    expect(read(zeros([0, 2]).prod(0))).toEqual([1, 1]);
  });
});

describe("what shapes refuse", () => {
  const within = (path: string, run: () => unknown): (() => unknown) => {
    return () => {
      context.layerPath = path;
      try {
        return run();
      } finally {
        context.layerPath = "";
      }
    };
  };

  it("says both shapes, the layer and the likely fix", () => {
    expect(within("encoder.fc1", () => zeros([3, 4]).add(zeros([5])))).toThrow(
      /^in layer "encoder.fc1": add cannot broadcast shapes \[3, 4\] and \[5\]/,
    );
    expect(() => zeros([8, 3, 4]).mul(zeros([3]))).toThrow(/dimension 1, use reshape\(\[3, 1\]\)/);
    expect(() => zeros([2, 3]).add(zeros([3, 2]))).toThrow(/transpose\(0, 1\)/);
    expect(() => zeros([2, 3]).matmul(zeros([4, 3]))).toThrow(/\[2, 3\] and \[4, 3\].*second looks transposed/);
    expect(() => zeros([3, 2]).matmul(zeros([3, 4]))).toThrow(/first looks transposed/);
    expect(() => zeros([2, 2, 3]).matmul(zeros([5, 3, 4]))).toThrow(/before the last two/);
    expect(() => zeros([]).matmul(zeros([3]))).toThrow(/use mul/);
    expect(() => zeros([2, 3]).reshape([4, 2])).toThrow(/6 elements of shape \[2, 3\] the shape \[4, 2\]; .*-1/);
    expect(() => zeros([2, 3]).reshape([4, -1])).toThrow(ShapeError);
    expect(() => zeros([2, 3]).permute([0, 0])).toThrow(ShapeError);
    expect(() => zeros([2, 3]).expand([2, 4])).toThrow(/only extents of 1/);
    expect(() => concat([zeros([2, 3]), zeros([2, 4])], 0)).toThrow(/tensor 1 has \[2, 4\]/);
    expect(() => stack([zeros([2]), zeros([3])])).toThrow(/equal shapes/);
    expect(() => zeros([2, 3]).pad([[1, 1]])).toThrow(ShapeError);
    expect(() => zeros([2, 3]).sum(2)).toThrow(RangeError);
    expect(() => zeros([2, 3]).sum([0, -2])).toThrow(/twice/);
    expect(() => zeros([2]).itemSync()).toThrow(/one element, not of shape \[2\]/);
  });

  it("index outside or of another kind", () => {
    const x = zeros([2, 3]);
    expect(within("embedding", () => x.indexSelect(0, ints([0, 2])))).toThrow(
      /in layer "embedding": indexSelect: index 2, at place 1, is outside 0 to 1/,
    );
    expect(() => x.gather(1, ints([0, 1]))).toThrow(/use unsqueeze\(1\)/);
    expect(() => x.gather(1, tensor([[0], [1]]))).toThrow(/to\("int32"\)/);
    expect(() => x.gather(1, tensor([[0], [-1]], { dtype: "int32" }))).toThrow(RangeError);
    expect(() => x.scatterAdd(1, tensor([[0, 1]], { dtype: "int32" }), zeros([1, 1]))).toThrow(ShapeError);
    expect(() => ints([3]).oneHot(3)).toThrow(/outside 0 to 2, the 3 classes/);
  });
});

describe("reading", () => {
  it("gives copies, nested arrays, and single numbers", async () => {
    const x = tensor([[1, 2]]).mul(2);
    expect(await x.data()).toEqual(Float32Array.of(2, 4));
    expect(x.dataSync()).not.toBe(x.dataSync());
    expect(await x.sum().item()).toBe(6);
    expect(await tensor([true]).data()).toEqual(Uint8Array.of(1));
    await expect(x.item()).rejects.toThrow(ShapeError);
  });

  it("lets timers through", async () => {
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    const x = tensor([1]);
    const end = performance.now() + 2000;
    while (!fired && performance.now() < end) await x.item();
    expect(fired).toBe(true);
  });

  it("keep() makes a value outlive the state it was computed from", () => {
    const w = stateTensor(Float32Array.of(1), [1], "float32");
    context.layerPath = "net";
    const kept = w.add(1).keep();
    const lost = w.add(2);
    context.layerPath = "";
    w.assign([5]);
    expect(read(kept)).toEqual([2]);
    expect(() => lost.dataSync()).toThrow(StaleTensorError);
  });

  it("assign takes arrays and tensors of the same shape only", () => {
    const w = stateTensor(Float32Array.of(1, 2), [2], "float32");
    w.assign(ints([3, 4]));
    expect(read(w)).toEqual([3, 4]);
    w.assign(w.add(1));
    expect(read(w)).toEqual([4, 5]);
    w.assign(Float64Array.of(7, 8));
    expect(read(w)).toEqual([7, 8]);
    expect(() => w.assign([1])).toThrow(/\[1\] for \[2\]/);
    expect(() => w.assign(new Float32Array(3))).toThrow(ShapeError);
    expect(() => tensor([1]).assign([2])).toThrow(TypeError);
  });
});

describe("printing", () => {
  it("lines up, and cuts what is long", () => {
    expect(
      String(
        tensor([
          [1, -2.5],
          [3, 40],
        ]),
      ),
    ).toBe("tensor([[ 1.0, -2.5],\n        [ 3.0, 40.0]], shape [2, 2], float32)");
    expect(String(tensor(2, { requiresGrad: true }))).toBe("tensor(2., shape [], float32, requiresGrad)");
    expect(String(tensor([true, false]))).toBe("tensor([ true, false], shape [2], bool)");
    expect(String(arange(1001))).toBe("tensor([   0,    1,    2, ...,  998,  999, 1000], shape [1001], int32)");
    expect(String(tensor([1e-9, 1]))).toBe("tensor([1.0000e-9, 1.0000e+0], shape [2], float32)");
    expect(String(tensor([Number.NaN, Infinity, 1.5]))).toBe(
      "tensor([     NaN, Infinity,      1.5], shape [3], float32)",
    );
    expect(String(zeros([2, 0]))).toBe("tensor([[],\n        []], shape [2, 0], float32)");
    expect(inspect({ x: tensor([1]) })).toBe("{ x: tensor([1.], shape [1], float32) }");
  });
});

describe("random numbers", () => {
  it("start again from a seed, and from a state", () => {
    manualSeed(3);
    const first = [rand([5]), randn([5]), randint(0, 10, [5]), randperm(5), bernoulli(0.5, [5])].map(read);
    manualSeed(3);
    const second = [rand([5]), randn([5]), randint(0, 10, [5]), randperm(5), bernoulli(0.5, [5])].map(read);
    expect(second).toEqual(first);
    const state = JSON.parse(JSON.stringify(getRandomState()));
    const after = read(rand([3]));
    expect(read(rand([3]))).not.toEqual(after);
    setRandomState(state);
    expect(read(rand([3]))).toEqual(after);
    expect(() => manualSeed(-1)).toThrow(RangeError);
    expect(() => manualSeed(0.5)).toThrow(RangeError);
  });

  it("bind their counter when traced, so that computing again gives the same", () => {
    manualSeed(0);
    const a = rand([4]);
    const b = rand([4]);
    const bFirst = read(b);
    manualSeed(0);
    expect(read(rand([4]))).toEqual(read(a));
    expect(read(rand([4]))).toEqual(bFirst);
  });

  it("go on after 2^32 draws without repeating", () => {
    setRandomState({ seed: 1, counter: 2 ** 32 - 2 });
    rand([4]);
    expect(getRandomState().counter).toBe(2 ** 32 + 4);
  });

  it("are distributed as they say", () => {
    manualSeed(11);
    const count = 20_000;
    const uniform = rand([count]);
    expect(uniform.mean().itemSync()).toBeCloseTo(0.5, 2);
    expect(uniform.var().itemSync()).toBeCloseTo(1 / 12, 2);
    expect(uniform.min().itemSync()).toBeGreaterThanOrEqual(0);
    expect(uniform.max().itemSync()).toBeLessThan(1);
    const normal = randn([count]);
    expect(Math.abs(normal.mean().itemSync())).toBeLessThan(0.03);
    expect(normal.std().itemSync()).toBeCloseTo(1, 1);
    expect(normal.pow(4).mean().itemSync()).toBeGreaterThan(2.8);
    expect(normal.pow(4).mean().itemSync()).toBeLessThan(3.2);
    expect(bernoulli(0.3, [count]).mean().itemSync()).toBeCloseTo(0.3, 1);
    expect(read(bernoulli(tensor([0, 1, 0, 1])))).toEqual([0, 1, 0, 1]);
    const dice = randint(1, 7, [count]);
    expect([read(dice.min()), read(dice.max())]).toEqual([1, 6]);
    expect(dice.to("float32").mean().itemSync()).toBeCloseTo(3.5, 1);
    expect([...(randperm(50).dataSync() as Int32Array)].sort((a, b) => a - b)).toEqual(read(arange(50)));
    expect(rand([3], { dtype: "float64" }).dtype).toBe("float64");
    expect(() => rand([3], { dtype: "int32" })).toThrow(TypeError);
  });
});

describe("inspection", () => {
  it("sees composed operations with their steps inside", () => {
    const seen: string[] = [];
    const observer: Observer = {
      created: (node) => seen.push(node.op.name),
      enter: (name) => seen.push(`<${name}>`),
      leave: () => seen.push("</>"),
    };
    context.observer = observer;
    try {
      tensor([[1, 2]]).softmax(1);
      expect(() => tensor([[1, 2]]).softmax(2)).toThrow(RangeError);
      maximum(tensor([1]), 2);
    } finally {
      context.observer = null;
    }
    expect(seen).toEqual([
      "<softmax>",
      "max",
      "expand",
      "sub",
      "exp",
      "sum",
      "expand",
      "div",
      "</>",
      "<softmax>",
      "</>",
      "max",
    ]);
  });
});
