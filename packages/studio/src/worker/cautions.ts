import type { LayerType } from "../experiment/catalog.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { ExperimentProblem, ProblemCode } from "./problem.ts";
import type { DataFacts, LayerFacts } from "./protocol.ts";

/**
 * What the library takes and hardly anybody means, at the layer that it is about; training goes on.
 * @param data null where they are not known
 */
export function cautionsOf(
  experiment: Experiment,
  layers: readonly LayerFacts[],
  data: DataFacts | null,
): ExperimentProblem[] {
  const outputs = data?.task === "regression" ? ofNumbers(experiment, layers, data) : ofOutputs(experiment, layers);
  return [...ofNormalizations(experiment, layers), ...outputs];
}

/** What an activation gives at least and at most, where not any number. */
const GIVEN: Readonly<Partial<Record<LayerType, [least: number, most: number]>>> = {
  Sigmoid: [0, 1],
  Softmax: [0, 1],
  Tanh: [-1, 1],
  ReLU: [0, Number.POSITIVE_INFINITY],
  Softplus: [0, Number.POSITIVE_INFINITY],
};

/** An activation at the end that cannot give what is to be learned. */
function ofNumbers(
  { layers: parts }: Experiment,
  layers: readonly LayerFacts[],
  { training: { labels } }: DataFacts,
): ExperimentProblem[] {
  const last = layers.length - 1;
  if (!layers[last]?.shape || last !== parts.length - 1 || labels.length === 0) return [];
  const { type } = parts[last];
  if (type === "Softmax" && sizeOf(layers[last].shape) === 1) return [caution(last, "softmax-of-one")];
  const given = GIVEN[type];
  if (given === undefined) return [];
  const [least, most] = [Math.min(...labels), Math.max(...labels)];
  // Noise may reach a little further.
  const margin = 0.1 * (most - least);
  if (least >= given[0] - margin && most <= given[1] + margin) return [];
  if (given[1] === Number.POSITIVE_INFINITY) return [caution(last, "never-negative", { layer: type, least })];
  return [caution(last, "bounded-outputs", { layer: type, low: given[0], high: given[1], least, most })];
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
  if (type === "Softmax" && outputs === 1) return [caution(last, "softmax-of-one")];
  const logits =
    loss.type === "BCEWithLogitsLoss" || (loss.type === "CrossEntropyLoss" && loss.options.input === "logits");
  const given = GIVEN[type];
  if (!logits || given === undefined) return [];
  const [low, high] = given;
  if (high === Number.POSITIVE_INFINITY) {
    if (binary) return [caution(last, "half-logits", { layer: type, loss: loss.type })];
    // Only differences of logits count among classes: what is above 0 and smooth does no harm.
    return type === "ReLU" ? [caution(last, "cut-logits", { layer: type, loss: loss.type })] : [];
  }
  if (type === "Sigmoid" && binary) return [caution(last, "sigmoid-twice")];
  // The largest that softmax makes of one 1 among zeros.
  const most = Math.round((100 * Math.E) / (Math.E + outputs - 1));
  if (type === "Softmax" && !binary) return [caution(last, "softmax-twice", { most })];
  return [caution(last, "squeezed-logits", { layer: type, loss: loss.type, low, high })];
}
