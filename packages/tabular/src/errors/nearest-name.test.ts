import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test.each<[string, string[], string | undefined]>([
  ["species", ["Species", "sex"], "Species"],
  ["speices", ["island", "species"], "species"],
  ["gia nha", ["Giá nhà", "diện tích"], "Giá nhà"],
  ["bill_length", ["bill_depth_mm", "bill_length_mm"], "bill_length_mm"],
  ["body mass", ["body_mass_g", "sex"], "body_mass_g"],
  ["price", ["prices", "price_usd"], "prices"],
  ["price", ["carat", "cut"], undefined],
  ["x", ["y", "z"], undefined],
  ["", ["a"], undefined],
  ["a", [], undefined],
])("%s among %j is %s", (name, candidates, expected) => {
  expect(nearestName(name, candidates)).toBe(expected);
});
