import { labelledExamples } from "../data/examples.ts";
import { loadData } from "../data/source.ts";
import { t } from "../language/current.ts";
import { LOSSES } from "../model/choices.ts";
import { computeOutputs } from "../model/outputs.ts";
import { scoreBaseline, scoreOutputs } from "../model/scores.ts";
import { describeBaseline, describeScores, describeWarning } from "./describe.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";

/** noron evaluate: measures a run on other data, prepared as in training. */
export async function evaluateCommand(
  folder: string,
  source: string[],
  { model: file, log: format }: { model?: string; log?: string },
): Promise<void> {
  const log = new Log(format === "json");
  const { config, preprocessing, classes, model } = await openRunFolder(log, folder, file);
  const loaded = await loadData(source);
  const examples = labelledExamples(preprocessing, loaded);
  for (const note of examples.notes) log.note(describeWarning(note));
  if (loaded.hash === config.data.hash) log.note(t("words.warning", { text: t("data.trainedOn") }));
  const outputs = await computeOutputs(model, examples, config.network.outputs);
  const scores = scoreOutputs(outputs, preprocessing, examples, LOSSES[config.loss].make());
  const baseline = scoreBaseline({ value: config.baseline }, examples, classes.length);
  const baselineName = describeBaseline(config.baseline, classes);
  log.result(`${loaded.name}, ${t("words.rows", { count: examples.count })}:`);
  for (const line of describeScores(scores, baseline, baselineName)) log.result(line);
  log.event("result", { rows: examples.count, scores, baseline, baselineName, notes: examples.notes });
}
