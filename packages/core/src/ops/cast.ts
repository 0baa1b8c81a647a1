import { DTYPES, type DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { castTo, inLayer } from "./broadcast.ts";

/** The same values in another dtype: to int32 truncated and held to its range, to bool ≠ 0; the tensor itself in its own. */
export function cast<S extends Shape>(tensor: Tensor<S>, dtype: DType): Tensor<S> {
  if (!DTYPES.includes(dtype))
    throw new TypeError(`${inLayer()}there is no dtype "${dtype}"; there are ${DTYPES.join(", ")}`);
  return castTo(tensor, dtype);
}
