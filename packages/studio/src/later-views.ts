import { studio } from "./state.svelte.ts";

/** The views that the page does not wait for. */
export const LATER_VIEWS = {
  inside: () => import("./inside/Inside.svelte"),
  lessons: () => import("./lessons/Lessons.svelte"),
  run: () => import("./run/RunView.svelte"),
} as const;

export type LaterView = keyof typeof LATER_VIEWS;

/** Safari has no idle time; a second after the first training it is not busy loading. */
const idle = (): Promise<unknown> =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(resolve, { timeout: 4000 });
    else setTimeout(resolve, 1000);
  });

/**
 * Fetches in idle time all that the page has not fetched yet, so that from then on it needs no network. What fails is tried
 * again when the network is back, and by the view itself when it is shown.
 */
export async function fetchAhead(): Promise<void> {
  try {
    for (const fetchView of Object.values(LATER_VIEWS)) {
      await idle();
      await fetchView();
    }
    await idle();
    await document.fonts.load("1em Formulas");
    await studio.worker.fetchAhead();
  } catch {
    addEventListener("online", () => void fetchAhead(), { once: true });
  }
}
