import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { clouds, events, expectRefusal, file, folder, noron, useRun } from "./command.ts";

/** Rows with missing cells, a category, a date, yes and no, and numbers with a long tail. */
function mixed(rows: number, target: "kind" | "size"): string {
  const lines = clouds(rows, target)
    .trim()
    .split("\n")
    .map((line, row) => {
      if (row === 0) return `extra,day,flag,${line}`;
      const extra = row % 7 === 0 ? "NA" : Math.exp(4 * Math.sin(row)).toFixed(3);
      const flag = ["yes", "no", ""][(row * 5) % 3];
      const cells = row % 50 === 49 ? line.replace(/[^,]*$/, "") : line;
      return `${extra},2024-0${1 + (row % 9)}-1${row % 10},${flag},${cells}`;
    });
  return `${lines.join("\n")}\n`;
}

const bytes = (name: string) => readFileSync(join(folder, name));
const result = (lines: ReturnType<typeof events>) => lines.find(({ event }) => event === "result")!;

/** What is told of the data, but for what is looked for in memory alone: columns that give the target away, repeated rows. */
function dataOf(lines: ReturnType<typeof events>) {
  const { notes, ...data } = lines.find(({ event }) => event === "data")!;
  const codes = notes.filter(({ code }: { code: string }) => !/^leak-|^duplicate-rows$/.test(code));
  return { ...data, notes: codes };
}

/** The temporary files have a folder of their own to be seen in. */
function temporary(): { env: Record<string, string>; left: () => string[] } {
  const path = join(folder, "temporary");
  if (!existsSync(path)) mkdirSync(path);
  return { env: { TMPDIR: path }, left: () => readdirSync(path) };
}

describe.each(["kind", "size"] as const)("a table read in pieces, learning %s", (target) => {
  test("trains to the same bits as in memory, measures and predicts the same, and leaves no file behind", async () => {
    const { env, left } = temporary();
    file("data.csv", mixed(400, target));
    const args = ["train", "data.csv", "-t", target, "--epochs", "3", "--dropout", "0.1", "--log", "json"];
    const whole = events(await noron([...args, "--out", "whole"]));
    const pieces = events(await noron([...args, "--out", "pieces", "--stream"], { env }));
    expect(left()).toEqual([]);
    for (const name of ["model.safetensors", "preprocessing.json"])
      expect(bytes(`pieces/${name}`).equals(bytes(`whole/${name}`)), name).toBe(true);
    expect(result(pieces).test).toEqual(result(whole).test);
    expect(dataOf(pieces)).toEqual(dataOf(whole));
    expect(pieces.filter(({ event }) => event === "reading").map(({ stage }) => stage)).toEqual([
      "inspected",
      "scanned",
      "stored",
      "laid-out",
    ]);

    const predicted = await noron(["predict", "whole", "data.csv"]);
    file("data.csv.gz", gzipSync(bytes("data.csv")));
    const again = await noron(["predict", "pieces", "data.csv.gz", "--stream"], { env });
    expect(again).toEqual(predicted);
    const input = bytes("data.csv");
    const fromInput = await noron(["predict", "pieces", "-", "--stream", "--only", "--out", "said.csv"], {
      env,
      input,
    });
    expect([fromInput.code, bytes("said.csv").toString().split("\n")[1]]).toEqual([
      0,
      (await noron(["predict", "whole", "data.csv", "--only"])).stdout.split("\n")[1],
    ]);
    const measured = await Promise.all(
      ["--stream", ""].map((way) =>
        noron(["evaluate", "whole", "data.csv", "--log", "json", ...way.split(" ").filter(Boolean)]),
      ),
    );
    expect(result(events(measured[0]))).toEqual(result(events(measured[1])));
    expect(left()).toEqual([]);
  });
});

describe("a run's rows read in pieces", () => {
  const args = ["-t", "size", "--epochs", "2"];
  useRun("run", "data.csv", mixed(300, "size"), args);
  const both = async (command: string[]) => {
    const [whole, pieces] = await Promise.all([noron(command), noron([...command, "--stream"], temporary())]);
    return [events(whole), events(pieces).filter(({ event }) => event !== "reading")];
  };

  test("are reported as in memory, held out or given", async () => {
    file("more.csv", mixed(150, "size").replace(/green/g, "violet"));
    for (const given of [[], ["more.csv"]]) {
      const command = ["report", "run", ...given, "--force", "--out"];
      await noron([...command, "whole.html"]);
      expect(await noron([...command, "pieces.html", "--stream"], temporary())).toMatchObject({ code: 0 });
      expect(bytes("pieces.html").toString()).toBe(bytes("whole.html").toString());
    }
    expect(temporary().left()).toEqual([]);
  });

  test("are explained as in memory, one at a time", async () => {
    const [whole, pieces] = await both(["explain", "run", "--row", "150", "--log", "json"]);
    expect(pieces).toEqual(whole);
    const beyond = await noron(["explain", "run", "--row", "9000", "--stream"], temporary());
    expect([beyond.code, beyond.stderr]).toEqual([3, expect.stringMatching(/no row 9000: they are 2 to 301/)]);
  });
});

test.each(["time:day", "group:extra"])("--split %s puts the same rows into the parts as in memory", async (split) => {
  file("data.csv", mixed(300, "kind"));
  const args = ["train", "data.csv", "-t", "kind", "--epochs", "1", "--split", split, "--log", "json"];
  const whole = events(await noron([...args, "--out", "whole"]));
  const pieces = events(await noron([...args, "--out", "pieces", "--stream"], temporary()));
  expect(dataOf(pieces)).toEqual(dataOf(whole));
  for (const name of ["model.safetensors", "preprocessing.json"])
    expect(bytes(`pieces/${name}`).equals(bytes(`whole/${name}`)), name).toBe(true);
});

test("rows of their own to choose the epoch by and to test on are read in pieces too, and the run goes on with them", async () => {
  const { env, left } = temporary();
  file("data.csv", mixed(300, "size"));
  file("later.csv", mixed(120, "size").replace(/red/g, "violet"));
  file("test.csv", mixed(90, "size"));
  const args = ["train", "data.csv", "-t", "size", "--val", "later.csv", "--test", "test.csv"];
  const json = ["--log", "json"];
  const whole = events(await noron([...args, "--epochs", "3", "--out", "whole", ...json]));
  const pieces = events(await noron([...args, "--epochs", "2", "--out", "pieces", "--stream", ...json], { env }));
  expect(dataOf(pieces)).toEqual(dataOf(whole));
  const resumed = events(await noron(["train", "--resume", "pieces", "--epochs", "3", "--stream", ...json], { env }));
  expect(result(resumed).test).toEqual(result(whole).test);
  expect(bytes("pieces/model.safetensors").equals(bytes("whole/model.safetensors"))).toBe(true);
  expect(left()).toEqual([]);
});

test("a training in pieces that was interrupted goes on to the same bits", async () => {
  const { env, left } = temporary();
  file("data.csv", mixed(2000, "kind"));
  const args = ["train", "data.csv", "-t", "kind", "--epochs", "80", "--patience", "0", "--batch", "4"];
  const ended = await noron([...args, "--out", "cut", "--stream"], { env, interruptAfter: ["epoch  4/80"] });
  expect([ended.code, left()]).toEqual([130, []]);
  const resumed = await noron(["train", "--resume", "cut", "--stream"], { env });
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).toMatch(/^note: the rows are read and laid out once more/);
  expect((await noron([...args, "--out", "whole"])).code).toBe(0);
  expect(bytes("cut/model.safetensors").equals(bytes("whole/model.safetensors"))).toBe(true);
});

test.skipIf(process.platform !== "linux")("a kill -9 leaves nothing behind but an empty folder", async () => {
  const { env, left } = temporary();
  const input = mixed(4000, "kind");
  const args = ["train", "-", "-t", "kind", "--epochs", "2000", "--patience", "0", "--out", "run", "--stream"];
  for (const said of ["to see what is in them", "laid them out for training", "epoch"]) {
    const killed = await noron(args, { env, input, interruptAfter: [said], signal: "SIGKILL" });
    expect(killed.signal).toBe("SIGKILL");
    for (const name of left()) expect(readdirSync(join(folder, "temporary", name))).toEqual([]);
    rmSync(join(folder, "run"), { recursive: true, force: true });
  }
});

test("a disk that takes no more is named, before a run folder is made, and nothing is left behind", async () => {
  const { env, left } = temporary();
  file("data.csv", mixed(4000, "kind"));
  const ended = await noron(["train", "data.csv", "-t", "kind", "--stream"], { env, largestFile: 100 });
  const message = /rows cannot be kept in .*temporary.* \(EFBIG.*\): free some room there, or set TMPDIR/;
  expectRefusal(ended, 2, message, ["data.csv", "temporary"]);
  const piped = await noron(["train", "-", "-t", "kind", "--stream"], {
    env,
    largestFile: 100,
    input: bytes("data.csv"),
  });
  expectRefusal(piped, 2, message, ["data.csv", "temporary"]);
  expect(left()).toEqual([]);
});

test("what cannot be done in pieces is refused, with nothing left behind", async () => {
  const { env, left } = temporary();
  const inputs = ["data.csv", "list.json", "temporary"];
  file("data.csv", mixed(60, "kind"));
  file("list.json", '[{"x": 1, "y": "a"}, {"x": 2, "y": "b"}]');
  const refuse = async (args: string[], code: number, message: RegExp) => {
    expectRefusal(await noron([...args, "--stream"], { env }), code, message, inputs);
    expect(left()).toEqual([]);
  };
  const train = ["train", "data.csv", "-t", "kind"];
  await refuse(
    [...train, "--eject", "training.mjs"],
    2,
    /--eject writes programs that read their table whole, and data.csv is read in pieces/,
  );
  await refuse(["train", "data.csv", "-t", "kin"], 3, /Did you mean "kind"\?/);
  await refuse(["train", "data.csv"], 2, /give --target NAME; the columns are extra/i);
  await refuse(["train", "list.json", "-t", "y"], 3, /a JSON list has to be read whole/);
  await refuse(["train", "sample:moons"], 2, /leave --stream out/);
  await refuse(["train"], 2, /leave --stream out/);
  await refuse(["train", "none.csv", "-t", "y"], 3, /none\.csv: there is no such file/);
});

test("a table that would overflow the heap is read in pieces without being asked", async () => {
  const { env } = temporary();
  const lines = Array.from({ length: 150_000 }, (_, row) => {
    const numbers = [1.37, 2.37, 3.37].map((step) => Math.sin(row * step).toFixed(6));
    const cities = Array.from({ length: 9 }, (_, column) => `city-${(row * (column + 3)) % (50 + column)}`);
    return `${numbers.join(",")},${cities.join(",")},${Number(numbers[0]) > 0 ? "up" : "down"}`;
  });
  file("long.csv", `a,b,c,d,e,f,g,h,i,j,k,l,kind\n${lines.join("\n")}\n`);
  const args = ["train", "long.csv", "-t", "kind", "--epochs", "1", "--batch", "4096", "--log", "json"];
  const small = { ...env, NODE_OPTIONS: "--max-old-space-size=56" };
  const pieces = events(await noron([...args, "--out", "run"], { env: small }));
  expect(pieces[0]).toMatchObject({ event: "reading", stage: "inspected" });
  expect(result(pieces).test.accuracy).toBeGreaterThan(0.7);
  expect((await noron([...args, "--out", "other", "--no-stream"], { env: small })).code).not.toBe(0);
});
