import { cpus, totalmem } from "node:os";
import { compile, type EngineInfo, engineInfo, randn, setThreads, type Tensor } from "@noron/core";
import { t } from "../language/current.ts";
import { noronVersion } from "../run/version.ts";
import { columns } from "./format.ts";
import { Log } from "./log.ts";

/** Size of the matrix product that is measured. */
const SIZE = 512;
const MEASURED_MILLISECONDS = 300;

/** noron doctor: what the engine found on this machine, how fast it is, and what would make it faster. */
export async function doctorCommand({ log: format }: { log?: string }): Promise<void> {
  const log = new Log(format === "json");
  const engine = engineInfo();
  const speeds = await measure(engine.threads);
  const advice = advise(engine);
  const machine = {
    processor: cpus()[0]?.model.trim() ?? t("doctor.unknownProcessor"),
    cores: cpus().length,
    memory: totalmem(),
  };
  const rows = [
    ["noron", noronVersion()],
    [t("doctor.engine"), `Node ${process.versions.node}, V8 ${process.versions.v8}`],
    [t("doctor.machine"), t("doctor.machineIs", { ...machine, memory: (machine.memory / 2 ** 30).toFixed(1) })],
    [t("doctor.products"), engine.blas === null ? "WebAssembly" : t("doctor.blas", { blas: engine.blas })],
    [t("doctor.multiplyAdd"), t(engine.relaxedSimd ? "doctor.relaxed" : "doctor.notRelaxed")],
    [
      t("doctor.threads"),
      engine.oneThreadReason === null
        ? String(engine.threads)
        : t("doctor.oneThread", { reason: engine.oneThreadReason }),
    ],
    ...speeds.map(({ threads, gigaflops }) => [
      t("doctor.product", { size: SIZE }),
      t("doctor.speed", { count: threads, gigaflops: gigaflops.toFixed(0) }),
    ]),
  ];
  for (const line of columns(rows)) log.result(line);
  for (const line of advice) log.note(t("doctor.faster", { advice: line }));
  log.event("doctor", {
    noron: noronVersion(),
    node: process.versions.node,
    v8: process.versions.v8,
    machine,
    engine,
    speeds,
    advice,
  });
}

function advise({ blas, relaxedSimd, threads, backend }: EngineInfo): string[] {
  const advice: string[] = [];
  if (blas === null && process.env.NORON_BLAS === "off") advice.push(t("doctor.unsetBlas"));
  else if (blas === null) advice.push(t("doctor.installKoffi"));
  if (!relaxedSimd && backend === "wasm") advice.push(t("doctor.newerNode"));
  const cores = cpus().length;
  if (threads < cores && process.env.NORON_THREADS !== undefined)
    advice.push(t("doctor.moreThreads", { threads: process.env.NORON_THREADS, cores }));
  return advice;
}

/** The best of many products, on one thread and on all. */
async function measure(threads: number): Promise<{ threads: number; gigaflops: number }[]> {
  const [a, b] = [randn([SIZE, SIZE]), randn([SIZE, SIZE])];
  const speeds: { threads: number; gigaflops: number }[] = [];
  for (const count of threads > 1 ? [1, threads] : [1]) {
    setThreads(count);
    const product = compile((x: Tensor, y: Tensor) => x.matmul(y));
    let best = Number.POSITIVE_INFINITY;
    const end = performance.now() + MEASURED_MILLISECONDS;
    for (let run = 0; performance.now() < end; run++) {
      const start = performance.now();
      product(a, b);
      best = Math.min(best, performance.now() - start);
      // Threads that are starting need the event loop.
      if (run % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    speeds.push({ threads: count, gigaflops: (2 * SIZE ** 3) / best / 1e6 });
  }
  return speeds;
}
