import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect, io, nn, tensor } from "@noron/core";
import { parseTable } from "@noron/tabular";
import { describe, expect, test } from "vitest";
import { EXPLAIN_TEXTS } from "../src/explain/texts.ts";
import { bars, clouds, events, expectRefusal, type Fields, file, folder, noron, useRun } from "./command.ts";

test("a network without layers of its own is called so", () => {
  expect(EXPLAIN_TEXTS.en.layer("", "Net")).toBe("Network: Net");
  expect(EXPLAIN_TEXTS.vi.layer("", "Net")).toBe("Mạng: Net");
});

describe("explain", () => {
  const network = ["--model", "6,4", "--norm", "batch", "--dropout", "0.2", "--epochs", "10"];
  useRun("kinds", "clouds.csv", clouds(), ["-t", "kind", ...network]);

  test("takes a row apart on a terminal, in lines of 80 characters", async () => {
    const { code, stdout, stderr } = await noron(["explain", "kinds", "--row", "3"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n");
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    expect(lines.some((line) => line.includes("\u001b"))).toBe(false);
    const parts = [
      "Row 3 of clouds.csv",
      "Encoded: 5 features, as the network takes them",
      "Layer 0: Linear",
      "Layer 1: BatchNorm1d",
      "Layer 3: Dropout",
      "Prediction",
      "Loss: cross-entropy",
      "Gradients coming back",
      "What a first step of adamw with lr 0.001 on this row alone would do",
    ];
    const places = parts.map((part) => lines.findIndex((line) => line.startsWith(part)));
    expect(places.every((place, index) => place > (places[index - 1] ?? -1))).toBe(true);
    expect(stdout).toContain("yⱼ = Σᵢ wⱼᵢ · xᵢ + bⱼ");
    expect(stdout).toContain("ln ŷ_y = x_y − m − ln(S)");
    expect(stdout).toMatch(/… \d+ more/);
    const full = await noron(["explain", "kinds", "--row", "3", "--full"]);
    expect(full.stdout).not.toMatch(/ more/);
    expect(full.stdout.length).toBeGreaterThan(stdout.length);
  });

  test("says as JSON what the library computes by itself", async () => {
    const found = events(await noron(["explain", "kinds", "--row", "3", "--log", "json"]));
    const of = (name: string): Fields[] => found.filter(({ event }) => event === name);
    const [row] = of("row");
    const layers = of("layer");
    const [loss] = of("loss");
    const cells = clouds().split("\n")[2].split(",");
    expect(row.row).toBe(3);
    expect(row.cells.map(({ value }: Fields) => value)).toEqual(cells);
    expect(row.known).toBe(cells[3]);
    expect(layers.map(({ layer }) => layer)).toEqual([
      "Linear",
      "BatchNorm1d",
      "ReLU",
      "Dropout",
      "Linear",
      "BatchNorm1d",
      "ReLU",
      "Dropout",
      "Linear",
    ]);

    // The run's network, made and called here.
    const layer = (index: number): nn.Layer =>
      nn.fromConfig({ layer: layers[index].layer, args: sizes[index], options: {} });
    const sizes = [[5, 6], [6], [], [], [6, 4], [4], [], [], [4, 2]];
    const model = new nn.Sequential(...layers.map((_, index) => layer(index) as nn.Module)).eval();
    model.loadStateDict(io.loadSafetensors(readFileSync(join(folder, "kinds", "model.safetensors"))).tensors);
    const x = tensor(
      row.features.map(({ value }: Fields) => value),
      { shape: [1, 5], dtype: "float32" },
    );
    const label = tensor([row.known === "left" ? 0 : 1], { dtype: "int32" });
    const step = inspect.explainStep(model, x, { loss: new nn.CrossEntropyLoss(), target: label });
    const close = (actual: number[], expected: ArrayLike<number>): void => {
      expect(actual).toHaveLength(expected.length);
      for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index], 5);
    };
    step.layers.forEach(({ output, inputs, parameters }, index) => {
      close(layers[index].output.value.values, output.value.values);
      close(layers[index].inputs[0].gradient.values, inputs[0].gradient!.values);
      for (const [name, { gradient }] of Object.entries(parameters))
        close(layers[index].parameters[name].gradient.values, gradient!.values);
    });
    close(loss.output.value.values, [step.loss!]);
    expect(loss.lines.at(-1).text).toBe(
      `L = (${inspect.shortNumber(step.loss!)})/1 = ${inspect.shortNumber(step.loss!)}`,
    );
    for (const update of of("update")) {
      const [before, after] = [update.before.values, update.after.values];
      // Adam's first step is as large as the learning rate, against the gradient.
      update.gradient.values.forEach((gradient: number, place: number) => {
        if (Math.abs(gradient) > 1e-4) expect(before[place] - after[place]).toBeCloseTo(0.001 * Math.sign(gradient), 4);
      });
    }

    const predicted = parseTable((await noron(["predict", "kinds", "clouds.csv"])).stdout);
    const said = (name: string) => predicted.columns.find((column) => column.name === name)!.cells[1];
    expect(row.prediction.prediction).toBe(said("prediction"));
    expect(row.prediction.probabilities.left).toBeCloseTo(Number(said("probability left")), 5);
  });

  test("--layer and --neuron choose, and what there is not is refused", async () => {
    const { stdout } = await noron(["explain", "kinds", "--row", "3", "--layer", "4", "--neuron", "2"]);
    expect(stdout).toMatch(/^Layer 4: Linear\n/);
    expect(stdout).toContain("neuron 2 of 4:");
    expect(stdout).not.toContain("Layer 0");
    expect(stdout).not.toContain("0.weight");
    const inputs = ["clouds.csv", "kinds"];
    const refused = (args: string[]) => noron(["explain", "kinds", ...args]);
    expectRefusal(await refused(["--row", "3", "--layer", "9"]), 2, /there is no layer 9: they are 0, 1, 2/, inputs);
    expectRefusal(await refused(["--row", "3", "--layer", "4", "--neuron", "5"]), 2, /layer 4 has 4/, inputs);
    expectRefusal(
      await refused(["--row", "1"]),
      3,
      /no row 1: they are 2 to 81, as in a spreadsheet, where the header is row 1/,
      inputs,
    );
    expectRefusal(await refused(["--row", "82"]), 3, /no row 82: they are 2 to 81/, inputs);
    expectRefusal(
      await refused(["--row", "-1"]),
      2,
      /--row -1 cannot be: .* 2 is the first row below a header/,
      inputs,
    );
    expectRefusal(await refused([]), 2, /--row/, inputs);
    // There, no header is counted.
    const json = file("one.jsonl", '{"x":1,"y":0.5,"colour":"red"}\n');
    const row0 = await noron(["explain", "kinds", json, "--row", "0"]);
    expectRefusal(row0, 3, /no row 0: they are 1 to 1\.\n/, [...inputs, json]);
  });

  test("data of one's own, without a target too; those of training only as they were", async () => {
    file("new.csv", "x,y,colour\n1.1,0.5,red\n");
    const { code, stdout } = await noron(["explain", "kinds", "--row", "2", "new.csv"]);
    expect(code).toBe(0);
    expect(stdout).toContain("The target of this row is not known");
    expect(stdout).not.toContain("Gradients");
    file("lines.csv", 'x,y,colour,note\n1.1,0.5,red,"one\nother"\n');
    expect((await noron(["explain", "kinds", "--row", "2", "lines.csv"])).stdout).toContain("note: one\\u000aother\n");
    rmSync(join(folder, "lines.csv"));
    rmSync(join(folder, "new.csv"));
    writeFileSync(join(folder, "clouds.csv"), clouds(70));
    const inputs = ["clouds.csv", "kinds"];
    const explain = () => noron(["explain", "kinds", "--row", "3"]);
    expectRefusal(
      await explain(),
      3,
      /clouds\.csv is not what it was when the run was trained: give the data as they were\./,
      inputs,
    );
    rmSync(join(folder, "clouds.csv"));
    expectRefusal(await explain(), 3, /the data of this run \(clouds\.csv\) cannot be read here: give the data\./, [
      "kinds",
    ]);
  });
});

test("explain: a number, and images", async () => {
  file("sizes.csv", clouds(80, "size"));
  await noron(["train", "sizes.csv", "-t", "size", "--epochs", "5", "--loss", "huber", "--out", "sizes"]);
  const sizes = await noron(["explain", "sizes", "--row", "2"]);
  expect(sizes.stderr).toBe("");
  expect(sizes.stdout).toContain("dᵢ = ŷᵢ − yᵢ");
  expect(sizes.stdout).toMatch(/known: 1\d\./);
  const { images, labels } = bars();
  file("a-images-idx3-ubyte", images);
  file("a-labels-idx1-ubyte", labels);
  await noron(["train", "a-images-idx3-ubyte", "--model", "8", "--epochs", "2", "--out", "bars"]);
  const image = await noron(["explain", "bars", "--row", "0"]);
  expect(image.stdout).toMatch(/^Image 0 of a-images-idx3-ubyte/);
  expect(image.stdout).toContain("known: 0");
});
