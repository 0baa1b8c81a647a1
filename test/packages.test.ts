import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** The packages as they would be published: packed, unpacked into an empty folder, and used there. */

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

/** Bytes that a tarball may have; raised only with a reason in the commit. */
const CEILINGS = { core: 400_000, tabular: 110_000, noron: 210_000 };
/** Bytes, minified and compressed, of a small network's program with the library that it uses. */
const PAGE_CEILING = 68_000;
const NAMES = Object.keys(CEILINGS) as (keyof typeof CEILINGS)[];

let app = "";

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}
const packed = new Map<string, Packed>();

const manifest = (path: string): Record<string, Record<string, string>> =>
  JSON.parse(readFileSync(join(path, "package.json"), "utf8"));

/** Runs Node in the app's folder and gives what it printed. */
function node(args: readonly string[]): string {
  const ended = spawnSync(process.execPath, args, { cwd: app, encoding: "utf8" });
  expect([ended.status, ended.status === 0 ? "" : ended.stdout + ended.stderr]).toEqual([0, ""]);
  return ended.stdout;
}

beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), "noron-packed-"));
  const modules = join(app, "node_modules");
  for (const name of NAMES) {
    const args = ["pack", "--json", "--ignore-scripts", "--offline", "--pack-destination", app];
    const told = execFileSync("npm", args, { cwd: join(root, "packages", name), encoding: "utf8", stdio: "pipe" });
    const answer = JSON.parse(told);
    const one: Packed = Array.isArray(answer) ? answer[0] : Object.values(answer)[0];
    packed.set(name, one);
    const target = join(modules, name === "noron" ? name : `@noron/${name}`);
    mkdirSync(target, { recursive: true });
    const tarball = join(app, one.filename.replace(/^@/, "").replaceAll("/", "-"));
    execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  }
  // What they depend on, and nothing else, from what is installed here.
  const wanted = NAMES.flatMap((name) => Object.keys(manifest(join(root, "packages", name)).dependencies ?? {}));
  for (const name of wanted) {
    const link = join(modules, name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
  writeFileSync(join(app, "package.json"), '{ "type": "module" }');
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

describe("a packed package", () => {
  it.each(NAMES)("%s has what it needs and nothing else, and is small", (name) => {
    const { files, size } = packed.get(name)!;
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts"]),
    );
    const allowed =
      /^(LICENSE|README\.md|package\.json|train-options\.schema\.json|bin\/noron\.js|dist\/[\w/-]+\.(js|d\.ts))$/;
    expect(paths.filter((path) => !allowed.test(path) || /test|fixture/.test(path))).toEqual([]);
    expect(size).toBeLessThan(CEILINGS[name]);
    expect(readFileSync(join(root, "packages", name, "LICENSE"), "utf8")).toBe(
      readFileSync(join(root, "LICENSE"), "utf8"),
    );
  });

  const entries = [...NAMES.map((name) => [name, "dist/index.js"] as const), ["core", "dist/node/index.js"] as const];
  it.each(entries)("%s calls classes and functions by the names that %s exports", async (name, entry) => {
    const file = pathToFileURL(join(app, "node_modules", name === "noron" ? name : `@noron/${name}`, entry));
    const wrong: string[] = [];
    const visit = (exported: object, path: string): void => {
      for (const [key, value] of Object.entries(exported)) {
        if (typeof value === "function" && /^[A-Z]/.test(key) && value.name !== key)
          wrong.push(`${path}${key} is ${value.name}`);
        if (Object.prototype.toString.call(value) === "[object Module]") visit(value, `${path}${key}.`);
      }
    };
    visit(await import(file.href), "");
    // Under both names.
    expect(wrong.filter((each) => !each.endsWith("MAELoss is L1Loss"))).toEqual([]);
  });

  it("errors in Node show the names of functions and a line that can be read", () => {
    const program = `import { nn, zeros } from "@noron/core";
      new nn.Sequential(new nn.Linear(2, 3)).forward(zeros([1, 5]));`;
    writeFileSync(join(app, "fails.mjs"), program);
    const { stderr } = spawnSync(process.execPath, ["fails.mjs"], { cwd: app, encoding: "utf8" });
    expect(stderr).toMatch(/ShapeError: .*Linear\(2, 3\) needs a last extent of 2/);
    expect(stderr).toMatch(/at Linear\.apply .*core\/dist\/node\/index\.js/);
    expect(Math.max(...stderr.split("\n").map((line) => line.length))).toBeLessThan(400);
  });

  it("a page with a small network gets of the library what it uses", async () => {
    const program = `import { nn, optim, tensor } from "@noron/core";
      const model = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 1));
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      new nn.MSELoss().forward(model.forward(tensor([[0, 1]])), tensor([[1]])).backward();
      optimizer.step();`;
    writeFileSync(join(app, "small-page.js"), program);
    const bundle = await rolldown({ input: join(app, "small-page.js"), cwd: app });
    const { output } = await bundle.generate({ minify: true });
    await bundle.close();
    const [{ code }] = output;
    expect(output).toHaveLength(1);
    expect(gzipSync(code).length).toBeLessThan(PAGE_CEILING);
  });

  it("has the same version as the others, which it asks for exactly, and no script that runs at install", () => {
    const manifests = NAMES.map((name) => manifest(join(root, "packages", name)));
    expect(new Set(manifests.map(({ version }) => version)).size).toBe(1);
    for (const { version, dependencies = {}, scripts = {} } of manifests) {
      for (const [name, range] of Object.entries(dependencies))
        if (name.startsWith("@noron/")) expect(range).toBe(version);
      expect(Object.keys(scripts).filter((script) => /install|prepare/.test(script))).toEqual([]);
    }
  });

  it.each(NAMES)("%s: the example of its README runs and has the types it needs", (name) => {
    const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "packages", name, "README.md"), "utf8"))!;
    writeFileSync(join(app, `${name}.mjs`), example);
    writeFileSync(join(app, `${name}-example.mts`), example);
    const told = node([`${name}.mjs`]);
    const bare = (text: string) => text.replace(/[\s'"]/g, "");
    for (const [, value] of example.matchAll(/\); \/\/ (.+)$/gm)) expect(bare(told)).toBe(bare(value));
    if (name === "noron") expect(told).toMatch(/epoch 20: loss 0\.0/);
  });

  it("the README's example is the front page's", () => {
    const [, example] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "packages/noron/README.md"), "utf8"))!;
    expect(example).toBe(readFileSync(join(root, "test/readme-example.ts"), "utf8"));
  });
});

describe("the command, packed", () => {
  it("trains, and what it exports runs without any package", () => {
    const bin = join("node_modules", "noron", "bin", "noron.js");
    const rows = Array.from(
      { length: 60 },
      (_, row) => `${row % 7},${row % 2 ? "yes" : "no"},${row % 7 > 3 ? "big" : "small"}`,
    );
    writeFileSync(join(app, "rows.csv"), `size,new,kind\n${rows.join("\n")}\n`);
    node([bin, "train", "rows.csv", "-t", "kind", "--epochs", "20", "--out", "run"]);
    node([bin, "export", "run", "--out", "model.ts"]);
    const alone = join(app, "alone");
    mkdirSync(alone);
    node([tsc, "model.ts", "--outDir", alone, "--module", "nodenext", "--target", "es2022", "--strict", "--types", ""]);
    expect(readdirSync(alone)).toEqual(["model.js"]);
    const told = node([
      "--input-type=module",
      "--eval",
      `import { predict } from "./alone/model.js"; console.log(predict({ size: 6, new: true }).prediction)`,
    ]);
    expect(told).toBe("big\n");
    const loaded = `import { loadRun } from "noron"; const run = await loadRun("run"); console.log((await run.predict([{ size: 1, new: false }]))[0].prediction)`;
    expect(node(["--input-type=module", "--eval", loaded])).toBe("small\n");
  });
});

describe("the types, packed", () => {
  const use = `import { applyPreprocessing } from "@noron/tabular";
import { nn as sameLayers, type Tensor } from "@noron/core";
import { loadRun, nn, parseRun, tabular, tensor } from "noron";

const model: sameLayers.Module = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
const logits: Tensor<[number, 2]> = new nn.Linear(4, 2).forward(tensor([[1, 2, 3, 4]]));
// @ts-expect-error sizes that do not fit are seen in a packed library as well
new nn.Sequential(new nn.Linear(4, 8), new nn.Linear(7, 2));
const run = await loadRun("run");
if (run.task === "classification") {
  const [{ prediction, probabilities }] = await run.predict([{ size: 1 }]);
  const texts: string = prediction;
  const share: number = probabilities[texts] ?? 0;
  run.classes.indexOf(texts, share);
} else {
  const [{ prediction }] = await run.predict([{ size: 1 }]);
  prediction.toFixed();
}
const same: typeof applyPreprocessing = tabular.applyPreprocessing;
export { logits, model, parseRun, same };
`;

  it.each([
    ["node16", "node16", []],
    ["nodenext", "nodenext", []],
    ["bundler", "esnext", []],
  ])("resolve under moduleResolution %s, libraries checked as well", (moduleResolution, module) => {
    writeFileSync(join(app, "use.ts"), use);
    const compilerOptions = {
      target: "es2022",
      module,
      moduleResolution,
      lib: ["es2022", "dom"],
      types: ["node"],
      typeRoots: [join(root, "node_modules", "@types")],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const files = ["use.ts", ...readdirSync(app).filter((file) => file.endsWith("-example.mts"))];
    writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    expect(node([tsc, "-p", "."])).toBe("");
  });

  it("of a page have no function that reads folders", () => {
    writeFileSync(join(app, "page.ts"), 'import { loadRun, parseRun } from "noron";\nexport { loadRun, parseRun };\n');
    const options = ["--module", "esnext", "--moduleResolution", "bundler", "--customConditions", "browser"];
    const ended = spawnSync(
      process.execPath,
      [tsc, "page.ts", "--ignoreConfig", "--noEmit", "--strict", "--target", "es2022", "--types", "", ...options],
      {
        cwd: app,
        encoding: "utf8",
      },
    );
    expect(ended.stdout).toMatch(/page\.ts\(1,10\): error TS2305: .*'"noron"' has no exported member 'loadRun'/);
    expect(ended.stdout.match(/error/g)).toHaveLength(1);
  });
});
