import { nn, optim, RandomStream, type Tensor, tensor } from "../src/index.ts";

/** Networks at random over all layers, losses and optimizers, for what takes a step apart. */

export interface Stack {
  name: string;
  model: nn.Sequential;
  loss: nn.Loss;
  optimizer: optim.Optimizer<never>;
  x: Tensor;
  target: Tensor;
}

export function randomStack(seed: number): Stack {
  const random = new RandomStream(seed, 7);
  const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)];
  const activations: (() => nn.Layer)[] = [
    () => new nn.ReLU(),
    () => new nn.LeakyReLU({ negativeSlope: 0.1 }),
    () => new nn.Sigmoid(),
    () => new nn.Tanh(),
    () => new nn.GELU(),
    () => new nn.GELU({ approximate: "tanh" }),
    () => new nn.SiLU(),
    () => new nn.ELU({ alpha: 0.7 }),
    () => new nn.Softplus({ beta: 2 }),
    () => new nn.Identity(),
    () => new nn.Softmax(),
    () => new nn.LogSoftmax(),
  ];
  const norms: ((size: number) => nn.Layer[])[] = [
    (size) => [new nn.BatchNorm1d(size) as nn.Layer],
    (size) => [new nn.BatchNorm1d(size, { momentum: null, affine: false }) as nn.Layer],
    (size) => [new nn.LayerNorm(size) as nn.Layer],
    (size) => [new nn.LayerNorm(size, { bias: false }) as nn.Layer],
    (size) => [new nn.RMSNorm(size) as nn.Layer],
    (size) => [new nn.GroupNorm(2, size) as nn.Layer],
    (size) => [
      new nn.Unflatten(1, [-1, 2]),
      new nn.InstanceNorm1d(size / 2, { affine: true }) as nn.Layer,
      new nn.Flatten(),
    ],
  ];
  const rows = 4 + random.integer(5);
  let size = 2 + random.integer(3);
  const x = numbers(random, [rows, size]);
  const layers: nn.Layer[] = [];
  for (let depth = 1 + random.integer(2); depth >= 0; depth--) {
    const next = 2 * (1 + random.integer(3));
    const bias = random.uniform() < 0.8;
    layers.push(
      (random.uniform() < 0.3
        ? new nn.DropConnect(size, next, { p: 0.3, bias })
        : new nn.Linear(size, next, { bias })) as nn.Layer,
    );
    size = next;
    if (random.uniform() < 0.7) layers.push(...pick(norms)(size));
    layers.push(activations[(seed * 3 + depth) % activations.length]());
    if (random.uniform() < 0.4) layers.push(new nn.Dropout(0.4));
  }
  const outputs = 3;
  layers.push(new nn.Linear(size, outputs) as nn.Layer);
  const classes = tensor(
    Array.from({ length: rows }, () => random.integer(outputs)),
    { dtype: "int32" },
  );
  const real = numbers(random, [rows, outputs]);
  const shares = numbers(random, [rows, outputs]).softmax(1).detach();
  const binary = tensor(
    Array.from({ length: rows * outputs }, () => random.integer(2)),
    { shape: [rows, outputs], dtype: "float32" },
  );
  const weight = tensor([0.5, 1, 2]);
  const reduction = pick(["mean", "sum"] as const);
  const losses: (() => [nn.Loss, Tensor, last?: nn.Layer])[] = [
    () => [new nn.CrossEntropyLoss({ reduction }), classes],
    () => [new nn.MSELoss({ reduction }), real],
    () => [new nn.L1Loss({ reduction }), real],
    () => [new nn.HuberLoss({ delta: 0.6, reduction }), real],
    () => [new nn.BCEWithLogitsLoss({ reduction }), binary],
    () => [new nn.BCELoss({ reduction }), binary, new nn.Sigmoid()],
    () => [new nn.NLLLoss({ reduction, weight }), classes, new nn.LogSoftmax()],
    () => [new nn.CrossEntropyLoss({ reduction, weight, labelSmoothing: 0.1 }), classes],
    () => [new nn.CrossEntropyLoss({ reduction, input: "probabilities" }), classes, new nn.Softmax()],
    () => [new nn.CrossEntropyLoss({ reduction, weight }), shares],
    () => [new nn.BCEWithLogitsLoss({ reduction, weight, posWeight: tensor([1, 2, 3]) }), binary],
    () => [new nn.BCELoss({ reduction, weight }), binary, new nn.Sigmoid()],
    () => [
      new nn.CrossEntropyLoss({ reduction, input: "probabilities", weight, labelSmoothing: 0.2 }),
      classes,
      new nn.Softmax(),
    ],
    () => [new nn.CrossEntropyLoss({ reduction, ignoreIndex: 1 }), classes],
  ];
  const [loss, target, last] = losses[seed % losses.length]();
  if (last !== undefined) layers.push(last);
  const model = new nn.Sequential(...(layers as nn.Module[])) as unknown as nn.Sequential;
  const parameters = model.parameters();
  const optimizers: (() => optim.Optimizer<never>)[] = [
    () => new optim.SGD(parameters, { lr: 0.1 }) as never,
    () => new optim.SGD(parameters, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }) as never,
    () => new optim.SGD(parameters, { lr: 0.1, momentum: 0.9, dampening: 0.2, maximize: true }) as never,
    () => new optim.Adam(parameters, { lr: 0.01, weightDecay: 0.1 }) as never,
    () => new optim.AdamW(parameters, { lr: 0.01, amsgrad: true }) as never,
    () => new optim.RMSprop(parameters, { lr: 0.01, momentum: 0.5 }) as never,
    () => new optim.RMSprop(parameters, { lr: 0.01, centered: true }) as never,
    () => new optim.Adagrad(parameters, { lr: 0.01, lrDecay: 0.1 }) as never,
    () => new optim.Adam(parameters, { lr: 0.01, amsgrad: true, maximize: true }) as never,
  ];
  const optimizer = optimizers[seed % optimizers.length]();
  return {
    name: `${seed}: ${layers.map((layer) => layer.constructor.name).join(" ")}`,
    model,
    loss,
    optimizer,
    x,
    target,
  };
}

function numbers(random: RandomStream, shape: number[]): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Array.from({ length: size }, () => random.normal()),
    { shape, dtype: "float32" },
  );
}
