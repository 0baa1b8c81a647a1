import { inspect, tensor, train } from "@noron/core";
import { type Examples, featuresOf } from "../data/examples.ts";
import type { TrainingLoss } from "../model/choices.ts";
import type { Network } from "../model/network.ts";
import { baselineLoss } from "./baseline-loss.ts";
import { diagnoseNetwork } from "./diagnose-network.ts";

/** What may be wrong with a network or its training. */
export type HealthFinding = inspect.Finding | train.CurveFinding;

/** Rows that a trained network is looked at with. */
const ROWS = 256;

/** A trained network with the weights of its best epoch, and its epochs' numbers. */
interface Trained {
  model: Network;
  loss: train.TrainerOptions["loss"];
  epochs: readonly train.EpochLog[];
  bestEpoch: number;
}

/** What is wrong with a trained network, where it matters: on some of the rows it was trained on, and by its curves. */
export function diagnoseFitted(
  { model, loss, epochs, bestEpoch }: Trained,
  training: Examples,
  validation: Examples,
  settings: TrainingLoss,
): HealthFinding[] {
  const [x, target] = someRows(training);
  const baseline = baselineLoss(training, settings);
  model.eval();
  const measures = inspect.measure(model, x, { loss: (output, wanted) => loss.forward(output, wanted), target });
  const kept = { epoch: bestEpoch, baseline: baselineLoss(training, settings, validation) };
  return [...train.diagnoseCurves(epochs, { baseline, kept }), ...diagnoseNetwork(measures, baseline)];
}

/** Inputs and targets of rows spread over the examples. */
export function someRows(examples: Examples): [ReturnType<typeof tensor>, ReturnType<typeof tensor>] {
  const { width, count, target } = examples;
  if (target === null) throw new Error("examples without targets cannot be looked at");
  const rows = Array.from({ length: Math.min(ROWS, count) }, (_, index) =>
    Math.floor((index * count) / Math.min(ROWS, count)),
  );
  const x = tensor(featuresOf(examples, rows), { shape: [rows.length, width] });
  if (target.kind === "classes") return [x, tensor(Int32Array.from(rows, (row) => target.classes[row]))];
  return [
    x,
    tensor(
      Float32Array.from(rows, (row) => target.values[row]),
      { shape: [rows.length, 1] },
    ),
  ];
}
