/** The files of a run folder. Those of a page read them too, so that nothing of Node is here. */
export const RUN_FILES = {
  config: "config.json",
  preprocessing: "preprocessing.json",
  weights: "model.safetensors",
  checkpoint: "checkpoint.safetensors",
  metrics: "metrics.jsonl",
} as const;
