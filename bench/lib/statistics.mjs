/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/**
 * Times of one run: their median, least, and the spread of the middle half as a share of the median.
 * @param {readonly number[]} times
 */
export function summarize(times) {
  const middle = median(times);
  return {
    median: middle,
    min: Math.min(...times),
    spread: (quantile(times, 0.75) - quantile(times, 0.25)) / middle,
    times: times.map((time) => Number(time.toPrecision(6))),
  };
}

/**
 * How many times as fast the first is: the median over rounds, in which both ran within a moment of each other, so
 * that what slows the machine for a while slows both.
 * @param {readonly number[]} first
 * @param {readonly number[]} second
 */
export function pairedRatio(first, second) {
  const rounds = Math.min(first.length, second.length);
  return median(Array.from({ length: rounds }, (_, round) => second[round] / first[round]));
}
