import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bars, clouds, expectRefusal, type Fields, file, folder, idx, noron, useRun } from "./command.ts";

const USAGE = 2;
const DATA = 3;

describe("train refuses data, with exit code 3", () => {
  const table = clouds();
  const sizes = clouds(80, "size");
  const replaceRow = (text: string, row: number, line: string) =>
    text
      .split("\n")
      .with(row - 1, line)
      .join("\n");
  const cases: [string, string | Uint8Array, string[], RegExp][] = [
    ["an empty file", "", ["-t", "kind"], /data\.csv: the file is empty/],
    ["a header alone", "x,y\n", ["-t", "y"], /data\.csv: there is a header but no row/],
    ["a target that does not exist", table, ["-t", "kid"], /there is no column "kid"\. Did you mean "kind"\?/],
    [
      "a ragged row",
      replaceRow(table, 7, "1,2,red"),
      ["-t", "kind"],
      /data\.csv, row 7: this row has 3 cells and the header 4/,
    ],
    [
      "text in a numeric target",
      replaceRow(sizes, 9, "1,2,red,much"),
      ["-t", "size"],
      /row 9, column "size": "much" is not a number/,
    ],
    ["one class only", "x,y\n1,a\n2,a\n3,a\n4,a\n", ["-t", "y"], /column "y": the target is "a" in every row/],
    [
      "a target that is missing everywhere",
      "x,y\n1,\n2,NA\n3,\n",
      ["-t", "y"],
      /column "y": the target is missing in every row/,
    ],
    [
      "features that are missing everywhere",
      "x,y\n,a\nNA,b\n,a\n,b\n",
      ["-t", "y"],
      /"x": all of its cells are missing/,
    ],
    ["two rows", "x,y\n1,a\n2,b\n", ["-t", "y"], /too few/],
    ["a binary file", Uint8Array.of(1, 2, 0, 3, 4), ["-t", "y"], /binary file/],
    ["a quote that is never closed", 'x,y\n"1,a\n2,b\n', ["-t", "y"], /row 2: a quoted cell begins here/],
    ["a gzip that is cut off", gzipSync(table).subarray(0, 200), ["-t", "kind"], /gzip file is cut off/],
  ];
  test.each(cases)("%s", async (_, contents, options, message) => {
    file("data.csv", contents);
    expectRefusal(await noron(["train", "data.csv", ...options, "--epochs", "1"]), DATA, message, ["data.csv"]);
  });

  test("an all-missing column among others is left out, and said", async () => {
    file(
      "data.csv",
      table.replace(/^(.*)$/gm, (line, _, at) => (line === "" ? "" : `${line},${at === 0 ? "nothing" : ""}`)),
    );
    const ended = await noron(["train", "data.csv", "-t", "kind", "--epochs", "1", "--out", "run"]);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/nothing\s+left out\s+all of its cells are missing/);
  });

  test("no such file, with the nearest name", async () => {
    file("clouds.csv", table);
    const ended = await noron(["train", "cloud.csv", "-t", "kind"]);
    expectRefusal(ended, DATA, /cloud\.csv: there is no such file or folder\. Did you mean clouds\.csv\?/, [
      "clouds.csv",
    ]);
  });

  test("no such file, and none that is near: its ending alone makes none so", async () => {
    file("dup.csv", table);
    const ended = await noron(["inspect", "gus.csv"]);
    expectRefusal(ended, DATA, /gus\.csv: there is no such file or folder\.$/m, ["dup.csv"]);
  });

  test.skipIf(process.platform === "win32")("a device, which may never end", async () => {
    for (const more of [[], ["--stream"]]) {
      const ended = await noron(["train", "/dev/zero", "-t", "kind", ...more]);
      expectRefusal(ended, DATA, /\/dev\/zero: it cannot be read: it is a device, not a file/, []);
    }
  });

  test("a folder without images", async () => {
    file("clouds.csv", table);
    expectRefusal(await noron(["train", "."]), DATA, /no images and labels .* give the file: clouds\.csv/, [
      "clouds.csv",
    ]);
  });

  test("IDX files that are cut off, that do not belong together, or lack labels", async () => {
    const { images, labels } = bars();
    file("a-images-idx3-ubyte", images.subarray(0, 500));
    file("a-labels-idx1-ubyte", labels);
    file("short", idx([3], Uint8Array.of(0, 1, 0)));
    file("whole", images);
    const names = ["a-images-idx3-ubyte", "a-labels-idx1-ubyte", "short", "whole"];
    expectRefusal(await noron(["train", "."]), DATA, /header promises 60 × 4 × 4 elements, .* cut off/, names);
    expectRefusal(await noron(["train", "whole", "short"]), DATA, /short: 3 labels here and 60 images/, names);
    expectRefusal(await noron(["train", "whole"]), DATA, /no labels to learn/, names);
    file("cut.gz", gzipSync(images).subarray(0, 100));
    expectRefusal(await noron(["train", "cut.gz", "short"]), DATA, /cut off/, [...names, "cut.gz"]);
  });
});

describe("the command line is refused, with exit code 2", () => {
  const cases: [string, string[], RegExp][] = [
    ["no target", [], /give --target NAME; the columns are x, y, colour, kind\.$/im],
    [
      "an option that was mistyped",
      ["--taget", "kind"],
      /unknown option --taget\. Did you mean --target\?\n.*npx noron train clouds\.csv --target kind$/m,
    ],
    ["an activation that was mistyped", ["--activation", "rleu"], /--activation .* Did you mean relu\?/],
    ["an optimizer there is none of", ["--optimizer", "zzz"], /it is one of sgd, momentum/],
    ["an option without its value", ["-t", "kind", "--class-weights", "--out", "x"], /--class-weights needs a value\./],
    ["a letter in place of a value", ["--out", "-t", "kind"], /--out needs a value\./],
    ["an option that there is not in place of a value", ["-t", "kind", "--out", "--unknwon"], /--out needs a value\./],
    ["a value that looks like one behind its sign", ["-t", "kind", "--loss=--mse"], /--mse.* one of/],
    ["a task there is none of", ["--task", "clasification"], /Did you mean classification\?/],
    ["epochs of 0", ["--epochs", "0"], /--epochs .* whole number from 1 to/],
    ["epochs in words", ["--epochs", "many"], /--epochs .* whole number/],
    ["a negative learning rate", ["--lr", "-1"], /--lr .* number above 0/],
    ["dropout of 1", ["--dropout", "1"], /--dropout .* from 0 to 0\.99/],
    ["a model in words", ["--model", "64,x"], /--model .* such as 64,32/],
    ["a layer of nothing", ["--model", "64,0"], /--model .* such as 64,32/],
    ["a seed that is no whole number", ["--seed", "1.5"], /--seed .* whole number/],
    ["an option without its value", ["--target"], /--target needs a value/],
    ["a loss for another task", ["-t", "kind", "--loss", "mse"], /--loss mse is not for classification.*cross-entropy/],
    ["a type there is none of", ["-t", "kind", "--type", "x=catgory"], /--type .* Did you mean category\?/],
    ["a type of nothing", ["-t", "kind", "--type", "x"], /--type .* such as zip=category/],
    [
      "a way of splitting there is none of",
      ["-t", "kind", "--split", "tme:x"],
      /no way of splitting rows\. Did you mean time:x\?\n.*--split time:x$/m,
    ],
    ["a share of everything", ["-t", "kind", "--test", "1"], /--test .* share above 0 and below 1/],
    ["the target dropped", ["-t", "kind", "--drop", "kind"], /column "kind": this is the target/],
    ["too little memory", ["-t", "kind", "--model", "60000,60000"], /takes about [\d.]+ GiB .* smaller --model/],
    ["a run that is there", ["-t", "kind", "--out", "clouds.csv"], /clouds\.csv is there already/],
    ["a folder that cannot be made", ["-t", "kind", "--out", "clouds.csv/run"], /cannot be made/],
    ["a folder where none can be", ["-t", "kind", "--out", "/proc/noron/run"], /\/proc\/noron\/run/],
    ["batch norm of single rows", ["-t", "kind", "--norm", "batch", "--batch", "1"], /--norm batch cannot be/],
  ];
  test.each(cases)("%s", async (_, options, message) => {
    file("clouds.csv", clouds());
    const ended = await noron(["train", "clouds.csv", ...options]);
    expect(ended.stderr).toMatch(/noron: /);
    expectRefusal(ended, USAGE, message, ["clouds.csv"]);
  });

  test("a command or sample that was mistyped, and none", async () => {
    expectRefusal(
      await noron(["trian"]),
      USAGE,
      /there is no command trian\. Did you mean train\?\n.*npx noron train$/m,
      [],
    );
    expectRefusal(await noron(["train", "sample:spiral"]), USAGE, /Did you mean sample:spirals\?/, []);
    expectRefusal(await noron([]), USAGE, /Usage: noron/, []);
    expectRefusal(await noron(["predict", "run"]), USAGE, /missing required argument data/, []);
  });

  test("help and version are no mistakes", async () => {
    const help = await noron(["train", "--help"]);
    expect([help.code, help.stderr]).toEqual([0, ""]);
    expect(help.stdout).toMatch(/--optimizer <name>/);
    const codes = (await noron(["--help"])).stdout.matchAll(/^ {2}(\d+) {2,}\w/gm);
    expect(Array.from(codes, ([, code]) => Number(code))).toEqual([0, 1, 2, 3, 4, 130]);
    expect((await noron(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("evaluate and predict refuse a run folder that is none, with exit code 3", () => {
  const inputs = ["clouds.csv", "run"];
  const inRun = (name: string) => join(folder, "run", name);
  const edit = (name: string, change: (text: string) => string) =>
    writeFileSync(inRun(name), change(readFileSync(inRun(name), "utf8")));
  const editConfig = (change: (config: Fields) => void) =>
    edit("config.json", (text) => {
      const config = JSON.parse(text);
      change(config);
      return JSON.stringify(config);
    });

  useRun("run", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "1"]);

  const cases: [string, () => void, RegExp][] = [
    ["no config", () => writeFileSync(inRun("config.json"), ""), /config\.json: this is not JSON/],
    [
      "another program's config",
      () => writeFileSync(inRun("config.json"), '{"name":"x"}'),
      /no config that noron wrote: format/,
    ],
    ["a later version", () => editConfig((config) => Object.assign(config, { version: 2 })), /version is not 1/],
    [
      "an unknown activation",
      () => editConfig(({ network }) => Object.assign(network, { activation: "constructor" })),
      /network\.activation/,
    ],
    [
      "a layer of text",
      () => editConfig(({ network }) => Object.assign(network, { hidden: ["64"] })),
      /network\.hidden\[0\] is not a number/,
    ],
    [
      "a huge network",
      () => editConfig(({ network }) => Object.assign(network, { hidden: [6e7, 6e7] })),
      /model\.safetensors: the network has/,
    ],
    [
      "another network",
      () => editConfig(({ network }) => Object.assign(network, { hidden: [32, 32] })),
      /does not fit/,
    ],
    [
      "other features",
      () => editConfig(({ network }) => Object.assign(network, { inputs: 3 })),
      /do not belong together/,
    ],
    [
      "another task",
      () =>
        editConfig((config) =>
          Object.assign(config, { task: "regression", settings: { ...config.settings, loss: "mse" } }),
        ),
      /do not belong together/,
    ],
    [
      "a baseline that is no class",
      () => editConfig(({ result }) => Object.assign(result, { baseline: 7 })),
      /baseline/,
    ],
    [
      "damaged preprocessing",
      () => edit("preprocessing.json", (text) => text.replace("standardDeviation", "deviation")),
      /preprocessing\.json: .*columns\[0\]\.standardDeviation is not a number/,
    ],
    [
      "weights cut off",
      () => writeFileSync(inRun("model.safetensors"), readFileSync(inRun("model.safetensors")).subarray(0, 5000)),
      /model\.safetensors: .*cut off/,
    ],
    [
      "weights of elsewhere",
      () => writeFileSync(inRun("model.safetensors"), "hello, this is no model"),
      /model\.safetensors: this is no safetensors file/,
    ],
    [
      "weights that are not finite",
      () => {
        const bytes = readFileSync(inRun("model.safetensors"));
        bytes.fill(0xff, bytes.length - 40);
        writeFileSync(inRun("model.safetensors"), bytes);
      },
      /not finite/,
    ],
  ];
  test.each(cases)("%s", async (_, spoil, message) => {
    spoil();
    expectRefusal(await noron(["predict", "run", "clouds.csv"]), DATA, message, inputs);
    expectRefusal(await noron(["evaluate", "run", "clouds.csv"]), DATA, message, inputs);
  });

  test("no folder, a file, and a folder of something else", async () => {
    expectRefusal(await noron(["predict", "runn", "clouds.csv"]), DATA, /runn: there is no such run folder/, inputs);
    expectRefusal(await noron(["predict", "clouds.csv", "clouds.csv"]), DATA, /clouds\.csv is a file/, inputs);
    mkdirSync(join(folder, "other"));
    expectRefusal(await noron(["evaluate", "other", "clouds.csv"]), DATA, /no run folder.* no config\.json/, [
      ...inputs,
      "other",
    ]);
  });

  test("data that lack a column, hold an unknown class or are of another kind", async () => {
    const all = [...inputs, "new.csv"];
    file("new.csv", "x,colour\n1,red\n");
    expectRefusal(
      await noron(["predict", "run", "new.csv"]),
      DATA,
      /the column "y" of the training data is missing/,
      all,
    );
    file("new.csv", "x,y,colour\n1,1,red\n");
    expectRefusal(
      await noron(["evaluate", "run", "new.csv"]),
      DATA,
      /the column "kind" of the training data is missing/,
      all,
    );
    file("new.csv", "x,y,colour,kind\n1,1,red,up\n");
    expectRefusal(
      await noron(["evaluate", "run", "new.csv"]),
      DATA,
      /row 2, column "kind": "up" is none of the classes/,
      all,
    );
    file("new.csv", bars().images);
    expectRefusal(
      await noron(["predict", "run", "new.csv"]),
      DATA,
      /holds images, and the network was trained on a table/,
      all,
    );
  });

  test("predictions do not take the place of the data, by whatever name", async () => {
    const before = readFileSync(join(folder, "clouds.csv"), "utf8");
    for (const out of ["clouds.csv", join(folder, "clouds.csv")]) {
      const ended = await noron(["predict", "run", "clouds.csv", "--out", out]);
      expectRefusal(ended, USAGE, /is the data that are read/, inputs);
    }
    expect(readFileSync(join(folder, "clouds.csv"), "utf8")).toBe(before);
  });

  test("a file that is there is written over only with --force", async () => {
    file("mine.csv", "mine\n");
    const predict = ["predict", "run", "clouds.csv", "--only", "--out", "mine.csv"];
    expectRefusal(await noron(predict), USAGE, /mine\.csv is there already: .* or --force/, [...inputs, "mine.csv"]);
    expect(readFileSync(join(folder, "mine.csv"), "utf8")).toBe("mine\n");
    expect((await noron([...predict, "--force"])).code).toBe(0);
    expect(readFileSync(join(folder, "mine.csv"), "utf8")).toMatch(/^prediction/);
  });

  test("predictions that cannot be written", async () => {
    for (const path of ["clouds.csv/here.csv", "/proc/noron/here.csv"]) {
      const ended = await noron(["predict", "run", "clouds.csv", "--out", path]);
      expectRefusal(ended, USAGE, new RegExp(`${path} cannot be written`), inputs);
    }
  });
});

test("NORON_DEBUG shows where an error comes from", async () => {
  const ended = await noron(["train", "nothing.csv", "-t", "x"], { env: { NORON_DEBUG: "1" } });
  expect(ended.code).toBe(DATA);
  expect(ended.stderr).toMatch(/^\s+at /m);
});
