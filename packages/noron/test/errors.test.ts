import { readFileSync } from "node:fs";
import type { tabular } from "noron";
import { describe, expect, test } from "vitest";
import { EXIT } from "../src/command/exit.ts";
import { explainError } from "../src/command/explain-error.ts";
import { InputError, UsageError } from "../src/errors.ts";
import { speak } from "../src/language/current.ts";
import { inputErrors } from "../src/language/en/input-errors.ts";
import { usageErrors } from "../src/language/en/usage-errors.ts";
import { systemProblem } from "../src/language/problem.ts";
import { Field } from "../src/run/field.ts";
import { clouds, file, noron } from "./command.ts";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

/** What the documentation says: code to exit code, from the tables below each heading. */
const documented = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const exitCode = Number(/^Exit code (\d+)/.exec(section)?.[1]);
      const rows = Array.from(section.matchAll(/^\| ([a-z-]+) \| (.+) \| (.+) \|$/gm));
      return rows.filter(([, code]) => code !== "code" && code !== "---").map(([, code]) => [code, exitCode] as const);
    }),
);

/** Every code of errors about data: a list that does not compile without one, nor with one too many. */
const dataCodes: Record<tabular.DataErrorCode, number> = {
  "empty-file": 3,
  "no-rows": 3,
  "not-text": 3,
  "too-large": 3,
  "truncated-gzip": 3,
  "ragged-row": 3,
  "bad-quotes": 3,
  "bad-json": 3,
  "not-records": 3,
  "bad-parquet": 3,
  "unknown-codec": 3,
  "different-columns": 3,
  "no-such-column": 3,
  "missing-column": 3,
  "no-features": 3,
  "all-missing": 3,
  "not-a-number": 3,
  "not-positive": 3,
  "one-class": 3,
  "too-many-classes": 3,
  "unknown-class": 3,
  "too-few-rows": 3,
  "bad-ratio": 2,
  "bad-split": 2,
  "bad-choice": 2,
  "not-a-time": 3,
  "date-order": 3,
  "not-idx": 3,
  "truncated-idx": 3,
  "idx-size": 3,
  "idx-pair": 3,
  "image-size": 3,
  "corrupt-preprocessing": 3,
};

test("docs/errors.md lists every code with its exit code, and no other", () => {
  const all = new Map<string, number>([
    ["internal", EXIT.internal],
    ["diverged", EXIT.diverged],
    ["interrupted", EXIT.interrupted],
    ...Object.keys(usageErrors).map((code) => [code, EXIT.usage] as const),
    ...Object.keys(inputErrors).map((code) => [code, EXIT.data] as const),
    ...Object.entries(dataCodes),
  ]);
  expect(Object.fromEntries([...documented].sort())).toEqual(Object.fromEntries([...all].sort()));
});

describe("an error", () => {
  test("has a code, what it is about, the nearest name and the command that mends it", () => {
    const error = new UsageError(
      "no-such-sample",
      { value: "sample:spirl", names: "spirals" },
      { suggestion: "sample:spirals" },
    );
    expect(error.message).toBe("there is no sample sample:spirl: there are spirals. Did you mean sample:spirals?");
    const { exitCode, fields, text } = explainError(error, ["train", "sample:spirl", "--epochs", "3"]);
    expect([exitCode, fields?.code, fields?.command]).toEqual([
      2,
      "no-such-sample",
      "npx noron train sample:spirals --epochs 3",
    ]);
    expect(text).toBe(`noron: ${error.message}\n  ${fields?.command}\n`);
  });

  test("speaks Vietnamese, and to programs English", () => {
    speak("vi");
    const { text, fields } = explainError(
      new InputError("no-such-file", { file: "a.csv" }, { suggestion: "b.csv" }),
      [],
    );
    speak("en");
    expect(text).toBe("noron: a.csv: không có tệp hay thư mục này. Có phải ý bạn là b.csv?\n");
    expect(fields).toMatchObject({ message: "a.csv: there is no such file or folder. Did you mean b.csv?" });
  });

  test("says in each language what a file or a system has against it", () => {
    const config = (values: object) => new Field(values, "", "run/config.json");
    const thrown = (action: () => unknown): unknown => {
      try {
        return action();
      } catch (error) {
        return error;
      }
    };
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    const errors: [unknown, string, string][] = [
      [
        thrown(() => config({ epochs: 0 }).field("epochs").whole(1, 9)),
        "run/config.json: this is no config that noron wrote: epochs is not a whole number from 1 to 9.",
        "run/config.json: đây không phải cấu hình do noron ghi: epochs không phải số nguyên từ 1 đến 9.",
      ],
      [
        new InputError("not-written", { file: "f", problem: systemProblem(full) }),
        "f could not be written: ENOSPC: no space is left there.",
        "không ghi được f: ENOSPC: ở đó đã hết chỗ trống.",
      ],
      [
        new InputError("not-written", { file: "f", problem: systemProblem(new Error("another")) }),
        "f could not be written: another.",
        "không ghi được f: another.",
      ],
    ];
    for (const [error, english, vietnamese] of errors) {
      speak("vi");
      const { text, fields } = explainError(error, []);
      speak("en");
      expect(text).toBe(`noron: ${vietnamese}\n`);
      expect(fields).toMatchObject({ message: english });
      expect(english).toContain(JSON.parse(JSON.stringify(fields)).problem);
    }
  });

  test("does not pass control characters on to the terminal", () => {
    expect(new InputError("no-such-file", { file: "\u001b[2Ja" }).message).toMatch(/^\\u001b\[2Ja: /);
  });

  test.each<[string[], Record<string, unknown>]>([
    [["-t", "knd"], { code: "no-such-column", exitCode: 3, file: "clouds.csv", value: "knd", suggestion: "kind" }],
    [["--target=knd"], { code: "no-such-column", command: "npx noron train clouds.csv --log json --target=kind" }],
    [["-t", "kind", "--lr", "x"], { code: "not-a-number-between", exitCode: 2, option: "--lr", value: "x" }],
    [["--tagret", "kind"], { code: "unknown-option", suggestion: "--target" }],
  ])("%j is one JSON object, in every language", async (options, expected) => {
    file("clouds.csv", clouds());
    const { code, stdout, stderr } = await noron(["train", "clouds.csv", "--log", "json", ...options], {
      env: { LC_ALL: "vi_VN.UTF-8" },
    });
    const lines = stdout.trim().split("\n");
    expect([lines.length, stderr]).toEqual([1, ""]);
    const error = JSON.parse(lines[0]);
    expect(error).toMatchObject({ event: "error", ...expected });
    expect(code).toBe(error.exitCode);
    expect(error.message).not.toMatch(/[ạ-ỹ]/);
  });

  test("of a row tells its number", async () => {
    file("clouds.csv", `${clouds()}1,2\n`);
    const { stdout } = await noron(["train", "clouds.csv", "-t", "kind", "--log", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ code: "ragged-row", file: "clouds.csv", row: 82, value: "1,2" });
  });
});
