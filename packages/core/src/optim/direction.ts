import { note } from "../ops/note.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Update } from "./optimizer.ts";

interface Settings {
  weightDecay: number;
  maximize: boolean;
}

/** What most rules begin with: the gradient, negated where the loss is to grow, and with weight decay added: ±g + λ w. */
export function directionOf<Options extends Settings>({ group, parameter, gradient, number }: Update<Options>): Tensor {
  const { weightDecay, maximize } = group;
  let made = maximize ? gradient.neg() : gradient;
  if (weightDecay !== 0) made = made.add(parameter.mul(number((settings) => settings.weightDecay)));
  return note("direction", made);
}
