import { StructureKey } from "../../graph/key.ts";
import { topologicalTo } from "../../graph/topological.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Backend, Effect, Prepared, RunInfo } from "../backend.ts";
import type { Blas } from "../blas/blas.ts";
import { Arena } from "./arena.ts";
import { WORTH_SHARING, type WorthSharing } from "./driver.ts";
import { Plan } from "./plan.ts";

/** Plans are kept up to about this many bytes, the least recently used going first. */
const CACHE_LIMIT = 64 * 2 ** 20;

/** Runs graphs as generated WebAssembly: one plan a structure, made once and kept. */
export class WasmBackend implements Backend {
  readonly name: "wasm" | "blas";
  private readonly plans = new Map<number, Plan[]>();
  private readonly arena = new Arena();
  private readonly scratch = new Arena();
  private readonly key = new StructureKey();
  private cachedBytes = 0;
  private clock = 0;
  /** The plan that was made or found last. */
  private last: Plan | null = null;
  /** Plans made so far. */
  plansMade = 0;

  /**
   * @param fuse false runs every operation as a kernel of its own.
   * @param blas takes over large matrix products.
   * @param worth From how much work on threads share it.
   */
  constructor(
    private readonly fuse = true,
    private readonly blas: Blas | null = null,
    private readonly worth: WorthSharing = WORTH_SHARING,
  ) {
    this.name = blas === null ? "wasm" : "blas";
  }

  /** Kernels that the last run called. */
  get lastKernels(): number {
    return this.last?.kernels ?? 0;
  }

  lastRun(): RunInfo | null {
    return this.last;
  }

  run(roots: readonly Tensor[], effects: readonly Effect[]): void {
    const order = topologicalTo(roots, effects);
    this.planFor(order, roots, effects).run(order, roots, effects, this.arena, this.scratch);
  }

  prepare(roots: readonly Tensor[], effects: readonly Effect[]): Prepared {
    const order = topologicalTo(roots, effects);
    const plan = this.planFor(order, roots, effects);
    return { plan, order, run: (outputs) => plan.run(order, outputs, effects, this.arena, this.scratch) };
  }

  private planFor(order: readonly Tensor[], roots: readonly Tensor[], effects: readonly Effect[]): Plan {
    this.key.build(order, roots, effects);
    const plan = this.find(order, roots, effects);
    plan.lastUsed = ++this.clock;
    this.last = plan;
    return plan;
  }

  private find(order: readonly Tensor[], roots: readonly Tensor[], effects: readonly Effect[]): Plan {
    const hash = this.key.hash();
    const candidates = this.plans.get(hash);
    const found = candidates?.find((plan) => this.key.equals(plan.key));
    if (found !== undefined) return found;
    const plan = new Plan(this.key.copy(), order, roots, effects, this.fuse, this.blas, this.worth);
    this.plansMade++;
    if (candidates === undefined) this.plans.set(hash, [plan]);
    else candidates.push(plan);
    this.cachedBytes += plan.bytes;
    if (this.cachedBytes > CACHE_LIMIT) this.evict(plan);
    return plan;
  }

  private evict(keep: Plan): void {
    const all = [...this.plans.entries()].flatMap(([hash, plans]) => plans.map((plan) => ({ hash, plan })));
    all.sort((a, b) => a.plan.lastUsed - b.plan.lastUsed);
    for (const { hash, plan } of all) {
      if (this.cachedBytes <= CACHE_LIMIT / 2) return;
      if (plan === keep) continue;
      const rest = this.plans.get(hash)!.filter((other) => other !== plan);
      if (rest.length === 0) this.plans.delete(hash);
      else this.plans.set(hash, rest);
      this.cachedBytes -= plan.bytes;
      plan.dispose();
    }
  }
}
