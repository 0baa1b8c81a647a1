import { expect, test } from "vitest";
import { layer } from "../experiment/experiment.ts";
import { buildNetwork } from "./network.ts";

const row = [layer("Linear", { outFeatures: 12 })];
const instanceNorm = [layer("Unflatten", { channels: 3 }), layer("InstanceNorm1d")];

test("instance norm follows a linear layer by way of Unflatten", () => {
  const { layers } = buildNetwork([...row, ...instanceNorm, layer("Flatten"), layer("Linear")], [2], 2);
  expect(layers.map(({ name, shape }) => [name, shape])).toEqual([
    ["Linear(2, 12)", [12]],
    ["Unflatten(1, [3, -1])", [3, 4]],
    ["InstanceNorm1d(3)", [3, 4]],
    ["Flatten()", [12]],
    ["Linear(12, 8)", [8]],
  ]);
});

test("what does not fit is told at its layer", () => {
  const problemOf = (...layers: Parameters<typeof buildNetwork>[0]) => {
    const built = buildNetwork(layers, [2], 2);
    return "problem" in built ? built.problem : null;
  };
  // As many features as the rows that are tried: the library would take them as a single example.
  expect(problemOf(layer("InstanceNorm1d"))).toMatchObject({ where: 0, code: "other-rank", values: { shape: "2" } });
  expect(problemOf(...row, layer("InstanceNorm1d"))).toMatchObject({ where: 1, code: "other-rank" });
  expect(problemOf(layer("Unflatten", { channels: 2 }), layer("InstanceNorm2d"))).toMatchObject({ where: 1 });
  const uneven = problemOf(...row, layer("Unflatten", { channels: 5 }));
  expect(uneven).toEqual({ where: 1, code: "uneven-channels", values: { size: 12, parts: 5, near: 4 } });
  expect(problemOf(...row, layer("GroupNorm", { numGroups: 24 }))).toMatchObject({
    code: "uneven-groups",
    values: { near: 12 },
  });
  const other = problemOf(...row, layer("Linear", { inFeatures: 7 }));
  expect(other).toMatchObject({ where: 1, code: "layer-refuses", values: { shape: "12" } });
});
