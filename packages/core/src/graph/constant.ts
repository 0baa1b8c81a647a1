import type { Tensor } from "../tensor/tensor.ts";

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);

/** A float64 as the two integers that a node's attributes can hold. */
export function encodeConstant(value: number): [number, number] {
  bits[0] = value;
  return [words[0], words[1]];
}

/** The number of a constant node. */
export function constantValue(node: Tensor): number {
  words[0] = node.attributes[0];
  words[1] = node.attributes[1];
  return bits[0];
}
