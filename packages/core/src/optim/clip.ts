import { noGrad } from "../autograd/no-grad.ts";
import { valueOf } from "../graph/evaluate.ts";
import { concat } from "../ops/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { flatGradient, runsOf, setGradients } from "./flat.ts";

export interface ClipNormOptions {
  /** The order of the norm: 2 is the Euclidean, Infinity the largest absolute value. */
  normType?: number;
  /** Whether a norm that is NaN or infinite throws; the gradients must then be computed first. */
  errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients, taken as one vector, to a norm of at most `maxNorm`: g ← g · min(1, maxNorm/(‖g‖ + 1e-6)) (Pascanu et
 * al., 2013). Gives the norm before; it can be read at any later time. Call it between backward() and step().
 * @throws Error for a norm that is not finite, if that is asked for.
 */
export function clipGradNorm(parameters: Iterable<Tensor>, maxNorm: number, options: ClipNormOptions = {}): Tensor {
  const { normType = 2, errorIfNonfinite = false } = options;
  return noGrad(() => {
    const runs = runsOf(withGradients(parameters));
    const gradients = runs.map(flatGradient);
    const all = gradients.length === 1 ? gradients[0] : concat(gradients);
    const norm = all.norm(null, { p: normType });
    norm.kept = true;
    if (errorIfNonfinite && !Number.isFinite(valueOf(norm)[0]))
      throw new Error(`the norm of the gradients is ${valueOf(norm)[0]}; they are left as they are`);
    const factor = norm.add(1e-6).pow(-1).mul(maxNorm).clamp(null, 1);
    runs.forEach((run, index) => {
      setGradients(run, gradients[index].mul(factor));
    });
    return norm;
  });
}

/** Holds every element of every gradient between −clipValue and clipValue. Call it between backward() and step(). */
export function clipGradValue(parameters: Iterable<Tensor>, clipValue: number): void {
  noGrad(() => {
    for (const run of runsOf(withGradients(parameters)))
      setGradients(run, flatGradient(run).clamp(-clipValue, clipValue));
  });
}

function withGradients(parameters: Iterable<Tensor>): Tensor[] {
  const found = [...parameters].filter((parameter) => parameter.hasGrad);
  if (found.length === 0) throw new Error("none of the parameters has a gradient; call backward() first");
  return found;
}
