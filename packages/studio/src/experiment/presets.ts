import { type Experiment, layer, loss, optimizer, sample } from "./experiment.ts";

/** Experiments that make a point each. The first one is what the page opens with. */
export const PRESETS = {
  spirals: {
    data: sample("spirals"),
    validation: 0.25,
    layers: [
      layer("Linear", { outFeatures: 12 }),
      layer("Tanh"),
      layer("Linear", { outFeatures: 12 }),
      layer("Tanh"),
      layer("Linear", { outFeatures: null }),
    ],
    loss: loss("CrossEntropyLoss"),
    optimizer: optimizer("Adam", { lr: 0.01 }),
    batchSize: 20,
    seed: 1,
  },
  straight: {
    data: sample("blobs"),
    validation: 0.25,
    layers: [layer("Linear", { outFeatures: null })],
    loss: loss("CrossEntropyLoss"),
    optimizer: optimizer("SGD", { lr: 0.05 }),
    batchSize: 20,
    seed: 1,
  },
  xor: {
    data: sample("xor"),
    validation: 0.25,
    // With four ReLU units three seeds of ten stay at 78 % for ever.
    layers: [
      layer("Linear", { outFeatures: 8 }),
      layer("ReLU"),
      layer("Linear", { outFeatures: null }),
      layer("Sigmoid"),
    ],
    loss: loss("BCELoss"),
    optimizer: optimizer("SGD", { lr: 0.1, momentum: 0.9 }),
    batchSize: 20,
    seed: 1,
  },
  curve: {
    data: sample("curve"),
    validation: 0.25,
    layers: [
      layer("Linear", { outFeatures: 16 }),
      layer("GELU"),
      layer("Linear", { outFeatures: 16 }),
      layer("GELU"),
      layer("Linear", { outFeatures: null }),
    ],
    loss: loss("MSELoss"),
    optimizer: optimizer("AdamW", { lr: 0.01 }),
    batchSize: 25,
    seed: 1,
  },
  overfitting: {
    data: { ...sample("moons"), count: 60, noise: 0.35 },
    validation: 0.5,
    layers: [
      layer("Linear", { outFeatures: 48 }),
      layer("ReLU"),
      layer("Linear", { outFeatures: 48 }),
      layer("ReLU"),
      layer("Linear", { outFeatures: null }),
    ],
    loss: loss("CrossEntropyLoss"),
    optimizer: optimizer("Adam", { lr: 0.01 }),
    batchSize: 15,
    seed: 1,
  },
  vanishing: {
    data: sample("circles"),
    validation: 0.25,
    layers: [
      ...[0, 1, 2, 3, 4, 5].flatMap(() => [layer("Linear", { outFeatures: 8 }), layer("Sigmoid")]),
      layer("Linear", { outFeatures: null }),
    ],
    loss: loss("CrossEntropyLoss"),
    optimizer: optimizer("SGD", { lr: 0.5 }),
    batchSize: 20,
    seed: 1,
  },
  digits: {
    data: sample("digits"),
    validation: 0.25,
    layers: [
      layer("Flatten"),
      layer("Linear", { outFeatures: 64 }),
      layer("BatchNorm1d"),
      layer("ReLU"),
      layer("Dropout", { p: 0.2 }),
      layer("Linear", { outFeatures: null }),
    ],
    loss: loss("CrossEntropyLoss"),
    optimizer: optimizer("AdamW", { lr: 0.003 }),
    batchSize: 50,
    seed: 1,
  },
} as const satisfies Record<string, Experiment>;

export type PresetName = keyof typeof PRESETS;

/** An experiment of its own, to be changed. */
export function preset(name: PresetName): Experiment {
  return structuredClone(PRESETS[name]);
}
