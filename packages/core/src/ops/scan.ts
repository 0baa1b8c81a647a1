import { apply } from "../graph/node.ts";
import { defineOp } from "../graph/op.ts";
import { normalizeDim } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { castTo, identity } from "./broadcast.ts";

const Scan = defineOp("cumsum", "scan", (node, gradient) => [
  scanTo(gradient, node.attributes[0], node.attributes[1] === 0),
]);

function scanTo(tensor: Tensor, dim: number, reverse: boolean): Tensor {
  return apply(Scan, [tensor], tensor.shape, tensor.dtype, [dim, reverse ? 1 : 0]);
}

/** yᵢ = x₀ + … + xᵢ along a dimension. */
export function cumsum(tensor: Tensor, dim: number): Tensor {
  const place = normalizeDim(dim, tensor.shape.length);
  if (tensor.dtype === "bool") tensor = castTo(tensor, "int32");
  return tensor.shape.length === 0 ? identity(tensor) : scanTo(tensor, place, false);
}
