import { getRandomState, setRandomState } from "../random/generator.ts";
import type { Batches } from "./batches.ts";
import { DivergenceError } from "./divergence.ts";
import { asStateful } from "./state.ts";
import { Trainer, type TrainerOptions } from "./trainer.ts";

export interface RateRangeOptions {
  /** The first learning rate. */
  from?: number;
  /** The last one, unless the loss explodes before. */
  to?: number;
  /** How many steps, and rates. */
  steps?: number;
}

/** What a learning-rate range test has found. */
export interface RateRange {
  /** The rates that were tried, one a step. */
  rates: number[];
  /** The losses of the steps, smoothed: a mean of those before in which each step back counts a tenth less. */
  losses: number[];
  /** A tenth of the rate at which the loss was lowest; null where it never fell. */
  suggestion: number | null;
}

/** How much of the mean before stays in the smoothed loss. */
const SMOOTHING = 0.9;
/** The test ends when the smoothed loss is above so many times its lowest. */
const EXPLODED = 4;
/** Steps before the mean says anything. */
const FIRST = 10;
/** Of the rate whose loss is lowest. Our choice, on the samples and tables of the benchmark. */
const SHARE = 0.1;

/**
 * The learning-rate range test (Smith, "Cyclical learning rates for training neural networks", 2017): some steps of a
 * training whose rate grows from step to step by the same factor, until its loss explodes. The suggestion is a tenth of the
 * rate at which the smoothed loss is lowest: there the next steps would already be too large. Groups keep the ratios of their
 * rates. Weights, optimizer, loader and random numbers are put back afterwards.
 * @throws RangeError for rates that do not grow, or too few steps
 */
export async function rateRange(
  options: Omit<TrainerOptions, "scheduler" | "metrics">,
  loader: Batches,
  { from = 1e-6, to = 10, steps = 100 }: RateRangeOptions = {},
): Promise<RateRange> {
  if (!(from > 0 && to > from)) throw new RangeError(`the rates of a range test grow: ${from} to ${to} do not`);
  if (!Number.isInteger(steps) || steps <= 2 * FIRST)
    throw new RangeError(`a range test takes more than ${2 * FIRST} steps, not ${steps}`);
  const { model, optimizer } = options;
  const [groups, first] = [optimizer.groups, optimizer.groups[0].lr || 1];
  const before = {
    random: getRandomState(),
    model: model.stateDict(),
    optimizer: asStateful(optimizer)?.stateDict(),
    loader: asStateful(loader)?.stateDict(),
    rates: groups.map(({ lr }) => lr),
  };
  const ratios = before.rates.map((lr) => lr / first);
  const rateAt = (step: number) => from * (to / from) ** (step / (steps - 1));
  const set = (rate: number) => {
    for (const [index, group] of groups.entries()) group.lr = rate * ratios[index];
  };
  const found: RateRange = { rates: [], losses: [], suggestion: null };
  const trainer = new Trainer(options);
  let mean = 0;
  let lowest = Number.POSITIVE_INFINITY;
  const noting = {
    onBatchEnd({ loss }: { loss: number }) {
      const step = found.rates.push(rateAt(found.rates.length));
      mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
      const smoothed = mean / (1 - SMOOTHING ** step);
      found.losses.push(smoothed);
      lowest = Math.min(lowest, smoothed);
      if (step === steps || (step > FIRST && smoothed > EXPLODED * lowest)) trainer.stop();
      else set(rateAt(step));
    },
  };
  try {
    set(from);
    await trainer.fit(loader, { epochs: steps, callbacks: [noting] });
  } catch (error) {
    // It ends so where the rates go far enough.
    if (!(error instanceof DivergenceError)) throw error;
  } finally {
    model.loadStateDict(before.model);
    if (before.optimizer !== undefined) asStateful(optimizer)?.loadStateDict(before.optimizer);
    if (before.loader !== undefined) asStateful(loader)?.loadStateDict(before.loader);
    for (const [index, group] of groups.entries()) group.lr = before.rates[index];
    setRandomState(before.random);
  }
  return { ...found, suggestion: suggest(found) };
}

/** A tenth of the rate whose loss is lowest, unless that is one of the first, before which nothing can have fallen. */
function suggest({ rates, losses }: RateRange): number | null {
  const best = losses.indexOf(Math.min(...losses));
  return best < FIRST ? null : SHARE * rates[best];
}
