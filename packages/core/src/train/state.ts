import type { StateDict } from "../nn/state-dict.ts";
import type { OptimizerState } from "../optim/optimizer.ts";
import type { SchedulerState } from "../optim/scheduler.ts";
import type { RandomState } from "../random/generator.ts";
import type { EpochLog } from "./callbacks.ts";
import type { ExplosionState } from "./divergence.ts";

/**
 * All that a training needs to go on as if it had never stopped: records, lists, numbers, texts and tensors, which
 * io.saveState turns into bytes.
 */
export interface TrainerState {
  /** The epoch that comes next, or that training is in the middle of, from 1. */
  epoch: number;
  /** How many of its batches are done. */
  batch: number;
  /** How long it has taken so far. */
  seconds: number;
  /** The learning rate that it began with; NaN before its first batch. */
  lr: number;
  model: StateDict;
  optimizer: OptimizerState;
  scheduler: SchedulerState | null;
  /** Where the random numbers stand, and where they stood when the epoch began. */
  random: RandomState;
  epochRandom: RandomState;
  /** Where loaders stood when the epoch began, as they say it; null where they do not. */
  loader: unknown;
  validation: unknown;
  /** What the epoch has added up; null before its first batch. */
  totals: TotalsState | null;
  /** Of the callbacks that remember something, in their order. */
  callbacks: unknown[];
  /** The numbers of the epochs that are over. */
  history: EpochLog[];
  /** What watches for a loss that explodes; null where nothing does. */
  watch: ExplosionState | null;
  /** Why training is to end; null if it goes on. */
  stopped: string | null;
}

/** The sums of a part of an epoch. */
export interface TotalsState {
  sum: number;
  rows: number;
  batches: number;
  /** By name. */
  metrics: Record<string, unknown>;
}

/** What can be saved and taken up again, such as a loader. */
export interface Stateful {
  stateDict(): unknown;
  loadStateDict(state: unknown): void;
}

/** A state that does not belong to the training which is to go on from it, and why. */
export class TrainerStateError extends Error {
  override name = "TrainerStateError";
}

/** What remembers something, or null. */
export function asStateful(value: unknown): Stateful | null {
  const { stateDict, loadStateDict } = (value ?? {}) as Partial<Stateful>;
  return typeof stateDict === "function" && typeof loadStateDict === "function" ? (value as Stateful) : null;
}

const NUMBERS = ["epoch", "batch", "seconds"] as const;

/** @throws TrainerStateError for what is no state, before anything of it is used */
export function checkState(state: TrainerState): void {
  const refuse = (problem: string): never => {
    throw new TrainerStateError(`this is no state of a training: ${problem}`);
  };
  if (typeof state !== "object" || state === null) refuse("it is no object");
  for (const name of NUMBERS) {
    const value = state[name];
    const whole = name === "seconds" ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (!whole || value < (name === "epoch" ? 1 : 0)) refuse(`${name} is ${String(value)}`);
  }
  for (const name of ["model", "optimizer", "random", "epochRandom"] as const)
    if (typeof state[name] !== "object" || state[name] === null) refuse(`it has no ${name}`);
  for (const name of ["callbacks", "history"] as const) if (!Array.isArray(state[name])) refuse(`it has no ${name}`);
  if (typeof state.lr !== "number") refuse("lr is no number");
  if (state.stopped !== null && typeof state.stopped !== "string") refuse("stopped is no text");
  if ((state.totals?.batches ?? 0) !== state.batch) refuse("its sums are of another number of batches");
  state.history.forEach((log, index) => {
    if (log?.epoch !== index + 1) refuse("its epochs do not follow each other");
  });
  if (state.history.length !== state.epoch - 1) refuse(`epoch ${state.epoch} does not follow its history`);
}
