import { enableGrad, noGrad } from "../autograd/no-grad.ts";
import { valueOf } from "../graph/evaluate.ts";
import { dataNode, dropEffect, recordEffect, scalarNode } from "../graph/node.ts";
import type { Layer, Module } from "../nn/module.ts";
import { Parameter } from "../nn/parameter.ts";
import { undisturbed } from "../nn/undisturbed.ts";
import { tensor } from "../ops/creation.ts";
import { RandomStream } from "../random/random.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** One weight of a network: a parameter's name, and a place in it, row-major. */
export interface WeightPlace {
  name: string;
  index: number;
}

/**
 * A plane through a network's weights w: points (a, b) stand for w + (a − a₀) u + (b − b₀) v, where (a₀, b₀) is `center`. All
 * else of the network stays.
 */
export interface LossPlane {
  /** The point at which the network is. */
  center: readonly [a: number, b: number];
  /** u and v by the parameter's name, each in its shape; a parameter that is not there does not move. */
  directions: readonly [Record<string, TypedArray>, Record<string, TypedArray>];
}

/** The plane of two weights: a and b are their values. @throws RangeError for a weight that is not there, or one twice */
export function weightPlane(model: Module, first: WeightPlace, second: WeightPlace): LossPlane {
  if (first.name === second.name && first.index === second.index)
    throw new RangeError(`a plane needs two weights, not ${first.name}[${first.index}] twice`);
  const parameters = new Map(model.namedParameters());
  const of = ({ name, index }: WeightPlace): [number, Record<string, TypedArray>] => {
    const parameter = parameters.get(name);
    if (parameter === undefined || !Number.isInteger(index) || index < 0 || index >= sizeOf(parameter.shape))
      throw new RangeError(`there is no weight ${name}[${index}]; parameters are ${[...parameters.keys()].join(", ")}`);
    const direction = new Float64Array(sizeOf(parameter.shape));
    direction[index] = 1;
    return [valueOf(parameter)[index], { [name]: direction }];
  };
  const [a, u] = of(first);
  const [b, v] = of(second);
  return { center: [a, b], directions: [u, v] };
}

/**
 * A plane of two random directions, of which every row of a weight has the norm of that row of the network, so that
 * networks of different scale compare; biases and other vectors do not move (Li et al., "Visualizing the loss landscape of
 * neural nets", 2018: filter-wise normalisation). The network is at (0, 0).
 */
export function filterNormalizedPlane(model: Module, seed: number): LossPlane {
  const random = new RandomStream(seed);
  const direction = (): Record<string, TypedArray> => {
    const all: Record<string, TypedArray> = {};
    for (const [name, parameter] of model.namedParameters()) {
      if (parameter.shape.length < 2) continue;
      const weight = valueOf(parameter);
      const width = weight.length / parameter.shape[0];
      const drawn = Float64Array.from(weight, () => random.normal());
      for (let row = 0; row < weight.length; row += width) {
        const part = drawn.subarray(row, row + width);
        const scale = norm(weight.subarray(row, row + width)) / Math.max(norm(part), Number.MIN_VALUE);
        for (let place = 0; place < width; place++) part[place] *= scale;
      }
      all[name] = drawn;
    }
    return all;
  };
  return { center: [0, 0], directions: [direction(), direction()] };
}

function norm(values: TypedArray): number {
  let sum = 0;
  for (const value of values) sum += value ** 2;
  return Math.sqrt(sum);
}

/** What a surface is the loss of. */
export interface SurfaceLoss {
  model: Layer;
  loss: { forward(prediction: Tensor, target: Tensor): Tensor };
  x: Tensor;
  target: Tensor;
}

/**
 * The loss of a network at the points of a grid, in evaluation mode, row by row: as[0] with bs[0], as[1] with bs[0], …
 * Network and random numbers are left as they were.
 */
export function lossSurface(
  of: SurfaceLoss,
  plane: LossPlane,
  as: readonly number[],
  bs: readonly number[],
): Float64Array {
  const losses = new Float64Array(as.length * bs.length);
  onPlane(of, plane, (at) => {
    noGrad(() => {
      bs.forEach((b, row) => {
        as.forEach((a, column) => {
          losses[row * as.length + column] = at(scalarNode(a, [], "float32"), scalarNode(b, [], "float32")).itemSync();
        });
      });
    });
  });
  return losses;
}

/** A point of a path, and the loss there. */
export interface PathPoint {
  a: number;
  b: number;
  loss: number;
}

export interface PathOptions {
  start: readonly [a: number, b: number];
  steps: number;
  /** The optimizer of the two numbers a and b, such as `(parameters) => new optim.SGD(parameters, { lr: 0.1 })`. */
  optimizer(parameters: Tensor[]): { zeroGrad(): void; step(): void };
}

/**
 * The path of an optimizer over a loss surface: `steps` + 1 points, the start included. The gradient is that of the network's
 * loss, so that on the plane of two weights it is what training these two alone on all of `x` does. It ends early where the loss
 * is not finite.
 */
export function lossPath(of: SurfaceLoss, plane: LossPlane, { start, steps, optimizer }: PathOptions): PathPoint[] {
  const point = new Parameter(tensor([...start]));
  const rule = optimizer([point]);
  const path: PathPoint[] = [];
  for (let step = 0; step <= steps; step++) {
    const [a, b] = point.dataSync();
    const { loss, gradient } = lossAndGradient(of, plane, a, b);
    path.push({ a, b, loss });
    if (!Number.isFinite(loss) || step === steps) break;
    rule.zeroGrad();
    // A linear function whose slope is that of the loss here.
    enableGrad(() => point.mul(tensor(gradient)).sum().backward());
    rule.step();
  }
  return path;
}

function lossAndGradient(
  of: SurfaceLoss,
  plane: LossPlane,
  a: number,
  b: number,
): { loss: number; gradient: number[] } {
  const place = [a, b].map((value) => new Parameter(tensor(value)));
  let loss = Number.NaN;
  let gradient = [Number.NaN, Number.NaN];
  onPlane(of, plane, (at) => {
    enableGrad(() => {
      const value = at(place[0], place[1]);
      value.backward();
      loss = value.itemSync();
      gradient = place.map((each) => each.grad!.itemSync());
    });
  });
  return { loss, gradient };
}

/** Runs a function with a network whose weights are those of a point of the plane, as nodes of the graph. */
function onPlane(of: SurfaceLoss, plane: LossPlane, run: (at: (a: Tensor, b: Tensor) => Tensor) => void): void {
  const { model, loss, x, target } = of;
  const { center, directions } = plane;
  undisturbed([model], () => {
    model.eval();
    const moving = [...model.namedParameters()].map(([name, parameter]) => {
      const { shape, dtype } = parameter;
      const leaf = (values: ArrayLike<number>) => tensor(Float64Array.from(values), { shape, dtype });
      const steps = directions.map((direction) => (direction[name] === undefined ? null : leaf(direction[name])));
      return { parameter, origin: dataNode(valueOf(parameter).slice(), shape, dtype) as Tensor, steps };
    });
    run((a, b) => {
      const moves = [a.sub(center[0]), b.sub(center[1])];
      for (const { parameter, origin, steps } of moving) {
        let value = origin;
        steps.forEach((step, axis) => {
          if (step !== null) value = value.add(step.mul(moves[axis]));
        });
        // Readers of a slot that waits for a value see the value, and gradients pass through it.
        recordEffect(parameter, value);
      }
      try {
        return loss.forward(model.forward(x), target);
      } finally {
        for (const { parameter } of moving) dropEffect(parameter.slot!);
      }
    });
  });
}
