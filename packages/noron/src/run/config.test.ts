import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { InputError } from "../errors.ts";
import { parseConfig } from "./config.ts";

const good = {
  format: "noron-run",
  version: 1,
  noron: "0.1.0",
  data: { name: "table.csv", hash: "sha256:0", source: ["table.csv"] },
  task: "classification",
  target: "kind",
  network: { inputs: 3, hidden: [8], outputs: 2, activation: "relu", norm: "none", dropout: 0 },
  settings: { loss: "cross-entropy", optimizer: "adamw", lr: 0.001 },
  result: { baseline: 0 },
};

/** That a text is read or refused with a message of one line. */
function check(text: string): void {
  try {
    parseConfig(text, "config.json");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^config\.json: .+\.$/);
  }
}

test("what was written is read", () => {
  expect(parseConfig(JSON.stringify(good), "config.json").network).toEqual(good.network);
});

test("any text and any JSON are read or refused", () => {
  fc.assert(fc.property(fc.string(), check), runs(100));
  fc.assert(fc.property(fc.json(), check), runs(100));
});

test("a config with any member replaced is read or refused", () => {
  const paths = Object.entries(good).flatMap(([key, value]) =>
    typeof value === "object" ? [[key], ...Object.keys(value).map((inner) => [key, inner])] : [[key]],
  );
  const replace = ([key, inner]: string[], value: unknown) => {
    const config = structuredClone(good) as unknown as Record<string, Record<string, unknown>>;
    if (inner === undefined) config[key] = value as Record<string, unknown>;
    else config[key][inner] = value;
    check(JSON.stringify(config));
  };
  fc.assert(fc.property(fc.constantFrom(...paths), fc.jsonValue(), replace), runs(1000));
});

test("a size that no network has is refused before anything is built", () => {
  for (const inputs of [0, -1, 1.5, 2 ** 40, "3", null]) {
    const config = { ...good, network: { ...good.network, inputs } };
    expect(() => parseConfig(JSON.stringify(config), "config.json")).toThrow(/network\.inputs/);
  }
});
