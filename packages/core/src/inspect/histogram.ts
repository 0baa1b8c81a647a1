/** How often values lie where: equal bins from `low` to `high`, the last one with its upper end. */
export interface Histogram {
  low: number;
  high: number;
  counts: number[];
  /** Values that are NaN or infinite, and in no bin. */
  nonFinite: number;
}

export interface HistogramOptions {
  /** How many bins. */
  bins?: number;
}

/**
 * Counts values, such as a layer's weights, outputs or gradients from a trace, in bins between the least and the largest.
 * Where all are equal the bins span one unit around them, and where there is none they span 0 to 1.
 * @throws RangeError unless there is a whole number of bins, one at least
 */
export function histogram(values: ArrayLike<number>, { bins = 30 }: HistogramOptions = {}): Histogram {
  if (!Number.isInteger(bins) || bins < 1) throw new RangeError(`a histogram has one bin at least, not ${bins}`);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let nonFinite = 0;
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    if (!Number.isFinite(value)) {
      nonFinite++;
      continue;
    }
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  else if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const counts = new Array<number>(bins).fill(0);
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    if (!Number.isFinite(value)) continue;
    counts[Math.min(bins - 1, Math.floor((bins * (value - low)) / (high - low)))]++;
  }
  return { low, high, counts, nonFinite };
}
