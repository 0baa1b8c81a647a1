import { inspect, optim, type Tensor } from "@noron/core";
import type { Surface, SurfacePath } from "../lessons/piece-values.ts";
import { LANDSCAPE_POWERS, type LandscapeRequest } from "./landscape-request.ts";
import type { Session } from "./session.ts";

/** Points along a side of the surface. */
const POINTS = 33;
/** So far it reaches from the network in each direction, in lengths of its weights. */
const REACH = 1;
/** Where paths begin: away from the network, so that there is something to go down. */
const START = [-0.75, 0.7] as const;
/** Rows that the loss is taken over. */
const ROWS = 256;

/** The loss around a network, in two directions of the size of its weights, and where optimizers go on it. */
export interface Landscape {
  /** The learning rate that was taken, as a power of ten. */
  power: number;
  surface: Surface;
  paths: SurfacePath[];
}

/** Everything is left as it was; training goes on from where it stands. */
export function landscapeOf({ model, loss, examples }: Session, request: LandscapeRequest): Landscape {
  const rows = Math.min(ROWS, examples.training.length);
  const [x, target] = examples.training.batch(Array.from({ length: rows }, (_, row) => row));
  const of = { model, loss, x, target } as unknown as inspect.SurfaceLoss;
  const plane = inspect.filterNormalizedPlane(model, request.seed);
  const places = Array.from({ length: POINTS }, (_, index) => REACH * ((2 * index) / (POINTS - 1) - 1));
  const losses = Array.from(inspect.lossSurface(of, plane, places, places));
  const { momentum, steps } = request;
  const pathsAt = (power: number) => {
    const lr = 10 ** power;
    const makers = {
      sgd: (parameters: Tensor[]) => new optim.SGD(parameters, { lr }),
      momentum: (parameters: Tensor[]) => new optim.SGD(parameters, { lr, momentum }),
      nesterov: (parameters: Tensor[]) => new optim.SGD(parameters, { lr, momentum, nesterov: true }),
    };
    return Object.entries(makers).map(([name, optimizer]) => {
      const points = inspect.lossPath(of, plane, { start: START, steps, optimizer });
      return { name, points, diverged: !Number.isFinite(points[points.length - 1].loss) };
    });
  };
  const { least, first, step } = LANDSCAPE_POWERS;
  let power = request.power ?? first;
  let paths = pathsAt(power);
  while (request.power === null && power > least && !paths.every(goesDown)) {
    power = Math.max(least, Number((power - step).toFixed(1)));
    paths = pathsAt(power);
  }
  // The page shows these numbers and does not compute with them: it has a type for that.
  return { power, surface: { as: places, bs: places, losses }, paths } as unknown as Landscape;
}

/** Whether a path ends no higher than it began, and never leaves the surface by more than a quarter of it. */
function goesDown({ points }: { points: readonly inspect.PathPoint[] }): boolean {
  const near = points.every(({ a, b }) => Math.abs(a) <= 1.25 * REACH && Math.abs(b) <= 1.25 * REACH);
  return near && points[points.length - 1].loss <= points[0].loss;
}
