import type { inspect } from "@noron/core";
import { formatNumber, t } from "../i18n/i18n.svelte.ts";

/** A histogram in a sentence: its range, and where most of its values lie. */
export function histogramText({ low, high, counts }: inspect.Histogram, of: string, layer: string): string {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts);
  const fullest = counts.indexOf(most);
  const edge = (bar: number): string => formatNumber(low + (bar / counts.length) * (high - low), 2);
  const range = { low: formatNumber(low, 2), high: formatNumber(high, 2), from: edge(fullest), to: edge(fullest + 1) };
  return t("train:histogramLabel", { of, layer, all, most, ...range });
}
