import { DataLoader } from "../data/loader.ts";
import { takeTurn } from "../graph/turn.ts";
import { BatchNorm } from "../nn/batch-norm.ts";
import type { Module } from "../nn/module.ts";
import { getRandomState, type RandomState, setRandomState } from "../random/generator.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { TrainerStateError } from "./state.ts";

/** Batches of inputs and targets: a DataLoader, or anything else that can be gone through once an epoch. */
export type Batches = Iterable<readonly [Tensor, Tensor]> | AsyncIterable<readonly [Tensor, Tensor]>;

/** The batches that a model trains on in an epoch: with batch norm in it a last one of one example joins the one before. */
export function batchesFor(model: Module, loader: Batches): Batches {
  return loader instanceof DataLoader && joinsLast(model) ? loader.batches({ mergeLastOfOne: true }) : loader;
}

/**
 * Those of them after the first `done`.
 * @param random where the random numbers stood before the first
 */
export async function* batchesAfter(
  done: number,
  model: Module,
  loader: Batches,
  random: RandomState,
): AsyncGenerator<readonly [Tensor, Tensor]> {
  if (loader instanceof DataLoader) {
    yield* loader.batches({ skip: done, ...(joinsLast(model) ? { mergeLastOfOne: true } : {}) });
    return;
  }
  const now = getRandomState();
  setRandomState(random);
  let skipped = 0;
  for await (const batch of loader) {
    if (skipped++ < done) {
      await takeTurn();
      if (skipped === done) setRandomState(now);
      continue;
    }
    yield batch;
  }
  if (skipped < done)
    throw new TrainerStateError(`the state is of a pass of ${done} batches or more, and there are ${skipped}`);
}

function joinsLast(model: Module): boolean {
  return [...model.modules()].some((module) => module instanceof BatchNorm);
}
