import type { Backend } from "./backend.ts";
import { findBlas } from "./blas/blas.ts";
import { reference } from "./reference/reference.ts";
import { backend, useBackend } from "./registry.ts";
import { WasmBackend } from "./wasm/wasm.ts";

/**
 * What can run graphs: the WebAssembly engine, the same with large products by the machine's BLAS (in Node, with the
 * optional package koffi), or the slow reference in plain float64 that they are tested against.
 */
export type BackendName = "wasm" | "blas" | "reference";

const known = new Map<string, Backend>([["reference", reference]]);

/** The name of the backend that evaluates everything from now on. */
export function getBackend(): BackendName {
  return backend().name as BackendName;
}

/**
 * Chooses the backend that evaluates everything from now on. Without a choice it is "blas" where a BLAS is found, and
 * else "wasm".
 * @throws RangeError for a name that is no backend, Error for "blas" where none is found.
 */
export function setBackend(name: BackendName): void {
  const present = backend();
  if (!known.has(present.name)) known.set(present.name, present);
  let next = known.get(name);
  if (next === undefined) {
    if (name === "wasm") next = new WasmBackend();
    else if (name === "blas") {
      const blas = findBlas();
      if (blas === null)
        throw new Error(
          "no BLAS was found: it needs Node, npm install koffi, and OpenBLAS, MKL or Accelerate on the machine",
        );
      next = new WasmBackend(true, blas);
    } else throw new RangeError(`there is no backend "${name}"; the backends are "wasm", "blas" and "reference"`);
    known.set(name, next);
  }
  useBackend(next);
}
