import { t } from "../i18n/i18n.svelte.ts";

/** A feature as the page calls it: that a cell was missing is said in its language, all else is the file's own. */
export function featureName(name: string): string {
  return name.replace(/=\(missing\)$/, () => `=(${t("data:missingFeature")})`);
}
