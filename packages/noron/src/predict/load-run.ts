import { readRun } from "../run/read.ts";
import { ownModule, type RunOptions, type TrainedRun, trainedRun } from "./trained-run.ts";

/**
 * Loads a run folder that noron train has written:
 *
 *     const run = await loadRun("runs/penguins-20250131-093015");
 *     const [first] = await run.predict([{ island: "Dream", bill_length_mm: 39.5, … }]);
 *
 * Nothing in the folder is trusted: damaged files, sizes that do not fit and links out of the folder are refused, and no
 * code in it is run. In a page, fetch the files and give their bytes to parseRun.
 * @throws InputError, tabular.DataError that say which file is wrong and what to do
 */
export async function loadRun(folder: string, options: RunOptions = {}): Promise<TrainedRun> {
  return trainedRun(readRun(folder, ownModule(options)));
}
