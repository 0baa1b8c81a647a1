import { nn, tensor } from "@noron/core";
import { expect, test } from "vitest";
import { type Experiment, layer, loss } from "../experiment/experiment.ts";
import { preset } from "../experiment/presets.ts";
import { cautionsOf } from "./cautions.ts";
import { buildNetwork } from "./network.ts";

function told(layers: Experiment["layers"], of: Experiment["loss"], outputs = 2): [where: unknown, code: string][] {
  const experiment = { ...preset("spirals"), layers, loss: of };
  return cautionsOf(experiment, buildNetwork(layers, [2], outputs).layers).map(({ where, code }) => [where, code]);
}
const ends = (type: "Softmax" | "Sigmoid" | "LogSoftmax" | "Identity") => [
  layer("Linear", { outFeatures: null }),
  layer(type),
];

test("an activation that the loss has in it is told of at its layer", () => {
  expect(told(ends("Softmax"), loss("CrossEntropyLoss"))).toEqual([[1, "softmax-twice"]]);
  expect(told(ends("Sigmoid"), loss("CrossEntropyLoss"))).toEqual([[1, "squeezed-logits"]]);
  expect(told(ends("Sigmoid"), loss("BCEWithLogitsLoss"), 1)).toEqual([[1, "sigmoid-twice"]]);
  expect(told(ends("Softmax"), loss("BCEWithLogitsLoss"), 1)).toEqual([[1, "softmax-of-one"]]);
  expect(told(ends("Softmax"), loss("BCELoss"), 1)).toEqual([[1, "softmax-of-one"]]);
  for (const [layers, of] of [
    [ends("Softmax"), loss("CrossEntropyLoss", { input: "probabilities" })],
    [ends("LogSoftmax"), loss("NLLLoss")],
    [ends("Sigmoid"), loss("BCELoss")],
    [ends("Identity"), loss("CrossEntropyLoss")],
    [[layer("Linear", { outFeatures: 4 }), layer("Softmax"), ...ends("Identity")], loss("CrossEntropyLoss")],
  ] as const)
    expect(told([...layers], of)).toEqual([]);
});

test("how sure a network can get behind two softmaxes", () => {
  const layers = ends("Softmax");
  const [found] = cautionsOf({ ...preset("spirals"), layers }, buildNetwork(layers, [2], 4).layers);
  const surest = new nn.Softmax().forward(tensor([[1, 0, 0, 0]])).dataSync()[0];
  expect(found.values.most).toBe(Math.round(100 * surest));
});

test("a normalization over single values is told of at its layer", () => {
  const groups = (numGroups: number) => [
    layer("Linear", { outFeatures: 6 }),
    layer("GroupNorm", { numGroups }),
    ...ends("Identity"),
  ];
  expect(told(groups(6), loss("CrossEntropyLoss"))).toEqual([[1, "norm-of-one"]]);
  expect(told(groups(3), loss("CrossEntropyLoss"))).toEqual([]);
  const narrow = [layer("Linear", { outFeatures: 1 }), layer("LayerNorm"), ...ends("Identity")];
  expect(told(narrow, loss("CrossEntropyLoss"))).toEqual([[1, "norm-of-one"]]);
  const places = [
    layer("Linear", { outFeatures: 6 }),
    layer("Unflatten", { channels: 3 }),
    layer("GroupNorm", { numGroups: 3 }),
    layer("Flatten"),
    ...ends("Identity"),
  ];
  expect(told(places, loss("CrossEntropyLoss"))).toEqual([]);
});
