import { describe, expect, test } from "vitest";
import { english } from "../src/language/en/index.ts";
import { vietnamese } from "../src/language/vi/index.ts";
import { clouds, events, file, noron, useRun } from "./command.ts";

const wordsOf = (text: string): string[] => text.replace(/\{\{.*?\}\}/g, " ").match(/\p{L}{2,}/gu) ?? [];
const wordsIn = (areas: object): Set<string> =>
  new Set(Object.values(areas).flatMap((texts) => Object.values(texts as Record<string, string>).flatMap(wordsOf)));

/** What is in the data, and the words of the command line, whatever the language. */
const data = wordsOf(clouds());
const commands = "train evaluate predict explain inspect report runs export doctor help out new text more".split(" ");
const known = new Set([...wordsIn(vietnamese), ...data, ...commands]);
const onlyEnglish = new Set([...wordsIn(english)].filter((word) => !known.has(word)));

/** Lists of values, such as "relu, gelu, tanh", examples and options are the same in every language. */
const englishIn = (text: string): string[] =>
  wordsOf(text.replaceAll(/^ {2}noron .*$|npx noron .*$|--[a-z-]+|[a-z][\w-]*(?:,\s+[a-z][\w-]*)+/gm, "")).filter(
    (word) => onlyEnglish.has(word),
  );

describe("in Vietnamese no English is left", () => {
  useRun("kinds", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "3"]);

  test.each([
    [[]],
    [["train"]],
    [["evaluate"]],
    [["predict"]],
    [["explain"]],
    [["inspect"]],
    [["report"]],
    [["runs"]],
    [["export"]],
    [["doctor"]],
  ])("%s --help", async (command) => {
    const { code, stdout } = await noron([...command, "--help"], { env: { LC_ALL: "vi_VN.UTF-8" } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Cách dùng: noron/);
    expect(englishIn(stdout)).toEqual([]);
  });

  test("train, evaluate, predict", async () => {
    file("more.csv", clouds(60).replace("red", ""));
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await noron([...args, "--lang", "vi"]);
      expect(code).toBe(0);
      expect(englishIn(stdout + stderr)).toEqual([]);
      return stdout + stderr;
    };
    expect(await run("train", "more.csv", "-t", "kind", "--epochs", "2", "--norm", "batch", "--out", "r")).toMatch(
      /phân loại "kind": biến mục tiêu là văn bản/,
    );
    expect(await run("evaluate", "kinds", "more.csv")).toMatch(/độ chính xác +[01]\.\d{4}/);
    expect(await run("predict", "kinds", "more.csv", "--out", "p.csv")).toMatch(/đã ghi 60 dự đoán vào p\.csv/);
  });

  test("JSON is the same in every language", async () => {
    const english = await noron(["evaluate", "kinds", "clouds.csv", "--log", "json"]);
    const vietnamese = await noron(["evaluate", "kinds", "clouds.csv", "--log", "json", "--lang", "vi"]);
    expect(events(vietnamese)).toEqual(events(english));
  });
});
