import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { clouds, events, expectRefusal, type Fields, file, folder, noron, useRun } from "./command.ts";

describe("runs", () => {
  useRun("kinds", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "3"]);

  /** A copy of the run as another one. */
  const copy = (name: string, change: (config: Fields) => void) => {
    mkdirSync(join(folder, "runs"), { recursive: true });
    cpSync(join(folder, "kinds"), join(folder, "runs", name), { recursive: true });
    const path = join(folder, "runs", name, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    change(config);
    writeFileSync(path, JSON.stringify(config));
  };
  const four = () => {
    // Always saying the commonest class of unequal ones: more accurate than b, and worse.
    copy("a", ({ result }) => Object.assign(result.test, { accuracy: 0.9, f1: 0.47 }));
    copy("b", (config) => {
      Object.assign(config.result.test, { accuracy: 0.75, f1: 0.7 });
      Object.assign(config, { created: "2031-01-02T03:04:05.000Z" });
      Object.assign(config.settings, { lr: 0.25 });
    });
    copy("c", (config) => Object.assign(config, { finished: null, result: { baseline: 0 } }));
    copy("other", (config) => Object.assign(config.data, { hash: "sha256:1", name: "other.csv" }));
  };

  test("are listed, the newest first, the best of those tested on the same rows marked, unfinished ones told apart", async () => {
    four();
    const { code, stdout, stderr } = await noron(["runs"]);
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(head.trim()).toMatch(/^run +data +target +test +validation loss +epochs +network +when$/);
    expect(rows[0]).toMatch(
      /^\* {2}b +clouds\.csv +kind +F1 \(macro\) 0\.7000 +\d\.\d{4} +3\/3 +5-128-64-2 +2031-01-02 \d\d:\d\d$/,
    );
    expect(rows.filter((row) => row.startsWith("*")).map((row) => row.split(/ +/)[1])).toEqual(["b", "other"]);
    expect(rows.find((row) => /^ +c /.test(row))).toMatch(/unfinished/);
    expect(stderr).toMatch(/\* the best of those tested on the same rows, by F1 \(macro\);/);
    expect((await noron(["runs", "--lang", "vi"])).stderr).toMatch(
      /\* tốt nhất theo F1 \(macro\) trong các lần chạy được kiểm tra trên cùng các hàng/,
    );
    const sorted = events(await noron(["runs", "--sort", "score", "--log", "json"]));
    expect(sorted.map((run) => [run.folder, run.best, run.test.f1])).toEqual([
      ["runs/b", true, 0.7],
      ["runs/a", false, 0.47],
      ["runs/c", false, undefined],
      ["runs/other", true, expect.any(Number)],
    ]);
  });

  test("a score that the test rows do not give is none, and the run is listed", async () => {
    const data = file("sizes.csv", clouds(40, "size"));
    await noron(["train", data, "-t", "size", "--epochs", "1", "--out", join("runs", "a")]);
    const path = join(folder, "runs", "a", "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    Object.assign(config.result, { test: { r2: null, rmse: 2 } });
    writeFileSync(path, JSON.stringify(config));
    const [run] = events(await noron(["runs", "--log", "json"]));
    expect(run).toMatchObject({ best: true, bestBy: "rmse", test: { rmse: 2 } });
  });

  test("two are compared: what differs, and scores with their difference", async () => {
    four();
    const { code, stdout, stderr } = await noron(["runs", "--compare", "a", "runs/b"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^what differs:\n +a +b\n {2}lr +0\.001 +0\.25\n\nscores:\n/);
    expect(stdout).toMatch(/^ {2}accuracy +0\.9000 +0\.7500 +-0\.1500$/m);
    const [compared] = events(await noron(["runs", "--compare", "a", "other", "--log", "json"]));
    expect(compared.differences.map(({ name }: Fields) => name)).toEqual(["data", "data hash"]);
    expect((await noron(["runs", "--compare", "a", "other"])).stderr).toMatch(/other data or targets/);
  });

  test("columns, splits and shares count as settings; scores of other test rows and losses of other weights are told apart", async () => {
    copy("a", () => {});
    copy("dropped", ({ preparation }) => Object.assign(preparation, { kinds: { x: "ignore" } }));
    copy("shared", (config) => {
      Object.assign(config.preparation, { split: "group:kind", test: 0.3 });
      Object.assign(config.settings, { classWeights: [0.5102040816326531, 25] });
      Object.assign(config.result.test, { f1: 1 });
    });
    const dropped = await noron(["runs", "--compare", "a", "dropped"]);
    expect([dropped.stderr, dropped.stdout]).toEqual(["", expect.stringMatching(/^ {2}columns +– +x=ignore$/m)]);
    const shared = await noron(["runs", "--compare", "a", "shared"]);
    expect(shared.stderr).toMatch(/^warning: these runs were tested on other rows/);
    expect(shared.stdout).toMatch(/^ {2}split +stratified +group:kind$/m);
    expect(shared.stdout).toMatch(/^ {2}classWeights +– +0\.510204, 25$/m);
    expect(shared.stdout).toMatch(/^ {2}validation loss, weighted in shared +\d\.\d+ +\d\.\d+$/m);
    // The better of other rows does not take the mark from the others.
    const marked = events(await noron(["runs", "--log", "json"])).filter(({ best }) => best);
    expect(marked.map((run) => run.folder).sort()).toEqual(["runs/a", "runs/shared"]);
  });

  test("what cannot be read is told, and the others are listed", async () => {
    copy("a", () => {});
    copy("damaged", (config) => Object.assign(config, { task: "none" }));
    const { code, stdout, stderr } = await noron(["runs"]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).toMatch(/^warning: runs\/damaged\/config\.json: this is no config that noron wrote: task/m);
  });

  test("a run with a file that is missing, cut off or of another run is told, and never the best", async () => {
    copy("whole", ({ result }) => Object.assign(result.test, { f1: 0.5 }));
    const damaged: Record<string, [name: string, bytes: (whole: Uint8Array) => Uint8Array | null, message: RegExp]> = {
      cut: ["model.safetensors", (whole) => whole.subarray(0, whole.length - 5), /cut\/model\.safetensors: .*cut off/],
      gone: ["model.safetensors", () => null, /runs\/gone .* it has no model\.safetensors/],
      half: ["preprocessing.json", (whole) => whole.subarray(0, 100), /half\/preprocessing\.json: /],
      unprepared: ["preprocessing.json", () => null, /runs\/unprepared .* it has no preprocessing\.json/],
      other: [
        "preprocessing.json",
        (whole) =>
          Buffer.from(
            Buffer.from(whole)
              .toString()
              .replace(/"right"/g, '"right", "straight"'),
          ),
        /runs\/other: the files of this run do not belong together: .* 3 are needed/,
      ],
    };
    for (const [run, [name, change]] of Object.entries(damaged)) {
      copy(run, ({ result }) => Object.assign(result.test, { f1: 0.9 }));
      const path = join(folder, "runs", run, name);
      const bytes = change(readFileSync(path));
      rmSync(path);
      if (bytes !== null) writeFileSync(path, bytes);
    }
    const listed = events(await noron(["runs", "--log", "json"]));
    expect(listed.filter(({ event }) => event === "run").map((run) => [run.folder, run.best])).toEqual([
      ["runs/whole", true],
    ]);
    expect(listed.filter(({ event }) => event === "unreadable")).toHaveLength(5);
    const { code, stderr } = await noron(["runs"]);
    expect(code).toBe(0);
    for (const [, , message] of Object.values(damaged)) expect(stderr).toMatch(message);
    const compared = await noron(["runs", "--compare", "whole", "cut"]);
    expect([compared.code, compared.stdout, compared.stderr]).toEqual([3, "", expect.stringMatching(/cut off/)]);
  });

  test("a training that has no checkpoint yet is listed", async () => {
    copy("begun", (config) => Object.assign(config, { finished: null, result: { baseline: 0 } }));
    rmSync(join(folder, "runs", "begun", "model.safetensors"));
    rmSync(join(folder, "runs", "begun", "checkpoint.safetensors"));
    const { stdout, stderr } = await noron(["runs"]);
    expect([stdout, stderr]).toEqual([expect.stringMatching(/begun .*unfinished/), ""]);
  });

  test("a folder that is none is refused", async () => {
    expectRefusal(await noron(["runs"]), 3, /there is no folder runs here/, ["clouds.csv", "kinds"]);
    file("plain", "");
    expectRefusal(await noron(["runs", "--compare", "kinds"]), 2, /--compare takes two runs/, [
      "clouds.csv",
      "kinds",
      "plain",
    ]);
  });
});
