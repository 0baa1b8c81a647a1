import { existsSync, readdirSync } from "node:fs";
import { numbers, sample } from "../lib/numbers.mjs";

const ROW_MAJOR = 101;
const PLAIN = 111;
const TRANSPOSED = 112;

/** Where Linux distributions put it; NORON_BENCH_OPENBLAS names another file. */
function find() {
  if (process.env.NORON_BENCH_OPENBLAS) return process.env.NORON_BENCH_OPENBLAS;
  for (const folder of ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]) {
    if (!existsSync(folder)) continue;
    const file = readdirSync(folder).find((name) => /^libopenblas.*\.so/.test(name));
    if (file !== undefined) return `${folder}/${file}`;
  }
  throw new Error("OpenBLAS is not installed (libopenblas0 on Debian)");
}

/** OpenBLAS's cblas_sgemm itself, called on memory outside the collector's reach. */
export async function open({ threads = 1 } = {}) {
  const { default: koffi } = await import("koffi");
  const library = koffi.load(find());
  library.func("void openblas_set_num_threads(int)")(threads);
  const version = library.func("const char *openblas_get_config()")();
  const gemm = library.func(
    "void cblas_sgemm(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, const void *a, int lda, const void *b, int ldb, float beta, void *c, int ldc)",
  );
  return {
    version: String(version).split(" ").slice(0, 2).join(" "),
    make({ kind, m, k, n, transposeA, transposeB }) {
      if (kind !== "product") return null;
      // Addresses, so that the call copies nothing.
      const native = (values) => {
        const address = koffi.alloc("float", values.length);
        new Float32Array(koffi.view(address, values.length * 4)).set(values);
        return address;
      };
      const a = native(numbers(1, m * k));
      const b = native(numbers(2, k * n));
      const c = native(new Float32Array(m * n));
      const once = () =>
        gemm(
          ROW_MAJOR,
          transposeA ? TRANSPOSED : PLAIN,
          transposeB ? TRANSPOSED : PLAIN,
          m,
          n,
          k,
          1,
          a,
          transposeA ? m : k,
          b,
          transposeB ? k : n,
          0,
          c,
          n,
        );
      return {
        check() {
          once();
          return sample(new Float32Array(koffi.view(c, m * n * 4)));
        },
        run(count) {
          for (let step = 0; step < count; step++) once();
        },
        dispose() {
          for (const address of [a, b, c]) koffi.free(address);
        },
      };
    },
  };
}
