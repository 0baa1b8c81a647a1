import type { ColumnFacts } from "./column-facts.ts";

/** At least this share of the cells is digits alone. */
const leastDigits = 0.8;

/**
 * Whether digits of a column are codes, such as those of a post office (00123): some begin with a zero that counts for
 * nothing, and all have as many digits, or half of them begin so.
 */
export function areCodes({ rows, missing, codes }: ColumnFacts): boolean {
  const { digits, zeros, width } = codes;
  if (zeros === 0 || digits < leastDigits * (rows - missing)) return false;
  return width !== null || zeros >= digits / 2;
}
