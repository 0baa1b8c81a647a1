import { inspect } from "@noron/core";
import { InsideStep } from "./inside-step.ts";
import type { Session } from "./session.ts";

/** Which step of a training is looked into. */
export interface InsideRequest {
  /** A batch of the present epoch, with the weights as they are now; null for the one that is learned next. */
  batch: number | null;
  /** Whether the network is in training or in evaluation mode. */
  training: boolean;
}

/** A step of a training taken apart, without making it. Null where there is none, as after a divergence. */
export function lookInside(session: Session, { batch, training }: InsideRequest): InsideStep | null {
  const { model, loss, optimizer, next, epoch, batches } = session;
  if (next === null) return null;
  const place = Math.min(batch ?? session.batch, batches - 1);
  const [x, target] = place === session.batch ? next : session.batchAt(place);
  const before = model.training;
  model.train(training);
  try {
    const step = inspect.explainStep(model, x, { loss, target, optimizer });
    return new InsideStep(step, { epoch, batch: place, batches, next: session.batch });
  } finally {
    model.train(before);
  }
}
