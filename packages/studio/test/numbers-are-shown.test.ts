import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { computedNumbers } from "./computed-numbers.ts";

const source = fileURLToPath(new URL("../src/", import.meta.url));

/** What runs in the page: not the worker, where the library is, nor what runs while the page is built. */
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(ts|svelte)$/.test(file) && !/\.(test|d)\.ts$/.test(file))
  .filter((file) => !file.startsWith("worker/") && !/(plugin|typeset|compile-lesson)\.ts$/.test(file))
  .map((file) => `src/${file}`);

describe("the page computes no number of a network", () => {
  it("in the fixture that does, each is found", () => {
    const found = computedNumbers(["test/fixtures/Computes.svelte"]);
    const codes = found.map(({ code, why }) => `${why}: ${code}`);
    for (const wrong of [
      "arithmetic: 0.1 * gradient",
      "arithmetic: +gradient",
      "conversion: gradient as unknown",
      "conversion: Number(gradient)",
      "scale: scaled(gradient, (value) => 1 / (1 + Math.exp(-value)))",
      "comparison: weights[0] > weights[1]",
      "conversion: weights as never",
      "comparison: weight > gradient",
      "conversion: Number(weight)",
    ])
      expect(codes).toContain(wrong);
    expect(
      codes.some((code) => code.startsWith("arithmetic: weights[0] - ")),
      "a difference",
    ).toBe(true);
    expect(codes).toHaveLength(10);
  });

  it("nor does any source", () => {
    expect(files.length).toBeGreaterThan(60);
    expect(computedNumbers(files)).toEqual([]);
  });

  it("nor is there a function of layers outside the worker", () => {
    const functions = /\bMath\.(exp|expm1|log|log1p|tanh|sinh|cosh|sqrt)\b/;
    const wrong = files.filter((file) => functions.test(readFileSync(`${source}../${file}`, "utf8")));
    expect(wrong).toEqual([]);
  });
});
