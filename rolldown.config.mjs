/**
 * Bundles what packages ship: a few files in dist instead of one for each source, since what an import waits for is
 * mostly files. The types beside them are tsc's.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folders of the core that are exported as `export * as nn`. */
const NAMESPACES = ["data", "inspect", "io", "nn", "optim", "train"];

/**
 * Keeps each of them the export of another file. Bundled into one, it would be an object that holds all of nn, of which
 * a user's bundler could leave nothing out.
 */
const keepNamespaces = {
  name: "keep-namespaces",
  resolveId(source, importer) {
    const [, name] = /^\.\/(\w+)\/index\.ts$/.exec(source) ?? [];
    if (!NAMESPACES.includes(name) || !importer?.endsWith("/core/src/index.ts")) return null;
    return { id: `./${name}.js`, external: "relative" };
  },
};

/** Removes what an earlier build has left and this one has not written. */
const removeOld = {
  name: "remove-old",
  writeBundle({ dir }, written) {
    for (const file of readdirSync(dir)) if (file.endsWith(".js") && !(file in written)) rmSync(join(dir, file));
  },
};

/** In order: a module is put into the first of these that it fits, and so is what it imports that fits no earlier one. */
const CORE_FILES = [
  // Formulas as trees, without the engine.
  { name: "notation", test: /core\/src\/(formula\/(?!index\.ts)|tensor\/shape\.ts)/ },
  // All that puts methods on Tensor's prototype as it is loaded.
  { name: "engine", test: /core\/src\/(tensor|random|kernel|graph|backend|ops|autograd)\// },
  // Only declarations: a user's bundler leaves out what is not used.
  {
    name: "library",
    test: /core\/src\/(data|inspect|io|nn|optim|train)\/(?!index\.ts|formulas\/|lines\.ts|explain-step\.ts)/,
  },
  // The formulas of layers and optimizers, which are put together as they are loaded.
  { name: "formulas", test: /core\/src\/(inspect|nn|optim)\/(?!index\.ts)/ },
].map((group, index, { length }) => ({ ...group, priority: length - index }));

/** Engines hold text in half the memory, and read it faster, if all of its characters are of one byte. */
const oneByte = {
  name: "one-byte",
  generateBundle(_, files) {
    for (const [name, file] of Object.entries(files)) {
      if (file.type !== "chunk" || !/[^\0-\x7f]/.test(file.code)) continue;
      if (file.code.includes("String.raw"))
        throw new Error(`${name} has String.raw, which takes escapes for what they are`);
      file.code = file.code.replace(
        /[^\0-\x7f]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
    }
  },
};

/**
 * The core for Node, Bun and Deno, whose package.json condition is "node": no bundler leaves anything out there, so that
 * it is one file, and local names are short. What errors show stays: names of functions and classes, and lines.
 */
const NODE_OUTPUT = {
  codeSplitting: false,
  minify: {
    compress: false,
    mangle: { keepNames: { function: true, class: true } },
    codegen: { removeWhitespace: false },
  },
};

/**
 * @param {string} name of the package's folder
 * @param {Record<string, string>} input
 * @returns {import("rolldown").RolldownOptions}
 */
function bundle(name, input, { plugins = [], output = {}, target = "dist" } = {}) {
  const folder = fileURLToPath(new URL(`packages/${name}`, import.meta.url));
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return {
    cwd: folder,
    input,
    platform: "neutral",
    external: [
      /^node:/,
      ...Object.keys({ ...dependencies, ...peerDependencies }).map((dependency) => new RegExp(`^${dependency}(/|$)`)),
    ],
    // package.json speaks of what is built; of the sources nothing is left out.
    treeshake: { moduleSideEffects: () => true },
    output: {
      dir: join(folder, target),
      chunkFileNames: "[name].js",
      comments: { annotation: true, jsdoc: false, legal: false },
      ...output,
    },
    plugins: [removeOld, ...plugins],
  };
}

export default [
  bundle(
    "core",
    {
      index: "./src/index.ts",
      ...Object.fromEntries(["formula", ...NAMESPACES].map((name) => [name, `./src/${name}/index.ts`])),
    },
    { plugins: [keepNamespaces, oneByte], output: { codeSplitting: { groups: CORE_FILES } } },
  ),
  bundle("core", { index: "./src/index.ts" }, { plugins: [oneByte], output: NODE_OUTPUT, target: "dist/node" }),
  bundle("tabular", { index: "./src/index.ts" }),
  bundle("noron", { index: "./src/index.ts", browser: "./src/browser.ts", command: "./src/command/main.ts" }),
];
