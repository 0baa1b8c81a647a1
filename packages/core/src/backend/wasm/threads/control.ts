import { CONTROL } from "../../memory.ts";

/** Threads at most; a machine with more cores leaves some alone. */
export const MAX_THREADS = 64;

const LINE = 64;
const line = (which: number): number => CONTROL.address + LINE * which;

/**
 * Addresses of the words, in engine memory, by which threads agree. Those that several threads write often have a cache
 * line of their own.
 */
export const ADDRESS = {
  /** Threads that have come to the present barrier. */
  arrived: line(0),
  /** Counts the barriers that all have passed. */
  generation: line(1),
  /** Threads that sleep at a barrier. */
  sleepers: line(2),
  /** Not 0 when a thread has failed, so that no other waits for it. */
  abort: line(4),
  /** What the present run is: plan, arena, threads, scratch, bytes of scratch a thread. */
  plan: line(5),
  arena: line(5) + 4,
  threads: line(5) + 8,
  scratch: line(5) + 12,
  scratchBytes: line(5) + 16,
  /** Messages that every worker has been sent. */
  sent: line(6),
  /** Turns of a spinning loop before a thread sleeps, at a barrier and between runs. */
  barrierSpins: line(6) + 4,
  idleSpins: line(6) + 8,
  /** What went wrong in a worker: the number of characters, then their codes. */
  failure: line(8),
  /** Lines of the workers. */
  workers: line(16),
} as const;

/** Words of a worker's line, in bytes from its start. */
export const WORKER = {
  /** Changes when there is something to do. */
  wake: 0,
  /** The number of the last run that it takes part in. */
  run: 4,
  /** Messages that it has taken in. */
  handled: 8,
  /** Whether it sleeps, and must be notified. */
  asleep: 12,
} as const;

/** The start of a worker's line; workers are threads 1, 2, … */
export function workerLine(thread: number): number {
  return ADDRESS.workers + LINE * (thread - 1);
}

/** Characters of a failure's text that are kept. */
export const FAILURE_LENGTH = 100;
