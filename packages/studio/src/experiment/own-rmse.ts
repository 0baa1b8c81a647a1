import type { train } from "@noron/core";

/** What is learned of a number is standardised: an epoch with its RMSE in the target's own unit, as people know it. */
export function withOwnRmse(epoch: train.EpochLog, unit: { standardDeviation: number } | null): train.EpochLog {
  if (unit === null) return epoch;
  const own = { ...epoch };
  for (const name of ["rmse", "validationRmse"]) if (name in own) own[name] *= unit.standardDeviation;
  return own;
}
