import { countPairs } from "./pairs.ts";
import type { ColumnValues, Groups } from "./values.ts";

/** How strongly a column goes with the target. */
export interface Association {
  /**
   * correlation: Pearson's r of two columns of numbers, −1 to 1. correlation-ratio: the square root of ε², the share of
   * the numbers' variance that the groups explain, corrected for the number of groups, 0 to 1. cramers-v: Cramér's V of
   * two columns of groups with Bergsma's correction, 0 to 1.
   */
  measure: "correlation" | "correlation-ratio" | "cramers-v";
  value: number;
  /** Rows where both are there. */
  rows: number;
}

/** The measure that fits the two; null where one of them does not vary or fewer than three rows have both. */
export function associate(column: ColumnValues, target: ColumnValues): Association | null {
  if (column.kind === "numbers") {
    return target.kind === "numbers" ? correlation(column.values, target.values) : ratio(target, column.values);
  }
  return target.kind === "numbers" ? ratio(column, target.values) : cramersV(column, target);
}

function correlation(first: Float64Array, second: Float64Array): Association | null {
  let rows = 0;
  let meanX = 0;
  let meanY = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  const [unitX, unitY] = [unitOf(first), unitOf(second)];
  // Welford's update.
  for (let row = 0; row < first.length; row++) {
    const x = first[row] / unitX;
    const y = second[row] / unitY;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    rows++;
    const dx = x - meanX;
    const dy = y - meanY;
    meanX += dx / rows;
    meanY += dy / rows;
    xx += dx * (x - meanX);
    yy += dy * (y - meanY);
    xy += dx * (y - meanY);
  }
  const value = xy / (Math.sqrt(xx) * Math.sqrt(yy));
  if (rows < 3 || !Number.isFinite(value)) return null;
  return { measure: "correlation", value: Math.min(Math.max(value, -1), 1), rows };
}

/** A power of two near the largest number's size: squares in this unit are no larger and no smaller than numbers can be. */
function unitOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
}

function ratio({ groups, count }: Groups, values: Float64Array): Association | null {
  const times = new Float64Array(count);
  const sums = new Float64Array(count);
  const unit = unitOf(values);
  let rows = 0;
  let mean = 0;
  let total = 0;
  for (let row = 0; row < groups.length; row++) {
    const value = values[row] / unit;
    if (groups[row] < 0 || Number.isNaN(value)) continue;
    rows++;
    const difference = value - mean;
    mean += difference / rows;
    total += difference * (value - mean);
    times[groups[row]]++;
  }
  if (rows < 3 || !(total > 0) || !Number.isFinite(total)) return null;
  let between = 0;
  let used = 0;
  for (let row = 0; row < groups.length; row++) {
    if (groups[row] >= 0 && !Number.isNaN(values[row])) sums[groups[row]] += values[row] / unit - mean;
  }
  for (let group = 0; group < count; group++) {
    if (times[group] === 0) continue;
    used++;
    between += sums[group] ** 2 / times[group];
  }
  if (used < 2 || rows <= used) return null;
  const epsilon = 1 - Math.max(0, total - between) / (rows - used) / (total / (rows - 1));
  if (!Number.isFinite(epsilon)) return null;
  return { measure: "correlation-ratio", value: Math.sqrt(Math.max(0, epsilon)), rows };
}

function cramersV(first: Groups, second: Groups): Association | null {
  const left = new Float64Array(first.count);
  const right = new Float64Array(second.count);
  let rows = 0;
  for (let row = 0; row < first.groups.length; row++) {
    const a = first.groups[row];
    const b = second.groups[row];
    if (a < 0 || b < 0) continue;
    rows++;
    left[a]++;
    right[b]++;
  }
  const height = left.filter((times) => times > 0).length;
  const width = right.filter((times) => times > 0).length;
  if (rows < 3 || height < 2 || width < 2) return null;
  // χ² / n = Σ observed² / (row · column) − 1: cells without rows add nothing.
  let sum = 0;
  for (const { first: a, second: b, times } of countPairs(first, second)) sum += times ** 2 / (left[a] * right[b]);
  const corrected = Math.max(0, sum - 1 - ((height - 1) * (width - 1)) / (rows - 1));
  const least = Math.min(height - (height - 1) ** 2 / (rows - 1), width - (width - 1) ** 2 / (rows - 1)) - 1;
  if (!(least > 0)) return null;
  return { measure: "cramers-v", value: Math.min(1, Math.sqrt(corrected / least)), rows };
}
