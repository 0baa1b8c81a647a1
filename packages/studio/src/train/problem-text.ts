import { currentLanguage, t } from "../i18n/i18n.svelte.ts";
import type { ExperimentProblem } from "../worker/problem.ts";

/** A problem in a sentence; what the library only says in English stands in it as the library says it. */
export function problemText({ code, values }: ExperimentProblem): string {
  if (code !== "library") return finished(String(t(`network:problem.${code}`, values as never)));
  const message = String(values[currentLanguage()]);
  const foreign = currentLanguage() !== "en" && values.vi === values.en;
  return finished(foreign ? t("network:libraryWords", { message }) : message);
}

const finished = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);
