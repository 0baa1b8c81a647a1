import { nn } from "@noron/core";
import { expect, test } from "vitest";
import type { AnyPreprocessing } from "../data/examples.ts";
import { Scorer } from "./scores.ts";

/** Scores answers to rows of some classes, of two; a piece a list. */
function score(...pieces: { actual: number[]; answers: number[] }[]): Scorer {
  const scorer = new Scorer({} as AnyPreprocessing, new nn.CrossEntropyLoss());
  for (const { actual, answers } of pieces) {
    const outputs = Float32Array.from(answers.flatMap((answer) => [1 - answer, answer]));
    scorer.update(outputs, { kind: "classes", classes: Int32Array.from(actual) });
  }
  return scorer;
}

test("the class that every row of several is taken for is told, over all pieces", () => {
  expect(score({ actual: [0, 1, 0], answers: [1, 1, 1] }).onlyAnswer()).toBe(1);
  expect(score({ actual: [0, 0], answers: [0, 0] }, { actual: [1], answers: [0] }).onlyAnswer()).toBe(0);
  expect(score({ actual: [0, 1], answers: [1, 1] }, { actual: [0], answers: [0] }).onlyAnswer()).toBe(null);
  // Rows of one class are rightly all taken for it.
  expect(score({ actual: [1, 1], answers: [1, 1] }).onlyAnswer()).toBe(null);
});
