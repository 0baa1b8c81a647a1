import { optim } from "@noron/core";
import { UsageError } from "../errors.ts";
import type { Optimizer } from "./choices.ts";

/** How the learning rate moves while it trains. */

/** A schedule with its numbers, as a run keeps it. */
export interface Schedule {
  name: ScheduleName;
  /** Options of the library's class, but for the learning rate that it begins with. */
  options: Readonly<Record<string, number>>;
}

export interface ScheduleRequest {
  schedule?: ScheduleName | "constant";
  /** What the rate is multiplied with. */
  gamma?: number;
  /** After how many epochs. */
  stepSize?: number;
}

/** What the numbers of a schedule that are not asked for follow from. */
export interface ScheduleFacts {
  epochs: number;
  /** Epochs without anything better after which training ends; 0 for never. */
  patience: number;
  /** Batches an epoch. */
  batches: number;
}

type AnySchedule = optim.Scheduler | optim.ReduceLROnPlateau;

interface ScheduleChoice {
  algorithm: new (optimizer: Optimizer, options: never) => AnySchedule;
  /** Which numbers can be asked for. */
  takes: readonly ("gamma" | "stepSize")[];
  /** Whether its shape follows from the number of epochs, which then cannot change. */
  fixesEpochs: boolean;
  options(facts: ScheduleFacts, request: ScheduleRequest): Record<string, number>;
  /** The name of the option that is the learning rate, where the optimizer's is not taken. */
  rate?: string;
}

/** Where a falling rate ends, as a share of where it began. */
const LAST_SHARE = 0.01;

const CHOICES = {
  step: {
    algorithm: optim.StepLR,
    takes: ["gamma", "stepSize"],
    fixesEpochs: false,
    options: ({ epochs }, { gamma = 0.1, stepSize = Math.ceil(epochs / 3) }) => ({ stepSize, gamma }),
  },
  exponential: {
    algorithm: optim.ExponentialLR,
    takes: ["gamma"],
    fixesEpochs: false,
    options: ({ epochs }, { gamma = Number((LAST_SHARE ** (1 / epochs)).toPrecision(4)) }) => ({ gamma }),
  },
  cosine: {
    algorithm: optim.CosineAnnealingLR,
    takes: [],
    fixesEpochs: true,
    options: ({ epochs }) => ({ tMax: epochs }),
  },
  linear: {
    algorithm: optim.LinearLR,
    takes: [],
    fixesEpochs: false,
    options: ({ epochs }) => ({ startFactor: 1 / 3, totalIters: Math.min(5, epochs) }),
  },
  "one-cycle": {
    algorithm: optim.OneCycleLR,
    takes: [],
    fixesEpochs: true,
    options: ({ epochs, batches }) => ({ totalSteps: epochs * batches }),
    rate: "maxLr",
  },
  plateau: {
    algorithm: optim.ReduceLROnPlateau,
    takes: ["gamma"],
    fixesEpochs: false,
    options: ({ patience }, { gamma = 0.1 }) => ({
      factor: gamma,
      patience: patience === 0 ? 10 : Math.floor(patience / 2),
    }),
  },
} satisfies Record<string, ScheduleChoice>;
export type ScheduleName = keyof typeof CHOICES;
export const SCHEDULES: Record<ScheduleName, ScheduleChoice> = CHOICES;
export const SCHEDULE_NAMES = ["constant", ...Object.keys(SCHEDULES)];

/**
 * The schedule that was asked for, with all its numbers; null for a constant rate.
 * @throws UsageError for numbers that it does not have
 */
export function chooseSchedule(request: ScheduleRequest, facts: ScheduleFacts): Schedule | null {
  const { schedule: name = "constant" } = request;
  const takes = name === "constant" ? [] : SCHEDULES[name].takes;
  for (const option of ["gamma", "stepSize"] as const) {
    if (request[option] === undefined || takes.includes(option)) continue;
    const flag = { gamma: "--gamma", stepSize: "--step-size" }[option];
    const those = Object.entries(SCHEDULES).filter(([, choice]) => choice.takes.includes(option));
    const names = those.map(([each]) => each).join(", ");
    throw new UsageError("not-of-schedule", { option: flag, schedule: name, fitting: names });
  }
  if (name === "constant") return null;
  if (name === "plateau" && request.gamma !== undefined && request.gamma >= 1) throw new UsageError("gamma-of-plateau");
  return { name, options: SCHEDULES[name].options(facts, request) };
}

/** The library's schedule over an optimizer. */
export function makeSchedule({ name, options }: Schedule, optimizer: Optimizer, lr: number): AnySchedule {
  const { algorithm } = SCHEDULES[name];
  return new algorithm(optimizer, scheduleOptions({ name, options }, lr) as never);
}

/** All options of the library's schedule. */
export function scheduleOptions({ name, options }: Schedule, lr: number): Record<string, number> {
  const { rate } = SCHEDULES[name];
  return rate === undefined ? { ...options } : { [rate]: lr, ...options };
}
