import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { io, tabular } from "../src/index.ts";
import { bars, clouds, events, expectRefusal, file, folder, noron } from "./command.ts";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

/** Makes the library one that programs in the test's folder find. */
function installLibrary(): void {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(fileURLToPath(new URL("..", import.meta.url)), join(folder, "node_modules", "noron"));
}

/** Runs a program that was written, and gives what it printed and the folder it saved in. */
function runProgram(name: string): { scores: Record<string, number>; saved: string } {
  const ended = spawnSync(process.execPath, [name], { cwd: folder, encoding: "utf8" });
  expect([ended.status, ended.status === 0 ? "" : ended.stderr]).toEqual([0, ""]);
  const lines = ended.stdout.trim().split("\n");
  const saved = /^saved in (.+)$/.exec(lines.pop()!)![1];
  return {
    scores: Object.fromEntries(lines.map((line) => line.split(" ")).map(([name, value]) => [name, +value])),
    saved,
  };
}

const cases: [string, string[]][] = [
  ["classes", ["kinds.csv", "-t", "kind", "--epochs", "8", "--norm", "batch", "--dropout", "0.2", "--seed", "3"]],
  [
    "a number",
    ["sizes.csv", "-t", "size", "--epochs", "8", "--loss", "huber", "--optimizer", "nesterov", "--norm", "rms"],
  ],
  ["a task that was asked for", ["sizes.csv", "-t", "y", "--task", "regression", "--epochs", "3", "--model", "none"]],
  [
    "early stopping",
    ["kinds.csv", "-t", "kind", "--patience", "2", "--lr", "0.05", "--activation", "gelu", "--model", "8"],
  ],
  [
    "a schedule, and the optimizer's numbers",
    [
      ...["kinds.csv", "-t", "kind", "--epochs", "6", "--schedule", "one-cycle", "--clip-norm", "0.7"],
      ...["--weight-decay", "0.1", "--beta1", "0.8"],
    ],
  ],
  [
    "a rate that falls by steps",
    [
      ...["sizes.csv", "-t", "size", "--epochs", "6", "--schedule", "step", "--step-size", "2", "--gamma", "0.3"],
      ...["--optimizer", "sgd", "--momentum", "0.7", "--nesterov", "--lr", "auto"],
    ],
  ],
  ["several files", ["kinds.csv", "more/kinds.csv", "-t", "kind", "--epochs", "3"]],
  [
    "columns and rows as asked",
    ["visits.csv", "-t", "state", "--type", "x=category", "--drop", "colour", "--split", "group:who", "--val", "0.2"],
  ],
  ["rows to test on from a file", ["kinds.csv", "-t", "kind", "--keep", "x,y", "--test", "more/kinds.csv"]],
  ["weighted classes", ["visits.csv", "-t", "colour", "--class-weights", "balanced"]],
  ["images", ["a-images-idx3-ubyte", "--model", "8", "--epochs", "3", "--optimizer", "sgd"]],
  [
    "images to test on from a file",
    ["a-images-idx3-ubyte", "--val", "0.3", "--test", "images/t10k-images-idx3-ubyte", "--split", "random"],
  ],
  ["images of a folder, with those for testing", ["images", "--model", "none", "--epochs", "3", "--patience", "0"]],
];

describe("a training as a program gives the same weights and scores, bit by bit", () => {
  test.each(cases)("%s", async (_, options) => {
    file("kinds.csv", clouds());
    file("sizes.csv", clouds(80, "size"));
    mkdirSync(join(folder, "more"));
    file("more/kinds.csv", clouds(20));
    const visits = Array.from(
      { length: 60 },
      (_, row) => `p${row % 12},${row % 4},${row % 3 ? "a" : "b"},${row % 7},${row % 4 > 1}`,
    );
    file("visits.csv", `who,x,colour,y,state\n${visits.join("\n")}\n`);
    const { images, labels } = bars();
    const more = bars(20);
    file("a-images-idx3-ubyte", images);
    file("a-labels-idx1-ubyte", labels);
    mkdirSync(join(folder, "images"));
    file("images/train-images-idx3-ubyte", images);
    file("images/train-labels-idx1-ubyte", labels);
    file("images/t10k-images-idx3-ubyte", more.images);
    file("images/t10k-labels-idx1-ubyte", more.labels);
    installLibrary();
    const epochs = options.includes("--epochs") || options.includes("--patience") ? [] : ["--epochs", "2"];
    const told = events(
      await noron(["train", ...options, ...epochs, "--out", "run", "--eject", "program.mjs", "--log", "json"]),
    );
    const result = told.find(({ event }) => event === "result")!;
    expect(told.find(({ event }) => event === "program")).toMatchObject({ file: "program.mjs" });
    const { scores, saved } = runProgram("program.mjs");
    const { loss: _loss, ...expected } = result.test;
    expect(scores).toEqual(expected);
    const read = (...path: string[]) => readFileSync(join(folder, ...path));
    const own = io.loadSafetensors(read(saved, "model.safetensors")).tensors;
    const others = io.loadSafetensors(read("run", "model.safetensors")).tensors;
    expect(Object.keys(own)).toEqual(Object.keys(others));
    for (const [name, tensor] of Object.entries(own)) expect(tensor.dataSync(), name).toEqual(others[name].dataSync());
    const text = read(saved, "preprocessing.json").toString();
    expect(tabular.parsePreprocessing(text)).toEqual(
      tabular.parsePreprocessing(read("run", "preprocessing.json").toString()),
    );

    // It is TypeScript as well, under the strictest checks.
    renameSync(join(folder, "program.mjs"), join(folder, "program.mts"));
    const compilerOptions = {
      target: "es2022",
      module: "nodenext",
      lib: ["es2022", "dom"],
      types: ["node"],
      typeRoots: [fileURLToPath(new URL("../../../node_modules/@types", import.meta.url))],
      strict: true,
      noUnusedLocals: true,
      noEmit: true,
      skipLibCheck: true,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.mts"] }));
    const checked = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect(checked.stdout + checked.stderr).toBe("");
  });
});

test("nothing is written over, and data that cannot be read again are refused before training", async () => {
  file("kinds.csv", clouds());
  file("program.ts", "mine");
  const train = ["train", "kinds.csv", "-t", "kind", "--epochs", "1", "--out", "run"];
  const inputs = ["kinds.csv", "program.ts"];
  expectRefusal(
    await noron([...train, "--eject", "program.ts"]),
    2,
    /program\.ts is there already: give --eject/,
    inputs,
  );
  expect(readFileSync(join(folder, "program.ts"), "utf8")).toBe("mine");
  const sample = await noron(["train", "sample:moons", "--out", "run", "--eject", "new.ts"]);
  expectRefusal(sample, 2, /--eject writes programs for tables or for IDX files/, inputs);
  const piped = await noron(["train", "-", "-t", "kind", "--out", "run", "--eject", "new.ts"], { input: clouds() });
  expectRefusal(piped, 2, /--eject writes programs for tables or for IDX files/, inputs);
  expectRefusal(
    await noron([...train, "--eject", "kinds.csv/new.ts"]),
    2,
    /kinds\.csv\/new\.ts cannot be written/,
    inputs,
  );
  expect(readdirSync(folder).sort()).toEqual(inputs);
});
