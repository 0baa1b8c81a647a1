import { resolve } from "node:path";
import * as core from "@noron/core";
import * as tabular from "@noron/tabular";
import { readBytes } from "../data/files.ts";
import { UsageError } from "../errors.ts";
import type { OwnModule } from "./own-network.ts";

/** What a file of code is called like. */
export const MODULE_FILE = /\.[cm]?[jt]s$/;

/** A file of code and the hash of its bytes; nothing of it has run. @throws InputError where it cannot be read */
export async function hashModuleFile(path: string): Promise<{ path: string; hash: string }> {
  return { path, hash: await tabular.hashData(readBytes(path).bytes) };
}

/**
 * Runs the file that the user names as code, TypeScript or JavaScript. What it imports from noron is the library that
 * runs here, wherever the file lies and whether or not noron is installed beside it: layers of another copy would be no
 * layers here.
 * @throws InputError where it cannot be read, UsageError where it cannot be loaded
 */
export async function loadModuleFile(path: string): Promise<OwnModule> {
  const { hash } = await hashModuleFile(path);
  const { createJiti } = await import("jiti");
  const virtualModules = {
    noron: await import("../index.ts"),
    "@noron/core": core,
    "@noron/tabular": tabular,
  };
  const jiti = createJiti(import.meta.url, { fsCache: false, moduleCache: false, virtualModules });
  try {
    const loaded = await jiti.import<{ default?: unknown }>(resolve(path));
    return { path, hash, definition: loaded.default };
  } catch (error) {
    throw new UsageError("code-not-loaded", { file: path, problem: (error as Error).message }, { cause: error });
  }
}
