import type { OptimizerState } from "../optim/optimizer.ts";
import type { SchedulerState } from "../optim/scheduler.ts";
import { getRandomState, type RandomState, setRandomState } from "../random/generator.ts";
import type { Batches } from "./batches.ts";
import type { Callback, History } from "./callbacks.ts";
import type { Explosion } from "./divergence.ts";
import type { RecentSteps } from "./recent-steps.ts";
import { asStateful, checkState, type Stateful, type TrainerState, TrainerStateError } from "./state.ts";
import { Totals } from "./totals.ts";
import type { Trainer } from "./trainer.ts";

/** What watches over a training. */
export interface Watch {
  recent: RecentSteps;
  explosion: Explosion;
}

/** A training under way. */
export interface Session {
  readonly loader: Batches;
  readonly validation: Batches | undefined;
  readonly callbacks: readonly Callback[];
  readonly history: History;
  epoch: number;
  /** Of the epoch so far; null between epochs. */
  totals: Totals | null;
  /** When the epoch began, were it not interrupted. */
  start: number;
  /** The learning rate that it began with. */
  lr: number;
  /** Whether metrics hold numbers of the validation set now. */
  validating: boolean;
  /** Where loader and random numbers stood when the epoch began. */
  loaderState: unknown;
  random: RandomState;
  /** How many callbacks have been told of what is happening now. */
  told: number;
  readonly watching: Watch | null;
}

/**
 * All that the training needs to go on from here.
 * @throws Error where a callback that remembers something has not been told yet; TypeError for a part without stateDict
 */
export function takeState(session: Session, trainer: Trainer): TrainerState {
  const { epoch, totals, callbacks, history } = session;
  const late = callbacks.slice(session.told).some((callback) => asStateful(callback) !== null);
  if (late) throw new Error("put the callback that takes the trainer's state after those that remember something");
  const between = totals === null;
  return {
    epoch,
    batch: totals?.batches ?? 0,
    seconds: between ? 0 : (performance.now() - session.start) / 1000,
    lr: between ? Number.NaN : session.lr,
    model: trainer.model.stateDict(),
    optimizer: stateful("optimizer", trainer.optimizer).stateDict() as OptimizerState,
    scheduler:
      trainer.scheduler === null ? null : (stateful("schedule", trainer.scheduler).stateDict() as SchedulerState),
    random: getRandomState(),
    epochRandom: between ? getRandomState() : session.random,
    loader: between ? (asStateful(session.loader)?.stateDict() ?? null) : session.loaderState,
    validation: asStateful(session.validation)?.stateDict() ?? null,
    totals: totals?.stateDict() ?? null,
    callbacks: callbacks.filter((callback) => asStateful(callback) !== null).map((each) => each.stateDict!()),
    history: history.epochs.map((log) => ({ ...log })),
    watch: session.watching?.explosion.stateDict() ?? null,
    stopped: trainer.stopping,
  };
}

/**
 * Puts everything where it stood.
 * @throws TrainerStateError for a state that does not belong here
 */
export function putState(session: Session, trainer: Trainer, state: TrainerState): void {
  checkState(state);
  const remembering = session.callbacks.filter((callback) => asStateful(callback) !== null);
  const attempt = (what: string, load: () => void): void => {
    try {
      load();
    } catch (error) {
      throw new TrainerStateError(`the state does not fit ${what}: ${(error as Error).message}`, { cause: error });
    }
  };
  attempt("the callbacks", () => {
    if (remembering.length !== state.callbacks.length)
      throw new Error(`${remembering.length} remember something, and the state is of ${state.callbacks.length}`);
    remembering.forEach((callback, index) => {
      callback.loadStateDict!(state.callbacks[index], trainer);
    });
  });
  attempt("the model", () => void trainer.model.loadStateDict(state.model));
  attempt("the optimizer", () => stateful("optimizer", trainer.optimizer).loadStateDict(state.optimizer));
  attempt("the schedule", () => {
    if ((trainer.scheduler === null) !== (state.scheduler === null))
      throw new Error(
        `there is ${trainer.scheduler === null ? "none here" : "one here"}, and in the state is the opposite`,
      );
    if (trainer.scheduler !== null) stateful("schedule", trainer.scheduler).loadStateDict(state.scheduler);
  });
  // The loader last: the validation set may be the same one, which the epoch's pass has moved on.
  if (state.validation !== null)
    attempt("the validation set", () => asStateful(session.validation)?.loadStateDict(state.validation));
  if (state.loader !== null) attempt("the loader", () => asStateful(session.loader)?.loadStateDict(state.loader));
  if (state.watch !== null && session.watching !== null)
    attempt("the watch", () => session.watching!.explosion.loadStateDict(state.watch!));
  session.epoch = state.epoch;
  session.history.epochs.push(...state.history.map((log) => ({ ...log })));
  if (state.totals !== null) {
    const totals = new Totals(trainer.metrics);
    attempt("the metrics", () => totals.loadStateDict(state.totals!));
    session.totals = totals;
    session.start = performance.now() - 1000 * state.seconds;
    session.lr = state.lr;
    session.loaderState = state.loader;
    session.random = state.epochRandom;
  }
  attempt("the random numbers", () => {
    setRandomState(state.epochRandom);
    setRandomState(state.random);
  });
}

/** @throws TypeError for what cannot be saved */
function stateful(what: string, part: unknown): Stateful {
  const found = asStateful(part);
  if (found === null) throw new TypeError(`the ${what} has no stateDict and loadStateDict, which its state needs`);
  return found;
}
