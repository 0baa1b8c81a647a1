import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Which folders of the core a folder may import. Whoever needs more moves the code, or argues for a line here; lines only
 * ever point downwards, except where a note says so.
 */
const ALLOWED: Record<string, readonly string[]> = {
  tensor: [],
  random: [],
  kernel: ["random", "tensor"],
  formula: ["tensor"],
  graph: ["kernel", "tensor"],
  backend: ["graph", "kernel", "random", "tensor"],
  ops: ["graph", "random", "tensor"],
  autograd: ["graph", "ops", "random", "tensor"],
  nn: ["autograd", "formula", "graph", "ops", "random", "tensor"],
  optim: ["autograd", "formula", "graph", "ops", "tensor"],
  data: ["graph", "ops", "random", "tensor"],
  io: ["graph", "tensor"],
  inspect: ["autograd", "backend", "formula", "graph", "nn", "ops", "optim", "random", "tensor"],
  train: ["autograd", "data", "graph", "inspect", "nn", "optim", "random", "tensor"],
};

/** The borders that are crossed upwards: through these files only. */
const DOORS: Record<string, readonly string[]> = {
  // A tensor is a node of the graph; only their types know each other.
  tensor: ["graph/op.ts", "graph/slot.ts", "graph/dependencies.ts"],
  // Evaluation hands a graph to the backend that was chosen, and slots are its storage; backends schedule graphs.
  graph: ["backend/backend.ts", "backend/registry.ts", "backend/storage.ts"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether it is gone once compiled. */
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => path.split(sep).join("/"));
}

/** Every import and re-export of a package's sources; relative ones as paths within them. */
function importsOf(folder: string): Import[] {
  const found: Import[] = [];
  const statement = /^(?:import|export)\b(?:([^;"']*?)\bfrom\s*)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;
  for (const from of sources(folder)) {
    for (const [, names = "", plain, dynamic] of readFileSync(join(root, folder, from), "utf8").matchAll(statement)) {
      const target = plain ?? dynamic;
      const listed = /^\s*\{([^}]*)\}\s*$/
        .exec(names)?.[1]
        .split(",")
        .filter((name) => name.trim() !== "");
      const typeOnly = /^\s*type\b/.test(names) || (listed?.every((name) => /^\s*type\b/.test(name)) ?? false);
      const to = target.startsWith(".") ? join(dirname(from), target).split(sep).join("/") : target;
      found.push({ from, to, typeOnly });
    }
  }
  return found;
}

const isRelative = ({ to }: Import): boolean => to.endsWith(".ts");
const show = ({ from, to }: Import): string => `${from} imports ${to}`;

describe("the core's folders", () => {
  const all = importsOf("packages/core/src");
  const within = all.filter(isRelative);

  it("are all in the table", () => {
    const folders = new Set(within.map(({ from }) => from).filter((path) => path.includes("/")));
    expect([...new Set([...folders].map((path) => path.split("/")[0]))].sort()).toEqual(Object.keys(ALLOWED).sort());
    expect(within.length).toBeGreaterThan(200);
  });

  it("import only what the table allows", () => {
    const wrong = within.filter(({ from, to }) => {
      const [folder, other] = [from.split("/")[0], to.split("/")[0]];
      if (!from.includes("/") || folder === other) return false;
      return !ALLOWED[folder]?.includes(other) && !DOORS[folder]?.includes(to);
    });
    expect(wrong.map(show)).toEqual([]);
    expect(
      within
        .filter(({ from, typeOnly }) => from.startsWith("tensor/") && !typeOnly)
        .filter(({ to }) => !to.startsWith("tensor/"))
        .map(show),
    ).toEqual([]);
  });

  it("have no line in the table that points up or is not needed, and no such door", () => {
    const used = (from: string, to: string): boolean =>
      within.some((each) => each.from.startsWith(from) && each.to.startsWith(to));
    const unused: string[] = [];
    for (const [folder, others] of Object.entries(ALLOWED))
      for (const other of others) if (!used(`${folder}/`, `${other}/`)) unused.push(`${folder} imports ${other}`);
    for (const [folder, doors] of Object.entries(DOORS))
      for (const door of doors) if (!used(`${folder}/`, door)) unused.push(`${folder} imports ${door}`);
    expect(unused).toEqual([]);
    const below = (folder: string, seen: Set<string>): Set<string> => {
      for (const other of ALLOWED[folder]) {
        if (seen.has(other)) continue;
        seen.add(other);
        below(other, seen);
      }
      return seen;
    };
    for (const folder of Object.keys(ALLOWED)) expect(below(folder, new Set()).has(folder), folder).toBe(false);
  });

  it("have no file that depends on itself", () => {
    const next = new Map<string, string[]>();
    for (const { from, to, typeOnly } of within) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
        return;
      }
      if (done.has(file)) return;
      for (const other of next.get(file) ?? []) visit(other, [...path, file]);
      done.add(file);
    };
    for (const file of next.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it("depend on no package and on nothing of Node", () => {
    expect(all.filter((each) => !isRelative(each)).map(show)).toEqual([]);
  });
});

describe("the packages", () => {
  const outside = (folder: string): string[] => [
    ...new Set(
      importsOf(folder)
        .filter((each) => !isRelative(each))
        .map(({ to }) => to),
    ),
  ];

  it("tabular runs in a browser and knows no command", () => {
    expect(outside("packages/tabular/src").filter((to) => to.startsWith("node:") || to === "noron")).toEqual([]);
  });

  it("noron's part for pages reaches nothing of Node", () => {
    const all = importsOf("packages/noron/src").filter(({ typeOnly }) => !typeOnly);
    const reached = new Set(["browser.ts"]);
    for (const file of reached) for (const { from, to } of all) if (from === file) reached.add(to);
    expect(reached.size).toBeGreaterThan(10);
    expect([...reached].filter((to) => !to.endsWith(".ts") && !to.startsWith("@noron/"))).toEqual([]);
  });

  it("a report is written without anything of Node", () => {
    const report = importsOf("packages/noron/src").filter(({ from }) => from.startsWith("report/"));
    const packages = report.filter((each) => !isRelative(each)).map(({ to }) => to);
    expect([...new Set(packages)].sort()).toEqual(["@noron/core", "@noron/tabular", "d3-scale", "d3-shape"]);
  });

  it("import each other by name only", () => {
    for (const folder of ["packages/core/src", "packages/tabular/src", "packages/noron/src"]) {
      const leaving = importsOf(folder).filter(({ to }) => to.startsWith(".."));
      expect(leaving.map(show), relative(root, folder)).toEqual([]);
    }
  });
});
