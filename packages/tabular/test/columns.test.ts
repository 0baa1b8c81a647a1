import { DataError, type PlanOptions, parseTable, planTable } from "@noron/tabular";
import { describe, expect, test } from "vitest";

const lines = Array.from(
  { length: 30 },
  (_, row) => `${row % 9},0${row % 5},w${row % 4},${row % 2},2024-01-${(row % 28) + 1},${row + 0.5}`,
);
const table = parseTable(`n,zip,word,"a,b",day,y\n${lines.join("\n")}\n`, { name: "t.csv" });
const kinds = (options: Partial<PlanOptions>) =>
  Object.fromEntries(planTable(table, { target: "y", ...options }).columns.map(({ name, kind }) => [name, kind]));

describe("columns as asked", () => {
  test("types, dropped and kept columns", () => {
    const all = { n: "number", zip: "category", word: "category", "a,b": "number", day: "date" };
    expect(kinds({})).toEqual(all);
    expect(kinds({ kinds: { zip: "number", n: "ignore" } })).toEqual({ ...all, zip: "number", n: "ignore" });
    expect(kinds({ drop: ["word,day", "n"] })).toEqual({ ...all, word: "ignore", day: "ignore", n: "ignore" });
    expect(kinds({ drop: ["a,b"] })).toEqual({ ...all, "a,b": "ignore" });
    expect(kinds({ keep: ["zip, y"], kinds: { zip: "category" } })).toEqual({
      n: "ignore",
      zip: "category",
      word: "ignore",
      "a,b": "ignore",
      day: "ignore",
    });
    const { columns } = planTable(table, { target: "y", keep: ["n"], drop: ["zip"] });
    expect(columns.map(({ why }) => why.code)).toEqual(["numbers", "as-asked", "not-kept", "not-kept", "not-kept"]);
  });

  test.each<[string, Partial<PlanOptions>, string, RegExp]>([
    ["a column that does not exist", { drop: ["wrod"] }, "no-such-column", /"wrod"\. Did you mean "word"\?/],
    ["a type for one", { kinds: { zap: "category" } }, "no-such-column", /Did you mean "zip"\?/],
    ["no name at all", { keep: [" , "] }, "no-such-column", /names no column/],
    ["the target dropped", { drop: ["y"] }, "bad-choice", /is the target, which cannot be dropped/],
    ["a type of the target", { kinds: { y: "category" } }, "bad-choice", /say by the task/],
    [
      "kept and dropped",
      { keep: ["n", "zip"], drop: ["zip"] },
      "bad-choice",
      /column "zip": .* kept and to be dropped/,
    ],
    ["a type of a dropped one", { kinds: { n: "number" }, drop: ["n"] }, "bad-choice", /column "n"/],
    [
      "a type of one not kept",
      { kinds: { n: "number" }, keep: ["zip"] },
      "bad-choice",
      /not among the columns to keep/,
    ],
    [
      "words as numbers",
      { kinds: { word: "number" } },
      "not-a-number",
      /t\.csv, row 2, column "word": "w0" is not a number/,
    ],
    ["numbers as dates", { kinds: { n: "date" } }, "not-a-number", /"0" is not a date such as 2024-05-31/],
    ["everything dropped", { keep: ["n"], kinds: { n: "ignore" } }, "no-features", /no column to learn from/],
  ])("%s is refused", (_, options, code, message) => {
    const plan = () => planTable(table, { target: "y", ...options });
    expect(plan).toThrow(message);
    expect(plan).toThrow(DataError);
    expect(plan).toThrow(expect.objectContaining({ code }));
  });
});
