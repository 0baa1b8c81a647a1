import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseTable } from "@noron/tabular";
import { describe, expect, test } from "vitest";
import { bars, clouds, events, file, folder, noron, useRun } from "./command.ts";

const column = (text: string, name: string) => parseTable(text).columns.find((one) => one.name === name)?.cells;

describe("predict", () => {
  useRun("kinds", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "30"]);

  test("writes the rows that came in with class and probabilities", async () => {
    const ended = await noron(["predict", "kinds", "clouds.csv"]);
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    const table = parseTable(ended.stdout);
    const names = ["x", "y", "colour", "kind", "prediction", "probability left", "probability right"];
    expect(table.columns.map(({ name }) => name)).toEqual(names);
    expect(table.rowCount).toBe(80);
    expect(column(ended.stdout, "prediction")).toEqual(column(ended.stdout, "kind"));
    const left = column(ended.stdout, "probability left")!.map(Number);
    const right = column(ended.stdout, "probability right")!.map(Number);
    for (const [row, share] of left.entries()) expect(share + right[row]).toBeCloseTo(1, 5);
  });

  test("--out writes a file; extra columns and another order change nothing; the target is not needed", async () => {
    file("new.csv", "more,y,x,colour\n1,0.5,1.1,red\n2,-0.5,-1.1,blue\n");
    const ended = await noron(["predict", "kinds", "new.csv", "--out", "said.csv"]);
    expect([ended.code, ended.stdout]).toEqual([0, ""]);
    expect(ended.stderr).toMatch(/2 predictions written to said\.csv/);
    expect(column(readFileSync(join(folder, "said.csv"), "utf8"), "prediction")).toEqual(["right", "left"]);
    expect(readdirSync(folder).sort()).toEqual(["clouds.csv", "kinds", "new.csv", "said.csv"]);
  });

  test("an unseen category is treated as missing and counted", async () => {
    file("new.csv", "x,y,colour\n1,0.5,violet\n-1,-0.5,\n-1,-0.5,orange\n");
    const ended = await noron(["predict", "kinds", "new.csv"]);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/column "colour": 2 cells with a category that training has not seen/);
    expect(column(ended.stdout, "prediction")).toEqual(["right", "left", "left"]);
  });

  test("as JSON an object a row, with its number; the CSV in a file where one is named", async () => {
    file("new.csv", "x,y,colour\n1,0.5,red\n\n-1,-0.5,violet\n");
    const [notes, first, second] = events(await noron(["predict", "kinds", "new.csv", "--log", "json"]));
    expect(notes).toMatchObject({ event: "notes", notes: [{ code: "unseen-category", column: "colour" }] });
    expect(first).toMatchObject({ event: "prediction", file: "new.csv", row: 2, prediction: "right" });
    expect(second).toMatchObject({ row: 4, prediction: "left", probabilities: { left: expect.any(Number) } });
    // Of several files each row says in which it is.
    file("more.csv", "x,y,colour\n-1,-0.5,red\n");
    for (const how of ["--no-stream", "--stream"]) {
      const all = events(await noron(["predict", "kinds", "new.csv", "more.csv", "--log", "json", how]));
      const said = all.filter(({ event }) => event === "prediction");
      expect(said.map((each) => [each.file, each.row])).toEqual([
        ["new.csv", 2],
        ["new.csv", 4],
        ["more.csv", 2],
      ]);
    }
    const args = ["predict", "kinds", "new.csv", "--log", "json", "--out", "said.csv"];
    expect(events(await noron(args)).at(-1)).toEqual({ event: "result", rows: 2, file: "said.csv" });
    expect(column(readFileSync(join(folder, "said.csv"), "utf8"), "prediction")).toEqual(["right", "left"]);
  });

  test("a name that says another form than CSV is refused", async () => {
    for (const name of ["said.jsonl", "said.JSON", "said.csv.gz", "said.parquet"]) {
      const { code, stderr } = await noron(["predict", "kinds", "clouds.csv", "--out", name]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("predictions are written as CSV")]);
    }
    expect(readdirSync(folder).sort()).toEqual(["clouds.csv", "kinds"]);
  });

  test("a column called prediction stays", async () => {
    file("new.csv", "x,y,colour,prediction\n1,0.5,red,mine\n");
    const { stdout } = await noron(["predict", "kinds", "new.csv"]);
    expect([column(stdout, "prediction"), column(stdout, "prediction_2")]).toEqual([["mine"], ["right"]]);
  });

  test("numbers in the target's own unit", async () => {
    file("sizes.csv", clouds(80, "size"));
    await noron(["train", "sizes.csv", "-t", "size", "--out", "sizes"]);
    const { stdout } = await noron(["predict", "sizes", "sizes.csv"]);
    const said = column(stdout, "prediction")!.map(Number);
    for (const [row, size] of column(stdout, "size")!.entries())
      expect(Math.abs(said[row] - Number(size))).toBeLessThan(4);
  });

  test("the predictions alone, and no probabilities", async () => {
    const lines = async (...options: string[]) =>
      (await noron(["predict", "kinds", "clouds.csv", ...options])).stdout.split("\n").slice(0, 2);
    expect(await lines("--only", "--no-proba")).toEqual(["prediction", "right"]);
    expect((await lines("--only"))[0]).toBe("prediction,probability left,probability right");
    expect((await lines("--no-proba"))[0]).toBe("x,y,colour,kind,prediction");
  });

  test("what separates cells and the decimal mark stay those of the data", async () => {
    file("new.csv", "x;y;colour\n1,25;0,5;red\n-1,25;-0,5;blue\n");
    const { stdout, stderr } = await noron(["predict", "kinds", "new.csv"]);
    expect(stderr).toBe("");
    const [head, first] = stdout.split("\n");
    expect(head).toBe("x;y;colour;prediction;probability left;probability right");
    expect(first).toMatch(/^1,25;0,5;red;right;0(,\d+)?;(0,\d+|1)$/);
  });

  test.each([[], ["--stream"]])("the lines of the data come back to the byte %j", async (...options) => {
    const lines = [
      '\ufeffx , y,"colour",note,note\r\n',
      '1.50, 0.50,"red"," a, ""b""\r\nc ",e\u0301\r\n',
      "-1.5,-0.5,  blue ,,\r\n",
      "1.25,1,red,,",
    ];
    file("new.csv", lines.join(""));
    const ended = await noron(["predict", "kinds", "new.csv", "--no-proba", "--out", "said.csv", ...options]);
    expect(ended.code).toBe(0);
    const said = ["prediction", "right", "left", "right"];
    const whole = (line: string, index: number) => `${line.replace(/\r\n$/, "")},${said[index]}\r\n`;
    expect(readFileSync(join(folder, "said.csv"), "utf8")).toBe(lines.map(whole).join(""));
  });

  test("a separator behind the last column, a last line without an end, and files of two layouts", async () => {
    file("new.csv", "id;x;y;colour\n1;1;0,5;red;\n\n2;-1;-0,5;blue;");
    const one = await noron(["predict", "kinds", "new.csv", "--no-proba"]);
    expect(one.stdout).toBe("id;x;y;colour;prediction\n1;1;0,5;red;right\n2;-1;-0,5;blue;left\n");
    file("a.csv", "x,y,colour\r\n1,0.5, red\r\n");
    file("b.csv", "y,x,colour\n-0.5,-1,blue\n");
    const two = await noron(["predict", "kinds", "a.csv", "b.csv", "--no-proba"]);
    expect(two.stdout).toBe("x,y,colour,prediction\n1,0.5,red,right\n-1,-0.5,blue,left\n");
  });

  test("the decimal mark is that of the file, whatever that of training was", async () => {
    const rows = clouds(80, "size").replaceAll(",", ";").replaceAll(".", ",");
    file("comma.csv", rows);
    await noron(["train", "comma.csv", "-t", "size", "--epochs", "3", "--out", "comma"]);
    const said = async (contents: string) => {
      file("new.csv", contents);
      const { stdout, stderr } = await noron(["predict", "comma", "new.csv", "--only"]);
      expect(stderr).toBe("");
      return stdout;
    };
    expect(await said("x;y;colour\n1,25;0,5;red\n")).toMatch(/^prediction\n-?\d+,\d+\n$/);
    expect(await said("x;y;colour\n1.25;0.5;red\n")).toMatch(/^prediction\n-?\d+\.\d+\n$/);
    expect(await said("x,y,colour\n1,1,red\n")).toMatch(/^prediction\n-?\d+\.\d+\n$/);
    expect(await said("x;y;colour\n1;1;red\n")).toMatch(/^prediction\n-?\d+,\d+\n$/);
    // What may be thousands is no decimal comma.
    file("new.csv", "x,y,colour\n15.576,0.225,red\n");
    const { stdout } = await noron(["predict", "comma", "new.csv", "--only"]);
    expect(stdout).toMatch(/^prediction\n-?\d+\.\d+\n$/);
  });

  test("images", async () => {
    const { images, labels } = bars();
    file("a-images-idx3-ubyte", images);
    file("a-labels-idx1-ubyte", labels);
    await noron(["train", "a-images-idx3-ubyte", "--model", "8", "--out", "bars"]);
    const { stdout } = await noron(["predict", "bars", "a-images-idx3-ubyte"]);
    expect(column(stdout, "prediction")!.slice(0, 4)).toEqual(["0", "1", "0", "1"]);
    expect(column(stdout, "image")!.slice(0, 3)).toEqual(["0", "1", "2"]);
  });
});

describe("evaluate", () => {
  test("measures on other data beside the baseline, and says when they are those of training", async () => {
    file("clouds.csv", clouds());
    file("others.csv", clouds(120));
    await noron(["train", "clouds.csv", "-t", "kind", "--epochs", "30", "--out", "kinds"]);
    const others = await noron(["evaluate", "kinds", "others.csv"]);
    expect([others.code, others.stderr]).toEqual([0, ""]);
    expect(others.stdout).toMatch(/others\.csv, 120 rows:/);
    expect(others.stdout).toMatch(/accuracy\s+1\.0000\s+0\.5000/);
    const same = await noron(["evaluate", "kinds", "clouds.csv"]);
    for (const [data, trainedOn] of [
      ["others.csv", false],
      ["clouds.csv", true],
    ] as const)
      expect(events(await noron(["evaluate", "kinds", data, "--log", "json"]))[0]).toMatchObject({ trainedOn });
    expect(same.stderr).toMatch(/these are the data that the run was trained on/);
    const [result] = events(await noron(["evaluate", "kinds", "others.csv", "--log", "json"]));
    expect(result).toMatchObject({ event: "result", rows: 120, scores: { accuracy: 1 } });
  });

  test("says which files were trained on, whatever other files are beside them", async () => {
    for (const [name, rows] of [
      ["a.csv", 60],
      ["b.csv", 80],
      ["new.csv", 40],
    ] as const)
      file(name, clouds(rows));
    const train = ["train", "a.csv", "b.csv", "-t", "kind", "--epochs", "1", "--out"];
    expect((await noron([...train, "kinds"])).code).toBe(0);
    expect((await noron([...train, "streamed", "--stream"])).code).toBe(0);
    for (const [run, data, trainedFiles] of [
      ["kinds", ["new.csv"], []],
      ["kinds", ["new.csv", "a.csv"], ["a.csv"]],
      ["kinds", ["b.csv", "a.csv", "--stream"], ["b.csv", "a.csv"]],
      ["streamed", ["b.csv"], ["b.csv"]],
    ] as const) {
      const [result] = events(await noron(["evaluate", run, ...data, "--log", "json"]));
      expect(result).toMatchObject({ trainedOn: trainedFiles.length > 0, trainedFiles });
    }
    const warning = /warning: the run was trained on b\.csv, so the scores say little about new rows/;
    expect((await noron(["evaluate", "kinds", "b.csv", "new.csv"])).stderr).toMatch(warning);
    expect((await noron(["report", "kinds", "b.csv", "new.csv"])).stderr).toMatch(warning);
    expect(readFileSync(join(folder, "kinds/report.html"), "utf8")).toMatch(
      /On 120 rows, with those of files that it was trained on among them/,
    );
    const refused = await noron([...train, "held", "--test", "b.csv"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/--test b\.csv is among the data/)]);
  });

  test("a number, and rows without a target left out", async () => {
    file("sizes.csv", clouds(80, "size"));
    await noron(["train", "sizes.csv", "-t", "size", "--out", "sizes"]);
    file("new.csv", "x,y,colour,size\n1,0.5,red,11.5\n-1,-0.5,blue,-11.5\n1,1,red,\n");
    const [result] = events(await noron(["evaluate", "sizes", "new.csv", "--log", "json"]));
    expect(result.rows).toBe(2);
    expect(result.scores.r2).toBeGreaterThan(0.9);
    file("one.csv", "x,y,colour,size\n1,0.5,red,11.5\n");
    const { stdout } = await noron(["evaluate", "sizes", "one.csv"]);
    expect(stdout).toMatch(/^ {2}R² +– +–$/m);
    expect(stdout).toMatch(/^ {2}R² needs two rows that differ in the target$/m);
    expect(stdout).not.toMatch(/NaN/);
  });
});

test("how points are read where training had decimal commas is told by every command", async () => {
  const rows = Array.from({ length: 60 }, (_, row) => `${1 + (row % 9)},5;${2 + (row % 9)},25`);
  file("train.csv", `size;price\n${rows.join("\n")}\n`);
  file("new.csv", `size;price\n${rows.map((row) => row.replaceAll(/,\d+/g, ".125")).join("\n")}\n`);
  const trained = await noron(["train", "train.csv", "-t", "price", "--epochs", "1", "--out", "run"]);
  expect(trained.code).toBe(0);
  for (const args of [
    ["evaluate", "run", "new.csv"],
    ["predict", "run", "new.csv"],
    ["report", "run", "new.csv"],
    ["explain", "run", "new.csv", "--row", "3"],
  ]) {
    const { code, stderr } = await noron(args);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/column "price": "2\.125" in row 2 is read as 2125/)]);
  }
});

describe("export", () => {
  useRun("kinds", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "2"]);

  test("makes the folder, tells it as JSON, and refuses a name of another form with those that there are", async () => {
    const [told, ...rest] = events(await noron(["export", "kinds", "--out", "src/deep/kinds.ts", "--log", "json"]));
    const { length } = readFileSync(join(folder, "src/deep/kinds.ts"));
    expect([told, rest]).toEqual([{ event: "export", file: "src/deep/kinds.ts", form: "ts", bytes: length }, []]);
    const refused = async (message: RegExp, ...options: string[]) => {
      const { code, stderr } = await noron(["export", "kinds", ...options]);
      expect([code, message.test(stderr)]).toEqual([2, true]);
    };
    await refused(/kinds\.onnx: export writes no such form\. There are safetensors, ts, json/, "--out", "kinds.onnx");
    await refused(/kinds\.onnx: export writes no such form/, "--out", "kinds.onnx", "--to", "ts");
    await refused(/--to ts and kinds\.safetensors do not fit/, "--to", "ts", "--out", "kinds.safetensors");
    await refused(/dạng này.*safetensors, ts, json/, "--out", "kinds.onnx", "--lang", "vi");
    const { stdout } = await noron(["export", "kinds", "--to", "ts", "--log", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ event: "error", code: "export-without-file" });
  });
});

test("noron is the library as well", async () => {
  const code =
    'import { nn, tensor } from "noron"; console.log(new nn.ReLU().forward(tensor([-1, 2])).toArray().join())';
  const { spawnSync } = await import("node:child_process");
  const root = join(import.meta.dirname, "..");
  const ended = spawnSync(process.execPath, ["--input-type=module", "-e", code], { cwd: root, encoding: "utf8" });
  expect(ended.stdout).toBe("0,2\n");
});
