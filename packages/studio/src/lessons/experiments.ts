import { type Experiment, layer, loss, optimizer, sample } from "../experiment/experiment.ts";
import type { View } from "../experiment/link.ts";
import { preset } from "../experiment/presets.ts";
import type { LessonName } from "./lesson.ts";

/** What a lesson sends its reader to the studio with. */
export interface LessonExperiment {
  view: View;
  experiment: Experiment;
  /** How many batches are learned already; null: it runs. */
  step: number | null;
}

/** Six layers of sigmoid. In smaller batches the statistics of a normalization jump, and with them what it answers. */
const deep = { ...preset("vanishing"), optimizer: optimizer("SGD", { lr: 0.2 }), batchSize: 75 };

/** Each makes the point of its lesson on a whole network; `experiments.test.ts` holds that it does. */
export const LESSON_EXPERIMENTS: Readonly<Record<LessonName, LessonExperiment>> = {
  // Two linear layers are as good as one.
  linear: {
    view: "train",
    experiment: {
      ...preset("straight"),
      data: sample("circles"),
      optimizer: optimizer("SGD", { lr: 0.2 }),
      layers: [layer("Linear", { outFeatures: 8 }), layer("Linear", { outFeatures: null })],
    },
    step: null,
  },
  activations: { view: "train", experiment: deep, step: null },
  // The same network, normalized.
  normalization: {
    view: "train",
    experiment: {
      ...deep,
      layers: deep.layers.flatMap((each) => (each.type === "Sigmoid" ? [layer("BatchNorm1d"), each] : [each])),
    },
    step: null,
  },
  // With so few examples it depends on them how far dropout helps: with those of this seed it does for thousands of epochs.
  dropout: {
    view: "train",
    experiment: {
      ...preset("overfitting"),
      seed: 4,
      layers: preset("overfitting").layers.flatMap((each) =>
        each.type === "ReLU" ? [each, layer("Dropout", { p: 0.5 })] : [each],
      ),
    },
    step: null,
  },
  losses: {
    view: "train",
    experiment: {
      ...preset("xor"),
      layers: [
        layer("Linear", { outFeatures: 8 }),
        layer("Tanh"),
        layer("Linear", { outFeatures: null }),
        layer("Sigmoid"),
      ],
    },
    step: null,
  },
  optimizers: {
    view: "train",
    experiment: { ...preset("spirals"), optimizer: optimizer("SGD", { lr: 0.05, momentum: 0.9 }) },
    step: null,
  },
  backpropagation: {
    view: "inside",
    experiment: {
      ...preset("spirals"),
      data: sample("moons"),
      layers: [layer("Linear", { outFeatures: 3 }), layer("Tanh"), layer("Linear", { outFeatures: null })],
      loss: loss("CrossEntropyLoss"),
      optimizer: optimizer("SGD", { lr: 0.1 }),
      batchSize: 4,
    },
    step: 0,
  },
};
