/**
 * Gives the event loop a turn now and then: promises alone never let signals, pages and finalizers through.
 */

const INTERVAL = 10;
let last = 0;

interface Host {
  setImmediate?: (callback: () => void) => unknown;
}

/** Resolves after a macrotask if the last was 10 ms ago or more, else at once. */
export async function takeTurn(): Promise<void> {
  if (performance.now() - last < INTERVAL) return;
  await new Promise<void>((resolve) => {
    const { setImmediate } = globalThis as Host;
    if (setImmediate !== undefined) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
  last = performance.now();
}
