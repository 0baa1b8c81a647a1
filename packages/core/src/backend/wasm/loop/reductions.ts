import type { Expression } from "../../../kernel/kernel.ts";
import { reductionStart } from "../../../kernel/scalar.ts";
import type { DType } from "../../../tensor/dtype.ts";
import type { Local } from "../assembler.ts";
import type { ScalarEmitter } from "../scalars.ts";
import type { VectorBuilder } from "../vector.ts";

export type Reduce = Extract<Expression, { kind: "reduce" }>;
type Reduction = Reduce["reduction"];

/** What a reduction starts with, and how two values of it become one. */
export class ReductionEmitter {
  constructor(
    private readonly v: VectorBuilder,
    private readonly scalar: ScalarEmitter,
    private readonly lanes: number,
  ) {}

  start(reduction: Reduction, dtype: DType): Local {
    if (dtype === "bool") return this.scalar.constant(reduction === "min" || reduction === "prod" ? 1 : 0, "bool");
    return this.scalar.constant(reductionStart(reduction, dtype), dtype);
  }

  combine(reduction: Reduction, dtype: DType, first: Local, second: Local): Local {
    const fn = reduction === "sum" ? "add" : reduction === "prod" ? "mul" : reduction;
    return this.scalar.map(fn, [first, second], dtype, dtype);
  }

  /** Combines a vector's lanes; the result stands in every lane. */
  acrossLanes(reduction: Reduction, dtype: DType, total: Local): Local {
    const { v, lanes } = this;
    const halves = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
    const pairs = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11];
    if (lanes === 2)
      return this.combine(
        reduction,
        dtype,
        total,
        v.shuffle(total, total, dtype === "float64" || dtype === "bool" ? halves : pairs),
      );
    const half = this.combine(reduction, dtype, total, v.shuffle(total, total, halves));
    return this.combine(reduction, dtype, half, v.shuffle(half, half, pairs));
  }
}
