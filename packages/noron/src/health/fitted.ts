import { inspect, manualSeed, tensor, train } from "@noron/core";
import { type Examples, featuresOf } from "../data/examples.ts";
import type { Network } from "../model/network.ts";
import type { Settings } from "../model/settings.ts";
import { baselineLoss } from "./baseline-loss.ts";
import { diagnoseNetwork } from "./diagnose-network.ts";
import { joinFindings } from "./join-findings.ts";

/** What may be wrong with a network or its training. */
export type HealthFinding = Exclude<inspect.Finding, { code: "dead-units" }> | DeadUnits | train.CurveFinding;

/** `atFirst`: how many units of the layer were dead with the weights that training began with, where that is known. */
type DeadUnits = Extract<inspect.Finding, { code: "dead-units" }> & { atFirst?: number };

/** Rows that a trained network is looked at with. */
const ROWS = 256;
/** Rows that have to leave a unit at 0 for it to be called dead, and the features and units of all of them that memory is for. */
const DEAD_ROWS = 10_000;
const DEAD_VALUES = 2 ** 24;

/** A trained network with the weights of its best epoch, and its epochs' numbers. */
interface Trained {
  model: Network;
  /** Makes the network as it was at first, by the seed of the settings. */
  build: () => Network;
  loss: train.TrainerOptions["loss"];
  epochs: readonly train.EpochLog[];
  bestEpoch: number;
}

/** What is wrong with a trained network, where it matters: on some of the rows it was trained on, and by its curves. */
export function diagnoseFitted(
  { model, build, loss, epochs, bestEpoch }: Trained,
  training: Examples,
  validation: Examples,
  settings: Settings,
): HealthFinding[] {
  const [x, target] = someRows(training);
  const baseline = baselineLoss(training, settings);
  model.eval();
  const first = inspect.measure(model, x, { loss: (output, wanted) => loss.forward(output, wanted), target });
  const some = inspect.diagnose(first).some(({ code }) => code === "dead-units");
  const dead = some ? countDead(model, training, first) : null;
  const findings = diagnoseNetwork(
    dead === null ? first : withDead(first, dead),
    baseline,
    settings.optimizerOptions.weightDecay ?? 0,
  );
  const kept = { epoch: bestEpoch, baseline: baselineLoss(training, settings, validation) };
  return joinFindings(
    train.diagnoseCurves(epochs, { baseline, kept }),
    addFirst(findings, build, settings, training, first),
  );
}

type LayerDead = Pick<inspect.LayerMeasure, "path" | "rows" | "dead">;

/** The dead units of each layer, by as many rows as may be. */
function countDead(model: Network, training: Examples, { layers }: inspect.Measures): LayerDead[] {
  const units = layers.reduce((sum, { dead }) => sum + (dead?.units ?? 0), training.width);
  const [x] = someRows(training, Math.max(ROWS, Math.min(DEAD_ROWS, Math.floor(DEAD_VALUES / units))));
  return inspect.measure(model, x).layers;
}

function withDead(measures: inspect.Measures, counted: readonly LayerDead[]): inspect.Measures {
  const layers = measures.layers.map((layer, index) => {
    const { rows, dead } = counted[index];
    return { ...layer, rows, dead };
  });
  return { ...measures, layers };
}

/** Says of dead units how many there were before any step, which no rate is to blame for. */
function addFirst(
  findings: readonly inspect.Finding[],
  build: () => Network,
  { seed }: Settings,
  training: Examples,
  measures: inspect.Measures,
): HealthFinding[] {
  if (!findings.some(({ code }) => code === "dead-units")) return [...findings];
  manualSeed(seed);
  const model = build();
  model.eval();
  const before = countDead(model, training, measures);
  return findings.map((finding) => {
    if (finding.code !== "dead-units") return finding;
    return { ...finding, atFirst: before.find(({ path }) => path === finding.path)?.dead?.dead };
  });
}

/** Inputs and targets of rows spread over the examples. */
export function someRows(examples: Examples, most = ROWS): [ReturnType<typeof tensor>, ReturnType<typeof tensor>] {
  const { width, count, target } = examples;
  if (target === null) throw new Error("examples without targets cannot be looked at");
  const shown = Math.min(most, count);
  const rows = Array.from({ length: shown }, (_, index) => Math.floor((index * count) / shown));
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
