import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Preprocessing, parseTable } from "@noron/tabular";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnyPreprocessing } from "../src/data/examples.ts";
import { writeTypeScript } from "../src/export/index.ts";
import { io, loadRun, manualSeed, nn, noGrad, type PredictRow, rand, randn, tabular } from "../src/index.ts";
import { ACTIVATIONS, NORMS } from "../src/model/choices.ts";
import { buildNetwork, type NetworkShape } from "../src/model/network.ts";
import { classesOf, type Prediction } from "../src/predict/predictions.ts";
import { trainedRun } from "../src/predict/trained-run.ts";
import type { Run } from "../src/run/parse.ts";
import { bars, clouds, expectRefusal, file, folder, hasRealData, noron, realData, useRun } from "./command.ts";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

/** Stricter than any project, and with nothing of a host. */
const COMPILER_OPTIONS = {
  target: "es2022",
  module: "nodenext",
  lib: ["es2022"],
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  exactOptionalPropertyTypes: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  declaration: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  outDir: "out",
};

/** Compiles the TypeScript of a folder. */
function compile(where: string): { code: number | null; text: string } {
  writeFileSync(join(where, "package.json"), '{ "type": "module" }');
  writeFileSync(join(where, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ["*.ts"] }));
  const ended = spawnSync(process.execPath, [tsc, "-p", where], { encoding: "utf8" });
  return { code: ended.status, text: ended.stdout + ended.stderr };
}

/** What modules that were compiled say of rows, from a process of their own. */
function runModules(where: string, asked: Record<string, readonly PredictRow[]>): Record<string, Prediction[]> {
  const code = `
    import { readFileSync } from "node:fs";
    const said = {};
    for (const [name, rows] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
      const { predict } = await import(${JSON.stringify(join(where, "out"))} + "/" + name + ".js");
      said[name] = rows.map((row) => predict(row));
    }
    console.log(JSON.stringify(said));`;
  const input = JSON.stringify(asked);
  const ended = spawnSync(process.execPath, ["--input-type=module", "--eval", code], { input, encoding: "utf8" });
  expect(ended.stderr).toBe("");
  return JSON.parse(ended.stdout);
}

/** The largest difference between answers: of probabilities, or of numbers beside the largest of them. */
function difference(said: readonly Prediction[], expected: readonly Prediction[]): number {
  const values = (all: readonly Prediction[]) =>
    all.flatMap((one) => ("probabilities" in one ? Object.values(one.probabilities) : [one.prediction]));
  const [a, b] = [values(said), values(expected)];
  expect(a.length).toBe(b.length);
  const size = Math.max(1, ...b.map(Math.abs));
  return Math.max(...a.map((value, index) => Math.abs(value - b[index]))) / size;
}

/** Columns of every kind, with and without a mark for missing values, as training leaves them. */
const columns: Preprocessing["columns"] = [
  { kind: "number", name: "size", decimal: ".", fill: 2.5, missingIndicator: true, ...scaling(null, 2, 1.25) },
  { kind: "number", name: "amount", decimal: ".,", fill: 40, missingIndicator: false, ...scaling(0.5, 3, 1.5) },
  {
    kind: "number",
    name: "length in mm",
    decimal: ",",
    fill: -1,
    missingIndicator: false,
    ...scaling(null, -0.5, 0.1),
  },
  { kind: "category", name: 'colour "quoted"', levels: ["blå", "it's", `\${red}`, "*/"], missingLevel: true },
  { kind: "category", name: "__proto__", levels: ["constructor", "toString"], missingLevel: false },
  { kind: "boolean", name: "member", fill: true, missingIndicator: true },
  { kind: "boolean", name: "paid", fill: false, missingIndicator: false },
  {
    kind: "date",
    name: "since",
    fill: 19_000.25,
    missingIndicator: true,
    parts: (["days", "month", "day", "weekday", "hour"] as const).map((part, index) => ({
      part,
      mean: part === "days" ? 19_500 : 3,
      standardDeviation: index + 1.5,
    })),
  },
  ...(["day-first", "month-first"] as const).map((order) => ({
    kind: "date" as const,
    name: order,
    order,
    fill: 19_000,
    missingIndicator: true,
    parts: (["days", "hour"] as const).map((part) => ({ part, mean: 9, standardDeviation: 7000 })),
  })),
];

function scaling(logOffset: number | null, mean: number, standardDeviation: number) {
  return { logOffset, mean, standardDeviation };
}

const classes = ["no", "__proto__", `a "b"\n*/ \${c}`, "Đúng"];
const common = { format: "noron-preprocessing", version: 1, input: "table", columns, clip: 3 } as const;
const decimal = ".";
const TARGETS: Record<string, Preprocessing["target"]> = {
  classes: { kind: "classes", name: "kind", classes, match: "text", decimal },
  number: { kind: "number", name: "price", decimal, minimum: 10, maximum: 900, ...scaling(null, 250, 180) },
  logarithm: { kind: "number", name: "price", decimal, minimum: 10, maximum: 900, ...scaling(0, 4.5, 1.1) },
};
const INPUTS = tabular.featureNames({ ...common, target: TARGETS.classes }).length;

const ROWS: PredictRow[] = Array.from({ length: 60 }, (_, row) => {
  const wave = (k: number) => Math.sin(row * k);
  const pick = (row: number, values: readonly unknown[]) => values[row % values.length];
  return Object.fromEntries([
    ["size", pick(row, [wave(1.7) * 4, null, 1e9, -1e9, 3])],
    ["amount", pick(row, [Math.exp(3 + wave(2.3)), 0, -7, 1234.567, null, 1.234])],
    ["length in mm", wave(3.1) / 4 - 0.5],
    ['colour "quoted"', pick(row, ["blå", "it's", `\${red}`, "*/", "violet", null, " blå ", "bla\u030a"])],
    ["__proto__", pick(row, ["constructor", "toString", "valueOf"])],
    ["member", pick(row, [true, false, null])],
    ["paid", pick(row, [false, true])],
    ["since", pick(row, ["2024-02-29", "2023/7/4 17:45", "1969-12-31T23:59:59.5Z", null, "2023-02-29", "soon"])],
    ...["day-first", "month-first"].map((name) => [
      name,
      pick(row, [
        "3/4/2024",
        "27.9.24 6:30 PM",
        "9/27/1969, 0:30",
        null,
        "2024-02-29 12:00",
        "29/02/2023",
        "1/2-2024",
        "2-Sept-70",
        "Jan 5, 2021 6:05 pm",
        "5 Januar 2021",
      ]),
    ]),
  ]) as PredictRow;
});

/** A run of a network whose weights, and running statistics, are drawn at random, as large as training makes them. */
function makeRun(shape: NetworkShape, preprocessing: AnyPreprocessing, loss = "mse"): Run {
  const model = buildNetwork(shape);
  randomize(model);
  const names = classesOf(preprocessing);
  const task = names.length > 0 ? "classification" : "regression";
  return {
    name: "runs/a run",
    config: {
      noron: "0.1.0",
      finished: true,
      data: { name: "rows", hash: "", source: [] },
      task,
      preparation: null,
      target: "a target */\nfunction",
      network: shape,
      loss: (names.length > 0 ? "cross-entropy" : loss) as Run["config"]["loss"],
      weighted: false,
      optimizer: "adamw",
      optimizerOptions: {},
      lr: 0.001,
      baseline: 0,
    },
    preprocessing,
    classes: names,
    model: model.eval(),
    unfinished: null,
  };
}

function randomize(model: nn.Module): void {
  const state = model.stateDict();
  for (const [key, value] of Object.entries(state)) {
    if (value.dtype !== "float32") continue;
    if (key.endsWith("running_var")) state[key] = rand(value.shape).add(0.5);
    else if (value.shape.length === 1)
      state[key] = randn(value.shape)
        .mul(0.5)
        .add(key.endsWith("weight") ? 1 : 0);
    else state[key] = randn(value.shape).mul(1 / Math.sqrt(value.shape[1] as number));
  }
  model.loadStateDict(state);
}

describe("a module answers as noron predict, to 1e-6 on every row", () => {
  const runs: Record<string, { run: Run; rows: readonly PredictRow[] }> = {};
  let said: Record<string, Prediction[]> = {};
  let where = "";

  beforeAll(() => {
    manualSeed(7);
    const base: NetworkShape = {
      inputs: INPUTS,
      hidden: [24, 16],
      outputs: 1,
      activation: "relu",
      norm: "none",
      dropout: 0,
    };
    const add = (name: string, shape: Partial<NetworkShape>, target: string, loss?: string) => {
      const outputs = target === "classes" ? classes.length : 1;
      const run = makeRun({ ...base, outputs, ...shape }, { ...common, target: TARGETS[target] }, loss);
      runs[name] = { run, rows: ROWS };
    };
    for (const activation of Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[])
      for (const norm of Object.keys(NORMS) as (keyof typeof NORMS)[])
        for (const target of Object.keys(TARGETS)) add(`${activation}_${norm}_${target}`, { activation, norm }, target);
    for (const loss of ["mae", "huber"]) add(`loss_${loss}`, {}, "number", loss);
    for (const norm of ["none", "batch"] as const) add(`dropout_${norm}`, { dropout: 0.4, norm }, "classes");
    add("linear", { hidden: [] }, "classes");
    add("deep", { hidden: [1, 30, 5, 8], activation: "gelu" }, "number");
    const pixels = { height: 4, width: 5, mean: 33.1, standardDeviation: 78.5, classes };
    const images: AnyPreprocessing = { format: "noron-preprocessing", version: 1, input: "images", ...pixels };
    const rows = Array.from({ length: 20 }, (_, row) =>
      Array.from({ length: 20 }, (_, at) => (row * 37 + at * 91) % 256),
    );
    runs.images = { run: makeRun({ ...base, inputs: 20, outputs: 4, norm: "batch" }, images), rows };

    where = mkdtempSync(join(tmpdir(), "noron-modules-"));
    for (const [name, { run }] of Object.entries(runs)) writeFileSync(join(where, `${name}.ts`), writeTypeScript(run));
    expect(compile(where)).toEqual({ code: 0, text: "" });
    said = runModules(where, Object.fromEntries(Object.entries(runs).map(([name, { rows }]) => [name, rows])));
  });
  afterAll(() => rmSync(where, { recursive: true, force: true }));

  test("every activation, norm and task, every loss, dropout, scaling of the target, images", async () => {
    expect(Object.keys(runs).length).toBe(8 * 4 * 3 + 7);
    const worst: [string, number][] = [];
    for (const [name, { run, rows }] of Object.entries(runs)) {
      const expected = (await trainedRun(run).predict(rows)) as Prediction[];
      // Answers that hardly differ from row to row would compare nothing.
      expect(new Set(expected.map((one) => JSON.stringify(one))).size, name).toBeGreaterThan(15);
      worst.push([name, difference(said[name], expected)]);
    }
    expect(worst.filter(([, most]) => most > 1e-6)).toEqual([]);
    // Two networks are not the same, so that the comparison tells them apart.
    expect(difference(said.relu_none_number, said.gelu_none_number)).toBeGreaterThan(1e-3);
  });

  test("rows are typed by their columns", () => {
    writeFileSync(
      join(where, "use.ts"),
      `import { type Class, type Prediction, predict, type Row } from "./relu_none_classes.js";
const row: Row = {
  size: null, amount: 3, "length in mm": undefined, 'colour "quoted"': "blå", ["__proto__"]: "toString",
  member: true, paid: null, since: new Date(0), "day-first": "27.9.24", "month-first": null,
};
const said: Prediction = predict(row);
export const known: Class = said.prediction;
export const share: number = said.probabilities.no;
// @ts-expect-error a number is no text
predict({ ...row, size: "3" });
// @ts-expect-error violet is none of the levels
predict({ ...row, 'colour "quoted"': "violet" });
// @ts-expect-error yes is no truth value
predict({ ...row, member: "yes" });
// @ts-expect-error a column is missing
predict({ size: 3 });
// @ts-expect-error it is none of the classes
said.prediction === "maybe";
`,
    );
    expect(compile(where)).toEqual({ code: 0, text: "" });
    rmSync(join(where, "use.ts"));
  });

  test("a row of another kind is refused at run time as well", async () => {
    const { predict } = await import(join(where, "out", "relu_none_classes.js"));
    expect(() => predict({ size: 1 })).toThrow('the row has no "amount": give null where it is missing');
    expect(() => predict({ ...ROWS[0], size: "1" })).toThrow('"size" takes a number or null, not "1"');
    expect(() => predict({ ...ROWS[0], member: "yes" })).toThrow('"member" takes true, false or null, not "yes"');
    expect(() => predict({ ...ROWS[0], since: 3 })).toThrow('"since" takes a date or null, not 3');
    const images = await import(join(where, "out", "images.js"));
    expect(() => images.predict([1, 2])).toThrow("an image of 20 pixels is needed, not 2");
  });

  test("the module is little more than its weights", async () => {
    const shape = {
      inputs: 784,
      hidden: [256, 128],
      outputs: 10,
      activation: "relu",
      norm: "batch",
      dropout: 0,
    } as const;
    const labels = Array.from({ length: 10 }, (_, label) => String(label));
    const pixels = { height: 28, width: 28, mean: 33.1, standardDeviation: 78.5, classes: labels };
    const run = makeRun({ ...shape, hidden: [...shape.hidden] }, { ...common, input: "images", ...pixels });
    const text = writeTypeScript(run);
    const weights = run.model.parameters().reduce((sum, one) => sum + one.dataSync().length, 0);
    expect(text.length).toBeLessThan(4 * weights * 1.37 + 8000);
  });
});

test("layers of the library that the command does not build are written as well, or named", async () => {
  manualSeed(3);
  const preprocessing: Preprocessing = { ...common, target: TARGETS.classes };
  const base = makeRun(
    { inputs: INPUTS, hidden: [], outputs: 4, activation: "relu", norm: "none", dropout: 0 },
    preprocessing,
  );
  const model = new nn.Sequential(
    new nn.Sequential(new nn.Flatten(), new nn.Linear(INPUTS, 12, { bias: false }), new nn.Identity()),
    new nn.BatchNorm1d(12, { affine: false }),
    new nn.GELU({ approximate: "tanh" }),
    new nn.LayerNorm([12], { bias: false, eps: 1e-3 }),
    new nn.LeakyReLU({ negativeSlope: 0.3 }),
    new nn.DropConnect(12, 9, { p: 0.5 }),
    new nn.RMSNorm(9, { eps: 1e-4 }),
    new nn.Softplus({ beta: 2, threshold: 3 }),
    new nn.ELU({ alpha: 1.7 }),
    new nn.LogSoftmax(),
    new nn.Linear(9, 6),
    new nn.Softmax({ dim: 1 }),
    new nn.LayerNorm(6, { elementwiseAffine: false }),
    new nn.Linear(6, 4),
  );
  randomize(model);
  const run = { ...base, model: model.eval() as unknown as Run["model"] };
  writeFileSync(join(folder, "own.ts"), writeTypeScript(run));
  expect(compile(folder)).toEqual({ code: 0, text: "" });
  const { own } = runModules(folder, { own: ROWS });
  const expected = await trainedRun(run).predict(ROWS);
  expect(difference(own, expected as Prediction[])).toBeLessThan(1e-6);
  const refused = (layer: nn.Layer, message: RegExp) => {
    const other = new nn.Sequential(layer) as unknown as Run["model"];
    expect(() => writeTypeScript({ ...run, model: other })).toThrow(message);
  };
  refused(new nn.Unflatten(1, [2, 2]), /0\.Unflatten with .*\[1,\[2,2\]\]/);
  refused(new nn.GroupNorm(2, 4), /--to ts writes Sequentials of Linear.*another layer: 0\.GroupNorm with/);
  refused(new nn.BatchNorm1d(4, { trackRunningStats: false }), /0\.BatchNorm1d/);
  class Own extends nn.Module {
    forward(x: never) {
      return x;
    }
  }
  refused(new Own() as unknown as nn.Layer, /Own does not say how it is made again/);
});

describe("noron export", () => {
  useRun("run", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "5", "--norm", "layer"]);

  test("ts: the module on a terminal's data answers as noron predict", async () => {
    const written = await noron(["export", "run", "--out", "model.ts"]);
    expect([written.code, written.stdout]).toEqual([0, ""]);
    expect(written.stderr).toMatch(/^[\d,]+ bytes written to model\.ts\n$/);
    expect((await noron(["export", "run", "--to", "ts"])).stdout).toBe(readFileSync(join(folder, "model.ts"), "utf8"));
    expect(compile(folder)).toEqual({ code: 0, text: "" });
    const table = parseTable((await noron(["predict", "run", "clouds.csv"])).stdout);
    const [x, y, colour, , prediction, left, right] = table.columns.map(({ cells }) => cells);
    const rows = x.map((_, row) => ({ x: Number(x[row]), y: Number(y[row]), colour: colour[row] }));
    const { model } = runModules(folder, { model: rows });
    for (const [row, said] of model.entries()) {
      if (!("probabilities" in said)) throw new Error("no classes");
      expect(said.prediction).toBe(prediction[row]);
      expect(Math.abs(said.probabilities.left - Number(left[row]))).toBeLessThan(1e-6);
      expect(Math.abs(said.probabilities.right - Number(right[row]))).toBeLessThan(1e-6);
    }
  });

  test("safetensors and json hold all that is needed to make the network again", async () => {
    await noron(["export", "run", "--out", "model.safetensors"]);
    const json = await noron(["export", "run", "--to", "json"]);
    const { tensors, metadata } = io.loadSafetensors(readFileSync(join(folder, "model.safetensors")));
    const told = JSON.parse(json.stdout);
    expect(told).toMatchObject({ format: "noron-model", task: "classification", classes: ["left", "right"] });
    expect(metadata).toMatchObject({ format: "pt", task: "classification", target: "kind" });
    const run = await loadRun(join(folder, "run"));
    for (const text of [JSON.parse(metadata.preprocessing), told.preprocessing])
      expect(tabular.parsePreprocessing(text)).toEqual(run.preprocessing);
    const x = randn([3, 5]);
    const expected = noGrad(() => run.model.forward(x).dataSync());
    const fromFile = nn.fromConfig(JSON.parse(metadata.model));
    fromFile.loadStateDict(tensors);
    expect(noGrad(() => fromFile.eval().forward(x).dataSync())).toEqual(expected);
    for (const [key, { shape, dtype, data }] of Object.entries<{ shape: number[]; dtype: string; data: number[] }>(
      told.state,
    )) {
      expect([dtype, shape]).toEqual([tensors[key].dtype, [...tensors[key].shape]]);
      expect(Float32Array.from(data)).toEqual(tensors[key].dataSync());
    }
    expect(JSON.stringify(nn.fromConfig(told.model).toConfig())).toBe(metadata.model);
  });

  test("writes over nothing unless it is told to, and wants to know the form", async () => {
    file("model.ts", "mine");
    const inputs = ["clouds.csv", "model.ts", "run"];
    expectRefusal(
      await noron(["export", "run", "--out", "model.ts"]),
      2,
      /model\.ts is there already: .*--force/,
      inputs,
    );
    expect(readFileSync(join(folder, "model.ts"), "utf8")).toBe("mine");
    expect((await noron(["export", "run", "--out", "model.ts", "--force"])).code).toBe(0);
    expect(readFileSync(join(folder, "model.ts"), "utf8")).toMatch(/^\/\/ Predicts "kind"/);
    expectRefusal(await noron(["export", "run"]), 2, /which form\? Give --to safetensors, --to ts, --to json/, inputs);
    expectRefusal(await noron(["export", "run", "--to", "tss"]), 2, /Did you mean ts\?/, inputs);
    expectRefusal(await noron(["export", "runn", "--to", "ts"]), 3, /no such run folder/, inputs);
    expect(readdirSync(folder).sort()).toEqual(inputs);
  });
});

test.skipIf(!hasRealData("mpg.csv"))("penguins, mpg and images: every row of the data", async () => {
  const { images, labels } = bars();
  file("a-images-idx3-ubyte", images);
  file("a-labels-idx1-ubyte", labels);
  const quick = ["--epochs", "3"];
  const runs: [string, string, string[]][] = [
    ["penguins", join(realData, "penguins.csv"), ["-t", "species"]],
    ["mpg", join(realData, "mpg.csv"), ["-t", "mpg"]],
    ["bars", "a-images-idx3-ubyte", ["--model", "8"]],
  ];
  const asked: Record<string, PredictRow[]> = {};
  const expected: Record<string, Prediction[]> = {};
  for (const [name, data, options] of runs) {
    expect((await noron(["train", data, ...options, ...quick, "--out", name])).code).toBe(0);
    expect((await noron(["export", name, "--out", `${name}.ts`])).code).toBe(0);
    const table = parseTable((await noron(["predict", name, data])).stdout);
    const cell = (column: string, row: number) => table.columns.find((one) => one.name === column)!.cells[row];
    const { preprocessing } = await loadRun(join(folder, name));
    const names = classesOf(preprocessing);
    expected[name] = Array.from({ length: table.rowCount }, (_, row) => {
      if (names.length === 0) return { prediction: Number(cell("prediction", row)) };
      const shares = names.map((one) => [one, Number(cell(`probability ${one}`, row))]);
      return { prediction: cell("prediction", row), probabilities: Object.fromEntries(shares) };
    });
    asked[name] = Array.from({ length: table.rowCount }, (_, row) => {
      if (preprocessing.input === "images") return [...images.subarray(16 + 16 * row, 32 + 16 * row)];
      const values = preprocessing.columns.map(({ name, kind }) => {
        const text = cell(name, row);
        if (tabular.isMissing(text)) return [name, null];
        return [name, kind === "number" ? Number(text) : text];
      });
      return Object.fromEntries(values);
    });
  }
  expect(compile(folder)).toEqual({ code: 0, text: "" });
  const said = runModules(folder, asked);
  expect([said.penguins.length, said.mpg.length, said.bars.length]).toEqual([344, 398, 60]);
  for (const name of Object.keys(said)) {
    expect(difference(said[name], expected[name]), name).toBeLessThan(1e-6);
    expect(said[name].map(({ prediction }) => typeof prediction)).toEqual(
      expected[name].map(({ prediction }) => typeof prediction),
    );
  }
});
