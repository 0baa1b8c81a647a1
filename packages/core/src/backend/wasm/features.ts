/** A module whose one function uses relaxed SIMD's fused multiply-add. */
const PROBE = [
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b, 3, 2, 1, 0, 10, 13, 1, 11, 0, 0x20, 0,
  0x20, 1, 0x20, 2, 0xfd, 0x85, 0x02, 0x0b,
];

interface NodeProcess {
  readonly versions?: { readonly node?: string; readonly bun?: string };
  getBuiltinModule?(name: string): { setFlagsFromString?(flag: string): void } | undefined;
}

let relaxed: boolean | undefined;

/** Whether this engine has relaxed SIMD's fused multiply-add. Node 20 has it behind a flag, which is set here. */
export function hasRelaxedSimd(): boolean {
  if (relaxed !== undefined) return relaxed;
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.versions?.node?.startsWith("20.") && process.versions.bun === undefined) {
    process.getBuiltinModule?.("node:v8")?.setFlagsFromString?.("--experimental-wasm-relaxed-simd");
  }
  relaxed = WebAssembly.validate(new Uint8Array(PROBE));
  return relaxed;
}
