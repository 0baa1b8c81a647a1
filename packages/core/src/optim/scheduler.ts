/** Schedules change the learning rates of an optimizer's groups; call step() once an epoch (OneCycleLR: once a batch). */

type AnyGroup = { lr: number; momentum?: number; betas?: readonly [number, number] };

/** Reads what the schedules change of any optimizer. */
export type AnyOptimizer = { readonly groups: readonly AnyGroup[] };

export interface SchedulerState {
  lastEpoch: number;
  baseLrs: number[];
  [name: string]: unknown;
}

/** @throws Error for what is no state, or counts nothing under that name */
function readCount(state: SchedulerState, name: string): number {
  const value = (state as SchedulerState | null)?.[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new Error(`this is no state of a schedule: ${name} is ${String(value)}`);
  return value as number;
}

/** A schedule by the number of epochs. */
export abstract class Scheduler {
  /** How many steps the schedule has made. */
  lastEpoch = 0;
  /** The learning rates that the groups had at the start. */
  protected baseLrs: number[];

  constructor(readonly optimizer: AnyOptimizer) {
    this.baseLrs = optimizer.groups.map(({ lr }) => lr);
  }

  /** The learning rate of a group after `lastEpoch` steps, given the one before. */
  protected abstract rate(present: number, base: number, group: number): number;

  /** Moves on by an epoch. */
  step(): void {
    this.lastEpoch++;
    this.apply();
  }

  protected apply(): void {
    this.optimizer.groups.forEach((group, index) => {
      group.lr = this.rate(group.lr, this.baseLrs[index], index);
    });
  }

  /** Where the schedule stands; the learning rates themselves are the optimizer's. */
  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLrs: [...this.baseLrs] };
  }

  /** @throws Error, with nothing changed, for what is no state of a schedule over as many groups */
  loadStateDict(state: SchedulerState): void {
    const lastEpoch = readCount(state, "lastEpoch");
    const { baseLrs } = state;
    if (!Array.isArray(baseLrs) || baseLrs.length !== this.baseLrs.length || !baseLrs.every(Number.isFinite))
      throw new Error(`a schedule of ${this.baseLrs.length} groups has as many learning rates, not ${String(baseLrs)}`);
    this.lastEpoch = lastEpoch;
    this.baseLrs = [...baseLrs];
  }
}

/** η ← γ η every `stepSize` epochs. */
export class StepLR extends Scheduler {
  readonly #stepSize: number;
  readonly #gamma: number;

  constructor(optimizer: AnyOptimizer, { stepSize, gamma = 0.1 }: { stepSize: number; gamma?: number }) {
    super(optimizer);
    this.#stepSize = stepSize;
    this.#gamma = gamma;
  }

  protected override rate(present: number): number {
    return this.lastEpoch % this.#stepSize === 0 ? present * this.#gamma : present;
  }
}

/** η ← γ η at each of the milestones (once for each time that it is named). */
export class MultiStepLR extends Scheduler {
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  constructor(optimizer: AnyOptimizer, { milestones, gamma = 0.1 }: { milestones: readonly number[]; gamma?: number }) {
    super(optimizer);
    this.#milestones = milestones;
    this.#gamma = gamma;
  }

  protected override rate(present: number): number {
    return present * this.#gamma ** this.#milestones.filter((milestone) => milestone === this.lastEpoch).length;
  }
}

/** η ← γ η every epoch. */
export class ExponentialLR extends Scheduler {
  readonly #gamma: number;

  constructor(optimizer: AnyOptimizer, { gamma }: { gamma: number }) {
    super(optimizer);
    this.#gamma = gamma;
  }

  protected override rate(present: number): number {
    return present * this.#gamma;
  }
}

/**
 * η = ηmin + (η₀ − ηmin)(1 + cos(π t/tMax))/2, down within tMax epochs and up again after (Loshchilov and Hutter, 2016); as a
 * recursion, so that other changes of η are kept.
 */
export class CosineAnnealingLR extends Scheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  constructor(optimizer: AnyOptimizer, { tMax, etaMin = 0 }: { tMax: number; etaMin?: number }) {
    super(optimizer);
    this.#tMax = tMax;
    this.#etaMin = etaMin;
  }

  protected override rate(present: number, base: number): number {
    const t = this.lastEpoch;
    const tMax = this.#tMax;
    const low = this.#etaMin;
    const wave = (time: number): number => 1 + Math.cos((Math.PI * time) / tMax);
    if ((t - 1 - tMax) % (2 * tMax) === 0) return present + ((base - low) * (1 - Math.cos(Math.PI / tMax))) / 2;
    return (wave(t) / wave(t - 1)) * (present - low) + low;
  }
}

/** η goes from startFactor η₀ to endFactor η₀ in equal steps over totalIters epochs. */
export class LinearLR extends Scheduler {
  readonly #start: number;
  readonly #end: number;
  readonly #total: number;

  constructor(
    optimizer: AnyOptimizer,
    options: { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    super(optimizer);
    this.#start = options.startFactor ?? 1 / 3;
    this.#end = options.endFactor ?? 1;
    this.#total = options.totalIters ?? 5;
    for (const group of optimizer.groups) group.lr *= this.#start;
  }

  protected override rate(present: number): number {
    const step = this.#end - this.#start;
    if (this.lastEpoch > this.#total) return present;
    return present * (1 + step / (this.#total * this.#start + (this.lastEpoch - 1) * step));
  }
}

export interface OneCycleOptions {
  /** The highest learning rate, or one a group. */
  maxLr: number | readonly number[];
  /** Steps in all. */
  totalSteps: number;
  /** The share of them in which the rate rises. */
  pctStart?: number;
  annealStrategy?: "cos" | "linear";
  /** Whether momentum (or β₁) falls while the rate rises, and the other way round. */
  cycleMomentum?: boolean;
  baseMomentum?: number;
  maxMomentum?: number;
  /** The rate starts at maxLr/divFactor, */
  divFactor?: number;
  /** and ends at that divided by finalDivFactor. */
  finalDivFactor?: number;
  /** Whether the rate first falls as it rose, and then to its end. */
  threePhase?: boolean;
}

interface Phase {
  readonly end: number;
  readonly lr: readonly [keyof Rates, keyof Rates];
  readonly momentum: readonly ["max" | "base", "max" | "base"];
}

interface Rates {
  initial: number;
  max: number;
  min: number;
}

/** One cycle of the learning rate over a whole training, a step a batch: up, then far down (Smith and Topin, 2017). */
export class OneCycleLR extends Scheduler {
  readonly #rates: Rates[];
  readonly #phases: Phase[];
  readonly #anneal: (from: number, to: number, share: number) => number;
  readonly #momenta: { max: number; base: number } | null;
  readonly #total: number;

  constructor(optimizer: AnyOptimizer, options: OneCycleOptions) {
    super(optimizer);
    const { maxLr, totalSteps, pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true } = options;
    const {
      baseMomentum = 0.85,
      maxMomentum = 0.95,
      divFactor = 25,
      finalDivFactor = 1e4,
      threePhase = false,
    } = options;
    if (!Number.isInteger(totalSteps) || totalSteps < 1)
      throw new RangeError(`OneCycleLR needs a whole number of totalSteps, not ${totalSteps}`);
    this.#total = totalSteps;
    this.#rates = optimizer.groups.map((_, index) => {
      const max = typeof maxLr === "number" ? maxLr : maxLr[index];
      return { max, initial: max / divFactor, min: max / divFactor / finalDivFactor };
    });
    const rise = pctStart * totalSteps - 1;
    this.#phases = threePhase
      ? [
          { end: rise, lr: ["initial", "max"], momentum: ["max", "base"] },
          { end: 2 * pctStart * totalSteps - 2, lr: ["max", "initial"], momentum: ["base", "max"] },
          { end: totalSteps - 1, lr: ["initial", "min"], momentum: ["max", "max"] },
        ]
      : [
          { end: rise, lr: ["initial", "max"], momentum: ["max", "base"] },
          { end: totalSteps - 1, lr: ["max", "min"], momentum: ["base", "max"] },
        ];
    this.#anneal =
      annealStrategy === "linear"
        ? (from, to, share) => (to - from) * share + from
        : (from, to, share) => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
    const cycles = cycleMomentum && optimizer.groups.every(({ momentum, betas }) => momentum !== undefined || betas);
    this.#momenta = cycles ? { max: maxMomentum, base: baseMomentum } : null;
    this.apply();
  }

  override step(): void {
    if (this.lastEpoch + 1 > this.#total)
      throw new Error(`OneCycleLR was made for ${this.#total} steps, and they are over`);
    super.step();
  }

  protected override apply(): void {
    const time = this.lastEpoch;
    let start = 0;
    const last = this.#phases.length - 1;
    const which = this.#phases.findIndex((phase, index) => time <= phase.end || index === last);
    if (which > 0) start = this.#phases[which - 1].end;
    const phase = this.#phases[which];
    const share = (time - start) / (phase.end - start);
    this.optimizer.groups.forEach((group, index) => {
      const rates = this.#rates[index];
      group.lr = this.#anneal(rates[phase.lr[0]], rates[phase.lr[1]], share);
      if (this.#momenta === null) return;
      const momentum = this.#anneal(this.#momenta[phase.momentum[0]], this.#momenta[phase.momentum[1]], share);
      if (group.betas) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    });
  }

  protected override rate(present: number): number {
    return present;
  }
}

export interface PlateauOptions {
  /** Whether the number should fall or rise. */
  mode?: "min" | "max";
  /** What the learning rate is multiplied with. */
  factor?: number;
  /** How many epochs without improvement are let pass. */
  patience?: number;
  /** How much better counts as better. */
  threshold?: number;
  /** Whether the threshold is a share of the best number, or a difference. */
  thresholdMode?: "rel" | "abs";
  /** How many epochs after a change are not counted. */
  cooldown?: number;
  /** The rate never falls below it; one number, or one a group. */
  minLr?: number | readonly number[];
  /** A smaller change of the rate is not made. */
  eps?: number;
}

/** η ← factor η when a number has not become better for more than `patience` epochs; step(number) once an epoch. */
export class ReduceLROnPlateau {
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #bad = 0;
  #cooling = 0;
  lastEpoch = 0;

  constructor(
    readonly optimizer: AnyOptimizer,
    options: PlateauOptions = {},
  ) {
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    };
    if (!(this.#options.factor < 1)) throw new RangeError("ReduceLROnPlateau needs a factor below 1");
    this.#best = this.#options.mode === "min" ? Infinity : -Infinity;
  }

  /** Takes this epoch's number. */
  step(metric: number): void {
    const { patience, cooldown } = this.#options;
    this.lastEpoch++;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else {
      this.#bad++;
    }
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    this.#reduce();
    this.#cooling = cooldown;
    this.#bad = 0;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const best = this.#best;
    if (mode === "min") return metric < (thresholdMode === "rel" ? best * (1 - threshold) : best - threshold);
    return metric > (thresholdMode === "rel" ? best * (1 + threshold) : best + threshold);
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    this.optimizer.groups.forEach((group, index) => {
      const lowest = typeof minLr === "number" ? minLr : minLr[index];
      const lower = Math.max(group.lr * factor, lowest);
      if (group.lr - lower > eps) group.lr = lower;
    });
  }

  /** Where the schedule stands; `best` is null before the first number, for which JSON has no infinity. */
  stateDict(): SchedulerState {
    const best = Number.isFinite(this.#best) ? this.#best : null;
    return { lastEpoch: this.lastEpoch, baseLrs: [], best, bad: this.#bad, cooling: this.#cooling };
  }

  /** @throws Error, with nothing changed, for what is no state of such a schedule */
  loadStateDict(state: SchedulerState): void {
    const [lastEpoch, bad, cooling] = ["lastEpoch", "bad", "cooling"].map((name) => readCount(state, name));
    const { best } = state;
    if (best !== null && typeof best !== "number")
      throw new Error(`this is no state of ReduceLROnPlateau: best is ${String(best)}`);
    this.lastEpoch = lastEpoch;
    this.#best = best ?? (this.#options.mode === "min" ? Infinity : -Infinity);
    this.#bad = bad;
    this.#cooling = cooling;
  }
}
