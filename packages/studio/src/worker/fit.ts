import { LOSSES } from "../experiment/catalog.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { Examples } from "./examples.ts";
import { Problem } from "./problem.ts";
import type { LayerFacts } from "./protocol.ts";

/** That network, loss and data belong together: what the library cannot know, and what it would only say in training. @throws Problem */
export function requireFit(experiment: Experiment, { task, outputs }: Examples, layers: LayerFacts[]): void {
  const { loss, layers: parts } = experiment;
  const { type } = loss;
  if (!(LOSSES[type].tasks as readonly string[]).includes(task))
    throw new Problem("loss", "wrong-task", { loss: type });
  const last = layers.length - 1;
  const given = layers[last].shape ?? [];
  if (given.length !== 1) throw new Problem(last, "not-a-row", { shape: given.join(" × ") });
  if (given[0] !== outputs) throw new Problem(last, "wrong-outputs", { given: given[0], wanted: outputs, loss: type });
  const activation = parts[last].type;
  if (type === "NLLLoss" && activation !== "LogSoftmax")
    throw new Problem("loss", "needs-log-probabilities", { loss: type, activation });
  const probabilities = type === "BCELoss" || (type === "CrossEntropyLoss" && loss.options.input === "probabilities");
  const wanted = type === "BCELoss" ? "Sigmoid" : "Softmax";
  if (probabilities && activation !== "Sigmoid" && activation !== "Softmax")
    throw new Problem("loss", "needs-probabilities", { loss: type, activation: wanted });
}

/** That normalizations have more than one value to normalize over, which the library only says in training. @throws Problem */
export function requireSpread(
  { layers: parts, batchSize }: Experiment,
  examples: Examples,
  layers: LayerFacts[],
): void {
  // A last batch of one example joins the one before it.
  const rows = Math.min(batchSize, examples.training.length);
  for (const [index, { type }] of parts.entries()) {
    const places = layers[index].shape!.slice(1).reduce((product, extent) => product * extent, 1);
    if (type.startsWith("BatchNorm") && rows * places < 2) throw new Problem(index, "batch-of-one", { layer: type });
    if (type.startsWith("InstanceNorm") && places < 2)
      throw new Problem(index, "one-place", { layer: type, shape: layers[index].shape!.join(" × ") });
  }
}
