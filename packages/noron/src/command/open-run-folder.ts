import { hashModuleFile, loadModuleFile } from "../model/module-file.ts";
import { checkOwn, type Run } from "../run/parse.ts";
import { readConfig, readRun } from "../run/read.ts";

/**
 * The run of a folder, with the code of its network where that is the user's own.
 * @param model the file that --model names: no other code is ever run, nor this one before it is known to be the run's
 */
export async function openRunFolder(folder: string, model: string | undefined): Promise<Run> {
  if (model === undefined) return readRun(folder);
  checkOwn(folder, readConfig(folder), await hashModuleFile(model));
  return readRun(folder, await loadModuleFile(model));
}
