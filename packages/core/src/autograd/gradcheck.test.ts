import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concat,
  grad,
  gradcheck,
  matmul,
  maximum,
  minimum,
  RandomStream,
  stack,
  type Tensor,
  tensor,
  varMean,
  where,
} from "../index.ts";

/** Every operation's gradient, and its gradient's, against central differences in float64. */

type Unary = (x: Tensor) => Tensor;

const stream = new RandomStream(7);

/** Numbers in a range, all different, so that no two tie within a difference's reach. */
function numbers(shape: readonly number[], low: number, high: number): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const order = stream.permutation(size);
  const values = Float64Array.from(
    order,
    (place) => low + ((high - low) * (place + 0.2 + 0.6 * stream.uniform())) / size,
  );
  return tensor(values, { shape });
}

/** A view of a differently stored tensor: permuted, every other element of a longer one, reversed, or expanded. */
function viewed(f: Unary, view: number): Unary {
  return (x) => {
    const rank = x.shape.length;
    if (rank === 0) return f(x);
    const last = rank - 1;
    if (view === 1) {
      const dims = x.shape.map((_, dim) => last - dim);
      return f(x.permute(dims).mul(1).permute(dims));
    }
    if (view === 2)
      return f(
        stack([x, x.mul(2)], rank)
          .flatten(last, rank)
          .slice(last, 0, null, 2),
      );
    if (view === 3) return f(x.slice(0, null, null, -1));
    if (view === 4)
      return f(
        x
          .unsqueeze(0)
          .expand([2, ...x.shape])
          .permute([...x.shape.keys()].map((d) => d + 1).concat(0)),
      );
    return f(x);
  };
}

const shapeArbitrary = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 3 });

/** Runs a property with few enough cases to stay quick. */
function forAll(property: (shape: number[], view: number) => void, runs = 12): void {
  fc.assert(
    fc.property(shapeArbitrary, fc.integer({ min: 0, max: 4 }), (shape, view) => property(shape, view)),
    { numRuns: runs, seed: 1 },
  );
}

const elementwise: Record<string, [f: Unary, low: number, high: number]> = {
  neg: [(x) => x.neg(), -2, 2],
  exp: [(x) => x.exp(), -2, 2],
  expm1: [(x) => x.expm1(), -2, 2],
  log: [(x) => x.log(), 0.3, 3],
  log1p: [(x) => x.log1p(), -0.6, 3],
  sqrt: [(x) => x.sqrt(), 0.3, 3],
  rsqrt: [(x) => x.rsqrt(), 0.3, 3],
  abs: [(x) => x.abs(), -2.03, 2],
  sign: [(x) => x.sign(), 0.1, 2],
  floor: [(x) => x.floor().add(x), 0.1, 0.9],
  ceil: [(x) => x.ceil().add(x), 0.1, 0.9],
  round: [(x) => x.round().add(x), 0.1, 0.4],
  trunc: [(x) => x.trunc().add(x), 0.1, 0.9],
  clamp: [(x) => x.clamp(-0.5013, 0.7011), -2, 2],
  "clamp below": [(x) => x.clamp(null, 0.7011), -2, 2],
  "clamp above": [(x) => x.clamp(-0.5013), -2, 2],
  sin: [(x) => x.sin(), -4, 4],
  cos: [(x) => x.cos(), -4, 4],
  tan: [(x) => x.tan(), -1.2, 1.2],
  asin: [(x) => x.asin(), -0.9, 0.9],
  acos: [(x) => x.acos(), -0.9, 0.9],
  atan: [(x) => x.atan(), -3, 3],
  sinh: [(x) => x.sinh(), -2, 2],
  cosh: [(x) => x.cosh(), -2, 2],
  tanh: [(x) => x.tanh(), -2, 2],
  sigmoid: [(x) => x.sigmoid(), -4, 4],
  erf: [(x) => x.erf(), -2, 2],
  relu: [(x) => x.relu(), -2.03, 2],
  leakyRelu: [(x) => x.leakyRelu(0.1), -2.03, 2],
  gelu: [(x) => x.gelu(), -3, 3],
  "gelu by tanh": [(x) => x.gelu({ approximate: "tanh" }), -3, 3],
  silu: [(x) => x.silu(), -4, 4],
  elu: [(x) => x.elu(0.7), -2.03, 2],
  softplus: [(x) => x.softplus(), -4, 4],
  "softplus sharper": [(x) => x.softplus({ beta: 3, threshold: 2.5 }), -2, 2],
  ...Object.fromEntries(
    [-2, -1, -0.5, 0, 0.5, 1, 1.7, 2, 3, 4, 5].map((power) => [`pow ${power}`, [(x: Tensor) => x.pow(power), 0.4, 2]]),
  ),
  clone: [(x) => x.clone().mul(x), -2, 2],
};

describe("elementwise functions", () => {
  for (const [name, [f, low, high]] of Object.entries(elementwise)) {
    it(name, () => {
      forAll((shape, view) => {
        gradcheck(viewed(f, view), [numbers(shape, low, high)]);
      }, 8);
      // The gradient's gradient.
      gradcheck((x) => grad((y: Tensor) => f(y).mul(y.add(1)).sum())(x), [numbers([5], low, high)]);
    });
  }
});

/** Two shapes that broadcast: extents of one shape replaced by 1 here and there, leading ones left out. */
const pairArbitrary = fc.record({
  shape: shapeArbitrary,
  ones: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 }),
  drop: fc.integer({ min: 0, max: 2 }),
  swap: fc.boolean(),
});

const binary: Record<string, [f: (a: Tensor, b: Tensor) => Tensor, low: number, high: number]> = {
  add: [(a, b) => a.add(b), -2, 2],
  sub: [(a, b) => a.sub(b), -2, 2],
  mul: [(a, b) => a.mul(b), -2, 2],
  div: [(a, b) => a.div(b), 0.5, 2],
  pow: [(a, b) => a.pow(b), 0.5, 2],
  minimum: [minimum, -2, 2],
  maximum: [maximum, -2, 2],
  where: [(a, b) => where(a.gt(b), a.mul(2), b), -2, 2],
};

describe("binary functions broadcast", () => {
  for (const [name, [f, low, high]] of Object.entries(binary)) {
    it(name, () => {
      fc.assert(
        fc.property(pairArbitrary, ({ shape, ones, drop, swap }) => {
          const first = shape.map((extent, dim) => (ones[dim] === 1 ? 1 : extent));
          const second = shape.map((extent, dim) => (ones[dim] === 2 ? 1 : extent)).slice(drop);
          // One permutation for both keeps them from tying.
          const all = numbers([2, ...shape], low, high);
          const pick = (index: number, target: number[]): Tensor => {
            let part = all.slice(0, index, index + 1).squeeze(0);
            const lead = shape.length - target.length;
            for (let dim = 0; dim < lead; dim++) part = part.slice(0, 0, 1).squeeze(0);
            for (let dim = 0; dim < target.length; dim++) part = part.slice(dim, 0, target[dim]);
            return part.reshape(target);
          };
          const a = pick(0, first);
          const b = pick(1, second);
          gradcheck(swap ? (x, y) => f(y, x) : f, swap ? [b, a] : [a, b]);
        }),
        { numRuns: 10, seed: 2 },
      );
      const [a, b] = [numbers([2, 3], low, high), numbers([3], low + 0.013, high)];
      gradcheck((x, y) => grad((z: Tensor) => f(z, y).mul(z).sum())(x).mul(y), [a, b]);
      gradcheck((x, y) => grad((z: Tensor) => f(x, z).mul(z).sum())(y), [a, b]);
    });
  }

  it("a tensor with itself", () => {
    gradcheck((x) => x.mul(x).add(x).div(x.mul(x).add(1)), [numbers([3, 2], -2, 2)]);
  });
});

type Reduction = (x: Tensor, dim: number | number[] | null, keepdim: boolean) => Tensor;

const reductions: Record<string, Reduction> = {
  sum: (x, dim, keepdim) => x.sum(dim, { keepdim }),
  mean: (x, dim, keepdim) => x.mean(dim, { keepdim }),
  var: (x, dim, keepdim) => x.var(dim, { keepdim, correction: 0 }),
  std: (x, dim, keepdim) =>
    x
      .mul(x)
      .sum(dim, { keepdim })
      .add(x.var(dim, { keepdim, correction: -1 }).add(0.1).sqrt()),
  varMean: (x, dim, keepdim) => {
    const [variance, mean] = varMean(x, dim, { keepdim, correction: 0 });
    return variance.mul(mean).add(mean);
  },
  prod: (x, dim, keepdim) => x.prod(dim, { keepdim }),
  max: (x, dim, keepdim) => x.max(dim, { keepdim }),
  min: (x, dim, keepdim) => x.min(dim, { keepdim }),
  logsumexp: (x, dim, keepdim) => x.logsumexp(dim, { keepdim }),
  norm: (x, dim, keepdim) => x.norm(dim, { keepdim }),
  "norm 1": (x, dim, keepdim) => x.norm(dim, { keepdim, p: 1 }),
  "norm 3": (x, dim, keepdim) => x.norm(dim, { keepdim, p: 3 }),
  "norm Infinity": (x, dim, keepdim) => x.norm(dim, { keepdim, p: Infinity }),
};

describe("reductions", () => {
  for (const [name, f] of Object.entries(reductions)) {
    it(name, () => {
      fc.assert(
        fc.property(
          shapeArbitrary,
          fc.integer({ min: 0, max: 3 }),
          fc.integer({ min: 0, max: 4 }),
          fc.integer({ min: 0, max: 7 }),
          fc.boolean(),
          (shape, view, dim, mask, keepdim) => {
            const rank = shape.length;
            const dims = shape.map((_, place) => place).filter((place) => (mask >> place) & 1);
            const over = dim === 4 || rank === 0 ? null : dim === 3 ? dims : (dim % rank) - rank;
            gradcheck(
              viewed((x) => f(x, over, keepdim), view),
              [numbers(shape, -1.53, 2)],
            );
          },
        ),
        { numRuns: 20, seed: 3 },
      );
      gradcheck(
        (x) =>
          grad((y: Tensor) =>
            f(y, 1, false)
              .mul(f(y, 1, false))
              .sum(),
          )(x),
        [numbers([2, 4], -1.53, 2)],
      );
    });
  }

  it("prod at zeros, and its second derivative there", () => {
    for (const row of [
      [2, 0, 3],
      [0, 0, 3],
      [0, 0, 0],
    ]) {
      const x = tensor(Float64Array.from(row));
      gradcheck((y) => y.prod(), [x]);
      gradcheck((y) => grad((z: Tensor) => z.prod())(y), [x]);
      gradcheck((y) => grad((z: Tensor) => grad((w: Tensor) => w.prod())(z).sum())(y), [x]);
    }
  });

  it("var's second derivative goes through the mean", () => {
    const x = numbers([2, 3], -2, 2);
    gradcheck((y) => grad((z: Tensor) => z.var(1).log().sum())(y), [x]);
    gradcheck(
      (y) =>
        grad((z: Tensor) =>
          grad((w: Tensor) => w.var().exp())(z)
            .pow(2)
            .sum(),
        )(y),
      [x],
    );
  });

  it("a norm at zero has the gradient zero", () => {
    const x = tensor([0, 0, 0], { requiresGrad: true });
    x.norm().backward();
    expect(x.grad!.toArray()).toEqual([0, 0, 0]);
  });
});

describe("softmax and cumulative sums", () => {
  const along: Record<string, (x: Tensor, dim: number) => Tensor> = {
    softmax: (x, dim) => x.softmax(dim),
    logSoftmax: (x, dim) => x.logSoftmax(dim),
    cumsum: (x, dim) => x.cumsum(dim),
  };
  for (const [name, f] of Object.entries(along)) {
    it(name, () => {
      forAll((shape, view) => {
        for (let dim = 0; dim < Math.max(1, shape.length); dim++)
          gradcheck(
            viewed((x) => f(x, dim), view),
            [numbers(shape, -2, 2)],
          );
      });
      gradcheck((x) => grad((y: Tensor) => f(y, 1).pow(2).sum())(x), [numbers([2, 4], -2, 2)]);
    });
  }
});

describe("matrix products", () => {
  for (const [left, right] of [
    [[3], [3]],
    [[2, 3], [3]],
    [[3], [3, 2]],
    [
      [2, 3],
      [3, 4],
    ],
    [
      [2, 2, 3],
      [3, 4],
    ],
    [
      [2, 3],
      [2, 3, 4],
    ],
    [
      [2, 1, 2, 3],
      [3, 3, 2],
    ],
    [
      [1, 2, 3],
      [4, 3, 1],
    ],
    [[2, 2, 3], [3]],
    [[3], [2, 3, 2]],
  ]) {
    it(`[${left}] × [${right}]`, () => {
      const a = numbers(left, -1, 1);
      const b = numbers(right, -1, 1);
      gradcheck(matmul, [a, b]);
      gradcheck((x, y) => grad((z: Tensor) => matmul(z, y).pow(2).sum())(x), [a, b]);
    });
  }

  it("of transposed, sliced and expanded views", () => {
    gradcheck(
      (a, b) => a.transpose(0, 1).matmul(b.transpose(-1, -2)),
      [numbers([3, 2], -1, 1), numbers([2, 4, 3], -1, 1)],
    );
    gradcheck(
      (a, b) => a.slice(1, 0, 5, 2).matmul(b.slice(0, null, null, -1)),
      [numbers([2, 5], -1, 1), numbers([3, 2], -1, 1)],
    );
    gradcheck((a, b) => a.expand([2, 3]).matmul(b.expand([3, 4])), [numbers([3], -1, 1), numbers([3, 1], -1, 1)]);
  });
});

describe("views", () => {
  it("slices of every start, end and step", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: -9, max: 9 }),
        fc.option(fc.integer({ min: -9, max: 9 })),
        fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0),
        (extent, start, end, step) => {
          const x = numbers([2, extent], -1, 1);
          gradcheck((y) => y.slice(1, start, end, step).mul(2), [x]);
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  const views: Record<string, Unary> = {
    reshape: (x) => x.reshape([4, -1]).exp(),
    permute: (x) => x.permute([2, 0, 1]).exp(),
    transpose: (x) => x.transpose(0, -1).exp(),
    expand: (x) => x.unsqueeze(1).expand([2, 5, 3, 4]).exp(),
    "squeeze and unsqueeze": (x) => x.unsqueeze(0).squeeze().unsqueeze(-1).exp(),
    flatten: (x) => x.flatten(1).exp(),
    pad: (x) =>
      x
        .pad([
          [1, 0],
          [0, 2],
          [1, 1],
        ])
        .exp(),
    "pad with a value": (x) =>
      x
        .pad(
          [
            [1, 0],
            [0, 0],
            [1, 1],
          ],
          -1.5,
        )
        .exp(),
    concat: (x) => concat([x, x.mul(2), x.slice(1, 0, 1)], 1).exp(),
    stack: (x) => stack([x, x.mul(x)], 2).exp(),
    gather: (x) => x.gather(1, tensor([[[0, 1, 2, 0]], [[2, 2, 1, 0]]], { dtype: "int32" })).exp(),
    indexSelect: (x) => x.indexSelect(2, tensor([3, 0, 0, 1, 3], { dtype: "int32" })).exp(),
    scatterAdd: (x) => x.scatterAdd(0, tensor([[[0, 1]], [[1, 1]]], { dtype: "int32" }), x.mul(x)).exp(),
  };
  for (const [name, f] of Object.entries(views)) {
    it(name, () => {
      const x = numbers([2, 3, 4], -1, 1);
      gradcheck(f, [x]);
      gradcheck((y) => grad((z: Tensor) => f(z).mul(2).sum())(y), [x]);
    });
  }
});

describe("gradcheck itself", () => {
  it("names the input, the element and both numbers", () => {
    const x = tensor(Float64Array.from([1, 2, 3]));
    const wrong = (a: Tensor, b: Tensor): Tensor => a.mul(b.detach());
    expect(() => gradcheck(wrong, [x, x])).toThrow(/input 1, of shape \[3\], at \[2\]: backward gives 0, differences/);
    const report = gradcheck(wrong, [x, x], { throws: false });
    expect(report).toMatchObject({ ok: false, checked: 6 });
    expect(report.mismatches.map(({ input }) => input)).toEqual([1, 1, 1]);
  });

  it("refuses float32", () => {
    expect(() => gradcheck((x) => x, [tensor([1])])).toThrow(/float64/);
  });

  it("reports agreement, and takes integer inputs along", () => {
    const x = tensor(Float64Array.from([1, 2, 3]));
    const index = tensor([2, 0], { dtype: "int32" });
    expect(gradcheck((a, i) => a.gather(0, i), [x, index])).toMatchObject({ ok: true, checked: 3, mismatches: [] });
  });
});
