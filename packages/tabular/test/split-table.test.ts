import { DataError, parseTable, planTable, type SplitMethod, splitTable } from "@noron/tabular";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../test/fuzz.ts";

const tableOf = (header: string, rows: readonly string[]) =>
  parseTable(`${header}\n${rows.join("\n")}\n`, { name: "t.csv" });
const code = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof DataError) return error.code;
    throw error;
  }
  return "none";
};
const shares = fc.integer({ min: 0, max: 45 }).map((percent) => percent / 100);
const options = fc.record({ seed: fc.nat(), validation: shares, test: shares });

describe("a split by time", () => {
  const days = fc.array(fc.option(fc.integer({ min: 0, max: 40 }), { freq: 8 }), { minLength: 3, maxLength: 80 });

  test("trains on the past and tests on the latest rows; rows of one time stay together", () => {
    fc.assert(
      fc.property(days, options, (times, asked) => {
        // The day before 1970-01-01 and later: numbers of days that sort otherwise as text.
        const dates = times.map((day) =>
          day === null ? "" : new Date((day - 5) * 86_400_000).toISOString().slice(0, 10),
        );
        const table = tableOf(
          "when,x,y",
          dates.map((date, row) => `${date},${row % 7},${row + 0.5}`),
        );
        const plan = planTable(table, { target: "y", split: "time:when", kinds: { x: "number" } });
        let split: ReturnType<typeof splitTable>;
        try {
          split = splitTable(table, plan, asked);
        } catch (error) {
          expect(error).toMatchObject({ code: "too-few-rows" });
          return;
        }
        const { train, validation, test: held } = split;
        expect([...train, ...validation, ...held].sort((a, b) => a - b)).toEqual(times.map((_, row) => row));
        expect([validation.length > 0, held.length > 0]).toEqual([asked.validation > 0, asked.test > 0]);
        const known = (rows: Int32Array) => Array.from(rows, (row) => times[row]).filter((day) => day !== null);
        const [first, second, third] = [train, validation, held].map(known);
        for (const rows of [validation, held]) expect(known(rows)).toHaveLength(rows.length);
        const bounds: [number[], number[]][] = [
          [first, second],
          [[...first, ...second], third],
        ];
        for (const [before, after] of bounds)
          if (after.length > 0) expect(Math.max(...before)).toBeLessThan(Math.min(...after));
      }),
      runs(200),
    );
  });

  test("says where the parts meet, meets the shares where times allow it, and reads numbers with decimal commas", () => {
    const rows = Array.from({ length: 100 }, (_, row) => `${(row * 37) % 100},5;${row % 5};${row + 0.25}`);
    const table = parseTable(`hour;x;y\n${rows.join("\n")}\n`);
    const split = splitTable(table, planTable(table, { target: "y", split: "time:hour" }), { seed: 1 });
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([70, 15, 15]);
    expect(split.notes[0]).toMatchObject({
      code: "time-split",
      parameters: { column: "hour", until: "69,5", validation: "70,5", test: "85,5" },
    });
  });

  test("by dates with the day first, as those beyond the twelfth say", () => {
    const rows = Array.from(
      { length: 40 },
      (_, row) => `${(row % 20) + 1}/0${1 + (row % 2)}/2024,${row % 3},${row + 0.5}`,
    );
    const table = tableOf("when,x,y", rows);
    const split = splitTable(table, planTable(table, { target: "y", split: "time:when" }), { seed: 0 });
    expect(Math.max(...split.train)).toBeLessThan(40);
    expect([...split.train].filter((row) => row % 2 === 1 && row % 20 > 12)).toEqual([]);
    expect([...split.test].every((row) => row % 2 === 1)).toBe(true);
  });

  test("refuses what cannot be sorted, with row and value", () => {
    const rows = Array.from(
      { length: 40 },
      (_, row) => `${row === 30 ? "in May" : `2024-05-${(row % 28) + 1}`},${row % 3},${row + 0.5}`,
    );
    const table = tableOf("when,x,y", rows);
    const plan = planTable(table, { target: "y", split: "time:when" });
    expect(() => splitTable(table, plan, { seed: 0 })).toThrow(
      expect.objectContaining({ code: "not-a-time", row: 32, column: "when", value: "in May" }),
    );
    const doubtful = tableOf(
      "when,x,y",
      rows.map((row, at) => row.replace(/^[^,]*/, `0${1 + (at % 9)}/0${1 + (at % 7)}/20${10 + at}`)),
    );
    const cut = { target: "y", split: "time:when" } as const;
    expect(() => splitTable(doubtful, planTable(doubtful, cut), { seed: 0 })).toThrow(
      expect.objectContaining({
        code: "date-order",
        row: 2,
        message: expect.stringContaining("ask for --type when=date:day-first or --type when=date:month-first"),
      }),
    );
    const told = planTable(doubtful, { ...cut, kinds: { when: "date:day-first" } });
    expect(told.columns[0].notes).toEqual([]);
    expect(splitTable(doubtful, told, { seed: 0 }).notes[0].text).toContain("trained until 2037-07-01");
    const still = tableOf(
      "when,x,y",
      rows.map((row) => row.replace(/^[^,]*/, "2024-01-01")),
    );
    expect(code(() => splitTable(still, planTable(still, { target: "y", split: "time:when" }), { seed: 0 }))).toBe(
      "too-few-rows",
    );
  });
});

describe("a split by group", () => {
  test("puts no group into two parts", () => {
    const groups = fc.array(fc.option(fc.nat(12), { freq: 8 }), { minLength: 3, maxLength: 80 });
    fc.assert(
      fc.property(groups, options, (names, asked) => {
        const table = tableOf(
          "who,x,y",
          names.map((name, row) => `${name === null ? "" : `g${name}`},${row % 7},${row + 0.5}`),
        );
        const plan = planTable(table, { target: "y", split: "group:who", kinds: { x: "number" } });
        let split: ReturnType<typeof splitTable>;
        try {
          split = splitTable(table, plan, asked);
        } catch (error) {
          expect(error).toMatchObject({ code: "too-few-rows" });
          return;
        }
        const parts = [split.train, split.validation, split.test];
        expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual(names.map((_, row) => row));
        expect(parts.map((part) => part.length > 0)).toEqual([true, asked.validation > 0, asked.test > 0]);
        const seen = parts.map((part) => new Set(Array.from(part, (row) => names[row] ?? `row ${row}`)));
        expect(seen.reduce((sum, part) => sum + part.size, 0)).toBe(new Set(seen.flatMap((part) => [...part])).size);
      }),
      runs(200),
    );
  });

  test("meets the shares nearly, by the seed, and leaves the column out of the features", () => {
    const table = tableOf(
      "who,x,y",
      Array.from({ length: 300 }, (_, row) => `p${row % 60},${row % 7},${row + 0.5}`),
    );
    const plan = planTable(table, { target: "y", split: "group:who" });
    expect(plan.columns[0]).toMatchObject({ kind: "ignore", why: { code: "groups-rows" } });
    const [one, again, other] = [1, 1, 2].map((seed) => splitTable(table, plan, { seed }));
    expect([one.train.length, one.validation.length, one.test.length]).toEqual([210, 45, 45]);
    expect(again).toEqual(one);
    expect(other.test).not.toEqual(one.test);
    const used = planTable(table, { target: "y", split: "group:who", kinds: { who: "category" } });
    expect(used.columns[0].kind).toBe("category");
  });
});

describe("ways of splitting", () => {
  const table = tableOf(
    "who,x,kind",
    Array.from({ length: 60 }, (_, row) => `p${row % 10},${row % 7},${row < 54 ? "a" : "b"}`),
  );

  test("the default keeps the classes' shares, random does not ask for them", () => {
    const plan = planTable(table, { target: "kind" });
    expect(plan.split).toBe("stratified");
    const classes = (rows: Int32Array) => Array.from(rows).filter((row) => row >= 54).length;
    expect(classes(splitTable(table, plan, { seed: 0 }).test)).toBe(1);
    const tests = Array.from({ length: 20 }, (_, seed) =>
      classes(splitTable(table, planTable(table, { target: "kind", split: "random" }), { seed }).test),
    );
    expect(new Set(tests).size).toBeGreaterThan(1);
  });

  test("classes that are not trained on are told; one class alone is refused", () => {
    const timed = (rows: string[]) => {
      const data = tableOf("t,x,kind", rows);
      return splitTable(data, planTable(data, { target: "kind", split: "time:t" }), { seed: 0 });
    };
    const rows = Array.from({ length: 60 }, (_, row) => `${row},${row % 7},${row >= 55 ? "c" : row % 2 ? "a" : "b"}`);
    expect(timed(rows).notes).toContainEqual(
      expect.objectContaining({ code: "class-not-trained", parameters: { column: "kind", count: 1, classes: ["c"] } }),
    );
    const sorted = Array.from({ length: 60 }, (_, row) => `${row},${row % 7},${row >= 50 ? "b" : "a"}`);
    expect(code(() => timed(sorted))).toBe("one-class");
  });

  test.each<[string, string, RegExp]>([
    ["strat", "bad-split", /Did you mean stratified\?/],
    ["tme:who", "bad-split", /Did you mean time:who\?/],
    ["group", "bad-split", /time:COLUMN or group:COLUMN|group:COLUMN\?/],
    ["time:whoo", "no-such-column", /Did you mean "who"\?/],
    ["group:kind", "bad-split", /by the target itself/],
  ])("%s is refused", (split, expected, message) => {
    const plan = () => planTable(table, { target: "kind", split: split as SplitMethod });
    expect(plan).toThrow(message);
    expect(code(plan)).toBe(expected);
  });

  test("a stratified split of a number is refused", () => {
    expect(code(() => planTable(table, { target: "x", task: "regression", split: "stratified" }))).toBe("bad-split");
  });
});
