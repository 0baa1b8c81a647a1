import { readFileSync } from "node:fs";

/** The version of noron that is running. */
export function noronVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
