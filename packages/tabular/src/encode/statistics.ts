/** Mean and (population) standard deviation, right for values of any size that a float64 holds. */
export function meanAndDeviation(values: Float64Array): { mean: number; standardDeviation: number } {
  let scale = 0;
  for (const value of values) scale = Math.max(scale, Math.abs(value));
  if (scale === 0) return { mean: 0, standardDeviation: 0 };
  let sum = 0;
  for (const value of values) sum += value / scale;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value / scale - mean) ** 2;
  const standardDeviation = Math.sqrt(squares / values.length);
  // What is left of equal numbers after rounding is no spread.
  return { mean: mean * scale, standardDeviation: standardDeviation < 1e-14 ? 0 : standardDeviation * scale };
}

/** Third standardised moment: 0 for symmetric values, positive with a long tail upwards. */
export function skewness(values: Float64Array): number {
  const { mean, standardDeviation } = meanAndDeviation(values);
  if (standardDeviation === 0) return 0;
  let cubes = 0;
  for (const value of values) cubes += ((value - mean) / standardDeviation) ** 3;
  return cubes / values.length;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2;
}
