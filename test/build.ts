import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Some tests run what was built: the command, other runtimes, pages. It is bundled again where a source is newer. */
export default function setup(): void {
  const stale = ["core", "tabular", "noron"].some((name) => {
    const folder = join(root, "packages", name);
    const sources = readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" });
    const built = changed(join(folder, "dist", "index.js"));
    return sources.some((path) => changed(join(folder, "src", path)) > built);
  });
  if (!stale) return;
  const rolldown = join(root, "node_modules", "rolldown", "bin", "cli.mjs");
  execFileSync(process.execPath, [rolldown, "-c"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}

function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
