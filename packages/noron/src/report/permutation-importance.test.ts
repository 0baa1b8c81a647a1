import { nn, tensor } from "@noron/core";
import type { ImagePreprocessing } from "@noron/tabular";
import { expect, test } from "vitest";
import { permutationImportance } from "./permutation-importance.ts";

test("of images in colour a square is permuted in all colours", async () => {
  const preprocessing: ImagePreprocessing = {
    format: "noron-preprocessing",
    version: 1,
    input: "images",
    height: 1,
    width: 2,
    channels: 3,
    mean: 0,
    standardDeviation: 1,
    classes: ["no", "yes"],
  };
  // What says the class is the blue of the left pixel: the fifth feature of red, green and blue of two pixels.
  const model = new nn.Sequential(new nn.Linear(6, 2));
  model.loadStateDict({
    "0.weight": tensor([
      [0, 0, 0, 0, -1, 0],
      [0, 0, 0, 0, 1, 0],
    ]),
    "0.bias": tensor([0, 0]),
  });
  const count = 40;
  const classes = Int32Array.from({ length: count }, (_, image) => image % 2);
  const inputs = Float32Array.from({ length: count * 6 }, (_, at) =>
    at % 6 === 4 ? 2 * classes[Math.floor(at / 6)] - 1 : Math.sin(at),
  );
  const rows = Int32Array.from({ length: count }, (_, image) => image);
  const examples = { inputs, width: 6, count, rows, target: { kind: "classes", classes }, notes: [] } as const;
  const found = await permutationImportance(model.eval(), preprocessing, { ...examples, notes: [] }, 2, 0);
  expect(found.map(({ name }) => name)).toEqual(["1, 1", "1, 4"]);
  // Half of the permuted images get the blue of the other class.
  expect(found[0].mean).toBeGreaterThan(0.3);
  expect(found[1]).toMatchObject({ mean: 0, deviation: 0 });
});
