import { tensor } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { makeLoss, type TrainingLoss } from "../model/choices.ts";

/**
 * The loss of always giving the best constant answer: for classes their shares (of the weights) as probabilities, for numbers the mean or the
 * median, whichever is better.
 */
export function baselineLoss({ target, count }: Examples, settings: TrainingLoss): number {
  if (target === null || count === 0) throw new Error("there is nothing to compare with");
  if (target.kind === "classes") {
    const weights = new Map<number, number>();
    let total = 0;
    for (const label of target.classes) {
      const weight = settings.classWeights?.[label] ?? 1;
      weights.set(label, (weights.get(label) ?? 0) + weight);
      total += weight;
    }
    let entropy = 0;
    for (const weight of weights.values()) entropy -= (weight / total) * Math.log(weight / total);
    return entropy;
  }
  const loss = makeLoss(settings);
  const { values } = target;
  const mean = values.reduce((sum, value) => sum + value / count, 0);
  const median = values.slice().sort()[Math.floor(count / 2)];
  const wanted = tensor(values, { shape: [count, 1] });
  const losses = [mean, median].map((value) =>
    loss.forward(tensor(new Float32Array(count).fill(value), { shape: [count, 1] }), wanted).itemSync(),
  );
  return Math.min(...losses);
}
