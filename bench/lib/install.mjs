import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const place = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Puts what was built of noron beside the peers, as an installation would: it finds koffi there, and a build that runs
 * meanwhile changes nothing.
 */
export function installNoron() {
  const target = place("../node_modules/@noron/core");
  rmSync(target, { recursive: true, force: true });
  for (const part of ["package.json", "dist"])
    cpSync(place(`../../packages/core/${part}`), `${target}/${part}`, { recursive: true });
}
