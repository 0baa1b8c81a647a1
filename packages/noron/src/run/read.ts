import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join, sep } from "node:path";
import { io } from "@noron/core";
import { nearestName } from "@noron/tabular";
import { readBytes } from "../data/files.ts";
import { InputError } from "../errors.ts";
import type { OwnModule } from "../model/own-network.ts";
import type { KnownConfig } from "./config.ts";
import { RUN_FILES } from "./files.ts";
import {
  checkSize,
  checkTogether,
  LARGEST_TEXT,
  parseConfigBytes,
  parsePreprocessingBytes,
  parseRunFiles,
  type Run,
} from "./parse.ts";

/**
 * Reads a run folder, trusting nothing in it: every file is checked, and that they belong together. A file that is a
 * link to somewhere outside the folder is refused.
 * @param own the code of the network, for a run that was trained with it
 * @throws InputError, DataError, UsageError
 */
export function readRun(folder: string, own?: OwnModule): Run {
  requireRunFolder(folder);
  const read = (name: string) => readBytes(requireInside(folder, name)).bytes;
  const config = read(RUN_FILES.config);
  const { finished } = parseConfigBytes(folder, config);
  if (!finished && !existsSync(join(folder, RUN_FILES.checkpoint))) {
    const command = `npx noron train --resume ${folder}`;
    throw new InputError("run-without-weights", { folder }, { command });
  }
  const weights = read(finished ? RUN_FILES.weights : RUN_FILES.checkpoint);
  return parseRunFiles(folder, { config, preprocessing: read(RUN_FILES.preprocessing), weights }, own);
}

/**
 * That a run's files are there, whole, and belong together, as far as their sizes and the header of the weights tell: the
 * weights themselves are not read, so that many runs can be looked through. A training that has not come to its first
 * checkpoint needs no weights.
 * @throws InputError, DataError
 */
export function checkRunFiles(folder: string): void {
  const config = readConfig(folder);
  const preprocessing = readBytes(requireInside(folder, RUN_FILES.preprocessing)).bytes;
  checkTogether(folder, config, parsePreprocessingBytes(folder, preprocessing));
  const name = config.finished ? RUN_FILES.weights : RUN_FILES.checkpoint;
  if (!config.finished && !existsSync(join(folder, name))) return;
  const file = openSync(requireInside(folder, name), "r");
  try {
    const { size } = fstatSync(file);
    checkSize(config.network, size, join(folder, name));
    io.describeSafetensors(size, (start, end) => {
      const bytes = new Uint8Array(end - start);
      readSync(file, bytes, 0, bytes.length, start);
      return bytes;
    });
  } catch (error) {
    if (error instanceof io.SafetensorsError)
      throw new InputError("bad-weights", { file: join(folder, name), problem: `${error.message}.` });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** What a run folder says of its run. @throws InputError */
export function readConfig(folder: string): KnownConfig {
  requireRunFolder(folder);
  return parseConfigBytes(folder, readBytes(requireInside(folder, RUN_FILES.config)).bytes);
}

function requireRunFolder(folder: string): void {
  if (!existsSync(folder)) {
    throw new InputError("no-such-run", { folder }, { suggestion: nearestRun(folder) });
  }
  if (!statSync(folder).isDirectory()) {
    throw new InputError("run-is-a-file", { folder });
  }
}

/** The path of a file of the run. @throws InputError where it is not there, no plain file, or leads out of the folder */
export function requireInside(folder: string, name: string): string {
  const path = join(folder, name);
  let link = false;
  try {
    link = lstatSync(path).isSymbolicLink();
    const real = realpathSync(path);
    if (!real.startsWith(realpathSync(folder) + sep)) {
      throw new InputError("link-out-of-run", { file: path });
    }
    // A pipe or a device would be read for ever.
    const stat = statSync(real);
    if (!stat.isFile()) throw new InputError("not-a-plain-file", { file: path });
    if (name !== RUN_FILES.weights && name !== RUN_FILES.checkpoint && stat.size > LARGEST_TEXT)
      throw new InputError("not-ours", { file: path, bytes: stat.size });
    return real;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(link ? "run-link-broken" : "run-file-missing", { folder, file: name });
  }
}

/** The run whose folder is called most like it. */
export function nearestRun(folder: string, parent = "runs"): string | undefined {
  return nearestName(folder, knownRuns(parent));
}

function knownRuns(parent: string): string[] {
  try {
    return readdirSync(parent).map((name) => join(parent, name));
  } catch {
    return [];
  }
}
