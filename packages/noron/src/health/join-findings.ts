import type { inspect, train } from "@noron/core";
import type { HealthFinding } from "./fitted.ts";

/** These say why nothing was learned, and what else to change. */
const REASONS: ReadonlySet<string> = new Set(["no-gradients", "decayed-weights", "zero-weights"]);

/** From so many times the best constant answer's loss on, a lower rate is what is advised. Our choice. */
export const WORSE = 1.5;

/** What is wrong by a training's curves and in its network, without what another finding explains or contradicts. */
export function joinFindings(
  ofCurves: readonly train.CurveFinding[],
  ofNetwork: readonly inspect.Finding[] | readonly HealthFinding[],
): HealthFinding[] {
  const explained = ofNetwork.some(({ code }) => REASONS.has(code));
  // A higher rate is advised for these.
  const slow = ofNetwork.some(({ code }) => code === "updates-too-small");
  const kept = ofCurves.filter((finding) => {
    if (finding.code === "nothing-learned") return !explained;
    if (finding.code !== "not-learning") return true;
    return !explained && !(slow && finding.loss >= WORSE * finding.baseline);
  });
  return [...kept, ...ofNetwork];
}
