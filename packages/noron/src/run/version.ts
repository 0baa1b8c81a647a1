import { createRequire } from "node:module";

/** The version of noron that is running. */
export function noronVersion(): string {
  // By the package's name, since the built file lies elsewhere than this one.
  return (createRequire(import.meta.url)("noron/package.json") as { version: string }).version;
}
