import { isFloat } from "../tensor/dtype.ts";
import { normalizeDim } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { divide, minus } from "./arithmetic.ts";
import { castTo, expandTo, reshapeTo, sumDims, withoutGradient } from "./broadcast.ts";
import { composed } from "./composed.ts";
import { note } from "./note.ts";
import { max } from "./reduction.ts";
import { exp, log } from "./unary.ts";

/** x minus its largest along a dimension: what both forms stay finite by. The offset cancels, so that no gradient passes it. */
function lowered(tensor: Tensor, dim: number): Tensor {
  const largest = max(withoutGradient(tensor), dim, { keepdim: true });
  return note("shifted", minus(tensor, expandTo(note("largest", largest), tensor.shape)));
}

function along(operation: (tensor: Tensor, dim: number) => Tensor, tensor: Tensor, dim: number): Tensor {
  const place = normalizeDim(dim, tensor.shape.length);
  if (!isFloat(tensor.dtype)) tensor = castTo(tensor, "float32");
  if (tensor.shape.length > 0) return operation(tensor, place);
  return reshapeTo(operation(reshapeTo(tensor, [1]), 0), []);
}

/** exp xᵢ / Σⱼ exp xⱼ along a dimension, without overflow. */
export const softmax = composed(
  "softmax",
  (tensor: Tensor, dim: number): Tensor =>
    along(
      (x, place) => {
        const powers = note("powers", exp(lowered(x, place)));
        return divide(powers, expandTo(note("total", sumDims(powers, [place])), x.shape));
      },
      tensor,
      dim,
    ),
);

/** xᵢ − ln Σⱼ exp xⱼ along a dimension, without overflow. */
export const logSoftmax = composed(
  "logSoftmax",
  (tensor: Tensor, dim: number): Tensor =>
    along(
      (x, place) => {
        const low = lowered(x, place);
        const total = note("total", sumDims(note("powers", exp(low)), [place]));
        return minus(low, expandTo(log(total), x.shape));
      },
      tensor,
      dim,
    ),
);
