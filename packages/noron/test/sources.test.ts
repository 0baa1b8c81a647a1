import { gzipSync } from "node:zlib";
import { parseTable } from "@noron/tabular";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { clouds, events, expectRefusal, file, noron } from "./command.ts";

/** A table's text as Parquet, and as JSON Lines. */
function parquet(text: string): Uint8Array {
  const { columns } = parseTable(text);
  const columnData = columns.map(({ name, cells }) => {
    const numbers = cells.map(Number);
    return numbers.some(Number.isNaN)
      ? { name, data: cells, type: "STRING" as const }
      : { name, data: numbers, type: "DOUBLE" as const };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }) as ArrayBuffer);
}

function jsonLines(text: string): string {
  const { columns, rowCount } = parseTable(text);
  const rows = Array.from({ length: rowCount }, (_, row) =>
    JSON.stringify(Object.fromEntries(columns.map(({ name, cells }) => [name, cells[row]]))),
  );
  return `${rows.join("\n")}\n`;
}

const training = ["-t", "kind", "--epochs", "2", "--log", "json"];
const scores = (lines: ReturnType<typeof events>) => lines.find(({ event }) => event === "result")!.test;

describe("several files", () => {
  test("give what one file of their rows gives, in whatever format and order of columns", async () => {
    const rows = clouds(100).trim().split("\n");
    const header = rows[0];
    file("all.csv", `${rows.join("\n")}\n`);
    const part = (from: number, to: number) => [header, ...rows.slice(1 + from, 1 + to)].join("\n");
    const turned = part(0, 30)
      .split("\n")
      .map((line) => line.split(",").reverse().join(","))
      .join("\n");
    file("a.csv", part(0, 30));
    file("turned.csv.gz", gzipSync(turned));
    file("b.parquet", parquet(part(30, 70)));
    file("c.jsonl", jsonLines(part(70, 100)));
    const whole = events(await noron(["train", "all.csv", ...training, "--out", "run"]));
    const first = events(await noron(["train", "a.csv", "b.parquet", "c.jsonl", ...training, "--out", "one"]));
    expect(scores(first)).toEqual(scores(whole));
    expect(first[0]).toMatchObject({ name: "a.csv and 2 more", rows: 100 });

    const { code, stdout, stderr } = await noron(["predict", "run", "a.csv", "turned.csv.gz"]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trim().split("\n");
    expect(lines).toHaveLength(61);
    expect(lines.slice(31)).toEqual(lines.slice(1, 31));
    const evaluated = await noron(["evaluate", "run", "b.parquet", "c.jsonl", "--log", "json"]);
    expect(events(evaluated).find(({ event }) => event === "result")).toMatchObject({ rows: 70 });
  });

  test.each<[string, string, string, RegExp]>([
    ["a column is missing", "x,y,kind\n1,2,left\n", "a.csv", /b\.csv, column "colour": .*missing here/],
    ["a column is new", "x,y,colour,kind,z\n1,2,red,left,3\n", "a.csv", /b\.csv, column "z": .*not in a\.csv/],
    ["a cell is wrong", "x,y,colour,kind\n1,2,red,left,3\n", "a.csv", /b\.csv, row 2: /],
  ])("are refused where %s", async (_, text, first, message) => {
    file("a.csv", clouds());
    file("b.csv", text);
    expectRefusal(await noron(["train", first, "b.csv", "-t", "kind"]), 3, message, ["a.csv", "b.csv"]);
  });

  test("a row of a later file is named with its file", async () => {
    file("a.csv", clouds(80, "size"));
    file("b.csv", clouds(20, "size").replace(/^(.*\n.*\n.*),[^,]*\n/, "$1,large\n"));
    const ended = await noron(["train", "a.csv", "b.csv", "-t", "size", "--task", "regression"]);
    expectRefusal(ended, 3, /b\.csv, row 3, column "size": "large" is not a number/, ["a.csv", "b.csv"]);
  });

  test("standard input is read once", async () => {
    expectRefusal(await noron(["train", "-", "-", "-t", "kind"], { input: clouds() }), 2, /give - once/, []);
  });
});
