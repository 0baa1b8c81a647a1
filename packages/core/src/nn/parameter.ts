import { constantValue } from "../graph/constant.ts";
import { valueOf } from "../graph/evaluate.ts";
import { stateTensor } from "../graph/node.ts";
import { fill } from "../ops/creation.ts";
import { isFloat, type TypedArray } from "../tensor/dtype.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

export interface ParameterOptions {
  /** Whether backward() computes a gradient for it; false freezes it. */
  requiresGrad?: boolean;
}

/**
 * A tensor that a module learns: storage of its own that an optimizer writes to, found by the module under its
 * property's name. It starts with a copy of the given values.
 * @throws TypeError for integers and booleans, which have no gradients.
 */
export class Parameter<S extends Shape = Shape> extends Tensor<S> {
  constructor(value: Tensor<S>, options: ParameterOptions = {}) {
    if (!isFloat(value.dtype)) throw new TypeError(`a parameter is float32 or float64, not ${value.dtype}`);
    const state = storageFor(value);
    super(state.op, state.inputs, state.shape as S, state.dtype, state.attributes, state.parameters);
    this.slot = state.slot;
    this.needsGrad = options.requiresGrad ?? true;
  }
}

/** A tensor with storage of its own that holds another's present values. */
export function storageFor(value: Tensor): Tensor {
  return stateTensor(copyOf(value), value.shape.slice(), value.dtype);
}

/** The values of a tensor, null for zeros; those of one number everywhere need no kernel. */
function copyOf(tensor: Tensor): TypedArray | null {
  if (tensor.value === null && tensor.slot === null) {
    const { kind } = tensor.op;
    if (kind === "constant" || kind === "scalar") {
      const number = kind === "constant" ? constantValue(tensor) : tensor.parameters[0];
      if (Object.is(number, 0)) return null;
      return fill(new Float64Array(sizeOf(tensor.shape)).fill(number), tensor.dtype);
    }
  }
  return valueOf(tensor);
}
