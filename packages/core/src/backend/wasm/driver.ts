import { engineMemory } from "../memory.ts";
import { type FunctionBuilder, I32, type Local, type ModuleBuilder } from "./assembler.ts";
import type { CallablePart } from "./kernels.ts";
import type { Source } from "./modules.ts";
import { synchronization } from "./threads/sync.ts";

/** Nanoseconds of work below which threads would only wait for each other. */
export interface WorthSharing {
  readonly part: number;
  /** All parts of a plan that are worth sharing. */
  readonly plan: number;
}

export const WORTH_SHARING: WorthSharing = { part: 4000, plan: 20_000 };

interface Step {
  readonly part: CallablePart;
  readonly pushArguments: (fn: FunctionBuilder) => void;
}

/**
 * Writes a plan's driver, run(arena, scratch, thread, threads): every thread calls it, does its share of each part that
 * is worth sharing, and waits at barriers between parts; the rest is done by thread 0.
 */
export class DriverBuilder {
  static readonly ARENA: Local = 0;
  static readonly SCRATCH: Local = 1;
  private static readonly THREAD: Local = 2;
  private static readonly THREADS: Local = 3;

  private readonly steps: Step[] = [];
  private readonly barrier: number | null = null;
  readonly sources: Record<string, Source> = {};
  private fn!: FunctionBuilder;

  constructor(
    private readonly module: ModuleBuilder,
    private readonly worth: WorthSharing,
  ) {
    if (!engineMemory().isShared) return;
    this.barrier = module.importFunction("barrier", [I32], []);
    this.sources.barrier = { module: synchronization(), name: "barrier" };
  }

  /** Starts the function, after all imports. */
  begin(): void {
    this.fn = this.module.function([I32, I32, I32, I32]);
  }

  /** Adds the parts of a kernel, which all take the same arguments. */
  call(parts: readonly CallablePart[], pushArguments: (fn: FunctionBuilder) => void): void {
    for (const part of parts) this.steps.push({ part, pushArguments });
  }

  /** Writes it all, and gives the nanoseconds of work that threads can share: 0 where one thread does it all. */
  end(): number {
    const { fn } = this;
    const isShared = ({ part }: Step): boolean => part.tasks > 1 && part.cost >= this.worth.part;
    let cost = this.steps.filter(isShared).reduce((sum, { part }) => sum + part.cost, 0);
    if (cost < this.worth.plan || this.barrier === null) cost = 0;
    if (cost === 0) for (const step of this.steps) this.whole(step);
    else {
      const [begin, end, share] = [fn.local(I32), fn.local(I32), fn.local(I32)];
      let before: "shared" | "alone" | null = null;
      const wait = (): void => {
        fn.get(DriverBuilder.THREADS).call(this.barrier!);
      };
      for (let at = 0; at < this.steps.length; ) {
        if (before !== null) wait();
        if (isShared(this.steps[at])) {
          this.share(this.steps[at++], begin, end, share);
          before = "shared";
        } else {
          fn.get(DriverBuilder.THREAD).op("i32.eqz").if();
          while (at < this.steps.length && !isShared(this.steps[at])) this.whole(this.steps[at++]);
          fn.end();
          before = "alone";
        }
      }
      if (before === "shared") wait();
    }
    this.module.export("run", fn);
    return cost;
  }

  private whole({ part, pushArguments }: Step): void {
    this.fn.i32(0).i32(part.tasks);
    pushArguments(this.fn);
    this.fn.call(part.index);
  }

  /** The thread's share of a part's tasks: thread · ⌈tasks / threads⌉ and on. */
  private share({ part, pushArguments }: Step, begin: Local, end: Local, share: Local): void {
    const { fn } = this;
    fn.get(DriverBuilder.THREADS)
      .i32(part.tasks - 1)
      .op("i32.add")
      .get(DriverBuilder.THREADS)
      .op("i32.div_u")
      .tee(share);
    fn.get(DriverBuilder.THREAD).op("i32.mul").tee(begin).get(share).op("i32.add").setAtMost(end, part.tasks);
    fn.get(begin).get(end).op("i32.lt_s").if();
    fn.get(begin).get(end);
    pushArguments(fn);
    fn.call(part.index).end();
  }
}
