import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadHeldOut } from "../src/data/held-out.ts";
import { type PreparedData, type PrepareOptions, prepareData } from "../src/data/prepare.ts";
import { preparedAs } from "../src/data/prepare-again.ts";
import { type LoadedData, loadData } from "../src/data/source.ts";
import { parseConfig } from "../src/run/config.ts";
import { bars, events, file, folder, noron } from "./command.ts";

/** People seen several times, day by day: who, when, what was measured, and how it went. */
function visits(rows = 90, first = 0): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const row = first + index;
    const day = new Date(Date.UTC(2024, 0, 1 + ((row * 7) % 60))).toISOString().slice(0, 10);
    const dose = (row * 13) % 11;
    return `p${row % 15},${day},0${row % 4},${dose},${dose * 2 + (row % 3)},${dose > 5 ? "ill" : "well"}`;
  });
  return `who,day,ward,dose,pulse,state\n${lines.join("\n")}\n`;
}

const place = (name: string) => join(folder, name);
const load = (source: string[]) => loadData(source);
const open = (name: string, contents: string | Uint8Array): Promise<LoadedData> =>
  loadData([place(file(name, contents))]);
/** All that a network would see. */
const seen = ({ training, validation, test }: PreparedData) =>
  [training, validation, test].map(({ inputs, rows, target }) => ({ inputs, rows, target }));

describe("data are prepared again from what a run keeps", () => {
  const cases: [string, Omit<PrepareOptions, "seed">][] = [
    ["nothing asked for", { target: "state" }],
    ["a number", { target: "pulse", split: "random", validation: 0.25, test: 0.3 }],
    ["types and columns left out", { target: "state", kinds: { ward: "category" }, drop: ["who, day"] }],
    ["columns kept", { target: "pulse", keep: ["dose,state"], test: 0.1 }],
    ["a split by time", { target: "state", split: "time:day" }],
    ["a split by group", { target: "state", split: "group:who", validation: 0.2, test: 0.2 }],
  ];
  test.each(cases)("%s", async (_, options) => {
    const loaded = await open("visits.csv", visits());
    const prepared = prepareData(loaded, { ...options, seed: 3 });
    const preparation = JSON.parse(JSON.stringify(prepared.preparation));
    const again = await preparedAs({ target: prepared.target, task: prepared.task, seed: 3, preparation }, load);
    expect(seen(prepareData(loaded, again))).toEqual(seen(prepared));
    expect(prepareData(loaded, again).preparation).toEqual(prepared.preparation);
  });

  test("rows to choose the epoch by and to test on from files", async () => {
    const loaded = await open("visits.csv", visits());
    file("later.csv", visits(20, 200));
    file("test.csv", visits(30, 300));
    const held = {
      validation: await loadHeldOut(place("later.csv"), load),
      test: await loadHeldOut(place("test.csv"), load),
    };
    const prepared = prepareData(loaded, { target: "state", ...held, seed: 0 });
    expect([prepared.training.count, prepared.validation.count, prepared.test.count]).toEqual([90, 20, 30]);
    const { target, task, preparation } = prepared;
    const again = await preparedAs({ target, task, seed: 0, preparation }, load);
    expect(seen(prepareData(loaded, again))).toEqual(seen(prepared));
    file("test.csv", visits(31, 300));
    await expect(preparedAs({ target, task, seed: 0, preparation }, load)).rejects.toThrow(
      /test\.csv is not what it was/,
    );
  });

  test("images, and those that their folder keeps apart", async () => {
    const { images, labels } = bars();
    for (const prefix of ["train", "t10k"]) {
      file(`${prefix}-images-idx3-ubyte`, prefix === "train" ? images : bars(20).images);
      file(`${prefix}-labels-idx1-ubyte`, prefix === "train" ? labels : bars(20).labels);
    }
    const loaded = await loadData([folder]);
    for (const options of [{}, { test: 0.5 }, { split: "random" as const, validation: 0.3 }]) {
      const prepared = prepareData(loaded, { ...options, seed: 1 });
      const { target, task, preparation } = prepared;
      const again = await preparedAs({ target, task, seed: 1, preparation }, load);
      expect(seen(prepareData(loaded, again))).toEqual(seen(prepared));
    }
  });
});

describe("what cannot be is refused", () => {
  const cases: [string, Omit<PrepareOptions, "seed">, RegExp][] = [
    ["a share of nothing", { validation: 0 }, /--val 0 cannot be: it is a share above 0 and below 1/],
    ["shares of everything", { validation: 0.5, test: 0.5 }, /add up to less than 1/],
    ["a column there is none of", { kinds: { wrad: "category" } }, /"wrad"\. Did you mean "ward"\?/],
    ["a split by such a column", { split: "group:whom" }, /Did you mean "who"\?/],
  ];
  test.each(cases)("%s", async (_, options, message) => {
    const loaded = await open("visits.csv", visits());
    expect(() => prepareData(loaded, { target: "state", ...options, seed: 0 })).toThrow(message);
  });

  test("held-out rows of another kind, the same rows, unknown classes, standard input", async () => {
    const loaded = await open("visits.csv", visits());
    const same = await open("copy.csv", visits());
    const prepare = (test: LoadedData) => prepareData(loaded, { target: "state", test, seed: 0 });
    expect(() => prepare(same)).toThrow(/--test copy\.csv is among the data to be trained on \(visits\.csv\)/);
    file("x-images-idx3-ubyte", bars().images);
    file("x-labels-idx1-ubyte", bars().labels);
    const images = await loadData([place("x-images-idx3-ubyte")]);
    expect(() => prepare(images)).toThrow(/are a table and images: give two of the same kind/);
    const dead = await open("dead.csv", visits(10).replace(/ill$/m, "dead"));
    expect(() => prepare(dead)).toThrow(/dead\.csv, row \d+, column "state": "dead" is none of the classes/);
    const narrow = await open("narrow.csv", "who,state\np1,ill\n");
    expect(() => prepare(narrow)).toThrow(/narrow\.csv: the column "dose" of the training data is missing/);
    const both = { validation: await open("v.csv", visits(9)), test: await open("t.csv", visits(8)) };
    const split = () => prepareData(loaded, { target: "state", split: "random", ...both, seed: 0 });
    expect(split).toThrow(/--split random has nothing to split/);
    expect(() => prepareData(images, { drop: ["who"], seed: 0 })).toThrow(/images have no columns/);
    expect(() => prepareData(images, { split: "time:day", seed: 0 })).toThrow(/images have no columns/);
    await expect(loadHeldOut("-", load)).rejects.toThrow(/give a file/);
  });
});

test("the command: options in the run's config, and the same columns in predict and evaluate", async () => {
  file("visits.csv", visits());
  file("new.csv", visits(12, 400));
  const asked = [
    "--type",
    "ward=category",
    "--drop",
    "day",
    "--split",
    "group:who",
    "--val",
    "0.2",
    "--test",
    "new.csv",
  ];
  const train = ["train", "visits.csv", "-t", "state", ...asked, "--epochs", "2", "--out", "run", "--log", "json"];
  const told = events(await noron(train));
  const preparation = {
    kinds: { ward: "category", day: "ignore" },
    keep: null,
    split: "group:who",
    validation: 0.2,
    test: { source: ["new.csv"], hash: expect.stringMatching(/^sha256:/) },
  };
  expect(told[0]).toMatchObject({ event: "data", preparation, split: { training: 72, validation: 18, test: 12 } });
  const config = readFileSync(place("run/config.json"), "utf8");
  expect(parseConfig(config, "config.json").preparation).toEqual(preparation);
  const evaluated = events(await noron(["evaluate", "run", "new.csv", "--log", "json"]));
  expect(evaluated.at(-1)?.scores).toEqual(told.at(-1)?.test);
  const predicted = await noron(["predict", "run", "new.csv"]);
  expect(predicted.stdout.split("\n")[0]).toBe(
    "who,day,ward,dose,pulse,state,prediction,probability ill,probability well",
  );
});
