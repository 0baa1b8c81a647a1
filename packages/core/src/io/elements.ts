import type { DType, TypedArray } from "../tensor/dtype.ts";

/** How the elements of a dtype of the format become those of the nearest dtype here. */
export interface ElementType {
  bytes: number;
  dtype: DType;
  /** @throws RangeError for a number that the dtype here cannot hold */
  read(view: DataView, count: number): TypedArray;
}

/** Elements one by one, in the format's little-endian order. */
function each<Values extends TypedArray>(values: Values, element: (index: number) => number): Values {
  for (let index = 0; index < values.length; index++) values[index] = element(index);
  return values;
}

/** Elements that lie in the file as they lie in memory. */
function copied<Values extends TypedArray>(view: DataView, count: number, values: Values): Values {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, count * values.BYTES_PER_ELEMENT);
  new Uint8Array(values.buffer).set(bytes);
  return values;
}

function integers(bytes: number, element: (view: DataView, index: number) => number | bigint): ElementType {
  return {
    bytes,
    dtype: "int32",
    read: (view, count) =>
      each(new Int32Array(count), (index) => {
        const value = element(view, index);
        if (value < -(2 ** 31) || value >= 2 ** 31)
          throw new RangeError(`element ${index} is ${value}, which int32 cannot hold`);
        return Number(value);
      }),
  };
}

/** Bits of float32, wanted by the narrower formats. */
const word = new DataView(new ArrayBuffer(4));

function fromBits(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

/** One bit of sign, five of exponent, ten of fraction (IEEE 754 binary16). */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** By the name that the format has for them. */
export const ELEMENTS: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ["F64", { bytes: 8, dtype: "float64", read: (view, count) => copied(view, count, new Float64Array(count)) }],
  ["F32", { bytes: 4, dtype: "float32", read: (view, count) => copied(view, count, new Float32Array(count)) }],
  [
    "F16",
    {
      bytes: 2,
      dtype: "float32",
      read: (view, count) => each(new Float32Array(count), (index) => half(view.getUint16(2 * index, true))),
    },
  ],
  [
    "BF16",
    {
      bytes: 2,
      dtype: "float32",
      read: (view, count) =>
        each(new Float32Array(count), (index) => fromBits(view.getUint16(2 * index, true) * 65_536)),
    },
  ],
  ["I64", integers(8, (view, index) => view.getBigInt64(8 * index, true))],
  ["U64", integers(8, (view, index) => view.getBigUint64(8 * index, true))],
  ["I32", { bytes: 4, dtype: "int32", read: (view, count) => copied(view, count, new Int32Array(count)) }],
  ["U32", integers(4, (view, index) => view.getUint32(4 * index, true))],
  ["I16", integers(2, (view, index) => view.getInt16(2 * index, true))],
  ["U16", integers(2, (view, index) => view.getUint16(2 * index, true))],
  ["I8", integers(1, (view, index) => view.getInt8(index))],
  ["U8", integers(1, (view, index) => view.getUint8(index))],
  [
    "BOOL",
    {
      bytes: 1,
      dtype: "bool",
      read: (view, count) =>
        each(new Uint8Array(count), (index) => {
          const value = view.getUint8(index);
          if (value > 1) throw new RangeError(`element ${index} is ${value}, and a bool is 0 or 1`);
          return value;
        }),
    },
  ],
]);

/** The bytes of elements as they lie in memory: little-endian wherever WebAssembly runs. */
export function elementsToBytes(values: TypedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
