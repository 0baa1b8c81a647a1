import { engineMemory } from "../../memory.ts";
import { MAX_THREADS } from "./control.ts";
import { cores, environment, maySleep } from "./host.ts";
import { Pool, type Share } from "./pool.ts";

/** Nanoseconds of work worth sharing that are done alone before threads are started, which costs milliseconds. */
const WORTH_STARTING = 20e6;

let wanted: number | null = null;
let pool: Pool | null = null;
let workDone = 0;
let without: string | null = null;

function fromEnvironment(): number | null {
  const text = environment("NORON_THREADS");
  if (text === undefined || text === "") return null;
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1) return Math.min(threads, MAX_THREADS);
  throw new RangeError(`NORON_THREADS is "${text}"; it is a whole number of threads, from 1 to ${MAX_THREADS}`);
}

/** Why this process runs one thread whatever it is told, or null. */
export function oneThreadReason(): string | null {
  if (!engineMemory().isShared) return "there is no shared memory here (a page needs cross-origin isolation)";
  if (!maySleep()) return "a page's own thread may not wait for others: use a worker";
  return without;
}

/** How many threads run large steps together: 1 where they cannot. */
export function getThreads(): number {
  if (oneThreadReason() !== null) return 1;
  wanted ??= fromEnvironment() ?? cores();
  return wanted;
}

/**
 * Sets how many threads run steps together from now on; without it they are as many as NORON_THREADS says, or as there
 * are cores. Results are the same bits for any number. Small steps always run on one; where threads cannot share
 * memory (a page without cross-origin isolation), all do.
 * @throws RangeError unless it is a whole number from 1 to 64.
 */
export function setThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS)
    throw new RangeError(`setThreads takes a whole number from 1 to ${MAX_THREADS}, not ${threads}`);
  wanted = threads;
  if (pool !== null && pool.threads !== threads) stop();
}

function stop(): void {
  pool?.stop();
  pool = null;
}

/** Runs a plan whose work is worth sharing, on as many threads as can, up to so many. */
export function runShared(share: Share, cost: number, threads: number): void {
  if (pool === null) {
    workDone += cost;
    if (workDone > WORTH_STARTING) pool = new Pool(threads);
  }
  const failure = pool?.failure ?? null;
  if (failure !== null) {
    without = `a thread ended: ${failure}`;
    stop();
    console.warn(`noron goes on with one thread, since ${without}`);
  }
  const { pace } = share;
  const ready = pool !== null && pace.shares ? pool.ready : 1;
  const start = performance.now();
  if (ready > 1) pool!.run(share, ready);
  else share.module.exports.run(share.arena, share.scratch, 0, 1);
  pace.record(ready > 1, performance.now() - start);
}

/** Starts the threads now, which else waits for enough work, and says when they are ready. */
export async function startThreads(): Promise<void> {
  const threads = getThreads();
  if (threads > 1) pool ??= new Pool(threads);
  while (pool !== null && pool.failure === null && pool.ready < threads)
    await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Threads that would share a run at this moment. */
export function threadsReady(): number {
  return pool === null ? 1 : pool.ready;
}
