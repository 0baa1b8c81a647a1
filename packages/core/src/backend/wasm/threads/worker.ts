import type { bindGemm } from "../../blas/bind.ts";
import type { ADDRESS, FAILURE_LENGTH, WORKER } from "./control.ts";

/** Where a module's import is to be had, for another thread. */
export type SentSource =
  | { readonly module: number; readonly name: string }
  /** Where koffi is looked for, and the library that it loads. */
  | { readonly gemm: "float32" | "float64"; readonly from: string; readonly path: string };

/** What the main thread tells a worker. */
export type Message =
  | {
      readonly kind: "start";
      readonly thread: number;
      readonly line: number;
      readonly memory: WebAssembly.Memory;
      /** The number of the module that threads wait with, among those that follow. */
      readonly sync: number;
      readonly address: typeof ADDRESS;
      readonly word: typeof WORKER;
      readonly failureLength: typeof FAILURE_LENGTH;
    }
  | {
      readonly kind: "add";
      readonly number: number;
      readonly module: WebAssembly.Module;
      readonly sources: Readonly<Record<string, SentSource>>;
    }
  | { readonly kind: "remove"; readonly number: number };

type Functions = Record<string, (...values: number[]) => number>;

/**
 * A worker's whole life: it takes in modules, and between messages waits, inside WebAssembly, for runs. It is sent to
 * the worker as text, so it uses nothing but its parameters and what every engine has.
 */
export function runWorker(
  listen: (receive: (message: Message) => void) => void,
  requireFrom: (from: string, name: string) => unknown,
  bind: typeof bindGemm,
): void {
  const modules = new Map<number, Functions>();
  let start: Extract<Message, { kind: "start" }>;
  let control: Int32Array;
  let handled = 0;
  let seen = 0;
  let lastRun = 0;

  const word = (address: number): number => Atomics.load(control, address / 4);

  const fail = (error: unknown): void => {
    const text = String(error);
    const length = Math.min(text.length, start.failureLength);
    for (let index = 0; index < length; index++)
      control[start.address.failure / 4 + 1 + index] = text.charCodeAt(index);
    control[start.address.failure / 4] = length;
    Atomics.store(control, start.address.abort / 4, 1);
    Atomics.notify(control, start.address.generation / 4);
  };

  const take = (message: Message): void => {
    if (message.kind === "start") {
      start = message;
      control = new Int32Array(message.memory.buffer);
    } else if (message.kind === "add") {
      const env: Record<string, WebAssembly.ImportValue> = { memory: start.memory };
      for (const name of Object.keys(message.sources)) {
        const source = message.sources[name];
        if ("gemm" in source) {
          const koffi = requireFrom(source.from, "koffi") as Parameters<typeof bindGemm>[0];
          env[name] = bind(koffi, source.path, source.gemm, () => start.memory.buffer);
        } else env[name] = modules.get(source.module)![source.name];
      }
      const instance = new WebAssembly.Instance(message.module, { env });
      modules.set(message.number, instance.exports as unknown as Functions);
    } else modules.delete(message.number);
  };

  const work = (): void => {
    const { wait } = modules.get(start.sync)!;
    for (;;) {
      seen = wait(start.line, seen);
      const run = word(start.line + start.word.run);
      if (run !== lastRun) {
        lastRun = run;
        const { address, thread } = start;
        const scratch = word(address.scratch) + thread * word(address.scratchBytes);
        modules.get(word(address.plan))!.run(word(address.arena), scratch, thread, word(address.threads));
      } else if (handled < word(start.address.sent)) return;
    }
  };

  listen((message) => {
    try {
      take(message);
      handled++;
      Atomics.store(control, (start.line + start.word.handled) / 4, handled);
      if (handled >= word(start.address.sent)) work();
    } catch (error) {
      fail(error);
    }
  });
}
