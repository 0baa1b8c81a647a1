import {
  data,
  getRandomState,
  inspect,
  manualSeed,
  nn,
  noGrad,
  optim,
  RandomStream,
  setRandomState,
  type Tensor,
  tensor,
} from "@noron/core";
import { proxyMarker } from "comlink";
import type { LayerNumber } from "../formulas/layer-number.ts";
import type { ShownLine } from "../formulas/template.ts";
import type { StageView } from "../inside/step-view.ts";
import {
  type Curve,
  type CurvePoint,
  KINDS_SHAPE,
  type LessonActivation,
  type LossFound,
  type NormalizationKind,
  type Outputs,
  type PathOptimizer,
  type RegressionLoss,
  type Surface,
  type SurfacePath,
} from "../lessons/piece-values.ts";
import { InsideStep } from "./inside-step.ts";

const shown = (values: ArrayLike<number>): LayerNumber[] => Array.from(values) as unknown as LayerNumber[];
const shownLines = (lines: inspect.Line[]): ShownLine[] => lines as unknown as ShownLine[];

/** Runs what draws random numbers apart from those of a training. */
function apart<T>(seed: number, run: () => T): T {
  const before = getRandomState();
  manualSeed(seed);
  try {
    return run();
  } finally {
    setRandomState(before);
  }
}

const spaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / (count - 1));

type Layer = nn.Layer;

/** What the pieces of the lessons show: each a small network of the library, run and looked into. */
export class Lessons {
  readonly [proxyMarker] = true as const;

  /** y = Wx + b. @param weights row by row, [bias.length, x.length] */
  linear(x: number[], weights: number[], bias: number[]): Outputs {
    return apart(0, () => {
      const layer = new nn.Linear(x.length, bias.length);
      layer.weight.assign(Float32Array.from(weights));
      layer.bias!.assign(Float32Array.from(bias));
      const step = only(layer as Layer, tensor(x, { shape: [1, x.length] }));
      return {
        values: shown(step.output.value.values),
        lines: bias.map((_, place) => shownLines(inspect.elementLines(step, place))),
      };
    });
  }

  activation(name: LessonActivation, negativeSlope: number, x: number): CurvePoint {
    const step = only(activationLayer(name, negativeSlope), tensor([x], { shape: [1, 1] }));
    const [y] = shown(step.output.value.values);
    const [slope] = shown(step.slope!.values);
    const lines = shownLines(inspect.elementLines(step, 0));
    return { y, slope, lines, slopeLines: shownLines(inspect.gradientLines(step, 0)) };
  }

  activationCurve(name: LessonActivation, negativeSlope: number, from: number, to: number): Curve {
    const x = spaced(from, to, 161);
    const step = only(activationLayer(name, negativeSlope), tensor(x, { shape: [x.length, 1] }));
    return { x, y: shown(step.output.value.values), slope: shown(step.slope!.values) };
  }

  softmax(x: number[]): Outputs {
    const step = only(new nn.Softmax(), tensor(x, { shape: [1, x.length] }));
    return {
      values: shown(step.output.value.values),
      lines: x.map((_, place) => shownLines(inspect.elementLines(step, place))),
    };
  }

  /**
   * @param values row by row, two features a row
   * @param training otherwise with the running statistics of having seen the batch ten times
   */
  batchNorm(values: number[], gamma: number, beta: number, training: boolean, place: number): StageView {
    const layer = new nn.BatchNorm1d(2);
    layer.weight!.assign(Float32Array.of(gamma, gamma));
    layer.bias!.assign(Float32Array.of(beta, beta));
    const x = tensor(values, { shape: [values.length / 2, 2] });
    if (!training) for (let seen = 0; seen < 10; seen++) layer.forward(x).dataSync();
    layer.train(training);
    return forwardOf(layer as Layer, x, place);
  }

  normalization(kind: NormalizationKind, values: number[], place: number): StageView {
    const [, channels, places] = KINDS_SHAPE;
    const layers: Record<NormalizationKind, () => nn.Module> = {
      batch: () => new nn.BatchNorm1d(channels, { affine: false, trackRunningStats: false }),
      layer: () => new nn.LayerNorm([channels, places], { elementwiseAffine: false }),
      instance: () => new nn.InstanceNorm1d(channels),
      group: () => new nn.GroupNorm(2, channels, { affine: false }),
    };
    return forwardOf(layers[kind]() as Layer, tensor(values, { shape: [...KINDS_SHAPE] }), place);
  }

  dropout(p: number, training: boolean, seed: number, values: number[], place: number): StageView {
    return apart(seed, () => {
      const layer = new nn.Dropout(p);
      layer.train(training);
      return forwardOf(layer, tensor(values, { shape: [1, values.length] }), place);
    });
  }

  /** @param weights row by row, [outputs, x.length] */
  dropConnect(p: number, training: boolean, seed: number, x: number[], weights: number[], place: number): StageView {
    return apart(seed, () => {
      const layer = new nn.DropConnect(x.length, weights.length / x.length, { p, bias: false });
      layer.weight.assign(Float32Array.from(weights));
      layer.train(training);
      manualSeed(seed);
      return forwardOf(layer as unknown as Layer, tensor(x, { shape: [1, x.length] }), place);
    });
  }

  regressionLoss(name: RegressionLoss, prediction: number, target: number): LossFound {
    return lossOf(regressionLoss(name, "mean"), [prediction], tensor([target], { shape: [1, 1] }));
  }

  regressionCurve(name: RegressionLoss, target: number, from: number, to: number): Curve {
    return lossCurve(regressionLoss(name, "sum"), spaced(from, to, 121), target);
  }

  binaryLoss(prediction: number, target: number): LossFound {
    return lossOf(new nn.BCELoss(), [prediction], tensor([target], { shape: [1, 1] }));
  }

  binaryCurve(target: number): Curve {
    return lossCurve(new nn.BCELoss({ reduction: "sum" }), spaced(0.05, 0.95, 91), target);
  }

  crossEntropy(logits: number[], label: number): LossFound {
    const found = lossOf(new nn.CrossEntropyLoss(), logits, tensor([label], { dtype: "int32" }), label);
    return { ...found, probabilities: this.softmax(logits).values };
  }

  /** The loss that the optimizers' paths are on. */
  valley(): Surface {
    return apart(1, () => surfaceOf(valley(), spaced(-2.2, 3.4, POINTS), spaced(-2.2, 2.2, POINTS)));
  }

  /** Optimizers on the loss of y = w₁x₁ + w₂x₂ over data whose features are of unlike size: a narrow valley. */
  optimizerPaths(names: PathOptimizer[], lr: number, momentum: number, steps: number): SurfacePath[] {
    return apart(1, () => {
      const of = valley();
      return names.map((name): SurfacePath => {
        const optimizer = (parameters: Tensor[]) => pathOptimizer(name, parameters, lr, momentum);
        return pathOf(name, inspect.lossPath(of, weights(of.model), { start: [-1.6, 1.7], steps, optimizer }));
      });
    });
  }

  /** The loss that batches of several sizes go down. */
  line(): Surface {
    return apart(1, () => surfaceOf(noisyLine(), spaced(-1.5, 2.5, POINTS), spaced(-2, 2, POINTS)));
  }

  /** The same data and rule, with batches of one row, of some and of all rows, over as many epochs. */
  batchPaths(sizes: number[], lr: number, epochs: number, seed: number): SurfacePath[] {
    return apart(seed, () => {
      const of = noisyLine();
      const columns = [of.x, of.target].map((each) => ({ data: each.dataSync() as Float32Array, shape: each.shape }));
      return sizes.map((batchSize): SurfacePath => {
        const model = new nn.Sequential(new nn.Linear(2, 1, { bias: false })) as unknown as Layer;
        const [weight] = model.parameters();
        weight.assign(Float32Array.of(-1, 1.4));
        const optimizer = new optim.SGD(model.parameters(), { lr });
        const loader = new data.DataLoader(new data.TensorDataset(columns[0], columns[1]), {
          batchSize,
          shuffle: true,
          seed,
        });
        const points: inspect.PathPoint[] = [];
        const note = (): boolean => {
          const [a, b] = weight.dataSync() as Float32Array;
          const loss = noGrad(() => of.loss.forward(model.forward(of.x), of.target).itemSync());
          points.push({ a, b, loss });
          return Number.isFinite(loss);
        };
        note();
        for (let epoch = 0; epoch < epochs; epoch++)
          for (const [x, y] of loader) {
            optimizer.zeroGrad();
            of.loss.forward(model.forward(x), y).backward();
            optimizer.step();
            if (!note()) return pathOf(String(batchSize), points);
          }
        return pathOf(String(batchSize), points);
      });
    });
  }

  /** One step of a network of 2 inputs, 3 hidden neurons and 2 classes. */
  step(): InsideStep {
    return apart(4, () => {
      const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh(), new nn.Linear(3, 2));
      const x = tensor([0.5, -1, 1.2, 0.4, -0.7, 0.9, -1.1, -0.3], { shape: [4, 2] });
      const target = tensor([1, 0, 1, 0], { dtype: "int32" });
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      return new InsideStep(inspect.explainStep(model, x, { loss: new nn.CrossEntropyLoss(), target, optimizer }));
    });
  }
}

function activationLayer(name: LessonActivation, negativeSlope: number): Layer {
  const layers: Record<LessonActivation, () => Layer> = {
    Sigmoid: () => new nn.Sigmoid(),
    Tanh: () => new nn.Tanh(),
    ReLU: () => new nn.ReLU(),
    LeakyReLU: () => new nn.LeakyReLU({ negativeSlope }),
  };
  return layers[name]();
}

function regressionLoss(name: RegressionLoss, reduction: "mean" | "sum"): nn.Loss {
  const losses: Record<RegressionLoss, () => nn.Loss> = {
    MSELoss: () => new nn.MSELoss({ reduction }),
    L1Loss: () => new nn.L1Loss({ reduction }),
    HuberLoss: () => new nn.HuberLoss({ reduction }),
  };
  return losses[name]();
}

/** The one step of a layer by itself. */
function only(layer: Layer, x: Tensor): inspect.LayerStep {
  return inspect.explainStep(layer, x).layers[0];
}

function forwardOf(layer: Layer, x: Tensor, place: number): StageView {
  return new InsideStep(inspect.explainStep(layer, x)).view({ phase: "forward", layer: 0 }, place);
}

/** A loss of a row of predictions. @param place the element whose share is written out */
function lossOf(loss: nn.Loss, prediction: number[], target: Tensor, place = 0): LossFound {
  const x = tensor(prediction, { shape: [1, prediction.length] });
  const { lossStep } = inspect.explainStep(new nn.Identity(), x, { loss, target });
  const step = lossStep!;
  return {
    loss: shown(step.output.value.values)[0],
    probabilities: [],
    gradients: shown(step.inputs[0].gradient!.values),
    lines: shownLines(inspect.elementLines(step, place)),
    gradientLines: prediction.map((_, each) => shownLines(inspect.gradientLines(step, each))),
  };
}

/** A loss that is a sum over elements, of many predictions of one target. */
function lossCurve(loss: nn.Loss, x: number[], target: number): Curve {
  const shape = [x.length, 1];
  const { lossStep } = inspect.explainStep(new nn.Identity(), tensor(x, { shape }), {
    loss,
    target: tensor(new Array(x.length).fill(target), { shape }),
  });
  const { noted, inputs } = lossStep!;
  return { x, y: shown(noted.losses.value.values), slope: shown(inputs[0].gradient!.values) };
}

function pathOptimizer(
  name: PathOptimizer,
  parameters: Tensor[],
  lr: number,
  momentum: number,
): optim.Optimizer<never> {
  const rules: Record<PathOptimizer, () => unknown> = {
    sgd: () => new optim.SGD(parameters, { lr }),
    momentum: () => new optim.SGD(parameters, { lr, momentum }),
    nesterov: () => new optim.SGD(parameters, { lr, momentum, nesterov: momentum > 0 }),
    adagrad: () => new optim.Adagrad(parameters, { lr }),
    rmsprop: () => new optim.RMSprop(parameters, { lr }),
    adam: () => new optim.Adam(parameters, { lr }),
    adamw: () => new optim.AdamW(parameters, { lr }),
  };
  return rules[name]() as optim.Optimizer<never>;
}

function pathOf(name: string, path: inspect.PathPoint[]): SurfacePath {
  const points = path as unknown as SurfacePath["points"];
  return { name, points, diverged: !Number.isFinite(path.at(-1)!.loss) };
}

/** Points along a side of a surface. */
const POINTS = 41;

function surfaceOf(of: SmallProblem, as: number[], bs: number[]): Surface {
  return { as, bs, losses: shown(inspect.lossSurface(of, weights(of.model), as, bs)) };
}

const weights = (model: Layer): inspect.LossPlane =>
  inspect.weightPlane(model, { name: "0.weight", index: 0 }, { name: "0.weight", index: 1 });

interface SmallProblem extends inspect.SurfaceLoss {
  loss: nn.MSELoss;
}

/** y = 1.5 x₁ − 0.5 x₂ where x₁ is small beside x₂. */
function valley(): SmallProblem {
  const rows = [
    [0.4, 1.6],
    [-0.3, 1.2],
    [0.25, -1.5],
    [-0.45, -1.1],
    [0.35, 0.2],
    [-0.2, 0.6],
  ];
  const target = rows.map(([first, second]) => [1.5 * first - 0.5 * second]);
  return smallProblem(rows, target);
}

/** 16 rows of y = x₁ − 0.5 x₂ with noise. */
function noisyLine(): SmallProblem {
  const random = new RandomStream(7);
  const rows = Array.from({ length: 16 }, () => [random.normal(), random.normal()]);
  return smallProblem(
    rows,
    rows.map(([first, second]) => [first - 0.5 * second + 0.8 * random.normal()]),
  );
}

function smallProblem(rows: number[][], target: number[][]): SmallProblem {
  const model = new nn.Sequential(new nn.Linear(2, 1, { bias: false })) as unknown as Layer;
  return { model, loss: new nn.MSELoss(), x: tensor(rows), target: tensor(target) };
}
