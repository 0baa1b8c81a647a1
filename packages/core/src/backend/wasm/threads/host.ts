import { MAX_THREADS } from "./control.ts";
import type { Message } from "./worker.ts";

/** A thread as its host gives it. */
export interface HostWorker {
  post(message: Message): void;
  stop(): void;
}

interface NodeWorker {
  postMessage(message: unknown): void;
  on(event: "error" | "exit", told: (what: unknown) => void): void;
  terminate(): void;
  unref(): void;
}

interface WorkerThreads {
  readonly Worker: new (source: string, options: { eval: true; name: string; execArgv: string[] }) => NodeWorker;
}

interface WebWorker {
  postMessage(message: unknown): void;
  addEventListener(event: "error", told: (event: { message?: string }) => void): void;
  terminate(): void;
  unref?(): void;
}

interface Host {
  readonly process?: {
    readonly versions?: { readonly node?: string; readonly bun?: string };
    readonly env?: Record<string, string | undefined>;
    getBuiltinModule?(name: string): unknown;
  };
  readonly Deno?: unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker?: new (url: string, options: { name: string }) => WebWorker;
  readonly document?: unknown;
}

const host = globalThis as Host;

/** Node's own modules, or undefined elsewhere. Bun and Deno answer to the same call. */
function builtin<Module>(name: string): Module | undefined {
  return host.process?.getBuiltinModule?.(name) as Module | undefined;
}

/** Cores of this machine that the process may use. */
export function cores(): number {
  const parallelism = builtin<{ availableParallelism?(): number }>("node:os")?.availableParallelism?.();
  return Math.min(MAX_THREADS, Math.max(1, parallelism ?? host.navigator?.hardwareConcurrency ?? 1));
}

/** What the environment says of a setting; undefined where there is no environment, or it may not be read. */
export function environment(name: string): string | undefined {
  // Deno asks its user before it shows the environment.
  return host.Deno === undefined ? host.process?.env?.[name] : undefined;
}

/** Whether the present thread may sleep while others work: a page's own thread may not. */
export function maySleep(): boolean {
  return host.document === undefined || host.process?.versions?.node !== undefined;
}

const NODE_START = `const { parentPort } = process.getBuiltinModule("node:worker_threads");
const { createRequire } = process.getBuiltinModule("node:module");
const listen = (receive) => parentPort.on("message", receive);
const requireFrom = (from, name) => createRequire(from)(name);
`;
const WEB_START = `const listen = (receive) => addEventListener("message", (event) => receive(event.data));
const requireFrom = null;
`;

/**
 * Starts a thread that runs a function's text with (listen, requireFrom).
 * @param text JavaScript for a call with these two.
 * @param ended Told when the thread has ended although nobody stopped it.
 * @returns null where the host has no threads.
 */
export function startWorker(text: string, ended: (why: string) => void): HostWorker | null {
  const threads = host.process?.versions?.bun === undefined ? builtin<WorkerThreads>("node:worker_threads") : undefined;
  if (threads !== undefined) {
    const worker = new threads.Worker(NODE_START + text, { eval: true, name: "noron", execArgv: [] });
    let stopped = false;
    const tell = (why: string): void => {
      if (!stopped) ended(why);
      stopped = true;
    };
    worker.on("error", (error) => tell(String(error)));
    worker.on("exit", (code) => tell(`it exited with code ${code}`));
    worker.unref();
    return {
      post: (message) => worker.postMessage(message),
      stop: () => {
        stopped = true;
        worker.terminate();
      },
    };
  }
  if (host.Worker === undefined) return null;
  const url = URL.createObjectURL(new Blob([WEB_START + text], { type: "text/javascript" }));
  try {
    const worker = new host.Worker(url, { name: "noron" });
    worker.addEventListener("error", (event) => ended(event.message ?? "it could not be started"));
    worker.unref?.();
    return { post: (message) => worker.postMessage(message), stop: () => worker.terminate() };
  } catch {
    // A page's content policy may refuse workers made from text.
    return null;
  } finally {
    // The worker reads it while it starts.
    (setTimeout(() => URL.revokeObjectURL(url), 60_000) as { unref?(): void }).unref?.();
  }
}
