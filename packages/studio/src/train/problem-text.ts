import { currentLanguage, t } from "../i18n/i18n.svelte.ts";
import type { ExperimentProblem } from "../worker/problem.ts";

/** A problem in a sentence. What the library says itself is in its own words. */
export function problemText({ code, values }: ExperimentProblem): string {
  if (code === "library") {
    const message = String(values[currentLanguage()]);
    return /[.!?]$/.test(message) ? message : `${message}.`;
  }
  return String(t(`network:problem.${code}`, values as never));
}
