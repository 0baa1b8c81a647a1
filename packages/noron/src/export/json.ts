import type { Run } from "../run/parse.ts";

/**
 * A run as one JSON text: how to make the network (nn.fromConfig takes it), its weights under PyTorch's keys with shape,
 * dtype and numbers, and what is done to rows. Every float32 is written with the digits that give it back.
 */
export function writeJson({ config, preprocessing, classes, model }: Run): string {
  const { noron, task, target } = config;
  const state = model.stateDict();
  const described = { format: "noron-model", version: 1, noron, task, target, classes };
  return `${JSON.stringify({ ...described, model: model.toConfig(), state, preprocessing })}\n`;
}
