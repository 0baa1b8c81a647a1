import { bindGemm } from "../../blas/bind.ts";
import { engineMemory } from "../../memory.ts";
import { type EngineModule, observeModules } from "../modules.ts";
import { ADDRESS, FAILURE_LENGTH, WORKER, workerLine } from "./control.ts";
import { type HostWorker, startWorker } from "./host.ts";
import type { Pace } from "./pace.ts";
import { synchronization } from "./sync.ts";
import { runWorker, type SentSource } from "./worker.ts";

/** How long a thread spins before it sleeps: at a barrier, and between runs, in microseconds. */
const BARRIER_MICROSECONDS = 40;
const IDLE_MICROSECONDS = 150;

/** What a run needs of the pool. */
export interface Share {
  readonly module: EngineModule;
  readonly arena: number;
  readonly scratch: number;
  readonly scratchBytes: number;
  readonly pace: Pace;
}

/** A thread failed or died in the middle of a run, whose results are not whole. */
export class ThreadError extends Error {
  override readonly name = "ThreadError";
}

/** Threads that run plans together with this one. */
export class Pool {
  private readonly workers: HostWorker[] = [];
  private readonly control = new Int32Array(engineMemory().buffer);
  private sent = 0;
  private runs = 0;
  private lost: string | null = null;

  /** @param threads How many, the present one among them. */
  constructor(readonly threads: number) {
    this.control.fill(0, ADDRESS.arrived / 4, workerLine(threads) / 4);
    this.calibrate();
    const text = `(${runWorker})(listen, requireFrom, ${bindGemm});`;
    for (let thread = 1; thread < threads; thread++) {
      const worker = startWorker(text, (why) => {
        this.lost ??= why;
      });
      if (worker === null) break;
      this.workers.push(worker);
    }
    this.workers.forEach((worker, index) => {
      worker.post({
        kind: "start",
        thread: index + 1,
        line: workerLine(index + 1),
        memory: engineMemory().memory,
        sync: synchronization().number,
        address: ADDRESS,
        word: WORKER,
        failureLength: FAILURE_LENGTH,
      });
    });
    this.countMessage();
    const modules = observeModules({ added: (module) => this.add(module), removed: (module) => this.remove(module) });
    for (const module of modules) this.add(module);
  }

  /** Turns of a spinning loop take different times on different machines, and longer until the loop is optimized. */
  private calibrate(): void {
    const { spin } = synchronization().exports;
    const turns = 20_000;
    let least = Infinity;
    for (let attempt = 0; attempt < 20; attempt++) {
      const start = performance.now();
      spin(turns);
      least = Math.min(least, performance.now() - start);
    }
    const spins = (microseconds: number): number => Math.ceil((turns * microseconds) / Math.max(least * 1000, 1));
    this.control[ADDRESS.barrierSpins / 4] = spins(BARRIER_MICROSECONDS);
    this.control[ADDRESS.idleSpins / 4] = spins(IDLE_MICROSECONDS);
  }

  private add(module: EngineModule): void {
    const sources: Record<string, SentSource> = {};
    for (const [name, source] of Object.entries(module.sources)) {
      if ("gemm" in source) {
        const { from, path } = source.blas;
        sources[name] = { gemm: source.gemm as "float32" | "float64", from, path };
      } else sources[name] = { module: source.module.number, name: source.name };
    }
    for (const worker of this.workers)
      worker.post({ kind: "add", number: module.number, module: module.module, sources });
    this.countMessage();
  }

  private remove(module: EngineModule): void {
    for (const worker of this.workers) worker.post({ kind: "remove", number: module.number });
    this.countMessage();
  }

  /** Sends workers that wait for runs back to their messages. */
  private countMessage(): void {
    Atomics.store(this.control, ADDRESS.sent / 4, ++this.sent);
    for (let thread = 1; thread <= this.workers.length; thread++) this.wake(thread);
  }

  private wake(thread: number): void {
    const line = workerLine(thread);
    Atomics.add(this.control, (line + WORKER.wake) / 4, 1);
    if (Atomics.load(this.control, (line + WORKER.asleep) / 4) !== 0)
      Atomics.notify(this.control, (line + WORKER.wake) / 4);
  }

  /** Why the pool can be used no more, or null. */
  get failure(): string | null {
    if (Atomics.load(this.control, ADDRESS.abort / 4) !== 0) {
      const length = this.control[ADDRESS.failure / 4];
      const start = ADDRESS.failure / 4 + 1;
      this.lost ??=
        length > 0
          ? String.fromCharCode(...this.control.subarray(start, start + length))
          : "it has not answered for a minute";
    }
    return this.lost;
  }

  /** How many threads could share a run now: those that have all modules. */
  get ready(): number {
    let threads = 1;
    while (
      threads <= this.workers.length &&
      Atomics.load(this.control, (workerLine(threads) + WORKER.handled) / 4) === this.sent
    )
      threads++;
    return threads;
  }

  /** Runs a plan on this thread and the first others of `threads`. */
  run(share: Share, threads: number): void {
    const { control } = this;
    control[ADDRESS.plan / 4] = share.module.number;
    control[ADDRESS.arena / 4] = share.arena;
    control[ADDRESS.threads / 4] = threads;
    control[ADDRESS.scratch / 4] = share.scratch;
    control[ADDRESS.scratchBytes / 4] = share.scratchBytes;
    this.runs++;
    for (let thread = 1; thread < threads; thread++) {
      Atomics.store(control, (workerLine(thread) + WORKER.run) / 4, this.runs);
      this.wake(thread);
    }
    try {
      share.module.exports.run(share.arena, share.scratch, 0, threads);
    } catch (error) {
      const failure = this.failure;
      Atomics.store(control, ADDRESS.abort / 4, 1);
      Atomics.notify(control, ADDRESS.generation / 4);
      this.lost ??= String(error);
      if (failure === null) throw error;
      throw new ThreadError(
        `a thread failed (${failure}) while it shared a step, whose results are not whole: go on from the last ` +
          "saved state; setThreads(1) or NORON_THREADS=1 does without threads",
      );
    }
  }

  stop(): void {
    observeModules(null);
    for (const worker of this.workers) worker.stop();
    this.workers.length = 0;
  }
}
