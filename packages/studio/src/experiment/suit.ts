import { LOSSES, type Task } from "./catalog.ts";
import { type Experiment, layer, loss, type SampleName } from "./experiment.ts";
import { preset } from "./presets.ts";

/** What of a sample is learned. */
export function taskOf(name: SampleName): Task {
  return name === "curve" ? "regression" : "classification";
}

/**
 * A loss for another task makes way, and, as classes come in the place of numbers, one that was there for the numbers.
 * @param before the task that the loss was for, or null where that is not known
 */
export function suitLoss(experiment: Experiment, task: Task, before: Task | null): void {
  const { type } = experiment.loss;
  const fits = (LOSSES[type].tasks as readonly Task[]).includes(task);
  const usual = task === "regression" ? "MSELoss" : "CrossEntropyLoss";
  if (!fits || (before === "regression" && task === "classification")) experiment.loss = loss(usual);
}

/** A network for images or rows makes way for one that takes the other. */
export function suitLayers(experiment: Experiment, name: SampleName): void {
  const flat = experiment.layers[0]?.type === "Flatten";
  if (name === "digits" && !flat) experiment.layers.unshift(layer("Flatten"));
  else if (
    name !== "digits" &&
    experiment.layers.some(({ type }) => type === "BatchNorm2d" || type === "InstanceNorm2d")
  )
    experiment.layers = preset("spirals").layers;
  else if (name !== "digits" && flat) experiment.layers.shift();
}
