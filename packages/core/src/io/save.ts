import { valueOf } from "../graph/evaluate.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { elementsToBytes } from "./elements.ts";
import { LENGTH_BYTES, LONGEST_HEADER, METADATA, SafetensorsError, WRITTEN } from "./format.ts";

/**
 * Tensors, such as a state dict, as the bytes of a safetensors file. The same tensors give the same bytes.
 * @throws SafetensorsError for the name "__metadata__" and for metadata that is no text
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const texts = Object.entries(metadata);
  for (const [key, text] of texts)
    if (typeof text !== "string") throw new SafetensorsError(`the metadata "${key}" is no text; write String(value)`);
  // The widest elements first, so that everything lies on a multiple of its own size.
  const entries = Object.entries(tensors).sort(
    ([a, first], [b, second]) => WRITTEN[second.dtype].bytes - WRITTEN[first.dtype].bytes || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = texts.length > 0 ? [[METADATA, Object.fromEntries(texts)]] : [];
  let end = 0;
  const parts = entries.map(([name, tensor]) => {
    if (name === METADATA) throw new SafetensorsError(`no tensor can have the name "${METADATA}"`);
    const bytes = elementsToBytes(valueOf(tensor));
    const start = end;
    end += bytes.length;
    header.push([name, { dtype: WRITTEN[tensor.dtype].name, shape: [...tensor.shape], data_offsets: [start, end] }]);
    return { start, bytes };
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Spaces after the JSON put the data on a multiple of eight.
  const length = Math.ceil(text.length / 8) * 8;
  if (length > LONGEST_HEADER) throw new SafetensorsError("the names, shapes and metadata take more than 100 MB");
  const file = new Uint8Array(LENGTH_BYTES + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(text, LENGTH_BYTES);
  file.fill(0x20, LENGTH_BYTES + text.length, LENGTH_BYTES + length);
  for (const { start, bytes } of parts) file.set(bytes, LENGTH_BYTES + length + start);
  return file;
}
