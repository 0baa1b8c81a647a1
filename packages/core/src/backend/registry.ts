import type { Backend } from "./backend.ts";
import { reference } from "./reference/reference.ts";

let current: Backend = reference;

export function backend(): Backend {
  return current;
}

export function useBackend(next: Backend): void {
  current = next;
}
