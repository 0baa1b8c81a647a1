import { noGrad, tensor } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import type { Network } from "./network.ts";

/** Rows that go through the network together when nothing is learned. */
export const EVALUATION_BATCH = 1024;

/** What a network says to inputs, row by row. */
export async function computeOutputs(
  model: Network,
  { inputs, width, count }: Examples,
  outputs: number,
): Promise<Float32Array> {
  const all = new Float32Array(count * outputs);
  model.eval();
  for (let start = 0; start < count; start += EVALUATION_BATCH) {
    const rows = Math.min(EVALUATION_BATCH, count - start);
    const x = tensor(inputs.subarray(start * width, (start + rows) * width), { shape: [rows, width] });
    const y = noGrad(() => model.forward(x));
    all.set(await y.data(), start * outputs);
  }
  return all;
}
