import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { loadRun } from "../src/index.ts";
import { parseCheckpoint, writeCheckpoint } from "../src/run/checkpoint.ts";
import { temporaryName } from "../src/run/durable.ts";
import { clouds, type Ended, type Fields, file, folder, noron, useRun } from "./command.ts";

const [USAGE, DATA, DIVERGED, INTERRUPTED] = [2, 3, 4, 130];
const read = (...path: string[]) => readFileSync(join(folder, ...path));
const text = (...path: string[]) => read(...path).toString();

/** The lines of a run's time series, without what took how long. */
const series = (run: string): Fields[] =>
  text(run, "metrics.jsonl")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: 0 }));

function expectSame(run: string, other: string): void {
  expect(series(run)).toEqual(series(other));
  expect(Buffer.compare(read(run, "model.safetensors"), read(other, "model.safetensors"))).toBe(0);
  const result = (name: string) => JSON.parse(text(name, "config.json")).result;
  expect(result(run)).toEqual(result(other));
}

const options = ["-t", "kind", "--model", "16", "--norm", "batch", "--dropout", "0.2", "--seed", "4"];
const long = [...options, "--epochs", "40", "--patience", "0"];

/** What was told of how to go on, as it would be pasted. */
function pasted({ stderr }: Ended): string[] {
  const [, command] = /^ {2}npx noron (train .*)$/m.exec(stderr) ?? [];
  return command.split(" ");
}

describe("a training that was stopped goes on to the same bits", () => {
  let whole = "";
  beforeEach(async () => {
    file("clouds.csv", clouds(400));
    if (whole === "") {
      await noron(["train", "clouds.csv", ...long, "--out", "whole"]);
      whole = JSON.stringify(
        Object.fromEntries(
          readdirSync(join(folder, "whole")).map((name) => [name, read("whole", name).toString("base64")]),
        ),
      );
    }
    mkdirSync(join(folder, "whole"), { recursive: true });
    for (const [name, contents] of Object.entries<string>(JSON.parse(whole)))
      writeFileSync(join(folder, "whole", name), Buffer.from(contents, "base64"));
  });

  test.each<NodeJS.Signals>(["SIGINT", "SIGTERM"])("%s saves it, and says how to go on", async (signal) => {
    const ended = await noron(["train", "clouds.csv", ...long, "--out", "run"], {
      interruptAfter: ["epoch  8/40"],
      signal,
    });
    expect(ended.code).toBe(INTERRUPTED);
    expect(ended.stdout).toBe("");
    const [, epoch] = /^noron: stopped after (?:batch \d+ of )?epoch (\d+); saved in run\. To go on:$/m.exec(
      ended.stderr,
    )!;
    expect(Number(epoch)).toBeGreaterThanOrEqual(8);
    expect(pasted(ended)).toEqual(["train", "--resume", "run"]);
    expect(readdirSync(join(folder, "run")).sort()).toEqual([
      ...["checkpoint.safetensors", "config.json", "metrics.jsonl", "preprocessing.json"],
    ]);

    // Its best weights so far are used, and it says so.
    const said = await noron(["predict", "run", "clouds.csv"]);
    expect(said.code).toBe(0);
    expect(said.stderr).toMatch(
      /note: this training is not finished; the weights are those of epoch \d+, the best of \d+ epochs/,
    );
    expect(said.stderr).toContain("npx noron train --resume run");
    const { unfinished } = await loadRun(join(folder, "run"));
    expect(unfinished!.bestEpoch).toBeGreaterThan(0);

    const resumed = await noron(pasted(ended));
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/^going on with run after (epoch|batch \d+ of epoch) \d+$/m);
    expect(resumed.stderr).not.toMatch(/last bits/);
    expectSame("run", "whole");
    expect((await loadRun(join(folder, "run"))).unfinished).toBeNull();
  });

  test("killed again and again", async () => {
    let ended = await noron(["train", "clouds.csv", ...long, "--out", "run"], {
      ...{ interruptAfter: ["epoch  4/40"], signal: "SIGKILL" },
    });
    let kills = 0;
    for (; ended.code === null; kills++) {
      expect(existsSync(join(folder, "run", "checkpoint.safetensors"))).toBe(true);
      // The line comes with the first epoch that is gone on with.
      ended = await noron(["train", "--resume", "run"], {
        interruptAfter: kills < 3 ? ["  validation "] : [],
        signal: "SIGKILL",
      });
    }
    expect(kills).toBeGreaterThan(2);
    expect(ended.code).toBe(0);
    expectSame("run", "whole");
  });

  test("killed before its first checkpoint, it begins again", async () => {
    await noron(["train", "clouds.csv", ...long, "--out", "run"], {
      interruptAfter: ["epoch  2/40"],
      signal: "SIGKILL",
    });
    rmSync(join(folder, "run", "checkpoint.safetensors"));
    const said = await noron(["predict", "run", "clouds.csv"]);
    expect(said.code).toBe(DATA);
    expect(said.stderr).toMatch(
      /ended before its first checkpoint.*Begin it again:\n {2}npx noron train --resume run$/m,
    );
    const resumed = await noron(["train", "--resume", "run"]);
    expect(resumed.stderr).toMatch(/run has no checkpoint yet: it begins again/);
    expectSame("run", "whole");
  });

  test("finished with fewer epochs, it goes on with more", async () => {
    await noron(["train", "clouds.csv", ...options, "--patience", "0", "--epochs", "15", "--out", "run"]);
    const none = await noron(["train", "--resume", "run"]);
    expect([none.code, none.stderr]).toEqual([
      USAGE,
      expect.stringMatching(/has been trained to its last epoch, 15: give more/),
    ]);
    const fewer = await noron(["train", "--resume", "run", "--epochs", "10"]);
    expect([fewer.code, fewer.stderr]).toEqual([USAGE, expect.stringMatching(/has been trained to epoch 15 already/)]);
    expect((await noron(["train", "--resume", "run", "--epochs", "40"])).code).toBe(0);
    expectSame("run", "whole");
    expect(JSON.parse(text("run", "config.json")).settings.epochs).toBe(40);
  });

  test("stopped early, it goes on with more patience; the data may lie elsewhere", async () => {
    const early = [...options, "--epochs", "300", "--lr", "0.1"];
    await noron(["train", "clouds.csv", ...early, "--patience", "12", "--out", "patient"]);
    await noron(["train", "clouds.csv", ...early, "--patience", "3", "--out", "run"]);
    expect(series("run").length).toBeLessThan(series("patient").length);
    const none = await noron(["train", "--resume", "run", "--epochs", "400"]);
    expect([none.code, none.stderr]).toEqual([USAGE, expect.stringMatching(/give more --patience than 3/)]);
    mkdirSync(join(folder, "moved"));
    file("moved/data.csv", text("clouds.csv"));
    rmSync(join(folder, "clouds.csv"));
    const gone = await noron(["train", "--resume", "run", "--patience", "12"]);
    expect([gone.code, gone.stderr]).toEqual([DATA, expect.stringMatching(/clouds\.csv: there is no such file/)]);
    expect((await noron(["train", "--resume", "run", "moved/data.csv", "--patience", "12"])).code).toBe(0);
    expectSame("run", "patient");
  });
});

test("a network of one's own and data of a pipe: the command asks for both again", async () => {
  file(
    "net.ts",
    "export default ({ inputs, outputs, nn }) => new nn.Sequential(new nn.Linear(inputs, 8), new nn.BatchNorm1d(8), new nn.Dropout(0.2), new nn.Linear(8, outputs));",
  );
  const input = clouds(400);
  const train = ["train", "-", "-t", "kind", "--model", "net.ts", "--epochs", "40", "--patience", "0"];
  await noron([...train, "--out", "whole"], { input });
  const ended = await noron([...train, "--out", "run"], { input, interruptAfter: ["epoch  6/40"] });
  expect(ended.code).toBe(INTERRUPTED);
  expect(ended.stderr).toContain("npx noron train --resume run --model net.ts - < DATA");
  const refused = async (args: string[], message: RegExp, code = USAGE) => {
    const { code: got, stderr } = await noron(["train", "--resume", "run", ...args], { input });
    expect([got, stderr]).toEqual([code, expect.stringMatching(message)]);
  };
  await refused(["-"], /the network of this run is code .*give it with --model net\.ts/);
  await refused(["--model", "net.ts"], /was trained on standard input: give the data again/);
  await refused(["--model", "8", "-"], /--model cannot change/);
  const code = text("net.ts");
  file("net.ts", `${code} `);
  await refused(["--model", "net.ts", "-"], /net\.ts is not the file that this run was trained with/, DATA);
  file("net.ts", code);
  expect((await noron(["train", "--resume", "run", "--model", "net.ts", "-"], { input })).code).toBe(0);
  expectSame("run", "whole");
});

test("where it diverges, a rate is told for a training anew, and it does not go on once more", async () => {
  file("sizes.csv", clouds(80, "size"));
  // It counts anew in each process: only the longer training comes to its 40th forward.
  file(
    "late.mjs",
    `export default ({ inputs, outputs, nn }) => {
      class Late extends nn.Module {
        inner = new nn.Linear(inputs, outputs);
        calls = 0;
        forward(x) {
          if (this.training) this.calls++;
          const y = this.inner.forward(x);
          return this.calls > 40 ? y.mul(1e30).mul(1e30) : y;
        }
      }
      return new Late();
    };`,
  );
  const train = ["train", "sizes.csv", "-t", "size", "--model", "late.mjs", "--lr", "0.05", "--epochs", "3"];
  expect((await noron([...train, "--out", "run"])).code).toBe(0);
  const again = ["train", "--resume", "run", "--model", "late.mjs", "--epochs", "60", "--patience", "0"];
  const ended = await noron(again);
  expect([ended.code, ended.stderr]).toEqual([DIVERGED, expect.stringMatching(/training diverged/)]);
  expect(ended.stderr).not.toMatch(/npx noron train/);
  expect(JSON.parse(text("run", "config.json")).result).toMatchObject({ stopped: "diverged" });
  expect((await noron(["evaluate", "run", "sizes.csv", "--model", "late.mjs"])).code).toBe(0);
  const refused = await noron(again);
  expect([refused.code, refused.stderr]).toEqual([USAGE, expect.stringMatching(/diverged, and would again/)]);
});

describe("going on is refused, with nothing changed,", () => {
  useRun("run", "clouds.csv", clouds(), [...options, "--epochs", "3", "--patience", "0"]);

  const refused = async (args: string[], code: number, message: RegExp) => {
    const before = readdirSync(join(folder, "run")).map((name) => [name, read("run", name).toString("base64")]);
    const ended = await noron(["train", "--resume", "run", "--epochs", "5", ...args]);
    expect([ended.code, ended.stdout]).toEqual([code, ""]);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/something went wrong inside/);
    const after = readdirSync(join(folder, "run")).map((name) => [name, read("run", name).toString("base64")]);
    expect(after).toEqual(before);
  };
  const edit = (change: (config: Fields) => void) => {
    const config = JSON.parse(text("run", "config.json"));
    change(config);
    file("run/config.json", JSON.stringify(config));
  };

  test("where the data have changed", async () => {
    file("clouds.csv", clouds().replace("red", "blue"));
    await refused([], DATA, /clouds\.csv is not what it was when this training began: its hash is sha256:\w+, and was/);
  });

  test("with options that would make another training of it", async () => {
    await refused(["--lr", "1"], USAGE, /--lr cannot be given with --resume/);
    await refused(["--target", "x"], USAGE, /--target cannot be given with --resume/);
    await refused(["--out", "other"], USAGE, /--out cannot be given with --resume/);
  });

  test("with other epochs, where the learning rate follows them", async () => {
    const train = ["train", "clouds.csv", ...options, "--schedule", "cosine", "--epochs", "2", "--out", "cosine"];
    expect((await noron(train)).stderr).toMatch(/adamw with lr 0\.001, cosine \(tMax 2\)/);
    const { code, stderr } = await noron(["train", "--resume", "cosine", "--epochs", "5"]);
    expect([code, stderr]).toEqual([USAGE, expect.stringMatching(/follows --schedule cosine over 2 epochs/)]);
  });

  test("where the folder is none, or damaged", async () => {
    expect((await noron(["train", "--resume", "none"])).stderr).toMatch(/none: there is no such run folder/);
    const checkpoint = read("run", "checkpoint.safetensors");
    file("run/checkpoint.safetensors", checkpoint.subarray(0, 3000));
    await refused([], DATA, /checkpoint\.safetensors: this is no checkpoint that noron wrote: .*cut off/);
    file("run/checkpoint.safetensors", read("run", "model.safetensors"));
    await refused([], DATA, /no checkpoint that noron wrote: the file holds tensors, but no state/);
    rmSync(join(folder, "run", "checkpoint.safetensors"));
    await refused([], DATA, /run has no checkpoint\.safetensors/);
    // A checkpoint of another training.
    await noron(["train", "clouds.csv", "-t", "kind", "--model", "8", "--epochs", "2", "--out", "other"]);
    file("run/checkpoint.safetensors", read("other", "checkpoint.safetensors"));
    await refused([], DATA, /checkpoint\.safetensors is of another training: .*fit/s);
  });

  test("where the config was changed", async () => {
    edit(({ settings }) => Object.assign(settings, { lr: -1 }));
    await refused([], DATA, /settings\.lr is not above 0/);
    edit(({ settings }) => Object.assign(settings, { lr: 0.1, batch: 1.5 }));
    await refused([], DATA, /settings\.batch is not a whole number/);
    edit(({ settings, split }) => Object.assign(settings, { batch: 16 }) && Object.assign(split, { test: 1 }));
    await refused([], DATA, /the same data give another split than when it began/);
  });

  test("while another process trains into the folder", async () => {
    file("run/training.lock", JSON.stringify({ pid: process.pid, host: hostname() }));
    await refused([], USAGE, new RegExp(`run is being trained into by process ${process.pid}: let it end`));
    file("run/training.lock", JSON.stringify({ pid: 1, host: "elsewhere" }));
    await refused([], USAGE, /process 1 on elsewhere: .*remove run\/training\.lock/);
    // What one has left that is no more is taken over.
    file("run/training.lock", JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }));
    expect((await noron(["train", "--resume", "run", "--epochs", "4"])).code).toBe(0);
    expect(readdirSync(join(folder, "run"))).not.toContain("training.lock");
  });
});

test("two trainings do not write into one folder", async () => {
  file("clouds.csv", clouds());
  const train = ["train", "clouds.csv", ...options, "--epochs", "3", "--out", "run"];
  const both = await Promise.all([noron(train), noron(train), noron(train)]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, USAGE, USAGE]);
  for (const { code, stderr } of both)
    if (code !== 0) expect(stderr).toMatch(/run is (there already|being trained into)/);
  expect((await noron(["evaluate", "run", "clouds.csv"])).code).toBe(0);
});

describe("where nothing can be written any more, training ends, and the last checkpoint stays:", () => {
  const goesOn = async (ended: Ended, message: RegExp) => {
    expect(ended.code, ended.stderr).toBe(DATA);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/What is there, up to the end of epoch \d+, stays\..* go on with:$/m);
    expect(pasted(ended)).toEqual(["train", "--resume", "run"]);
    expect((await noron(["predict", "run", "clouds.csv"])).code).toBe(0);
    const resumed = await noron(pasted(ended));
    expect([resumed.code, resumed.code === 0 ? "" : resumed.stderr]).toEqual([0, ""]);
  };

  test("the checkpoint's place is taken", async () => {
    file("clouds.csv", clouds(400));
    const train = noron(["train", "clouds.csv", ...long, "--out", "run"]);
    while (!existsSync(join(folder, "run", "checkpoint.safetensors"))) await new Promise((end) => setTimeout(end, 2));
    const temporary = temporaryName(join(folder, "run", "checkpoint.safetensors"));
    while (!existsSync(temporary) || !statSync(temporary).isDirectory())
      try {
        mkdirSync(temporary);
      } catch {
        // It is being written: once more.
      }
    const ended = await train;
    rmSync(temporary, { recursive: true });
    await goesOn(ended, /run\/checkpoint\.safetensors could not be written: EISDIR/);
  });

  test.skipIf(process.platform === "win32")("no file may grow further", async () => {
    file("clouds.csv", clouds(400));
    // The time series outgrows the checkpoint, of which an epoch's numbers are a smaller part.
    const args = ["train", "clouds.csv", "-t", "kind", "--model", "2", "--epochs", "150", "--patience", "0"];
    const ended = await noron([...args, "--out", "run"], { largestFile: 13 });
    await goesOn(ended, /run\/metrics\.jsonl could not be written: EFBIG/);
    expect(series("run")).toHaveLength(151);
  });
});

test("where another engine computes, it says that the last bits will differ", async () => {
  file("clouds.csv", clouds());
  await noron(["train", "clouds.csv", ...options, "--epochs", "3", "--out", "run"]);
  const path = join(folder, "run", "checkpoint.safetensors");
  const checkpoint = parseCheckpoint(read("run", "checkpoint.safetensors"), path);
  const engine = { backend: "blas", blas: "libopenblas.so.0", relaxedSimd: !checkpoint.engine.relaxedSimd } as const;
  writeFileSync(path, writeCheckpoint({ ...checkpoint, noron: "0.0.1", engine }));
  const { code, stderr } = await noron(["train", "--resume", "run", "--epochs", "4"]);
  expect(code).toBe(0);
  const reasons = [...stderr.matchAll(/^note: the last bits will differ from .*: (.*)$/gm)].map(([, reason]) => reason);
  expect(reasons).toEqual([
    "the backend was blas, and is wasm",
    "large products were computed by libopenblas.so.0, and are now by WebAssembly",
    expect.stringMatching(/^multiply-add took (one|two) instruction.*, and takes (one|two) instruction.* here$/),
    expect.stringMatching(/^it was noron 0\.0\.1, and is \d/),
  ]);
});
