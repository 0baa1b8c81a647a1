/**
 * How a property is tried by fast-check: so many times, with inputs that are the same in every run of the tests. By hand,
 * FUZZ_SEED=7 gives others and FUZZ_TIMES=10 ten times as many.
 */
export function runs(count: number): { numRuns: number; seed: number } {
  const { FUZZ_SEED = "9", FUZZ_TIMES = "1" } = process.env;
  return { numRuns: Math.ceil(count * Number(FUZZ_TIMES)), seed: Number(FUZZ_SEED) };
}
