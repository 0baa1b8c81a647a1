import { findBlas } from "./blas/blas.ts";
import { type BackendName, getBackend } from "./choose.ts";
import { engineMemory } from "./memory.ts";
import { backend } from "./registry.ts";
import { hasRelaxedSimd } from "./wasm/features.ts";
import { getThreads, oneThreadReason } from "./wasm/threads/threads.ts";

/** What the engine found on this machine. */
export interface EngineInfo {
  readonly backend: BackendName;
  /** Whether WebAssembly has a multiply-add in one instruction here, with which products are about a third faster. */
  readonly relaxedSimd: boolean;
  /** Threads that large steps are shared among. */
  readonly threads: number;
  /** Why there is only one, where it cannot be changed; null otherwise. */
  readonly oneThreadReason: string | null;
  /** The file of the machine's BLAS, or null where none was found. */
  readonly blas: string | null;
  /** Bytes of engine memory in use. */
  readonly memory: number;
  /**
   * Of the last evaluation that was traced (a training step, where its loss has just been read): the kernels that it ran
   * and the bytes that these read and wrote. Null before the first, and on the reference backend.
   */
  readonly lastRun: { readonly kernels: number; readonly bytesMoved: number } | null;
}

/** What the engine found on this machine, for diagnosis and to be kept beside results. */
export function engineInfo(): EngineInfo {
  const last = backend().lastRun?.() ?? null;
  return {
    backend: getBackend(),
    relaxedSimd: hasRelaxedSimd(),
    threads: getThreads(),
    oneThreadReason: oneThreadReason(),
    blas: findBlas()?.path ?? null,
    memory: engineMemory().used,
    lastRun: last && { kernels: last.kernels, bytesMoved: last.bytesMoved },
  };
}
