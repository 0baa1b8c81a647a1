import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { type Place, readPlace, writePlace } from "./place-link.ts";

const place: fc.Arbitrary<Place> = fc.record({
  batch: fc.nat(),
  training: fc.boolean(),
  row: fc.nat(),
  stage: fc.constantFrom("forward.0", "backward.12", "loss", "lossGradient", "parameter.3.weight", "update.7"),
  element: fc.nat(),
  followed: fc.option(fc.record({ layer: fc.nat(), parameter: fc.constantFrom("weight", "bias"), place: fc.nat() })),
});

describe("the place inside a step, in the address", () => {
  it("is given back as it was written", () => {
    fc.assert(
      fc.property(place, (given) => {
        expect(readPlace(writePlace(given))).toEqual(given);
      }),
      runs(100),
    );
  });

  it("counts as the page does, and needs no escaping in a fragment", () => {
    const given = { batch: 3, training: true, row: 1, stage: "forward.0", element: 6, followed: null };
    expect(writePlace(given)).toBe("batch-4~training~sample-2~forward.0~element-7");
    expect(encodeURIComponent(writePlace(given))).toBe(writePlace(given));
  });

  it("is none in any other text", () => {
    for (const text of ["", "normalization", "batch-4", "batch-x~training~sample-2~loss~element-1"])
      expect(readPlace(text)).toBeNull();
  });
});
