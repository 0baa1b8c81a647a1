import { t } from "../language/current.ts";
import { hashModuleFile, loadModuleFile } from "../model/module-file.ts";
import { checkOwn, type Run, type Unfinished } from "../run/parse.ts";
import { readConfig, readRun } from "../run/read.ts";
import { shellWord } from "./format.ts";
import type { Log } from "./log.ts";

/**
 * The run of a folder, with the code of its network where that is the user's own. Of one that is not finished, it says so.
 * @param model the file that --model names: no other code is ever run, nor this one before it is known to be the run's
 */
export async function openRunFolder(log: Log, folder: string, model: string | undefined): Promise<Run> {
  if (model !== undefined) checkOwn(folder, readConfig(folder), await hashModuleFile(model));
  const run = readRun(folder, model === undefined ? undefined : await loadModuleFile(model));
  if (run.unfinished !== null) tellUnfinished(log, folder, run.unfinished);
  return run;
}

function tellUnfinished(log: Log, folder: string, { bestEpoch, epochs }: Unfinished): void {
  const text =
    bestEpoch === 0
      ? t("training.unfinishedFirst")
      : t("training.unfinished", { best: bestEpoch, epochs: t("words.epochs", { count: epochs }) });
  log.note(t("words.note", { text }));
  log.note(`  npx noron train --resume ${shellWord(folder)}`);
  log.event("unfinished", { folder, bestEpoch, epochs });
}
