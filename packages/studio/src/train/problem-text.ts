import { currentLanguage, formatNumber, t } from "../i18n/i18n.svelte.ts";
import type { ExperimentProblem } from "../worker/problem.ts";

/** A problem in a sentence; what the library only says in English stands in it as the library says it. */
export function problemText({ code, values }: ExperimentProblem): string {
  if (code !== "library") {
    const written = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "number" ? formatNumber(value) : value,
    ]);
    return finished(String(t(`network:problem.${code}`, Object.fromEntries(written) as never)));
  }
  const message = String(values[currentLanguage()]);
  const foreign = currentLanguage() !== "en" && values.vi === values.en;
  return finished(foreign ? t("network:libraryWords", { message }) : message);
}

const finished = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);
