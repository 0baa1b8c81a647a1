import { data, manualSeed, train } from "@noron/core";
import type { Examples } from "../data/examples.ts";
import { UsageError } from "../errors.ts";
import { makeLoss, makeOptimizer } from "./choices.ts";
import { dataset } from "./fit.ts";
import type { Network } from "./network.ts";
import type { Settings } from "./settings.ts";

/** A learning-rate range test, as a run keeps it. */
export interface RateTest {
  rates: number[];
  /** Smoothed, one for each rate. */
  losses: number[];
  /** The rate that was found: a tenth of the one whose loss is lowest, with two digits. */
  lr: number;
}

/**
 * Finds a learning rate by a range test of some hundred steps, with the network, the batches and the optimizer that the
 * training will have; that begins anew afterwards.
 * @throws UsageError where the loss falls at no rate
 */
export async function findRate(build: () => Network, settings: Settings, training: Examples): Promise<RateTest> {
  manualSeed(settings.seed);
  const model = build();
  const { batch: batchSize, seed, clipNorm } = settings;
  const loader = new data.DataLoader(dataset(training), { batchSize, shuffle: true, seed });
  const optimizer = makeOptimizer(settings, model.parameters());
  const parts = { model, loss: makeLoss(settings), optimizer, clipNorm: clipNorm ?? undefined };
  const { rates, losses, suggestion } = await train.rateRange(parts, loader);
  if (suggestion === null) throw new UsageError("no-rate-found");
  const short = (values: number[]) => values.map((value) => Number(value.toPrecision(6)));
  return { rates: short(rates), losses: short(losses), lr: Number(suggestion.toPrecision(2)) };
}
