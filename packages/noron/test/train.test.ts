import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bars, clouds, events, type Fields, file, folder, hasRealData, noron, realData } from "./command.ts";

const few = ["--epochs", "5", "--seed", "1"];

describe("train", () => {
  test("tells what it does on stderr and the result on stdout, and saves a run", async () => {
    file("clouds.csv", clouds());
    const ended = await noron(["train", "clouds.csv", "--target", "kind", "--epochs", "20"]);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/clouds\.csv: 80 rows, 4 columns/);
    expect(ended.stderr).toMatch(/classification of "kind": the target is text/);
    expect(ended.stderr).toMatch(/colour\s+category/);
    expect(ended.stderr).toMatch(/56 rows to train, 12 to choose the epoch, 12 to test \(seed 0/);
    expect(ended.stderr).toMatch(/epoch 20\/20 {2}loss/);
    expect(ended.stdout).toMatch(/accuracy\s+1\.0000\s+0\.5000/);
    expect(ended.stdout).toMatch(/always "(left|right)"/);
    const saved = /^saved in (runs\/clouds-\d{8}-\d{6})$/m.exec(ended.stdout)?.[1] ?? "";
    expect(readdirSync(join(folder, saved)).sort()).toEqual([
      "checkpoint.safetensors",
      "config.json",
      "metrics.jsonl",
      "model.safetensors",
      "preprocessing.json",
    ]);
    expect(ended.stdout).toContain(`next: npx noron predict ${saved} clouds.csv`);
    expect(readdirSync(join(folder, "runs"))).toHaveLength(1);
  });

  test("the run folder says how it came about", async () => {
    file("clouds.csv", clouds(80, "size"));
    const options = ["--model", "8,4", "--activation", "tanh", "--norm", "layer", "--dropout", "0.1", "--lr", "0.01"];
    await noron([
      "train",
      "clouds.csv",
      "-t",
      "size",
      "--optimizer",
      "adam",
      "--loss",
      "huber",
      ...options,
      ...few,
      "--out",
      "run",
    ]);
    const config = JSON.parse(readFileSync(join(folder, "run/config.json"), "utf8"));
    expect(config).toMatchObject({
      format: "noron-run",
      noron: expect.stringMatching(/^\d+\.\d+\.\d+/),
      backend: "wasm",
      data: {
        name: "clouds.csv",
        source: ["clouds.csv"],
        hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        rows: 80,
      },
      task: "regression",
      target: "size",
      split: { training: 56, validation: 12, test: 12 },
      network: { inputs: 5, hidden: [8, 4], outputs: 1, activation: "tanh", norm: "layer", dropout: 0.1 },
      settings: { loss: "huber", optimizer: "adam", lr: 0.01, batch: 16, epochs: 5, seed: 1 },
    });
    const lines = readFileSync(join(folder, "run/metrics.jsonl"), "utf8").trim().split("\n");
    expect(lines).toHaveLength(6);
    expect(JSON.parse(lines[0])).toMatchObject({
      epoch: 1,
      loss: expect.any(Number),
      validationLoss: expect.any(Number),
    });
    expect(JSON.parse(lines[5])).toEqual({ test: config.result.test, baseline: config.result.testBaseline });
  });

  test("the same seed gives the same weights, another seed others", async () => {
    file("clouds.csv", clouds());
    const weights = [];
    for (const [name, seed] of [
      ["a", "3"],
      ["b", "3"],
      ["c", "4"],
    ]) {
      await noron(["train", "clouds.csv", "-t", "kind", "--epochs", "3", "--seed", seed, "--out", name]);
      weights.push(readFileSync(join(folder, name, "model.safetensors")));
    }
    expect(weights[0].equals(weights[1])).toBe(true);
    expect(weights[0].equals(weights[2])).toBe(false);
  });

  test("no data: the built-in digits", async () => {
    const all = events(await noron(["train", "--log", "json", "--epochs", "3", "--out", "run"]));
    expect(all.map(({ event }) => event)).toEqual(["data", "network", "epoch", "epoch", "epoch", "result"]);
    expect(all[0]).toMatchObject({ name: "sample:digits", task: "classification", rows: 5000 });
    expect(all.at(-1)?.test.accuracy).toBeGreaterThan(0.9);
    expect(all.at(-1)?.testBaseline.accuracy).toBeCloseTo(0.1, 2);
  });

  test.each<[string, number]>([
    ["moons", 0.97],
    ["circles", 0.97],
    ["xor", 0.97],
    ["blobs", 0.97],
    ["spirals", 0.9],
  ])("sample:%s", async (name, least) => {
    const all = events(await noron(["train", `sample:${name}`, "--log", "json", "--out", "run", "--lr", "0.01"]));
    expect(all[0]).toMatchObject({ task: "classification", target: "class" });
    expect(all.at(-1)?.test.accuracy).toBeGreaterThanOrEqual(least);
  });

  test("IDX files: a pair, their folder, and the images alone", async () => {
    const { images, labels } = bars();
    file("t10k-images-idx3-ubyte", images);
    file("t10k-labels-idx1-ubyte", labels);
    const ways = [["t10k-labels-idx1-ubyte", "t10k-images-idx3-ubyte"], ["."], ["t10k-images-idx3-ubyte"]];
    for (const [index, way] of ways.entries()) {
      const all = events(await noron(["train", ...way, "--log", "json", "--out", `run${index}`, "--model", "8"]));
      expect(all[0]).toMatchObject({ classes: ["0", "1"], split: { training: 42, validation: 6, test: 12 } });
      expect(all.at(-1)?.test.accuracy).toBe(1);
    }
  });

  test("a folder with images for training and for testing", async () => {
    for (const [prefix, count] of [
      ["train", 60],
      ["t10k", 20],
    ] as const) {
      const { images, labels } = bars(count);
      file(`${prefix}-images-idx3-ubyte`, images);
      file(`${prefix}-labels-idx1-ubyte`, labels);
    }
    const all = events(await noron(["train", ".", "--log", "json", "--out", "run", "--model", "8"]));
    expect(all[0].split).toEqual({ training: 54, validation: 6, test: 20 });
  });

  test("standard input, semicolons, decimal commas and a byte order mark", async () => {
    const text = `\ufeff${clouds(80, "size").replaceAll(",", ";").replaceAll(".", ",")}`;
    const ended = await noron(["train", "-", "-t", "size", "--log", "json", "--out", "run"], { input: text });
    const all = events(ended);
    expect(all[0]).toMatchObject({ name: "standard input", task: "regression" });
    expect(all.at(-1)?.test.r2).toBeGreaterThan(0.95);
  });

  test("early stopping ends it, and the best weights are kept", async () => {
    file("clouds.csv", clouds());
    const args = [
      "train",
      "clouds.csv",
      "-t",
      "kind",
      "--patience",
      "2",
      "--lr",
      "0.3",
      "--log",
      "json",
      "--out",
      "run",
    ];
    const result = events(await noron(args)).at(-1);
    expect(result?.epochs).toBeLessThan(300);
    expect(result?.epochs).toBe(result?.bestEpoch + 2);
  });

  test("a linear model, every activation, norm and optimizer", async () => {
    file("clouds.csv", clouds(40, "size"));
    const names = {
      "--activation": ["leaky-relu", "gelu", "silu", "elu", "softplus", "sigmoid"],
      "--norm": ["batch", "rms"],
      "--optimizer": ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"],
      "--model": ["none"],
      "--loss": ["mae"],
    };
    for (const [option, values] of Object.entries(names)) {
      for (const value of values) {
        const args = ["train", "clouds.csv", "-t", "size", option, value, "--epochs", "2", "--log", "json"];
        const result = events(await noron([...args, "--out", `${option.slice(2)}-${value}`])).at(-1);
        expect(Number.isFinite(result?.test.rmse)).toBe(true);
      }
    }
  });

  test("a training that diverges leaves nothing behind, not even the folders above the run", async () => {
    file("clouds.csv", clouds(80, "size"));
    const ended = await noron([
      "train",
      "clouds.csv",
      "-t",
      "size",
      "--lr",
      "999",
      "--optimizer",
      "sgd",
      "--out",
      "a/b",
    ]);
    expect(ended.stderr).toMatch(/diverged/);
    expect(readdirSync(folder)).toEqual(["clouds.csv"]);
  });

  const endless = ["-t", "kind", "--epochs", "1000000", "--patience", "0", "--out", "run"];

  test("a second Ctrl-C quits at once, and leaves the last checkpoint", async () => {
    file("clouds.csv", clouds(4000));
    const slow = ["--model", "1024,1024", "--batch", "2800"];
    const interruptAfter = ["epoch       1/", "Ctrl-C again"];
    const ended = await noron(["train", "clouds.csv", ...endless, ...slow], { interruptAfter });
    // Ended by the system, even in the middle of a batch: for a shell that is 130 as well.
    expect([ended.code, ended.signal]).toEqual([null, "SIGINT"]);
    expect(ended.stdout).toBe("");
    expect(ended.stderr).not.toMatch(/saved/);
    expect(readdirSync(join(folder, "run")).sort()).toEqual([
      ...["checkpoint.safetensors", "config.json", "metrics.jsonl", "preprocessing.json", "training.lock"],
    ]);
    expect((await noron(["predict", "run", "clouds.csv"])).code).toBe(0);
  });
});

describe("real data, few epochs", () => {
  const withFile = (name: string) => test.skipIf(!hasRealData(name));
  const last = async (args: string[]) =>
    events(await noron(["train", ...args, "--log", "json", "--out", "run"])).at(-1) as Fields;

  withFile("penguins.csv")("penguins.csv: species", async () => {
    const { test: scores } = await last([join(realData, "penguins.csv"), "-t", "species", "--epochs", "40"]);
    expect(scores.accuracy).toBeGreaterThanOrEqual(0.96);
  });
  withFile("mpg.csv")("mpg.csv: mpg", async () => {
    const { test: scores, testBaseline } = await last([join(realData, "mpg.csv"), "-t", "mpg", "--epochs", "60"]);
    expect(scores.rmse).toBeLessThanOrEqual(0.5 * testBaseline.rmse);
  });
  withFile("diamonds.csv.gz")("diamonds.csv.gz: price", async () => {
    const { test: scores } = await last([join(realData, "diamonds.csv.gz"), "-t", "price", "--epochs", "6"]);
    expect(scores.r2).toBeGreaterThanOrEqual(0.96);
  });
  withFile("t10k-images-idx3-ubyte.gz")("MNIST's test digits", async () => {
    const { test: scores } = await last([join(realData, "t10k-images-idx3-ubyte.gz"), "--epochs", "6"]);
    expect(scores.accuracy).toBeGreaterThanOrEqual(0.93);
  });
});
