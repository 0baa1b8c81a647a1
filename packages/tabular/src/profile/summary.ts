import { meanAndDeviation } from "../encode/statistics.ts";

/** The numbers of a column. */
export interface NumberSummary {
  count: number;
  minimum: number;
  maximum: number;
  mean: number;
  /** Of the population: divided by the count. */
  standardDeviation: number;
  /** Values below which a quarter, half and three quarters of the numbers lie. */
  quartiles: [number, number, number];
  /** How many lie in each of ten intervals of equal width from minimum to maximum. */
  histogram: number[];
  /** Values more than ten standard deviations from the mean. */
  far: number;
}

const bins = 10;

/** NaN stands for a missing cell. Null when there is no number. */
export function summarizeNumbers(values: Float64Array): NumberSummary | null {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return null;
  const minimum = sorted[0];
  const maximum = sorted[sorted.length - 1];
  const { mean, standardDeviation } = meanAndDeviation([sorted]);
  const histogram = new Array<number>(bins).fill(0);
  const width = maximum / bins - minimum / bins;
  for (const value of sorted) {
    const bin = width > 0 ? Math.floor((value - minimum) / width) : 0;
    histogram[Math.min(bins - 1, Math.max(0, bin))]++;
  }
  // Numbers that rounding alone makes different have no spread to measure by.
  const far =
    standardDeviation === 0 ? 0 : sorted.filter((value) => Math.abs(value - mean) > 10 * standardDeviation).length;
  const quartiles: NumberSummary["quartiles"] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  return { count: sorted.length, minimum, maximum, mean, standardDeviation, quartiles, histogram, far };
}

/** Between the two nearest values in proportion, as NumPy does it. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const part = position - below;
  return sorted[below] * (1 - part) + sorted[above] * part;
}

/** How often each value occurs. */
export interface ValueCount {
  value: string;
  count: number;
}

/** The most frequent texts, the most frequent first, equals in the order of their characters. */
export function mostFrequent(values: ReadonlyMap<string, { times: number }>, most: number): ValueCount[] {
  return Array.from(values, ([value, { times }]) => ({ value, count: times }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, most);
}
