import { noGrad, tensor } from "@noron/core";
import { type Examples, featuresBetween } from "../data/examples.ts";
import type { Network } from "./network.ts";

/** Rows that go through the network together when nothing is learned. */
export const EVALUATION_BATCH = 1024;

/** What a network says to inputs, row by row. */
export async function computeOutputs(model: Network, examples: Examples, outputs: number): Promise<Float32Array> {
  const { width, count } = examples;
  const all = new Float32Array(count * outputs);
  model.eval();
  for (let start = 0; start < count; start += EVALUATION_BATCH) {
    const rows = Math.min(EVALUATION_BATCH, count - start);
    const x = tensor(featuresBetween(examples, start, start + rows), { shape: [rows, width] });
    const y = noGrad(() => model.forward(x));
    all.set(await y.data(), start * outputs);
  }
  return all;
}
