import { nn } from "@noron/core";
import { ACTIVATIONS, type ActivationName, NORMS, type NormName } from "./choices.ts";

/** A feedforward network in numbers: what a run keeps of it. */
export interface NetworkShape {
  inputs: number;
  /** Features of each hidden layer; none for a linear model. */
  hidden: number[];
  outputs: number;
  activation: ActivationName;
  norm: NormName;
  /** Share of each hidden layer's features that is dropped in training. */
  dropout: number;
}

/** [rows, inputs] to [rows, outputs]. */
export type Network = nn.Layer;

/** For every hidden layer Linear, norm, activation and dropout; then Linear to the outputs. */
export function buildNetwork({ inputs, hidden, outputs, activation, norm, dropout }: NetworkShape): Network {
  const layers: nn.Layer[] = [];
  let width = inputs;
  for (const features of hidden) {
    layers.push(new nn.Linear(width, features));
    const normalize = NORMS[norm](features);
    if (normalize !== null) layers.push(normalize);
    layers.push(ACTIVATIONS[activation]());
    if (dropout > 0) layers.push(new nn.Dropout(dropout));
    width = features;
  }
  layers.push(new nn.Linear(width, outputs));
  return new nn.Sequential(...layers);
}

/** How many numbers the network learns, known before it is built. */
export function countParameters({ inputs, hidden, outputs, norm }: NetworkShape): number {
  const normal = { none: 0, batch: 2, layer: 2, rms: 1 }[norm];
  let width = inputs;
  let total = 0;
  for (const features of hidden) {
    total += (width + 1 + normal) * features;
    width = features;
  }
  return total + (width + 1) * outputs;
}
