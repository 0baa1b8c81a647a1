import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { trainOptions } from "../src/command/options.ts";
import { OPTIONS_FILE, optionsJsonSchema } from "../src/command/options-schema.ts";
import { clouds, type Ended, events, expectRefusal, type Fields, file, folder, noron } from "./command.ts";

const [USAGE, DATA] = [2, 3];
const config = (run: string): Fields => JSON.parse(readFileSync(join(folder, run, "config.json"), "utf8"));
const weights = (run: string) => readFileSync(join(folder, run, "model.safetensors"));

describe("the schema of options", () => {
  const shape = OPTIONS_FILE.shape as Record<string, { safeParse(value: unknown): { success: boolean } }>;
  /** These are of one command line only. */
  const own = new Set(["config", "dryRun", "resume", "studio"]);
  const options = trainOptions().filter((option) => !own.has(option.attributeName()));

  test("has every option of the command line, and no other", () => {
    // --stream and --no-stream are one.
    const names = new Set([...options.map((option) => option.attributeName()), "data", "$schema"]);
    expect(Object.keys(shape).sort()).toEqual([...names].sort());
  });

  test("takes what the command line takes, and refuses what it refuses", () => {
    const numbers = [-1, 0, 1e-9, 0.5, 0.99, 0.999991, 1, 1.5, 2, 9.99, 10, 300, 1e6, 1e6 + 1, 1e7, 1e7 + 1, 2e30];
    const texts = ["relu", "rms", "huber", "mse", "adamw", "nesterov", "cosine", "constant", "auto", "classification"];
    const free = new Set(["target", "out", "eject", "model", "split", "classWeights", "type", "drop", "keep"]);
    let compared = 0;
    for (const option of options) {
      const name = option.attributeName();
      if (option.parseArg === undefined || free.has(name)) continue;
      // A share or a file may be any text.
      for (const value of name === "val" || name === "test" ? numbers : [...numbers, ...texts, "json", "nothing"]) {
        let taken = true;
        try {
          option.parseArg(String(value), undefined);
        } catch {
          taken = false;
        }
        // A text is no number in JSON.
        expect([name, value, shape[name].safeParse(value).success]).toEqual([name, value, taken]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(400);
  });

  test("is the one for editors that the package ships; npx vitest -u writes it anew", async () => {
    const text = `${JSON.stringify(optionsJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../train-options.schema.json");
  });
});

describe("--config", () => {
  const options = {
    $schema: "./node_modules/noron/train-options.schema.json",
    data: "clouds.csv",
    target: "kind",
    type: { colour: "category" },
    drop: ["y"],
    model: [8],
    norm: "batch",
    classWeights: { left: 2 },
    optimizer: "sgd",
    momentum: 0.5,
    nesterov: true,
    lr: 0.02,
    schedule: "step",
    stepSize: 2,
    epochs: 4,
    seed: 5,
  };

  test("a mistyped name or value is told with its place in the file, and no other command", async () => {
    file("clouds.csv", clouds());
    const refused = async (contents: Fields, ...more: string[]) => {
      file("options.json", JSON.stringify(contents, null, 2));
      const { code, stderr } = await noron(["train", "--config", "options.json", ...more]);
      return [code, stderr.trimEnd().split("\n").slice(1).join("\n")];
    };
    expect(await refused({ data: "clouds.csv", traget: "kind" })).toEqual([
      DATA,
      '  options.json, line 3: write "target" for "traget"',
    ]);
    expect(await refused({ data: "clouds.csv", target: "knd" })).toEqual([
      DATA,
      '  options.json, line 3, target: write "kind" for "knd"',
    ]);
    expect(await refused({ data: "cluds.csv", target: "kind" }, "--lang", "vi")).toEqual([
      DATA,
      '  options.json, dòng 2, data: hãy viết "clouds.csv" thay cho "cluds.csv"',
    ]);
    expect(await refused({ data: "clouds.csv" }, "--target", "knd")).toEqual([
      DATA,
      "  npx noron train --config options.json --target kind",
    ]);
  });

  test("gives what the same flags give, and flags win", async () => {
    file("clouds.csv", clouds());
    file("options.json", JSON.stringify(options));
    const flags = [
      ...["clouds.csv", "-t", "kind", "--type", "colour=category", "--drop", "y", "--model", "8", "--norm", "batch"],
      ...["--class-weights", "left=2", "--optimizer", "sgd", "--momentum", "0.5", "--nesterov", "--lr", "0.02"],
      ...["--schedule", "step", "--step-size", "2", "--epochs", "4", "--seed", "5"],
    ];
    expect((await noron(["train", ...flags, "--out", "flags"])).code).toBe(0);
    const ended = await noron(["train", "--config", "options.json", "--out", "file"]);
    expect([ended.code, ended.stderr.includes("sgd (momentum 0.5, nesterov true) with lr 0.02, step")]).toEqual([
      0,
      true,
    ]);
    expect(Buffer.compare(weights("flags"), weights("file"))).toBe(0);
    expect(config("file").settings).toEqual(config("flags").settings);
    await noron([
      "train",
      "--config",
      "options.json",
      "--epochs",
      "2",
      "--model",
      "none",
      "--norm",
      "none",
      "--out",
      "won",
    ]);
    expect(config("won").settings).toMatchObject({ epochs: 2, lr: 0.02 });
    expect(config("won").network).toMatchObject({ hidden: [] });
  });

  test("is refused with the option that is wrong, and the nearest name", async () => {
    file("clouds.csv", clouds());
    const refused = async (text: string, message: RegExp) => {
      file("options.json", text);
      expectRefusal(await noron(["train", "--config", "options.json"]), DATA, message, ["clouds.csv", "options.json"]);
    };
    await refused("{", /options\.json: options are a JSON object/);
    await refused("[]", /options\.json: options are a JSON object/);
    await refused('{"epoch": 3}', /there is no option epoch\. Did you mean epochs\?/);
    await refused('{"epochs": "3"}', /options\.json: epochs is not what it should be: .*number/);
    await refused('{"type": {"x": "text"}}', /type\.x is not what it should be/);
    await refused('{"optimizer": "adm"}', /optimizer is not what it should be/);
    expect((await noron(["train", "--config", "optoins.json"])).stderr).toMatch(/Did you mean "?options\.json/);
  });
});

describe("--dry-run", () => {
  test("tells data, split, network and settings, and writes nothing", async () => {
    file("clouds.csv", clouds());
    const told = await noron([
      "train",
      "clouds.csv",
      "-t",
      "kind",
      "--dry-run",
      "--out",
      "a/run",
      "--lr",
      "auto",
      "--model",
      "8",
    ]);
    expect([told.code, told.stdout]).toEqual([0, ""]);
    expect(told.stderr).toMatch(/56 rows to train, 12 to choose the epoch, 12 to test/);
    expect(told.stderr).toMatch(/5 → 8 → 2, relu; 66 parameters/);
    expect(told.stderr).toMatch(/adamw with lr auto,/);
    expect(told.stderr).toMatch(/lr is found by a range test before training begins/);
    expect(told.stderr).toMatch(/nothing has been trained or written; the run would be saved in a\/run$/m);
    const all = events(
      await noron(["train", "clouds.csv", "-t", "kind", "--dry-run", "--log", "json", "--model", "8"]),
    );
    expect(all.map(({ event }) => event)).toEqual(["data", "network", "dry-run"]);
    expect(all[1]).toMatchObject({ parameters: 66, settings: { batch: 16, lr: 0.001, optimizer: "adamw" } });
    expect(readdirSync(folder)).toEqual(["clouds.csv"]);
    const refused = await noron(["train", "clouds.csv", "-t", "kind", "--dry-run", "--eject", "p.ts"]);
    expectRefusal(refused, USAGE, /--eject cannot be given with --dry-run/, ["clouds.csv"]);
  });
});

describe("--lr auto", () => {
  const found = ({ stderr }: Ended) => Number(/lr (\S+): a tenth of .* in a range test of \d+ steps/.exec(stderr)![1]);

  test("finds a rate, says and keeps how, and trains as with that rate", async () => {
    file("clouds.csv", clouds());
    const train = ["train", "clouds.csv", "-t", "kind", "--epochs", "5", "--norm", "batch", "--dropout", "0.1"];
    const ended = await noron([...train, "--lr", "auto", "--out", "auto"]);
    expect(ended.code).toBe(0);
    const lr = found(ended);
    expect(lr).toBeGreaterThan(1e-4);
    expect(ended.stderr).toContain(`adamw with lr ${lr},`);
    const { settings, rateTest } = config("auto");
    expect([settings.lr, rateTest.lr]).toEqual([lr, lr]);
    expect(rateTest.rates).toHaveLength(rateTest.losses.length);
    await noron([...train, "--lr", String(lr), "--out", "given"]);
    expect(Buffer.compare(weights("auto"), weights("given"))).toBe(0);
    expect(config("given").rateTest).toBeUndefined();
    expect((await noron(["train", "--resume", "auto", "--epochs", "6"])).code).toBe(0);
    expect(config("auto").rateTest).toEqual(rateTest);
    expect(existsSync(join(folder, "auto", "training.lock"))).toBe(false);
  });
});
