import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pytorchBytes } from "./contenders.mjs";

const here = fileURLToPath(new URL("..", import.meta.url));

/** @param {string} folder */
function bytesIn(folder) {
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) total += entry.name === "node_modules" ? 0 : bytesIn(path);
    else if (entry.isFile()) total += statSync(path).size;
  }
  return total;
}

/** The folders of a package and of all it depends on, as the lock has them. */
function closure(name, packages) {
  const found = new Set();
  const visit = (wanted, from) => {
    for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf("node_modules/") - 1))) {
      const path = `${base === "" ? "" : `${base}/`}node_modules/${wanted}`;
      if (packages[path] !== undefined) {
        if (found.has(path) || !existsSync(join(here, path))) return;
        found.add(path);
        const { dependencies, optionalDependencies, peerDependencies } = packages[path];
        for (const next of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
          visit(next, path);
        return;
      }
      if (base === "") return;
    }
  };
  visit(name, "");
  return [...found];
}

/** What an installation of each puts on the disk, with all that it depends on. */
export function installedSizes() {
  const rows = [];
  const { status, stdout } = spawnSync("npm", ["pack", "--dry-run", "--json"], {
    cwd: join(here, "../packages/core"),
    encoding: "utf8",
  });
  if (status === 0) {
    const [{ size, unpackedSize, entryCount }] = JSON.parse(stdout.slice(stdout.indexOf("[")));
    rows.push({ label: "@noron/core", packages: 1, bytes: unpackedSize, packed: size, files: entryCount });
  }
  const { packages } = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
  for (const names of [
    ["@jax-js/jax"],
    ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
    ["brain.js"],
    ["onnxruntime-node"],
  ]) {
    const folders = new Set(names.flatMap((name) => closure(name, packages)));
    if (folders.size === 0) continue;
    let bytes = 0;
    for (const folder of folders) bytes += bytesIn(join(here, folder));
    rows.push({ label: names.join(" and "), packages: folders.size, bytes });
  }
  const pytorch = pytorchBytes();
  if (pytorch !== null) rows.push({ label: "PyTorch (its Python package alone)", packages: 1, bytes: pytorch });
  return rows;
}
