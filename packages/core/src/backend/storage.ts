import { allocate, type DType, elementBytes, type TypedArray } from "../tensor/dtype.ts";
import { engineMemory } from "./memory.ts";

const finalizer = new FinalizationRegistry<{ address: number; bytes: number }>(({ address, bytes }) =>
  engineMemory().release(address, bytes),
);

/** Elements in engine memory that outlive a plan's run. Freed when nothing refers to it any more. */
export class Storage {
  readonly address: number;

  constructor(
    readonly dtype: DType,
    readonly length: number,
  ) {
    const bytes = length * elementBytes(dtype);
    this.address = engineMemory().allocateZeros(bytes);
    finalizer.register(this, { address: this.address, bytes });
  }

  /** A copy of `length` elements from `offset`. */
  read(offset: number, length: number): TypedArray {
    return readElements(this.dtype, this.address + offset * elementBytes(this.dtype), length);
  }

  write(values: TypedArray, offset: number): void {
    writeElements(this.dtype, this.address + offset * elementBytes(this.dtype), values);
  }

  /** Takes `length` elements of another of the same dtype, from `from` on, to `offset`. */
  copy(other: Storage, from: number, length: number, offset: number): void {
    const size = elementBytes(this.dtype);
    const start = other.address + from * size;
    new Uint8Array(engineMemory().buffer).copyWithin(this.address + offset * size, start, start + length * size);
  }
}

/** A copy, on the host, of elements at an address. */
export function readElements(dtype: DType, address: number, length: number): TypedArray {
  const buffer = engineMemory().buffer;
  if (dtype === "float32") return new Float32Array(buffer, address, length).slice();
  if (dtype === "float64") return new Float64Array(buffer, address, length).slice();
  if (dtype === "int32") return new Int32Array(buffer, address, length).slice();
  const out = allocate("bool", length) as Uint8Array;
  const words = new Int32Array(buffer, address, length);
  for (let index = 0; index < length; index++) out[index] = words[index];
  return out;
}

/** Writes host values at an address; bool goes from one byte to one word an element. */
export function writeElements(dtype: DType, address: number, values: TypedArray): void {
  const buffer = engineMemory().buffer;
  if (dtype === "float32") new Float32Array(buffer, address, values.length).set(values);
  else if (dtype === "float64") new Float64Array(buffer, address, values.length).set(values);
  else new Int32Array(buffer, address, values.length).set(values);
}
