import { splitRows } from "@noron/tabular";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../test/fuzz.ts";

const upTo = (length: number) => Int32Array.from({ length }, (_, index) => index);
const tally = (part: Int32Array, labels: ArrayLike<number>) => {
  const times = [0, 0, 0];
  for (const row of part) times[labels[row]]++;
  return times;
};

describe("splits", () => {
  test("the same seed gives the same split, another another", () => {
    const options = { seed: 3 };
    expect(splitRows(upTo(100), options)).toEqual(splitRows(upTo(100), options));
    expect(splitRows(upTo(100), { seed: 4 }).test).not.toEqual(splitRows(upTo(100), options).test);
    expect([...splitRows(upTo(20), { seed: 0 }).test]).toEqual(
      [...splitRows(upTo(20), { seed: 0 }).test].sort((a, b) => a - b),
    );
  });

  test("classes keep their proportions", () => {
    const labels = upTo(200).map((row) => (row < 140 ? 0 : row < 180 ? 1 : 2));
    const split = splitRows(upTo(200), { seed: 0, labels });
    expect(tally(split.train, labels)).toEqual([98, 28, 14]);
    expect(tally(split.validation, labels)).toEqual([21, 6, 3]);
    expect(tally(split.test, labels)).toEqual([21, 6, 3]);
  });

  test("twenty rows are split sensibly, and said to be few", () => {
    const split = splitRows(upTo(20), { seed: 0 });
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([14, 3, 3]);
    expect(split.notes.map((note) => note.code)).toEqual(["tiny-data"]);
  });

  test("a class of one row is trained on, and said to be rare", () => {
    const labels = upTo(60).map((row) => (row === 7 ? 2 : row % 2));
    const split = splitRows(upTo(60), { seed: 1, labels, classNames: ["a", "b", "odd"] });
    expect(split.train).toContain(7);
    expect(split.notes[0]).toMatchObject({ code: "rare-class", text: expect.stringContaining('"odd" (1)') });
  });

  test.each([
    [-0.1, 0.2],
    [0.5, 0.5],
    [Number.NaN, 0.1],
  ])("shares %d and %d are refused", (validation, test) => {
    expect(() => splitRows(upTo(50), { seed: 0, validation, test })).toThrow(
      expect.objectContaining({ code: "bad-ratio" }),
    );
  });

  test("too few rows are refused", () => {
    expect(() => splitRows(upTo(2), { seed: 0 })).toThrow(expect.objectContaining({ code: "too-few-rows" }));
    const labels = [0, 1, 2, 3];
    expect(() => splitRows(upTo(4), { seed: 0, labels })).toThrow(expect.objectContaining({ code: "too-few-rows" }));
  });

  test("every row is in exactly one part, and every class in training", () => {
    const shares = fc.integer({ min: 0, max: 45 }).map((percent) => percent / 100);
    const cases = fc.tuple(fc.integer(), fc.array(fc.nat(4), { minLength: 3, maxLength: 200 }), shares, shares);
    fc.assert(
      fc.property(cases, ([seed, labels, validation, testShare]) => {
        const rows = labels.map((_, index) => index * 3);
        let split: ReturnType<typeof splitRows>;
        try {
          split = splitRows(rows, { seed, labels, validation, test: testShare });
        } catch (error) {
          expect(error).toMatchObject({ code: "too-few-rows" });
          return;
        }
        const all = [...split.train, ...split.validation, ...split.test].sort((a, b) => a - b);
        expect(all).toEqual(rows);
        expect(new Set([...split.train].map((row) => labels[row / 3]))).toEqual(new Set(labels));
        expect(split.validation.length > 0).toBe(validation > 0);
        expect(split.test.length > 0).toBe(testShare > 0);
      }),
      runs(300),
    );
  });
});
