import { describe, expect, it } from "vitest";
import { context } from "../graph/context.ts";
import { evaluate } from "../graph/evaluate.ts";
import { pending, stateTensor } from "../graph/node.ts";
import {
  arange,
  enableGrad,
  grad,
  isGradEnabled,
  noGrad,
  ones,
  randn,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../index.ts";
import { setGradient } from "./backward.ts";

function parameter(values: number[]): Tensor {
  const made = stateTensor(Float32Array.from(values), [values.length], "float32");
  made.requiresGrad = true;
  return made;
}

const read = (value: Tensor | null): unknown => value?.toArray();

describe("backward", () => {
  it("adds to the gradient of a leaf, and of what has none nothing", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = tensor([3, 4]);
    expect(x.grad).toBeNull();
    x.mul(y).sum().backward();
    expect(read(x.grad)).toEqual([3, 4]);
    x.mul(y).sum().backward();
    expect(read(x.grad)).toEqual([6, 8]);
    expect(y.grad).toBeNull();
    x.zeroGrad();
    expect(x.grad).toBeNull();
    x.sum().backward();
    expect(read(x.grad)).toEqual([1, 1]);
  });

  it("takes the gradient of several elements", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.mul(x).backward(tensor([10, 1]));
    expect(read(x.grad)).toEqual([20, 4]);
  });

  it("collects a parameter's gradient in its slot, over several backwards and evaluations", () => {
    const w = parameter([1, 2]);
    w.mul(w).sum().backward();
    w.mul(3).sum().backward();
    expect(read(w.grad)).toEqual([5, 7]);
    w.sum().backward();
    evaluate();
    expect(read(w.grad)).toEqual([6, 8]);
    w.zeroGrad();
    expect(w.grad).toBeNull();
    w.sum().backward();
    w.zeroGrad();
    evaluate();
    w.mul(2).sum().backward();
    expect(read(w.grad)).toEqual([2, 2]);
  });

  it("sends a gradient through a chain too deep for recursion", () => {
    const x = tensor(1, { requiresGrad: true });
    let y: Tensor = x;
    for (let step = 0; step < 20_000; step++) y = y.add(x);
    y.backward();
    expect(read(x.grad)).toBe(20_001);
  });

  it("reaches parameters through both uses of a shared tensor once", () => {
    const x = tensor([2], { requiresGrad: true });
    const h = x.mul(3);
    h.mul(h).add(h).sum().backward();
    expect(read(x.grad)).toEqual([2 * 6 * 3 + 3]);
  });

  it("works on a leaf itself", () => {
    const x = tensor(5, { requiresGrad: true });
    x.backward();
    x.backward();
    expect(read(x.grad)).toBe(2);
  });

  it("runs nothing by itself, and makes no node that nobody needs", () => {
    const x = randn([4, 3], { requiresGrad: true });
    const w = parameter([1, 2, 3]);
    evaluate();
    const loss = x.mul(w).relu().softmax(1).log().sum();
    const before = pending.created.length;
    loss.backward();
    expect(pending.created.length).toBeGreaterThan(before);
    const leaves = new Set([x.grad, w.gradSlot!.slot!.pending]);
    const unused = pending.created.slice(before).filter((node) => node.consumers === 0 && !leaves.has(node));
    expect(unused).toEqual([]);
  });
});

describe("what backward() refuses", () => {
  it("a tensor that nothing with a gradient went into", () => {
    expect(() => tensor([1]).mul(2).backward()).toThrow(/requiresGrad/);
    expect(() => noGrad(() => tensor([1], { requiresGrad: true }).mul(2)).backward()).toThrow(/noGrad/);
  });

  it("several elements without their gradient, and a gradient of another shape", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(() => x.mul(2).backward()).toThrow(ShapeError);
    expect(() => x.mul(2).backward()).toThrow(/one element, not of shape \[2\]/);
    expect(() => x.mul(2).backward(ones([3]))).toThrow(/\[3\] for \[2\]/);
  });

  it("a second pass through a graph, unless it was kept", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const loss = x.mul(x).sum();
    loss.backward({ retainGraph: true });
    loss.backward();
    expect(read(x.grad)).toEqual([4, 8]);
    expect(() => loss.backward()).toThrow(/retainGraph: true/);
    // Read in between or not, and through another tensor too.
    loss.itemSync();
    expect(() => loss.mul(2).backward()).toThrow(/retainGraph: true/);
  });

  it("a graph whose parameters have moved, naming the layer", () => {
    const w = parameter([1, 2]);
    context.layerPath = "net.fc1";
    const h = w.mul(w);
    context.layerPath = "";
    const loss = h.sum();
    loss.itemSync();
    w.assign([3, 4]);
    expect(() => loss.backward()).toThrow(/has changed since/);
  });

  it("requiresGrad on integers, and its end on what is computed", () => {
    expect(() => tensor([1], { dtype: "int32", requiresGrad: true })).toThrow(TypeError);
    expect(() => arange(3).requiresGrad_()).toThrow(TypeError);
    const x = tensor([1], { requiresGrad: true });
    expect(() => x.mul(2).requiresGrad_(false)).toThrow(/detach/);
  });
});

describe("leaves", () => {
  it("assigning requiresGrad does as requiresGrad_", () => {
    for (const made of [tensor([1, 2]), tensor([1, 2]).mul(2), tensor([1, 2]).clone(), randn([2]), ones([2])]) {
      made.requiresGrad = true;
      made.mul(3).sum().backward();
      expect(read(made.grad!)).toEqual([3, 3]);
      made.requiresGrad = false;
      expect(made.mul(3).requiresGrad).toBe(false);
    }
    expect(() => {
      arange(3).requiresGrad = true;
    }).toThrow(TypeError);
    const computed = tensor([1], { requiresGrad: true }).mul(2);
    expect(() => {
      computed.requiresGrad = false;
    }).toThrow(/detach/);
  });

  it("requiresGrad_ makes one of what was computed", () => {
    let w: Tensor = tensor([1, 2]).mul(2).requiresGrad_();
    for (let step = 0; step < 3; step++) {
      w.mul(w).sum().backward();
      w = noGrad(() => w.sub(w.grad!.mul(0.25))).requiresGrad_();
      expect(w.inputs).toEqual([]);
    }
    expect(read(w)).toEqual([0.25, 0.5]);
    expect(read(zeros([2]).requiresGrad_())).toEqual([0, 0]);
  });

  it("detach stops gradients and still sees a parameter's later values", () => {
    const w = parameter([1, 2]);
    const still = w.detach();
    w.mul(still).sum().backward();
    expect(read(w.grad)).toEqual([1, 2]);
    const copy = w.clone();
    w.assign([5, 6]);
    expect(read(still)).toEqual([5, 6]);
    expect(read(copy)).toEqual([1, 2]);
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(2);
    y.detach().mul(x).add(y).sum().backward();
    expect(read(x.grad)).toEqual([4, 6]);
  });

  it("two tensors over one parameter's storage collect gradients of their own", () => {
    const w = parameter([1, 2]);
    const other = w.detach().requiresGrad_();
    w.mul(2).add(other.mul(3)).sum().backward();
    expect(read(w.grad)).toEqual([2, 2]);
    expect(read(other.grad)).toEqual([3, 3]);
  });

  it("a sum or a reshape of a parameter that changes nothing is not the parameter", () => {
    const w = stateTensor(Float32Array.of(1), [], "float32");
    const views = [w.sum(), w.reshape([]), w.squeeze(), w.mean(), w.max()];
    w.assign(2);
    for (const view of views) expect(read(view)).toBe(1);
  });
});

describe("higher derivatives", () => {
  it("createGraph lets a gradient be differentiated", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.pow(3).sum().backward({ createGraph: true });
    const first = x.grad!;
    expect(read(first)).toEqual([3, 12]);
    x.zeroGrad();
    first.sum().backward();
    expect(read(x.grad)).toEqual([6, 12]);
  });

  it("a parameter's gradient can be part of a loss, read in between or not", () => {
    for (const readsBetween of [false, true]) {
      const w = parameter([1, 2]);
      const loss = w.pow(3).sum();
      loss.backward({ createGraph: true });
      if (readsBetween) loss.itemSync();
      const penalty = w.grad!.pow(2).sum();
      w.zeroGrad();
      penalty.backward();
      // d/dw (3w²)² = 36 w³
      expect(read(w.grad)).toEqual([36, 288]);
    }
  });

  it("setGradient replaces what createGraph left", () => {
    const w = parameter([1, 2]);
    w.pow(2).sum().backward({ createGraph: true });
    noGrad(() => setGradient(w, w.grad!.mul(0.5)));
    expect(read(w.grad)).toEqual([1, 2]);
    w.sum().backward();
    expect(read(w.grad)).toEqual([2, 3]);
  });

  it("grad gives derivatives of any order and touches no grad", () => {
    const cube = (x: Tensor): Tensor => x.pow(3).sum();
    const x = tensor([1, 2], { requiresGrad: true });
    const first = grad(cube);
    const second = grad((y: Tensor) => first(y).sum());
    const third = grad((y: Tensor) => second(y).sum());
    expect(read(first(x))).toEqual([3, 12]);
    expect(read(second(x))).toEqual([6, 12]);
    expect(read(third(x))).toEqual([6, 6]);
    expect(x.grad).toBeNull();
    first(x).mul(x).sum().backward();
    expect(read(x.grad)).toEqual([9, 36]);
  });

  it("grad of what does not depend on the argument is zero", () => {
    const y = tensor([3], { requiresGrad: true });
    expect(read(grad(() => y.sum())(tensor([1, 2])))).toEqual([0, 0]);
    expect(read(grad(() => tensor(1))(tensor([1, 2])))).toEqual([0, 0]);
    expect(y.grad).toBeNull();
  });

  it("grad's result needs a gradient only for what does outside", () => {
    const w = tensor([3], { requiresGrad: true });
    const x = tensor([2]);
    expect(grad((y: Tensor) => y.mul(y).sum())(x).requiresGrad).toBe(false);
    const slope = grad((y: Tensor) => y.mul(y).mul(w).sum())(x);
    expect(slope.requiresGrad).toBe(true);
    slope.sum().backward();
    expect(read(w.grad)).toEqual([4]);
    expect(noGrad(() => grad((y: Tensor) => y.mul(w).sum())(x)).requiresGrad).toBe(false);
  });

  it("grad inside a function of an outer argument sees that argument", () => {
    // d/dx (x · d/dy (x y²) at y = 3) = d/dx 6x² = 12x
    const outer = grad((x: Tensor) =>
      grad((y: Tensor) => x.mul(y).mul(y).sum())(tensor([3]))
        .mul(x)
        .sum(),
    );
    expect(read(outer(tensor([2])))).toEqual([24]);
  });

  it("grad needs one element, of a floating-point argument", () => {
    expect(() => grad((x: Tensor) => x.mul(2))(tensor([1, 2]))).toThrow(ShapeError);
    expect(() => grad((x: Tensor) => x.sum())(arange(2))).toThrow(TypeError);
  });
});

describe("noGrad", () => {
  it("records nothing, gives back the result, and ends with an error too", () => {
    const x = tensor([1], { requiresGrad: true });
    const y = noGrad(() => x.mul(2));
    expect(y.requiresGrad).toBe(false);
    expect(() =>
      noGrad(() => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(isGradEnabled()).toBe(true);
    noGrad(() => {
      expect(isGradEnabled()).toBe(false);
      expect(enableGrad(() => x.mul(2)).requiresGrad).toBe(true);
    });
  });

  it("refuses an asynchronous function, in the types too", () => {
    // @ts-expect-error a Promise
    expect(() => noGrad(async () => 1)).toThrow(/synchronous/);
    expect(isGradEnabled()).toBe(true);
  });

  it("backward inside noGrad still works on a graph made outside", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const loss = x.mul(x).sum();
    noGrad(() => loss.backward());
    expect(read(x.grad)).toEqual([2, 4]);
  });
});
