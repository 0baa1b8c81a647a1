import type { EvaluatedRows } from "./evaluated-rows.ts";

/** How well numbers are predicted. */
export interface NumberMeasures {
  /** Quantiles of the errors, prediction less truth: 0, 5, 25, 50, 75, 95 and 100 %. */
  quantiles: { share: number; error: number }[];
  /** Rows in parts of equal size, by what was predicted. */
  calibration: { rows: number; predicted: number; actual: number }[];
}

const SHARES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
const PARTS = 10;

/** Errors by size, and whether what is predicted is true on average, from the lowest predictions to the highest. */
export function measureNumbers({ predicted, actual }: EvaluatedRows & { kind: "number" }): NumberMeasures {
  const errors = Array.from(predicted, (value, row) => value - actual[row]).sort((a, b) => a - b);
  const quantiles = SHARES.map((share) => ({ share, error: errors[Math.round(share * (errors.length - 1))] }));
  const order = Array.from(predicted.keys()).sort((a, b) => predicted[a] - predicted[b]);
  const parts = Math.min(PARTS, order.length);
  const calibration = Array.from({ length: parts }, (_, part) => {
    const rows = order.slice(
      Math.floor((part * order.length) / parts),
      Math.floor(((part + 1) * order.length) / parts),
    );
    const mean = (values: ArrayLike<number>) => rows.reduce((sum, row) => sum + values[row] / rows.length, 0);
    return { rows: rows.length, predicted: mean(predicted), actual: mean(actual) };
  });
  return { quantiles, calibration };
}
