import type { UpdateExplanation } from "../../formula/explanation.ts";
import { Adagrad } from "../adagrad.ts";
import { Adam, AdamW } from "../adam.ts";
import { RMSprop } from "../rmsprop.ts";
import { SGD } from "../sgd.ts";
import { adagrad } from "./adagrad.ts";
import { adam } from "./adam.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

const EXPLANATIONS: readonly (readonly [optimizer: { readonly name: string }, explanation: UpdateExplanation])[] = [
  [SGD, sgd],
  [Adagrad, adagrad],
  [RMSprop, rmsprop],
  [Adam, adam],
  [AdamW, adam],
];

const names = new Map<unknown, string>(EXPLANATIONS.map(([optimizer]) => [optimizer, optimizer.name]));

/** By the class's name, as updates carry it. */
export const updateExplanations: ReadonlyMap<string, UpdateExplanation> = new Map(
  EXPLANATIONS.map(([optimizer, explanation]) => [optimizer.name, explanation]),
);

/** The name that an optimizer's explanation has; null for a class of the user's own. */
export function updateExplanationName(optimizer: object): string | null {
  return names.get(optimizer.constructor) ?? null;
}
