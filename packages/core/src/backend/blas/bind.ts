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

/** The part of koffi (an optional package for calling native libraries) that is used here. */
export interface Koffi {
  load(path: string): { func(prototype: string): (...values: unknown[]) => unknown };
  address(view: Uint8Array): bigint;
}

/**
 * The library's product for a dtype. Threads make it for themselves from this function's text, so it uses nothing but
 * its parameters.
 * @throws Error from koffi, where the library is missing or is no BLAS with the C interface.
 */
export function bindGemm(
  koffi: Koffi,
  path: string,
  dtype: "float32" | "float64",
  memory: () => ArrayBufferLike,
): Gemm {
  const [rowMajor, plain, transposed] = [101, 111, 112];
  const [name, type] = dtype === "float32" ? ["cblas_sgemm", "float"] : ["cblas_dgemm", "double"];
  const library = koffi.load(path);
  const native = library.func(
    `void ${name}(int order, int transposeA, int transposeB, int m, int n, int k, ${type} alpha, uintptr_t a, int lda, ` +
      `uintptr_t b, int ldb, ${type} beta, uintptr_t c, int ldc)`,
  );
  // Its own threads would contend with ours.
  try {
    library.func("void openblas_set_num_threads(int)")(1);
  } catch {
    // Another library.
  }
  let buffer: ArrayBufferLike | null = null;
  let base = 0;
  return (transposedA, transposedB, rows, columns, inner, a, lda, b, ldb, c, ldc) => {
    const now = memory();
    if (now !== buffer) {
      buffer = now;
      // A view, since koffi takes no SharedArrayBuffer by itself.
      base = Number(koffi.address(new Uint8Array(now)));
    }
    native(
      rowMajor,
      transposedA ? transposed : plain,
      transposedB ? transposed : plain,
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
