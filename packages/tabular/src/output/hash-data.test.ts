import { expect, test } from "vitest";
import { fnv1a64, hashData } from "./hash-data.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["foobar", "85944171f73967e8"],
])("FNV-1a of %j is the published value", (text, expected) => {
  expect(fnv1a64(bytes(text))).toBe(expected);
});

test("SHA-256 of one file, and of several as one", async () => {
  const expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await hashData(bytes("abc"))).toBe(expected);
  expect(await hashData(bytes("a"), bytes("bc"))).toBe(expected);
});
