import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseTable } from "@noron/tabular";
import { describe, expect, test } from "vitest";
import { InputError, loadRun, nn, parseRun, type TrainedRun } from "../src/index.ts";
import { bars, clouds, file, folder, noron, useRun } from "./command.ts";

const column = (text: string, name: string) => parseTable(text).columns.find((one) => one.name === name)!.cells;

/** Rows of a CSV file as a program has them. */
function rowsOf(text: string): Record<string, string>[] {
  const { columns, rowCount } = parseTable(text);
  return Array.from({ length: rowCount }, (_, row) =>
    Object.fromEntries(columns.map(({ name, cells }) => [name, cells[row]])),
  );
}

function requireClassifier(run: TrainedRun) {
  if (run.task !== "classification") throw new Error("not a classifier");
  return run;
}

describe("a run of classes", () => {
  const table = clouds();
  useRun("run", "clouds.csv", table, ["-t", "kind", "--epochs", "5", "--norm", "batch"]);

  test("answers like noron predict, with rows of texts or of values", async () => {
    const run = requireClassifier(await loadRun(join(folder, "run")));
    expect([run.target, run.classes]).toEqual(["kind", ["left", "right"]]);
    expect(run.model).toBeInstanceOf(nn.Module);
    expect(run.model.training).toBe(false);
    const { stdout } = await noron(["predict", "run", "clouds.csv"]);
    const texts = rowsOf(table);
    const values = texts.map(({ x, y, colour }) => ({ x: Number(x), y: Number(y), colour }));
    for (const rows of [texts, values]) {
      const said = await run.predict(rows);
      expect(said.map(({ prediction }) => prediction)).toEqual(column(stdout, "prediction"));
      const left = said.map(({ probabilities }) => probabilities.left.toFixed(6));
      expect(left.map(Number)).toEqual(column(stdout, "probability left").map(Number));
    }
    expect(await run.predict([])).toEqual([]);
  });

  test("missing values in every spelling are the same; a column that no row has is refused with the nearest name", async () => {
    const run = await loadRun(join(folder, "run"));
    const said = await run.predict([
      { x: null, y: 1, colour: undefined },
      { x: undefined, y: 1, colour: null },
      { x: Number.NaN, y: 1, colour: "" },
      { y: 1, colour: "" },
    ]);
    for (const one of said) expect(one).toEqual(said[0]);
    await expect(run.predict([{ x: 1, y: 1, color: "red" }])).rejects.toThrow(
      /the column "colour" of the training data is missing\. Did you mean "color"\?/,
    );
  });

  test("from bytes, as a page has them", async () => {
    const read = (name: string) => new Uint8Array(readFileSync(join(folder, "run", name)));
    const files = {
      config: read("config.json"),
      preprocessing: read("preprocessing.json"),
      weights: read("model.safetensors"),
    };
    const rows = rowsOf(table);
    const run = await loadRun(join(folder, "run"));
    expect(await parseRun(files).predict(rows)).toEqual(await run.predict(rows));
    expect(() =>
      parseRun({ ...files, weights: files.weights.subarray(0, 900) }, { name: "https://example.org/run" }),
    ).toThrow(/https:\/\/example\.org\/run\/model\.safetensors: .*cut off/);
  });

  test("a folder whose files lead out of it, or are no files, is refused", async () => {
    const inRun = (name: string) => join(folder, "run", name);
    const refused = (message: RegExp) => expect(loadRun(join(folder, "run"))).rejects.toThrow(message);
    for (const name of ["config.json", "preprocessing.json", "model.safetensors"]) {
      renameSync(inRun(name), join(folder, name));
      await refused(new RegExp(`it has no ${name}`));
      symlinkSync(join(folder, name), inRun(name));
      await refused(/is a link that leads out of the run folder/);
      renameSync(join(folder, name), join(folder, "elsewhere"));
      await refused(new RegExp(`its ${name} is a link to nothing`));
      renameSync(inRun(name), join(folder, "link"));
      mkdirSync(inRun(name));
      await refused(/is no plain file/);
      renameSync(inRun(name), join(folder, `folder-${name}`));
      symlinkSync("/dev/zero", inRun(name));
      await refused(/leads out of the run folder/);
      renameSync(inRun(name), join(folder, `device-${name}`));
      renameSync(join(folder, "elsewhere"), inRun(name));
    }
    // Within the folder a link may be, and the folder itself may be one.
    renameSync(inRun("config.json"), inRun("other.json"));
    symlinkSync("other.json", inRun("config.json"));
    symlinkSync("run", join(folder, "latest"));
    await expect(loadRun(join(folder, "latest"))).resolves.toMatchObject({ task: "classification" });
  });

  test("sizes are checked before anything is read or made", async () => {
    const path = join(folder, "run", "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    const refused = (message: RegExp) => expect(loadRun(join(folder, "run"))).rejects.toThrow(message);
    const before = process.memoryUsage().rss;
    for (const hidden of [[6e7, 6e7], new Array(1000).fill(1e6), [2 ** 26]]) {
      writeFileSync(path, JSON.stringify({ ...config, network: { ...config.network, hidden } }));
      await refused(/model\.safetensors: the network has .* parameters by its config, and this file has fewer/);
    }
    writeFileSync(path, JSON.stringify({ ...config, network: { ...config.network, hidden: new Array(1001).fill(1) } }));
    await refused(/more than a thousand layers/);
    // Holes take no room on the disk.
    truncateSync(path, 2 ** 31 - 1);
    await refused(/config\.json: 2147483647 bytes are no file that noron wrote/);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });

  test("text in a run folder stays text", async () => {
    const marker = join(folder, "ran");
    const path = join(folder, "run", "config.json");
    const config = readFileSync(path, "utf8");
    const code = `globalThis.process?.getBuiltinModule("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`;
    cpSync(join(folder, "run"), join(folder, "hostile"), { recursive: true });
    const hostile = join(folder, "hostile", "config.json");
    writeFileSync(hostile, config.replace('"kind"', JSON.stringify(`\${${code}}`)));
    writeFileSync(join(folder, "hostile", "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
    writeFileSync(join(folder, "hostile", "index.js"), code);
    const run = await loadRun(join(folder, "hostile"));
    expect(run.target).toContain("getBuiltinModule");
    await run.predict(rowsOf(table));
    expect(() => readFileSync(marker)).toThrow(/ENOENT/);
    // A member that would reach the prototype of every object.
    writeFileSync(hostile, config.replace("{", '{ "__proto__": { "polluted": true },'));
    await loadRun(join(folder, "hostile"));
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
  });
});

test("numbers keep their value where points separated thousands in training", async () => {
  const rows = Array.from({ length: 40 }, (_, row) => `${1 + (row % 9)}.${100 + 7 * row},5;${row % 5},25;${row * 3},5`);
  file("amounts.csv", `amount;share;price\n${rows.join("\n")}\n`);
  await noron(["train", "amounts.csv", "-t", "price", "--epochs", "2", "--out", "run"]);
  const run = await loadRun(join(folder, "run"));
  const [text] = await run.predict([{ amount: "1.234,5", share: "0,25" }]);
  expect(await run.predict([{ amount: 1234.5, share: 0.25 }])).toEqual([text]);
  const [small] = await run.predict([{ amount: "1,234", share: "0,25" }]);
  expect(await run.predict([{ amount: 1.234, share: 0.25 }])).toEqual([small]);
  expect(small).not.toEqual(text);
});

test("booleans and dates as values", async () => {
  const days = Array.from({ length: 60 }, (_, row) => new Date(Date.UTC(2024, row % 12, 1 + (row % 28))));
  const rows = days.map((day, row) => `${day.toISOString().slice(0, 10)},${row % 3 ? "yes" : "no"},${row % 7}`);
  file("days.csv", `day,member,spent\n${rows.join("\n")}\n`);
  await noron(["train", "days.csv", "-t", "spent", "--task", "regression", "--epochs", "2", "--out", "run"]);
  const run = await loadRun(join(folder, "run"));
  const [text] = await run.predict([{ day: "2024-03-05", member: "yes" }]);
  expect(await run.predict([{ day: new Date("2024-03-05"), member: true }])).toEqual([text]);
});

test("images by their pixels", async () => {
  const { images, labels } = bars();
  file("a-images-idx3-ubyte", images);
  file("a-labels-idx1-ubyte", labels);
  await noron(["train", "a-images-idx3-ubyte", "--model", "8", "--out", "bars"]);
  const run = await loadRun(join(folder, "bars"));
  const said = await run.predict([images.subarray(16, 32), images.subarray(32, 48)]);
  expect(said.map(({ prediction }) => prediction)).toEqual(["0", "1"]);
  const wrong = run.predict([[1, 2]]);
  await expect(wrong).rejects.toThrow(InputError);
  await expect(wrong).rejects.toThrow(/image 0 has 2 pixels, and the network takes 4 × 4\./);
});
