import { nn } from "@noron/core";
import { expect, test } from "vitest";
import type { MemoryExamples } from "../data/examples.ts";
import { makeLoss } from "../model/choices.ts";
import type { Settings } from "../model/settings.ts";
import { diagnoseFitted } from "./fitted.ts";

/** Inputs of 0, with one of 10 among them where `far` says. */
function examples(far: number | null): MemoryExamples {
  const count = 2560;
  const inputs = new Float32Array(count);
  if (far !== null) inputs[far] = 10;
  const values = Float32Array.from(inputs, (_, row) => (row % 7) - 3);
  const target = { kind: "number", values, original: Float64Array.from(values) } as const;
  const rows = Int32Array.from(inputs, (_, row) => row);
  return { inputs, width: 1, count, rows, target, notes: [] };
}

/** Units that wake at inputs above some number. */
function model(above: number) {
  const first = new nn.Linear(1, 32);
  first.weight.assign(Array.from({ length: 32 }, () => [1]));
  first.bias!.assign(new Array(32).fill(-above));
  return new nn.Sequential(first, new nn.ReLU(), new nn.Linear(32, 1));
}

const settings = { seed: 0, optimizerOptions: {}, loss: "mse", classWeights: null } as Settings;

function deadUnits(far: number | null, first: number) {
  const epochs = [{ epoch: 1, loss: 4, validationLoss: 4, seconds: 1, metrics: {} }];
  const trained = { model: model(5), build: () => model(first), loss: makeLoss(settings), epochs, bestEpoch: 1 };
  const findings = diagnoseFitted(trained as never, examples(far), examples(far), settings);
  return findings.find(({ code }) => code === "dead-units");
}

test("a unit is dead only where more rows leave it at 0 than are looked at for all else", () => {
  // 256 rows are every tenth one.
  expect(deadUnits(5, 5)).toBeUndefined();
  expect(deadUnits(null, -5)).toMatchObject({ dead: 32, units: 32, rows: 2560, atFirst: 0 });
});

test("units that were dead with the first weights are counted", () => {
  expect(deadUnits(null, 5)).toMatchObject({ dead: 32, atFirst: 32 });
});
