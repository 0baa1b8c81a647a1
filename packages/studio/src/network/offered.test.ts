import { expect, test } from "vitest";
import { layer } from "../experiment/experiment.ts";
import { preset } from "../experiment/presets.ts";
import { Session } from "../worker/session.ts";
import { layersFor, offeredTypes } from "./offered.ts";

test("layers of images are offered for images", () => {
  expect(offeredTypes([2])).not.toContain("InstanceNorm2d");
  expect(offeredTypes([2])).not.toContain("BatchNorm2d");
  for (const shape of [[1, 16, 16], null]) expect(offeredTypes(shape)).toContain("InstanceNorm2d");
});

test("instance norm of a row comes with channels and places, and trains", async () => {
  for (const features of [2, 7, 8, 12, 64]) {
    const layers = [
      layer("Linear", { outFeatures: features }),
      ...layersFor("InstanceNorm1d", [features], { affine: true }),
      layer("Linear", { outFeatures: null }),
    ];
    const session = new Session({ ...preset("spirals"), layers }, null, {
      between: (of) => {
        if (of.step === 1) of.end();
      },
    });
    const [, unflattened, normalized, row] = session.layers;
    expect(unflattened.shape![1]).toBeGreaterThanOrEqual(Math.max(2, unflattened.shape![0]));
    expect([normalized.shape, normalized.parameters]).toEqual([unflattened.shape, 2 * unflattened.shape![0]]);
    expect(row.shape).toEqual([features]);
    session.run();
    await session.train();
    expect([session.step, session.problem]).toEqual([1, null]);
  }
});

test("other layers come alone", () => {
  expect(layersFor("InstanceNorm1d", [3, 4])).toEqual([layer("InstanceNorm1d")]);
  expect(layersFor("LayerNorm", [12])).toEqual([layer("LayerNorm")]);
});
