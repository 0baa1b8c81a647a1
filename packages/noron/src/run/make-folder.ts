import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it, one at a time: the recursive mkdir of Node.js goes round for ever where a folder
 * that is there may hold no other (/proc).
 * @param made those that were not there are added to it
 * @returns whether the folder itself was not there
 */
export function makeFolder(path: string, made: string[] = []): boolean {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse()) {
    try {
      mkdirSync(folder);
      made.push(folder);
    } catch (error) {
      // Made by another process meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return made.includes(path);
}
