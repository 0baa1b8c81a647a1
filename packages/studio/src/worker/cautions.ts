import type { Experiment } from "../experiment/experiment.ts";
import type { ExperimentProblem, ProblemCode } from "./problem.ts";
import type { LayerFacts } from "./protocol.ts";

/** What the library takes and hardly anybody means, at the layer that it is about; training goes on. */
export function cautionsOf(experiment: Experiment, layers: readonly LayerFacts[]): ExperimentProblem[] {
  return [...ofNormalizations(experiment, layers), ...ofOutputs(experiment, layers)];
}

function caution(where: number, code: ProblemCode, values: ExperimentProblem["values"] = {}): ExperimentProblem {
  return { where, code, values };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** Over a single value the mean is that value, and the difference nothing. */
function ofNormalizations({ layers: parts }: Experiment, layers: readonly LayerFacts[]): ExperimentProblem[] {
  return parts.flatMap(({ type, options }, index) => {
    const shape = layers[index]?.shape;
    if (!shape) return [];
    const over = type === "GroupNorm" ? sizeOf(shape) / Number(options.numGroups) : shape[shape.length - 1];
    if ((type !== "GroupNorm" && type !== "LayerNorm") || over > 1) return [];
    return [caution(index, "norm-of-one", { layer: type, shape: shape.join(" × ") })];
  });
}

/** An activation at the end that the loss has in it already. */
function ofOutputs({ layers: parts, loss }: Experiment, layers: readonly LayerFacts[]): ExperimentProblem[] {
  const last = layers.length - 1;
  const shape = layers[last]?.shape;
  if (!shape || last !== parts.length - 1) return [];
  const { type } = parts[last];
  const outputs = sizeOf(shape);
  const binary = loss.type === "BCEWithLogitsLoss" || loss.type === "BCELoss";
  if (type === "Softmax" && outputs === 1 && binary) return [caution(last, "softmax-of-one")];
  const logits =
    loss.type === "BCEWithLogitsLoss" || (loss.type === "CrossEntropyLoss" && loss.options.input === "logits");
  if (!logits || (type !== "Softmax" && type !== "Sigmoid")) return [];
  if (type === "Sigmoid" && binary) return [caution(last, "sigmoid-twice")];
  // The largest that softmax makes of one 1 among zeros.
  const most = Math.round((100 * Math.E) / (Math.E + outputs - 1));
  if (type === "Softmax" && !binary) return [caution(last, "softmax-twice", { most })];
  return [caution(last, "squeezed-logits", { layer: type, loss: loss.type })];
}
