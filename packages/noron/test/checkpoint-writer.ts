import { writeSync } from "node:fs";
import { tensor, type train } from "@noron/core";
import type { RunConfig } from "../src/run/config.ts";
import { createRun } from "../src/run/write.ts";

/** A program that writes one checkpoint after another into a run folder, and says which is whole, until it is killed. */

const [, , folder] = process.argv;
const config = { result: {} } as RunConfig;
const run = createRun(folder, "kills", config, {} as never);
for (let epoch = 1; ; epoch++) {
  const weights = { weight: tensor(new Float32Array(20_000).fill(epoch)) };
  const trainer = {
    ...{ epoch: epoch + 1, batch: 0, seconds: 0, lr: Number.NaN, model: weights, optimizer: {}, scheduler: null },
    ...{ random: {}, epochRandom: {}, loader: null, validation: null, totals: null, watch: null, stopped: null },
    callbacks: [{ best: epoch, bestEpoch: epoch, weights }],
    history: [{ epoch, loss: epoch, lr: 1, seconds: 1 }],
  } as unknown as train.TrainerState;
  run.saveCheckpoint({ noron: "0", engine: { backend: "wasm", blas: null, relaxedSimd: true }, trainer });
  writeSync(1, `${epoch}\n`);
}
