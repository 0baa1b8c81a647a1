import { tensor } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { LOSSES, type LossName } from "../model/choices.ts";

/**
 * The loss of always giving the best constant answer: for classes their shares as probabilities, for numbers the mean or the
 * median, whichever is better.
 */
export function baselineLoss({ target, count }: Examples, name: LossName): number {
  if (target === null || count === 0) throw new Error("there is nothing to compare with");
  const loss = LOSSES[name].make();
  if (target.kind === "classes") {
    const times = new Map<number, number>();
    for (const label of target.classes) times.set(label, (times.get(label) ?? 0) + 1);
    let entropy = 0;
    for (const of of times.values()) entropy -= (of / count) * Math.log(of / count);
    return entropy;
  }
  const { values } = target;
  const mean = values.reduce((sum, value) => sum + value / count, 0);
  const median = [...values].sort((a, b) => a - b)[Math.floor(count / 2)];
  const wanted = tensor(values, { shape: [count, 1] });
  const losses = [mean, median].map((value) =>
    loss.forward(tensor(new Float32Array(count).fill(value), { shape: [count, 1] }), wanted).itemSync(),
  );
  return Math.min(...losses);
}
