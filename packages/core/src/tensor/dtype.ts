/** The element types of tensors. bool is kept as one 32-bit 0 or 1 in engine memory and read as a Uint8Array. */
export type DType = "float32" | "float64" | "int32" | "bool";

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The typed array that holds a dtype's values on the host. */
export interface ArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  bool: Uint8Array;
}

export const DTYPES: readonly DType[] = ["bool", "int32", "float32", "float64"];

export function dtypeCode(dtype: DType): number {
  return DTYPES.indexOf(dtype);
}

/** Bytes an element takes in engine memory. */
export function elementBytes(dtype: DType): 4 | 8 {
  return dtype === "float64" ? 8 : 4;
}

export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

export function allocate(dtype: DType, length: number): TypedArray {
  if (dtype === "float32") return new Float32Array(length);
  if (dtype === "float64") return new Float64Array(length);
  if (dtype === "int32") return new Int32Array(length);
  if (dtype === "bool") return new Uint8Array(length);
  throw new TypeError(`there is no dtype "${dtype}"; there are ${DTYPES.join(", ")}`);
}

export function dtypeOfArray(array: TypedArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  return "bool";
}

/** The dtype of a result of two operands: bool < int32 < float32 < float64. */
export function promote(first: DType, second: DType): DType {
  return DTYPES[Math.max(dtypeCode(first), dtypeCode(second))];
}
