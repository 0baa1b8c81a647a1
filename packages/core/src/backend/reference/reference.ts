import { constantValue } from "../../graph/constant.ts";
import { topologicalTo } from "../../graph/topological.ts";
import { reduceStep, reductionStart } from "../../kernel/scalar.ts";
import { allocate, type DType, type TypedArray } from "../../tensor/dtype.ts";
import { sizeOf, stridesOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Backend, Effect, Prepared } from "../backend.ts";

/**
 * The reference: every node by itself, in the plainest loops, in float64. It shares neither scheduling nor kernels with
 * the engine, and is what the engine's results are compared with.
 */
export const reference: Backend = {
  name: "reference",
  run(roots: readonly Tensor[], effects: readonly Effect[]): void {
    const values = new Map<Tensor, Float64Array>();
    for (const node of topologicalTo(roots, effects)) values.set(node, compute(node, values));
    for (const root of roots) root.value = store(values.get(root)!, root.dtype);
    writeEffects(effects, values);
  },
  prepare(roots: readonly Tensor[], effects: readonly Effect[]): Prepared {
    const order = topologicalTo(roots, effects);
    return {
      plan: {},
      order,
      run: (outputs) => {
        const values = new Map<Tensor, Float64Array>();
        for (const node of order) values.set(node, compute(node, values));
        roots.forEach((root, which) => {
          outputs[which].value = store(values.get(root)!, root.dtype);
        });
        writeEffects(effects, values);
      },
    };
  },
};

function writeEffects(effects: readonly Effect[], values: Map<Tensor, Float64Array>): void {
  for (const { slot, value } of effects) slot.block.storage.write(store(values.get(value)!, slot.dtype), slot.offset);
}

function store(values: Float64Array, dtype: DType): TypedArray {
  const out = allocate(dtype, values.length);
  out.set(values);
  return out;
}

/** Calls `visit` with every index of a shape in row-major order. */
function forEachIndex(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(index, flat);
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      if (++index[dim] < shape[dim]) break;
      index[dim] = 0;
    }
  }
}

function dot(index: readonly number[], strides: readonly number[]): number {
  let sum = 0;
  for (let dim = 0; dim < strides.length; dim++) sum += index[dim] * strides[dim];
  return sum;
}

function compute(node: Tensor, values: Map<Tensor, Float64Array>): Float64Array {
  const size = sizeOf(node.shape);
  const out = new Float64Array(size);
  if (node.value !== null) return Float64Array.from(node.value);
  const inputs = node.inputs.map((input) => values.get(input)!);
  const shapes = node.inputs.map((input) => input.shape);
  switch (node.op.kind) {
    case "data":
      throw new Error("a data node has its value");
    case "state": {
      const slot = node.source!.slot!;
      return Float64Array.from(slot.block.storage.read(slot.offset, slot.length));
    }
    case "scalar":
      return out.fill(node.parameters[0]);
    case "constant":
      return out.fill(constantValue(node));
    case "iota":
      return out.map((_, index) => index);
    case "map":
      return computeMap(node, inputs, out);
    case "reduce": {
      const reduction = node.op.reduction!;
      out.fill(reductionStart(reduction, node.dtype));
      const strides = stridesOf(node.shape).map((stride, dim) => (node.shape[dim] === 1 ? 0 : stride));
      forEachIndex(shapes[0], (index, flat) => {
        const place = dot(index, strides);
        out[place] = reduceStep(reduction, node.dtype, out[place], inputs[0][flat]);
      });
      return out;
    }
    case "matmul": {
      const [batch, rows, columns] = node.shape;
      const inner = shapes[0][2];
      for (let b = 0; b < batch; b++)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) {
            let sum = 0;
            for (let k = 0; k < inner; k++)
              sum += inputs[0][(b * rows + i) * inner + k] * inputs[1][(b * inner + k) * columns + j];
            out[(b * rows + i) * columns + j] = node.dtype === "int32" ? sum | 0 : sum;
          }
      return out;
    }
    case "gather":
      return out.map((_, flat) => {
        const index = inputs[1][flat];
        return index >= 0 && index < inputs[0].length ? inputs[0][index] : Number.NaN;
      });
    case "scatter":
      inputs[0].forEach((index, flat) => {
        if (index >= 0 && index < size) out[index] += inputs[1][flat];
      });
      return out;
    case "scan": {
      const [dim, reverse] = node.attributes;
      const stride = stridesOf(node.shape)[dim];
      const extent = node.shape[dim];
      const lines = new Set<number>();
      forEachIndex(node.shape, (index, flat) => lines.add(flat - index[dim] * stride));
      for (const start of lines) {
        let sum = 0;
        for (let step = 0; step < extent; step++) {
          const place = start + (reverse ? extent - 1 - step : step) * stride;
          sum = reduceStep("sum", node.dtype, sum, inputs[0][place]);
          out[place] = sum;
        }
      }
      return out;
    }
    case "concat": {
      const dim = node.attributes[0];
      const strides = stridesOf(node.shape);
      let start = 0;
      node.inputs.forEach((input, which) => {
        forEachIndex(input.shape, (index, flat) => {
          out[dot(index, strides) + start * strides[dim]] = inputs[which][flat];
        });
        start += input.shape[dim];
      });
      return out;
    }
    case "reshape":
      return inputs[0];
    case "permute": {
      const strides = stridesOf(shapes[0]);
      const permuted = node.attributes.map((dim) => strides[dim]);
      forEachIndex(node.shape, (index, flat) => {
        out[flat] = inputs[0][dot(index, permuted)];
      });
      return out;
    }
    case "expand": {
      const strides = stridesOf(shapes[0]).map((stride, dim) => (shapes[0][dim] === 1 ? 0 : stride));
      forEachIndex(node.shape, (index, flat) => {
        out[flat] = inputs[0][dot(index, strides)];
      });
      return out;
    }
    case "slice": {
      const [dim, step] = node.attributes;
      const strides = stridesOf(shapes[0]);
      const start = node.parameters[0] * strides[dim];
      strides[dim] *= step;
      forEachIndex(node.shape, (index, flat) => {
        out[flat] = inputs[0][start + dot(index, strides)];
      });
      return out;
    }
    case "pad": {
      const strides = stridesOf(node.shape);
      forEachIndex(shapes[0], (index, flat) => {
        let place = 0;
        for (let dim = 0; dim < index.length; dim++) place += (index[dim] + node.attributes[2 * dim]) * strides[dim];
        out[place] = inputs[0][flat];
      });
      return out;
    }
  }
}

function computeMap(node: Tensor, inputs: Float64Array[], out: Float64Array): Float64Array {
  const { arity, reference: fn, name } = node.op.scalar!;
  const dtype = name === "unit" ? node.dtype : node.inputs[0].dtype;
  if (name === "cast") {
    for (let flat = 0; flat < out.length; flat++) out[flat] = convert(inputs[0][flat], node.dtype);
    return out;
  }
  const operands = new Array<number>(arity);
  for (let flat = 0; flat < out.length; flat++) {
    for (let which = 0; which < arity; which++) operands[which] = inputs[which][flat];
    out[flat] = fn(dtype, ...operands);
  }
  return out;
}

/** A number as it becomes in another dtype: truncated and saturated to int32, compared with zero for bool. */
function convert(value: number, dtype: DType): number {
  if (dtype === "bool") return value !== 0 ? 1 : 0;
  if (dtype !== "int32") return value;
  if (Number.isNaN(value)) return 0;
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(value)));
}
