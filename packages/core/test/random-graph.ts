import type { Effect } from "../src/backend/backend.ts";
import { resolve, stateTensor } from "../src/graph/node.ts";
import { concat, type DType, maximum, minimum, RandomStream, stack, type Tensor, tensor, where } from "../src/index.ts";
import { allocate, type TypedArray } from "../src/tensor/dtype.ts";
import { sizeOf } from "../src/tensor/shape.ts";

/** A tensor of a random graph. Exact ones are the same to the bit on every backend, so that comparing them is safe. */
interface Made {
  readonly tensor: Tensor;
  readonly exact: boolean;
}

/** A graph of random operations, shapes, views, gradients and effects: the same for the same seed. */
export class RandomGraph {
  private readonly random: RandomStream;
  readonly pool: Made[] = [];
  readonly leaves: Tensor[] = [];
  readonly slots: Tensor[] = [];
  readonly log: string[] = [];

  constructor(
    seed: number,
    readonly dtype: DType,
  ) {
    this.random = new RandomStream(seed);
    const extents = Array.from({ length: 3 }, () => this.extent());
    for (let count = 2 + this.random.integer(3); count > 0; count--) this.leaf(this.shapeFrom(extents));
    for (let count = 3 + this.random.integer(14); count > 0; count--) this.step();
  }

  private extent(): number {
    const common = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 33];
    return common[this.random.integer(common.length)];
  }

  private shapeFrom(extents: number[]): number[] {
    const rank = this.random.integer(4);
    return Array.from({ length: rank }, () =>
      this.random.uniform() < 0.2 ? 1 : extents[this.random.integer(extents.length)],
    );
  }

  private leaf(shape: number[]): void {
    const values = allocate(this.dtype, sizeOf(shape)).map(() => this.random.uniform() * 4 - 2) as TypedArray;
    const made =
      this.random.uniform() < 0.4
        ? stateTensor(values, shape, this.dtype)
        : tensor(values, { shape, dtype: this.dtype });
    if (made.slot !== null) this.slots.push(made);
    made.requiresGrad = this.random.uniform() < 0.7;
    if (made.requiresGrad) this.leaves.push(made);
    this.pool.push({ tensor: made, exact: true });
  }

  private pick(): Made {
    // Later tensors more often, so that graphs grow deep.
    const back = Math.floor(this.random.uniform() ** 2 * this.pool.length);
    return this.pool[this.pool.length - 1 - back];
  }

  private pickFloat(): Made {
    for (let tries = 0; tries < 30; tries++) {
      const made = this.pick();
      if (made.tensor.dtype === this.dtype) return made;
    }
    return this.pool[0];
  }

  private pickBroadcastable(shape: readonly number[]): Made | undefined {
    for (let tries = 0; tries < 20; tries++) {
      const made = this.pickFloat();
      const other = made.tensor.shape;
      const fits = Array.from({ length: Math.min(shape.length, other.length) }, (_, back) => {
        const a = shape[shape.length - 1 - back];
        const b = other[other.length - 1 - back];
        return a === b || a === 1 || b === 1;
      }).every(Boolean);
      if (fits) return made;
    }
    return undefined;
  }

  private step(): void {
    const made = this.pickFloat();
    const x = made.tensor;
    const rank = x.shape.length;
    const dim = rank === 0 ? 0 : this.random.integer(rank);
    const choice = this.random.integer(22);
    const add = (result: Tensor, exact: boolean, name: string): void => {
      if (sizeOf(result.shape) > 40_000) return;
      this.log.push(`${name} [${result.shape}]`);
      this.pool.push({ tensor: result, exact });
    };
    switch (choice) {
      case 0:
      case 1:
      case 2: {
        const other = this.pickBroadcastable(x.shape);
        if (other === undefined) return;
        const y = other.tensor;
        const exact = made.exact && other.exact && this.dtype === "float64";
        const which = this.random.integer(6);
        if (which === 0) add(x.add(y), exact, "add");
        else if (which === 1) add(x.sub(y), exact, "sub");
        else if (which === 2) add(x.mul(y).tanh(), false, "mul tanh");
        else if (which === 3) add(x.div(y.abs().add(1)), false, "div");
        else if (which === 4) add(maximum(x, y), exact, "maximum");
        else add(minimum(x, y), exact, "minimum");
        return;
      }
      case 3: {
        const unary: [string, (value: Tensor) => Tensor][] = [
          ["tanh", (value) => value.tanh()],
          ["sigmoid", (value) => value.sigmoid()],
          ["exp", (value) => value.abs().neg().exp()],
          ["log", (value) => value.abs().add(0.5).log()],
          ["sqrt", (value) => value.abs().add(0.1).sqrt()],
          ["sin", (value) => value.sin()],
          ["cos", (value) => value.cos()],
          ["erf", (value) => value.erf()],
          ["relu", (value) => value.relu()],
          ["pow", (value) => value.abs().add(0.5).pow(1.5)],
          ["square", (value) => value.tanh().pow(2)],
        ];
        const [name, fn] = unary[this.random.integer(unary.length)];
        add(fn(x), name === "relu" && made.exact, name);
        return;
      }
      case 4:
        add(x.sum(dim, { keepdim: this.random.uniform() < 0.5 }).mul(0.5), false, "sum");
        return;
      case 5:
        add(x.mean(), false, "mean all");
        return;
      case 6:
        add(x.max(dim, { keepdim: this.random.uniform() < 0.5 }), made.exact, "max");
        return;
      case 7:
        if (rank >= 2) add(x.transpose(dim, (dim + 1) % rank), made.exact, "transpose");
        return;
      case 8:
        add(x.reshape([sizeOf(x.shape)]), made.exact, "flatten");
        return;
      case 9: {
        if (rank === 0 || x.shape[dim] < 2) return;
        if (this.random.uniform() < 0.3) {
          add(x.slice(dim, null, null, -1 - this.random.integer(2)), made.exact, "flip");
          return;
        }
        const start = this.random.integer(x.shape[dim] - 1);
        const end = start + 1 + this.random.integer(x.shape[dim] - start);
        add(x.slice(dim, start, Math.min(end, x.shape[dim]), 1 + this.random.integer(2)), made.exact, "slice");
        return;
      }
      case 10: {
        if (rank === 0) return;
        const pads = x.shape.map(() => [this.random.integer(3), this.random.integer(3)] as [number, number]);
        add(x.pad(pads), made.exact, "pad");
        return;
      }
      case 11: {
        if (rank === 0) return;
        const parts = [x, x.mul(0.5), x.tanh()].slice(0, 2 + this.random.integer(2));
        add(concat(parts, dim), false, "concat");
        return;
      }
      case 12:
        add(stack([x, x.neg()], 0), made.exact, "stack");
        return;
      case 13:
      case 14: {
        if (rank < 2) return;
        const columns = this.extent();
        const inner = x.shape[rank - 1];
        const weight = tensor(
          allocate(this.dtype, inner * columns).map(() => this.random.uniform() - 0.5) as TypedArray,
          { shape: [columns, inner], dtype: this.dtype, requiresGrad: true },
        );
        this.leaves.push(weight);
        const view = this.random.integer(4);
        const factor =
          view === 0 ? weight.slice(1, null, null, -1) : view === 1 ? weight.slice(0, null, null, -1) : weight;
        const left = view === 2 ? x.slice(dim, null, null, -1) : x;
        const product = left.matmul(factor.transpose(0, 1));
        add(this.random.uniform() < 0.5 ? product.relu() : product.tanh(), false, "matmul");
        return;
      }
      case 15: {
        const condition = made.exact ? x.gt(0.25) : this.pool[0].tensor.gt(0);
        const other = this.pickBroadcastable(x.shape);
        if (other === undefined || (!made.exact && this.pool[0].tensor.shape.length > 0)) return;
        add(where(condition, other.tensor, x), made.exact && other.exact, "where");
        return;
      }
      case 16:
        if (rank > 0) add(x.softmax(dim), false, "softmax");
        return;
      case 17:
        if (rank > 0) add(x.logSoftmax(dim).mul(0.25), false, "logSoftmax");
        return;
      case 18:
        if (rank > 0) add(x.cumsum(dim).mul(0.1), false, "cumsum");
        return;
      case 19: {
        if (rank === 0) return;
        const index = Int32Array.from({ length: 1 + this.random.integer(6) }, () => this.random.integer(x.shape[dim]));
        add(x.indexSelect(dim, tensor(index)), made.exact, "indexSelect");
        return;
      }
      case 20:
        if (made.exact && rank > 0) add(x.argmax(dim).to(this.dtype), true, "argmax");
        return;
      default:
        if (rank > 0) {
          const centred = x.sub(x.mean(dim, { keepdim: true }));
          add(centred.div(centred.mul(centred).mean(dim, { keepdim: true }).add(0.1).sqrt()), false, "normalize");
        }
    }
  }

  /** The last tensors, the gradients of all leaves, and values for some slots. */
  finish(): { roots: Tensor[]; effects: Effect[] } {
    const ends = this.pool.slice(-3).map((made) => resolve(made.tensor));
    const roots = new Set<Tensor>(ends.filter((end) => end.value === null && end.source === null));
    const loss = ends.reduce<Tensor>(
      (total, end) => total.add(end.dtype === this.dtype ? end.tanh().mean() : 0),
      tensor(0, { dtype: this.dtype }),
    );
    if (loss.requiresGrad) {
      loss.backward();
      for (const leaf of this.leaves) {
        const grad = leaf.slot === null ? leaf.grad : leaf.gradSlot?.slot?.pending;
        const node = grad ? resolve(grad) : null;
        if (node && node.value === null && node.inputs.length > 0) roots.add(node);
      }
    }
    const effects: Effect[] = [];
    for (const slot of this.slots) {
      if (this.random.uniform() < 0.5) continue;
      const value = this.pool.findLast(
        (made) => made.tensor.dtype === this.dtype && sizeOf(made.tensor.shape) === sizeOf(slot.shape),
      );
      if (value === undefined) continue;
      const node = resolve(value.tensor.add(0.25).reshape(slot.shape));
      effects.push({ slot: slot.slot!, value: node });
    }
    return { roots: [...roots], effects };
  }
}
