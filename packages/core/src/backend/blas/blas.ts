import type { DType } from "../../tensor/dtype.ts";
import { engineMemory } from "../memory.ts";

/**
 * A product by the machine's BLAS, on engine memory: c = a b with row-major c. Addresses are in engine memory; a factor
 * is stored by rows, or by columns where its flag is 1; lda, ldb, ldc are elements from one row (or column) to the next.
 */
export type Gemm = (
  transposedA: number,
  transposedB: number,
  rows: number,
  columns: number,
  inner: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  c: number,
  ldc: number,
) => void;

/** A BLAS that was found on this machine. */
export interface Blas {
  /** The file that it was loaded from. */
  readonly path: string;
  gemm(dtype: DType): Gemm | null;
}

/** The part of koffi (an optional package for calling native libraries) that is used here. */
interface Koffi {
  load(path: string): { func(prototype: string): (...values: unknown[]) => unknown };
  address(buffer: ArrayBuffer | Uint8Array): bigint;
}

interface NodeProcess {
  readonly env: Record<string, string | undefined>;
  readonly platform: string;
  readonly versions: { readonly bun?: string };
  getBuiltinModule?(name: string): unknown;
}

const ROW_MAJOR = 101;
const PLAIN = 111;
const TRANSPOSED = 112;

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
  if (found === undefined) found = search();
  return found;
}

function search(): Blas | null {
  const { process, Deno } = globalThis as { process?: NodeProcess; Deno?: unknown };
  // Deno and Bun look like Node, but call native code in ways of their own, and Deno asks before it shows the environment.
  if (process?.getBuiltinModule === undefined || Deno !== undefined || process.versions.bun !== undefined) return null;
  const wanted = process.env.NORON_BLAS;
  if (wanted === "off" || wanted === "0") return null;
  const koffi = loadKoffi(process);
  if (koffi === null) {
    if (wanted !== undefined && wanted !== "") throw new Error("NORON_BLAS needs the package koffi: npm install koffi");
    return null;
  }
  for (const path of wanted ? [wanted] : (LIBRARIES[process.platform] ?? [])) {
    const blas = open(koffi, path);
    if (blas !== null) return blas;
  }
  if (wanted) throw new Error(`NORON_BLAS names ${wanted}, which could not be loaded as a BLAS with the C interface`);
  return null;
}

function loadKoffi(process: NodeProcess): Koffi | null {
  const { createRequire } = process.getBuiltinModule!("node:module") as {
    createRequire(from: string): (name: string) => unknown;
  };
  try {
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch {
    // Not installed beside noron: it is optional.
    return null;
  }
}

function open(koffi: Koffi, path: string): Blas | null {
  const gemms = new Map<DType, Gemm>();
  try {
    const library = koffi.load(path);
    for (const [dtype, name, type] of [
      ["float32", "cblas_sgemm", "float"],
      ["float64", "cblas_dgemm", "double"],
    ] as const) {
      const native = library.func(
        `void ${name}(int order, int transposeA, int transposeB, int m, int n, int k, ${type} alpha, uintptr_t a, int lda, ` +
          `uintptr_t b, int ldb, ${type} beta, uintptr_t c, int ldc)`,
      );
      gemms.set(dtype, onEngineMemory(koffi, native));
    }
    // Its own threads would contend with ours.
    try {
      library.func("void openblas_set_num_threads(int)")(1);
    } catch {
      // Another library.
    }
  } catch {
    return null;
  }
  return { path, gemm: (dtype) => gemms.get(dtype) ?? null };
}

function onEngineMemory(koffi: Koffi, native: (...values: unknown[]) => unknown): Gemm {
  let buffer: ArrayBuffer | null = null;
  let base = 0;
  return (transposedA, transposedB, rows, columns, inner, a, lda, b, ldb, c, ldc) => {
    const now = engineMemory().buffer;
    if (now !== buffer) {
      buffer = now;
      base = Number(koffi.address(now));
    }
    native(
      ROW_MAJOR,
      transposedA ? TRANSPOSED : PLAIN,
      transposedB ? TRANSPOSED : PLAIN,
      rows,
      columns,
      inner,
      1,
      base + (a >>> 0),
      lda,
      base + (b >>> 0),
      ldb,
      0,
      base + (c >>> 0),
      ldc,
    );
  };
}
