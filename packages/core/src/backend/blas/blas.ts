import type { DType } from "../../tensor/dtype.ts";
import { engineMemory } from "../memory.ts";
import { bindGemm, type Gemm, type Koffi } from "./bind.ts";

/** A BLAS that was found on this machine. */
export interface Blas {
  /** The file that it was loaded from. */
  readonly path: string;
  /** The module from whose place koffi is looked for. */
  readonly from: string;
  gemm(dtype: DType): Gemm | null;
}

interface NodeProcess {
  readonly env: Record<string, string | undefined>;
  readonly platform: string;
  readonly versions: { readonly bun?: string };
  getBuiltinModule?(name: string): unknown;
}

/** Where systems put a BLAS with the C interface, the fastest first. */
const LIBRARIES: Record<string, readonly string[]> = {
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate"],
  linux: ["libopenblas.so.0", "libopenblas.so", "libmkl_rt.so.2", "libmkl_rt.so"],
  win32: ["libopenblas.dll", "mkl_rt.2.dll"],
};

let found: Blas | null | undefined;

/**
 * The machine's BLAS, where there is one and the optional package koffi is installed; null in other engines than
 * Node, and where the environment says NORON_BLAS=off. NORON_BLAS may also name the library's file.
 */
export function findBlas(): Blas | null {
  if (found === undefined) found = searchBlas(import.meta.url);
  return found;
}

/** As findBlas, with the koffi that is found from a file's place, and searched for anew. */
export function searchBlas(from: string): Blas | null {
  const { process, Deno } = globalThis as { process?: NodeProcess; Deno?: unknown };
  // Deno and Bun look like Node, but call native code in ways of their own, and Deno asks before it shows the environment.
  if (process?.getBuiltinModule === undefined || Deno !== undefined || process.versions.bun !== undefined) return null;
  const wanted = process.env.NORON_BLAS;
  if (wanted === "off" || wanted === "0") return null;
  const koffi = loadKoffi(process, from);
  if (koffi === null) {
    if (wanted !== undefined && wanted !== "") throw new Error("NORON_BLAS needs the package koffi: npm install koffi");
    return null;
  }
  for (const path of wanted ? [wanted] : (LIBRARIES[process.platform] ?? [])) {
    const blas = open(koffi, path, from);
    if (blas !== null) return blas;
  }
  if (wanted) throw new Error(`NORON_BLAS names ${wanted}, which could not be loaded as a BLAS with the C interface`);
  return null;
}

function loadKoffi(process: NodeProcess, place: string): Koffi | null {
  const { createRequire } = process.getBuiltinModule!("node:module") as {
    createRequire(from: string): (name: string) => unknown;
  };
  try {
    return createRequire(place)("koffi") as Koffi;
  } catch {
    // Not installed beside noron: it is optional.
    return null;
  }
}

function open(koffi: Koffi, path: string, from: string): Blas | null {
  const bind = (dtype: "float32" | "float64"): Gemm => bindGemm(koffi, path, dtype, () => engineMemory().buffer);
  try {
    const gemms = new Map<DType, Gemm>([
      ["float32", bind("float32")],
      ["float64", bind("float64")],
    ]);
    return { path, from, gemm: (dtype) => gemms.get(dtype) ?? null };
  } catch {
    // Missing, or not a BLAS with the C interface.
    return null;
  }
}
