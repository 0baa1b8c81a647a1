import type { DType } from "../../tensor/dtype.ts";
import type { Blas } from "../blas/blas.ts";
import { engineMemory } from "../memory.ts";

/** Where an import of a module comes from: one that another module exports, or a product by the machine's BLAS. */
export type Source =
  | { readonly module: EngineModule; readonly name: string }
  | { readonly gemm: DType; readonly blas: Blas };

/** Told of modules as they come and go, so that threads have them too. */
export interface ModuleObserver {
  added(module: EngineModule): void;
  removed(module: EngineModule): void;
}

const live = new Set<EngineModule>();
let observer: ModuleObserver | null = null;
let count = 0;

/** The modules in use, in the order in which they can be instantiated; `told` hears of every later one. */
export function observeModules(told: ModuleObserver | null): Iterable<EngineModule> {
  observer = told;
  return live;
}

/** A compiled module on the engine's memory, whose imports are described so that other threads can instantiate it too. */
export class EngineModule {
  readonly number = ++count;
  readonly module: WebAssembly.Module;
  readonly exports: Record<string, (...values: number[]) => number>;
  private users = 1;

  constructor(
    code: Uint8Array<ArrayBuffer>,
    readonly sources: Readonly<Record<string, Source>>,
  ) {
    this.module = new WebAssembly.Module(code);
    const env: Record<string, WebAssembly.ImportValue> = { memory: engineMemory().memory };
    for (const [name, source] of Object.entries(sources)) {
      if ("gemm" in source) env[name] = source.blas.gemm(source.gemm)!;
      else {
        source.module.retain();
        env[name] = source.module.exports[source.name] as unknown as WebAssembly.ImportValue;
      }
    }
    const instance = new WebAssembly.Instance(this.module, { env });
    this.exports = instance.exports as typeof this.exports;
    live.add(this);
    observer?.added(this);
  }

  retain(): void {
    this.users++;
  }

  /** Once nobody uses it, it is forgotten, and so is what only it used. */
  release(): void {
    if (--this.users > 0) return;
    live.delete(this);
    observer?.removed(this);
    for (const source of Object.values(this.sources)) if ("module" in source) source.module.release();
  }
}
