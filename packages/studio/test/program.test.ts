import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTable } from "@noron/tabular";
import { transformWithOxc } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Experiment, layer, loss, optimizer, sample } from "../src/experiment/experiment.ts";
import { PRESETS, type PresetName, preset } from "../src/experiment/presets.ts";
import { programOf } from "../src/experiment/program.ts";
import { Session } from "../src/worker/session.ts";
import type { OpenTable } from "../src/worker/table.ts";

const EPOCHS = 2;
const root = fileURLToPath(new URL("../../..", import.meta.url));

const CSV = `size,colour,price\n${Array.from({ length: 60 }, (_, row) => `${row % 17},${["red", "green", "blue"][row % 3]},${(row % 17) * 2.5 + (row % 3)}`).join("\n")}\n`;

const open = layer("Linear", { outFeatures: null });
const CASES: Record<string, Experiment> = {
  ...(Object.fromEntries(
    (Object.keys(PRESETS) as PresetName[]).map((name) => {
      const experiment = preset(name);
      if (experiment.data.source === "sample" && experiment.data.name === "digits") experiment.data.count = 200;
      return [name, experiment];
    }),
  ) as Record<PresetName, Experiment>),
  "several classes by one-hot targets": {
    ...preset("straight"),
    layers: [
      layer("Linear", { outFeatures: 6, init: "xavierNormal" }),
      layer("LeakyReLU", { negativeSlope: 0.1 }),
      open,
    ],
    loss: loss("MSELoss", { reduction: "sum" }),
    optimizer: optimizer("SGD", { lr: 0.001, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  },
  "everything that normalizes and drops": {
    ...preset("spirals"),
    layers: [
      layer("DropConnect", { outFeatures: 8, p: 0.2 }),
      layer("BatchNorm1d", { momentum: 0.2 }),
      layer("GELU", { approximate: "tanh" }),
      layer("Linear", { outFeatures: 8, init: "kaimingUniform", bias: false }),
      layer("GroupNorm", { numGroups: 4 }),
      layer("Dropout", { p: 0.1 }),
      layer("LayerNorm"),
      layer("RMSNorm"),
      layer("Unflatten", { channels: 2 }),
      layer("InstanceNorm1d", { affine: true }),
      layer("Flatten"),
      open,
      layer("LogSoftmax"),
    ],
    loss: loss("NLLLoss"),
    optimizer: optimizer("Adam", { lr: 0.01, beta1: 0.8, amsgrad: true }),
    seed: 7,
  },
  "a table with classes": {
    ...preset("spirals"),
    data: { source: "table", name: "things.csv", target: "colour", task: null, kinds: { size: "number" } },
    loss: loss("CrossEntropyLoss", { labelSmoothing: 0.1 }),
  },
  "a table with numbers": {
    ...preset("curve"),
    data: { source: "table", name: "things.csv", target: "price", task: "regression", kinds: {} },
    loss: loss("HuberLoss", { delta: 2 }),
  },
  "no validation": { ...preset("xor"), data: sample("circles"), validation: 0 },
  "a table without validation": {
    ...preset("spirals"),
    data: { source: "table", name: "things.csv", target: "colour", task: null, kinds: {} },
    validation: 0,
  },
};

/** What the page shows after each epoch. */
async function shownBy(experiment: Experiment, table: OpenTable): Promise<{ session: Session; losses: number[] }> {
  const losses: number[] = [];
  const session = new Session(experiment, table, { between: () => {} });
  const done = session.train();
  while (session.epoch < EPOCHS) {
    session.run();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  losses.push(...session.history.epochs.slice(0, EPOCHS).flatMap((log) => [log.loss, log.validationLoss ?? 0]));
  session.end();
  await done;
  return { session, losses };
}

describe("the program that is shown", () => {
  let folder = "";
  const told: Record<string, number[]> = {};
  const shown: Record<string, number[]> = {};
  const files: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(root, "packages/studio/node_modules/.programs-"));
    writeFileSync(join(folder, "things.csv"), CSV);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const table = { table: await readTable(CSV, { name: "things.csv" }) };
    let runner = "";
    for (const [index, [name, experiment]] of Object.entries(CASES).entries()) {
      const { session, losses } = await shownBy(experiment, table);
      shown[name] = losses;
      const { task, classes, shape } = session.examples;
      const layers = session.layers.map((each) => each.name);
      const code = programOf(experiment, { task, classes: classes.length, shape, layers }, EPOCHS);
      const file = join(folder, `program-${index}.ts`);
      writeFileSync(file, code);
      files.push(file);
      const plain = await transformWithOxc(code, file, { target: "es2022" });
      writeFileSync(join(folder, `program-${index}.mjs`), plain.code);
      runner += `console.log(${JSON.stringify(`# ${name}`)}); await import("./program-${index}.mjs");\n`;
    }
    writeFileSync(join(folder, "all.mjs"), runner);
    const ended = spawnSync(process.execPath, ["all.mjs"], { cwd: folder, encoding: "utf8" });
    expect([ended.status, ended.stderr]).toEqual([0, ""]);
    for (const part of ended.stdout.split("# ").slice(1)) {
      const [name, ...lines] = part.trim().split("\n");
      told[name] = lines.map((line) => JSON.parse(line)).flatMap((log) => [log.loss, log.validationLoss ?? 0]);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.keys(CASES))("gives the numbers of the page to the bit: %s", (name) => {
    expect(told[name]).toHaveLength(2 * EPOCHS);
    expect(told[name]).toEqual(shown[name]);
  });

  it("is TypeScript without errors", () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--types",
      "node",
      "--skipLibCheck",
    ];
    const ended = spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: folder, encoding: "utf8" });
    expect(ended.stdout).toBe("");
  });
});
