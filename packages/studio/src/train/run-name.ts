import { OPTIMIZERS } from "../experiment/catalog.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { defaultOptions } from "../experiment/options.ts";
import { formatNumber, t } from "../i18n/i18n.svelte.ts";

/** What tells a kept run from others in a legend: its optimizer, size of batches and layers. */
export function runName(id: number, experiment: Experiment): string {
  const batch = t("train:runBatch", { size: formatNumber(experiment.batchSize) });
  return `${id}: ${[optimizerOf(experiment), batch, ...layersOf(experiment)].join(" · ")}`;
}

/** The rate, and what is set otherwise than a new one has it. */
function optimizerOf({ optimizer: { type, options } }: Experiment): string {
  const defaults = defaultOptions(OPTIMIZERS[type].options);
  const others = Object.entries(options)
    .filter(([name, value]) => name !== "lr" && value !== defaults[name])
    .map(([name, value]) => {
      const label = t(`network:option.${name as "momentum"}`);
      return typeof value === "number" ? `${label} ${formatNumber(value)}` : label;
    });
  return [`${type} ${formatNumber(Number(options.lr))}`, ...others].join(", ");
}

/** Sizes, each with what comes after its layer; as many in a row as are alike once. */
function layersOf({ layers }: Experiment): string[] {
  const groups: string[] = [];
  for (const { type, options } of layers) {
    const { outFeatures } = options;
    if (outFeatures !== undefined) groups.push(outFeatures === null ? "" : String(outFeatures));
    else groups.push(`${groups.pop() ?? ""} ${type}`.trim());
  }
  const named = groups.filter((group) => group !== "");
  const counted: { group: string; times: number }[] = [];
  for (const group of named) {
    const last = counted.at(-1);
    if (last?.group === group) last.times++;
    else counted.push({ group, times: 1 });
  }
  return counted.map(({ group, times }) => (times === 1 ? group : `${times} × (${group})`));
}
