import { inspect } from "@noron/core";
import type { Session } from "./session.ts";

/** The next step of a training taken apart: what the Inside view shows. Null where there is none, as after a divergence. */
export function explainNext({ model, loss, optimizer, next }: Session): inspect.StepExplanation | null {
  if (next === null) return null;
  const [x, target] = next;
  return inspect.explainStep(model, x, { loss, target, optimizer });
}
