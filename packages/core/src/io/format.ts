import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Safetensors, version 0: eight bytes with the header's length (little-endian), the header (JSON: for every tensor its
 * dtype, its shape and where its data begins and ends, and texts under "__metadata__"), then the data without gaps.
 */

/** Bytes in front of the header. */
export const LENGTH_BYTES = 8;
/** The longest header that readers take. */
export const LONGEST_HEADER = 100_000_000;
/** The entry of the header that is no tensor. */
export const METADATA = "__metadata__";

/** How each dtype of noron is written. */
export const WRITTEN: Record<DType, { name: string; bytes: number }> = {
  float64: { name: "F64", bytes: 8 },
  float32: { name: "F32", bytes: 4 },
  int32: { name: "I32", bytes: 4 },
  bool: { name: "BOOL", bytes: 1 },
};

/** What is in a file. */
export interface Safetensors {
  /** In the header's order. */
  tensors: Record<string, Tensor>;
  /** Texts that were saved with them. */
  metadata: Record<string, string>;
}

/** A tensor of a file, without its numbers. */
export interface TensorDescription {
  /** What it is once loaded. */
  dtype: DType;
  shape: number[];
}

/** Bytes that are no safetensors file, and why. */
export class SafetensorsError extends Error {
  override name = "SafetensorsError";
}
