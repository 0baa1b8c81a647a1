import { inspect } from "@noron/core";

/** A network whose loss is below this share of the baseline's has learned: small gradients are what is left of it. */
const LEARNED = 0.1;
const OF_GRADIENTS: ReadonlySet<string> = new Set(["saturated", "vanishing-gradients", "exploding-gradients"]);

/**
 * What is wrong with a network by what was measured of it, where it matters: nothing of its gradients once it has learned.
 * @param baseline the loss of always giving the best constant answer, on the same rows
 * @param weightDecay that of the optimizer
 */
export function diagnoseNetwork(measures: inspect.Measures, baseline: number, weightDecay: number): inspect.Finding[] {
  const learned = measures.loss !== null && measures.loss < LEARNED * baseline;
  return inspect
    .diagnose(measures, { baseline, weightDecay })
    .filter(({ code }) => !learned || !OF_GRADIENTS.has(code));
}
