import { dataNode } from "../graph/node.ts";
import type { Safetensors, TensorDescription } from "./format.ts";
import { type ReadBytes, readHeader, refuse } from "./header.ts";

/**
 * The tensors and texts of a safetensors file. Nothing in the bytes is trusted: all that the header says is checked against
 * them before anything is allocated. F64, F32, I32 and BOOL keep their type; F16 and BF16 become float32, the other
 * integers int32.
 * @throws SafetensorsError that says what is wrong: damaged or foreign bytes, float8, integers beyond int32
 */
export function loadSafetensors(bytes: Uint8Array): Safetensors {
  const header = readHeader(bytes.length, (start, end) => bytes.subarray(start, end));
  const tensors = header.entries.map(({ name, element, shape, count, start }) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset + header.end + start);
    try {
      return [name, dataNode(element.read(view, count), shape, element.dtype)] as const;
    } catch (error) {
      if (error instanceof RangeError) throw refuse(name, error.message);
      throw error;
    }
  });
  // Names such as "__proto__" become entries like any other.
  return { tensors: Object.fromEntries(tensors), metadata: header.metadata };
}

/**
 * What a safetensors file of `size` bytes holds, by its header, which alone is read: whether the file is whole, and the
 * names, types and shapes of its tensors, are known without their numbers.
 * @param read gives the file's bytes from `start` up to `end`
 * @throws SafetensorsError as loadSafetensors does, but for what the numbers themselves may be
 */
export function describeSafetensors(
  size: number,
  read: ReadBytes,
): { tensors: Record<string, TensorDescription>; metadata: Record<string, string> } {
  const { entries, metadata } = readHeader(size, read);
  const described = entries.map(({ name, element: { dtype }, shape }) => [name, { dtype, shape }] as const);
  return { tensors: Object.fromEntries(described), metadata };
}
