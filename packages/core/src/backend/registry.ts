import type { Backend } from "./backend.ts";
import { findBlas } from "./blas/blas.ts";
import { WasmBackend } from "./wasm/wasm.ts";

let current: Backend | null = null;

/** The backend that evaluates graphs: the WebAssembly engine, with the machine's BLAS where there is one. */
export function backend(): Backend {
  current ??= new WasmBackend(true, findBlas());
  return current;
}

/** Chooses the backend of everything evaluated from now on; returns the one before. */
export function useBackend(next: Backend): Backend {
  const before = backend();
  current = next;
  return before;
}
