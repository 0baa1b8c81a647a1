import { valueOf } from "../graph/evaluate.ts";
import { dataNode } from "../graph/node.ts";
import { mul } from "../ops/arithmetic.ts";
import { fill } from "../ops/creation.ts";
import { sum } from "../ops/reduction.ts";
import { RandomStream } from "../random/random.ts";
import { isFloat } from "../tensor/dtype.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { propagate, release, seed } from "./backward.ts";
import { enableGrad, noGrad } from "./no-grad.ts";

export interface GradcheckOptions {
  /** How far an element is moved to either side. */
  eps?: number;
  /** The difference allowed, whatever the gradient's size. */
  atol?: number;
  /** The difference allowed in proportion to the numerical gradient. */
  rtol?: number;
  /** Whether a disagreement throws, or is reported only. */
  throws?: boolean;
}

/** An element whose gradients disagree. */
export interface GradcheckMismatch {
  /** Which input. */
  input: number;
  /** Where in the input. */
  index: number[];
  /** What backward computes. */
  analytic: number;
  /** What moving the element shows. */
  numeric: number;
}

export interface GradcheckReport {
  ok: boolean;
  /** Elements compared. */
  checked: number;
  /** The largest |analytic − numeric|. */
  largestDifference: number;
  /** Elements that disagree, the worst first. */
  mismatches: GradcheckMismatch[];
}

/**
 * Compares the gradients of a function with central differences, (f(x + eps) − f(x − eps)) / 2 eps, element by element
 * of each float64 input. A result of many elements is weighted by fixed random numbers and summed. An element agrees if
 * |analytic − numeric| ≤ atol + rtol |numeric|.
 * @throws TypeError if an input is float32, in which differences are too coarse; Error, naming input, element and both
 * numbers, if one disagrees (unless `throws` is false).
 */
export function gradcheck(
  // biome-ignore lint/suspicious/noExplicitAny: tensors of any shapes in the types
  f: (...inputs: any[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, throws = true } = options;
  inputs.forEach((input, which) => {
    if (input.dtype === "float32")
      throw new TypeError(`gradcheck needs float64 inputs, but input ${which} is float32; use to("float64")`);
  });
  const values = inputs.map((input) => valueOf(input).slice());
  const leaves = (requiresGrad: boolean): Tensor[] =>
    inputs.map((input, which) => {
      const leaf = dataNode(values[which].slice(), input.shape, input.dtype);
      leaf.needsGrad = requiresGrad && isFloat(input.dtype);
      return leaf;
    });

  let weights: Tensor | null = null;
  const weighted = (result: Tensor): Tensor => {
    if (weights === null) {
      const stream = new RandomStream(1);
      const numbers = Float64Array.from({ length: sizeOf(result.shape) }, () => 0.5 + stream.uniform());
      weights = dataNode(fill(numbers, "float64"), result.shape, "float64");
    }
    return sum(mul(result, weights));
  };

  const variables = leaves(true);
  const analytic = new Map<Tensor, ArrayLike<number>>();
  enableGrad(() => {
    const result = weighted(f(...variables));
    if (!result.requiresGrad) return;
    const found: [Tensor, Tensor][] = [];
    const passed = propagate(result, seed(result, undefined, "gradcheck"), false, (leaf, gradient) => {
      gradient.kept = true;
      found.push([leaf, gradient]);
    });
    release(passed);
    for (const [leaf, gradient] of found) analytic.set(leaf, valueOf(gradient));
  });

  const report: GradcheckReport = { ok: true, checked: 0, largestDifference: 0, mismatches: [] };
  inputs.forEach((input, which) => {
    if (!isFloat(input.dtype)) return;
    const gradient = analytic.get(variables[which]);
    const evaluateAt = (): number => noGrad(() => valueOf(weighted(f(...leaves(false))))[0]);
    for (let flat = 0; flat < values[which].length; flat++) {
      const center = values[which][flat];
      values[which][flat] = center + eps;
      const above = evaluateAt();
      values[which][flat] = center - eps;
      const below = evaluateAt();
      values[which][flat] = center;
      const numeric = (above - below) / (2 * eps);
      const computed = gradient === undefined ? 0 : gradient[flat];
      const difference = Math.abs(computed - numeric);
      report.checked++;
      // Written so that NaN disagrees.
      if (!(difference <= report.largestDifference)) report.largestDifference = difference;
      if (difference <= atol + rtol * Math.abs(numeric)) continue;
      report.mismatches.push({ input: which, index: placeOf(flat, input.shape), analytic: computed, numeric });
    }
  });
  report.ok = report.mismatches.length === 0;
  const size = ({ analytic, numeric }: GradcheckMismatch): number => {
    const difference = Math.abs(analytic - numeric);
    return Number.isNaN(difference) ? Infinity : difference;
  };
  report.mismatches.sort((a, b) => size(b) - size(a) || 0);
  if (!report.ok && throws) throw new Error(describe(report, inputs));
  return report;
}

function placeOf(flat: number, shape: readonly number[]): number[] {
  const place = new Array<number>(shape.length);
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    place[dim] = flat % shape[dim];
    flat = Math.floor(flat / shape[dim]);
  }
  return place;
}

function describe(report: GradcheckReport, inputs: readonly Tensor[]): string {
  const lines = report.mismatches
    .slice(0, 3)
    .map(
      ({ input, index, analytic, numeric }) =>
        `  input ${input}, of shape ${formatShape(inputs[input].shape)}, at [${index.join(", ")}]: ` +
        `backward gives ${analytic}, differences ${numeric}`,
    );
  const more = report.mismatches.length - lines.length;
  return (
    `${report.mismatches.length} of ${report.checked} gradients disagree with central differences:\n${lines.join("\n")}` +
    (more > 0 ? `\n  and ${more} more` : "")
  );
}
