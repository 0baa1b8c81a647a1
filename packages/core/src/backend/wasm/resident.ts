import type { DType, TypedArray } from "../../tensor/dtype.ts";
import { elementBytes } from "../../tensor/dtype.ts";
import { engineMemory } from "../memory.ts";
import { writeElements } from "../storage.ts";

/** Smaller values are copied in less time than it takes to look them up. */
export const LEAST_RESIDENT = 32 * 1024;
/** Bytes of engine memory that such values take at most, together. */
const LIMIT = 64 * 2 ** 20;

interface Resident {
  /** Where it lies in engine memory, −1 while it does not. */
  address: number;
}

const residents = new WeakMap<TypedArray, Resident>();
let bytesInUse = 0;

const finalizer = new FinalizationRegistry<{ address: number; bytes: number }>(({ address, bytes }) => {
  bytesInUse -= bytes;
  engineMemory().release(address, bytes);
});

/**
 * Where in engine memory a tensor's value lies, so that runs need not copy it there: from its second run on, while there is
 * room, until it is collected; null otherwise. Batches that are made once, or a whole data set that every step reads,
 * are copied once; a batch of its own for every step never stays. Nothing writes to a tensor's value after it is made.
 */
export function residentAddress(value: TypedArray, dtype: DType): number | null {
  const known = residents.get(value);
  if (known === undefined) {
    residents.set(value, { address: -1 });
    return null;
  }
  if (known.address < 0) {
    const bytes = value.length * elementBytes(dtype);
    const memory = engineMemory();
    if (bytesInUse + bytes > LIMIT || !memory.hasRoom(bytes)) return null;
    known.address = memory.allocate(bytes);
    bytesInUse += bytes;
    finalizer.register(value, { address: known.address, bytes });
    writeElements(dtype, known.address, value);
  }
  return known.address;
}
