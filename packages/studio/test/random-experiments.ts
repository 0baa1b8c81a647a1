import { RandomStream } from "@noron/core";
import { INITIALISATIONS, type LayerType } from "../src/experiment/catalog.ts";
import { type Experiment, layer, loss, optimizer, sample } from "../src/experiment/experiment.ts";

/** Experiments at random over all that the page can build: the same for the same seed. */
export function randomExperiment(seed: number): Experiment {
  const random = new RandomStream(seed, 11);
  const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)];
  const turn = <T>(from: readonly T[]): T => from[seed % from.length];
  const images = seed % 5 === 4;
  const regression = !images && seed % 4 === 3;
  const data = images
    ? { ...sample("digits"), count: 60 }
    : { ...sample(regression ? "curve" : pick(["spirals", "moons", "circles", "xor", "blobs"])), count: 60 };
  const activations = [
    () => layer("ReLU"),
    () => layer("LeakyReLU", { negativeSlope: 0.1 }),
    () => layer("Tanh"),
    () => layer("Sigmoid"),
    () => layer("GELU"),
    () => layer("GELU", { approximate: "tanh" }),
    () => layer("SiLU"),
    () => layer("ELU", { alpha: 0.7 }),
    () => layer("Softplus", { beta: 2 }),
    () => layer("Identity"),
    () => layer("Softmax"),
    () => layer("LogSoftmax"),
  ];
  const norms = [
    () => layer("BatchNorm1d", { momentum: 0.3 }),
    () => layer("LayerNorm"),
    () => layer("GroupNorm", { numGroups: 2 }),
    () => [layer("Unflatten", { channels: 2 }), layer("InstanceNorm1d", { affine: true }), layer("Flatten")],
    () => layer("RMSNorm"),
    () => layer("BatchNorm1d", { affine: false }),
    () => layer("LayerNorm", { bias: false }),
  ];
  const layers = [];
  if (images) layers.push(turn([layer("BatchNorm2d"), layer("InstanceNorm2d", { affine: true })]), layer("Flatten"));
  for (let depth = 0; depth < 1 + random.integer(2); depth++) {
    const options = {
      outFeatures: 4 * (1 + random.integer(2)),
      bias: random.uniform() < 0.8,
      init: pick(INITIALISATIONS),
    };
    layers.push(random.uniform() < 0.3 ? layer("DropConnect", { ...options, p: 0.3 }) : layer("Linear", options));
    if (random.uniform() < 0.7) layers.push(...[norms[(seed + depth) % norms.length]()].flat());
    layers.push(activations[(seed * 5 + depth) % activations.length]());
    if (random.uniform() < 0.4) layers.push(layer("Dropout", { p: 0.4 }));
  }
  layers.push(layer("Linear", { outFeatures: null }));
  const reduction = pick(["mean", "sum"]);
  const losses: (() => [ReturnType<typeof loss>, last?: LayerType])[] = regression
    ? [
        () => [loss("MSELoss", { reduction })],
        () => [loss("L1Loss", { reduction })],
        () => [loss("HuberLoss", { delta: 0.4, reduction })],
      ]
    : [
        () => [loss("CrossEntropyLoss", { reduction })],
        () => [loss("NLLLoss", { reduction }), "LogSoftmax"],
        () => [loss("BCEWithLogitsLoss", { reduction })],
        () => [loss("BCELoss", { reduction }), "Sigmoid"],
        () => [loss("CrossEntropyLoss", { reduction, labelSmoothing: 0.1 })],
        () => [loss("CrossEntropyLoss", { reduction, input: "probabilities" }), "Softmax"],
        () => [loss("MSELoss", { reduction })],
      ];
  const [chosen, last] = turn(losses)();
  if (last !== undefined) layers.push(layer(last));
  return {
    data,
    validation: 0.2,
    layers,
    loss: chosen,
    optimizer: turn([
      optimizer("SGD", { lr: 0.05 }),
      optimizer("SGD", { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
      optimizer("Adam", { lr: 0.01 }),
      optimizer("AdamW", { lr: 0.01, amsgrad: true }),
      optimizer("RMSprop", { lr: 0.01, momentum: 0.5, centered: true }),
      optimizer("Adagrad", { lr: 0.05, lrDecay: 0.1 }),
      optimizer("SGD", { lr: 0.05, momentum: 0.9, dampening: 0.2 }),
    ]),
    batchSize: 6,
    seed,
  };
}
