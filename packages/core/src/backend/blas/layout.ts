import type { MatmulKernel } from "../../kernel/kernel.ts";

/** Below this many multiplications the call costs more than it saves. */
const LEAST_WORK = 2 ** 16;

/** How a BLAS is told where a factor's elements lie. */
export interface Factor {
  readonly transposed: 0 | 1;
  /** Elements from one row (or column, if transposed) to the next. */
  readonly leading: number;
}

export interface BlasLayout {
  readonly left: Factor;
  readonly right: Factor;
}

/** The layout of a product that a BLAS can take over; null for small ones and for strides that it cannot say. */
export function blasLayout(kernel: MatmulKernel, rows: number): BlasLayout | null {
  const { columns, inner } = kernel;
  if (kernel.dtype === "int32" || rows * columns * inner < LEAST_WORK) return null;
  const left = factor(rows, inner, kernel.left[1], kernel.left[2]);
  const right = factor(inner, columns, kernel.right[1], kernel.right[2]);
  return left === null || right === null ? null : { left, right };
}

function factor(rows: number, columns: number, rowStride: number, columnStride: number): Factor | null {
  if (columns === 1 || columnStride === 1) {
    const leading = rows === 1 ? Math.max(columns, 1) : rowStride;
    if (leading >= columns && leading > 0) return { transposed: 0, leading };
  }
  if (rows === 1 || rowStride === 1) {
    const leading = columns === 1 ? Math.max(rows, 1) : columnStride;
    if (leading >= rows && leading > 0) return { transposed: 1, leading };
  }
  return null;
}
