import { proxy, type Remote, wrap } from "comlink";
import type { Snapshot } from "./protocol.ts";
import type { StudioWorker } from "./studio-worker.ts";

/** The worker, as the page calls it. */
export type StudioClient = Remote<StudioWorker>;

/** The worker, and what ends it in the middle of whatever it does: what it was asked for is never answered then. */
export interface StartedWorker {
  client: StudioClient;
  end(): void;
}

/** Starts the worker; each snapshot is taken in a frame of the page's own. */
export function startWorker(receive: (snapshot: Snapshot) => void, failed: (message: string) => void): StartedWorker {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", (event) => failed(event.message));
  const client = wrap<StudioWorker>(worker);
  const inFrame = (snapshot: Snapshot): Promise<void> =>
    new Promise((resolve) => {
      // A page that is not looked at draws no frames; training goes on, and nothing piles up.
      requestAnimationFrame(() => {
        receive(snapshot);
        resolve();
      });
    });
  void client.subscribe(proxy(inFrame));
  return { client, end: () => worker.terminate() };
}
