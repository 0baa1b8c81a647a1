import { io } from "@noron/core";
import type { Run } from "../run/parse.ts";

/**
 * A run as one safetensors file: the weights under PyTorch's keys, and in the metadata, as texts of JSON, how to make the
 * network ("model") and what is done to rows ("preprocessing").
 */
export function writeSafetensors({ config, preprocessing, model }: Run): Uint8Array {
  return io.saveSafetensors(model.stateDict(), {
    format: "pt",
    noron: config.noron,
    task: config.task,
    target: config.target,
    model: JSON.stringify(model.toConfig()),
    preprocessing: JSON.stringify(preprocessing),
  });
}
