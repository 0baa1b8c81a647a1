import type { Backend } from "./backend.ts";
import { reference } from "./reference/reference.ts";
import { backend, useBackend } from "./registry.ts";
import { WasmBackend } from "./wasm/wasm.ts";

/** What can run graphs: the WebAssembly engine, or the slow reference in plain float64 that it is tested against. */
export type BackendName = "wasm" | "reference";

let wasm: Backend | null = null;

/** The name of the backend that evaluates everything from now on. */
export function getBackend(): string {
  return backend().name;
}

/**
 * Chooses the backend that evaluates everything from now on.
 * @throws RangeError for a name that is not one of "wasm" and "reference".
 */
export function setBackend(name: BackendName): void {
  if (name === "reference") {
    wasm ??= backend();
    useBackend(reference);
  } else if (name === "wasm") {
    if (backend().name !== "wasm") useBackend(wasm ?? new WasmBackend());
  } else throw new RangeError(`there is no backend "${name}"; the backends are "wasm" and "reference"`);
}
