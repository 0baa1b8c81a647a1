import { formatOf } from "../data/image-files.ts";
import { filesTrainedOn } from "../data/trained-on.ts";
import { LOSSES } from "../model/choices.ts";
import { computeOutputs } from "../model/outputs.ts";
import { BaselineScorer, Scorer } from "../model/scores.ts";
import { newRows } from "../stream/new-rows.ts";
import { openData } from "../stream/open-data.ts";
import {
  describeBaseline,
  describeCount,
  describeOnlyAnswer,
  describeScores,
  describeTrainedOn,
  describeWarning,
} from "./describe.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";

/** noron evaluate: measures a run on other data, prepared as in training. */
export async function evaluateCommand(
  folder: string,
  source: string[],
  { model: file, stream, log: format }: { model?: string; stream?: boolean; log?: string },
): Promise<void> {
  const log = new Log(format === "json");
  const { config, preprocessing, classes, model } = await openRunFolder(log, folder, file);
  const loaded = await openData(source, { stream, format: formatOf(preprocessing) });
  const rows = newRows(preprocessing, loaded);
  const scorer = new Scorer(preprocessing, LOSSES[config.loss].make());
  const baselineScorer = new BaselineScorer(config.baseline, classes.length);
  let count = 0;
  for await (const { examples } of rows.labelled()) {
    scorer.update(await computeOutputs(model, examples, config.network.outputs), examples.target);
    baselineScorer.update(examples.target);
    count += examples.count;
  }
  const { notes } = rows;
  for (const note of notes) log.note(describeWarning(note));
  const trainedFiles = filesTrainedOn(loaded, config.data);
  const trainedOn = trainedFiles.length > 0;
  if (trainedOn) log.note(describeTrainedOn(trainedFiles, loaded));
  const scores = scorer.scores();
  const answer = scorer.onlyAnswer();
  const onlyAnswer = answer === null ? null : classes[answer];
  const baseline = baselineScorer.scores();
  const baselineName = describeBaseline(config.baseline, classes);
  log.result(`${loaded.name}, ${describeCount(loaded, count)}:`);
  for (const line of describeScores(scores, baseline, { baselineName, weighted: config.weighted })) log.result(line);
  if (onlyAnswer !== null) log.note(describeOnlyAnswer(onlyAnswer, describeCount(loaded, count)));
  log.event("result", { rows: count, trainedOn, trainedFiles, onlyAnswer, scores, baseline, baselineName, notes });
}
