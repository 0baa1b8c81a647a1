import { tensor } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { makeLoss, type TrainingLoss } from "../model/choices.ts";

/**
 * The loss of always giving the constant answer that is best on the training examples: for classes their shares (of the weights) as
 * probabilities, for numbers the mean or the median, whichever is better.
 * @param measured the examples that it is measured on; those of training unless given. Infinity where they have a class that training has not
 */
export function baselineLoss(training: Examples, settings: TrainingLoss, measured: Examples = training): number {
  const { target, count } = training;
  if (target === null || count === 0) throw new Error("there is nothing to compare with");
  if (target.kind === "classes") {
    const shares = sharesOf(training, settings);
    let loss = 0;
    for (const [label, share] of sharesOf(measured, settings)) loss -= share * Math.log(shares.get(label) ?? 0);
    return loss;
  }
  const { values } = target;
  const mean = values.reduce((sum, value) => sum + value / count, 0);
  const median = values.slice().sort()[Math.floor(count / 2)];
  const best = constantLoss(mean, training, settings) <= constantLoss(median, training, settings) ? mean : median;
  return constantLoss(best, measured, settings);
}

/** The share of each class in the weights of all rows. */
function sharesOf({ target }: Examples, { classWeights }: TrainingLoss): Map<number, number> {
  const weights = new Map<number, number>();
  if (target?.kind !== "classes") throw new Error("there are no classes to compare with");
  let total = 0;
  for (const label of target.classes) {
    const weight = classWeights?.[label] ?? 1;
    weights.set(label, (weights.get(label) ?? 0) + weight);
    total += weight;
  }
  return new Map(Array.from(weights, ([label, weight]) => [label, weight / total]));
}

/** The loss of always giving one number, in the target's unit of training. */
function constantLoss(value: number, { target, count }: Examples, settings: TrainingLoss): number {
  if (target?.kind !== "number") throw new Error("there are no numbers to compare with");
  const wanted = tensor(target.values, { shape: [count, 1] });
  const given = tensor(new Float32Array(count).fill(value), { shape: [count, 1] });
  return makeLoss(settings).forward(given, wanted).itemSync();
}
