import { nn, tensor } from "@noron/core";
import { expect, test } from "vitest";
import type { LayerType } from "../experiment/catalog.ts";
import { type Experiment, layer, loss } from "../experiment/experiment.ts";
import { preset } from "../experiment/presets.ts";
import { cautionsOf } from "./cautions.ts";
import { makeExamples } from "./examples.ts";
import { dataFacts } from "./facts.ts";
import { buildNetwork } from "./network.ts";

function told(layers: Experiment["layers"], of: Experiment["loss"], outputs = 2): [where: unknown, code: string][] {
  const experiment = { ...preset("spirals"), layers, loss: of };
  return cautionsOf(experiment, buildNetwork(layers, [2], outputs).layers, null).map(({ where, code }) => [
    where,
    code,
  ]);
}
const ends = (type: LayerType) => [layer("Linear", { outFeatures: null }), layer(type)];

test("an activation that the loss has in it is told of at its layer", () => {
  expect(told(ends("Softmax"), loss("CrossEntropyLoss"))).toEqual([[1, "softmax-twice"]]);
  expect(told(ends("Sigmoid"), loss("CrossEntropyLoss"))).toEqual([[1, "squeezed-logits"]]);
  expect(told(ends("Tanh"), loss("CrossEntropyLoss"))).toEqual([[1, "squeezed-logits"]]);
  expect(told(ends("ReLU"), loss("CrossEntropyLoss"))).toEqual([[1, "cut-logits"]]);
  expect(told(ends("ReLU"), loss("BCEWithLogitsLoss"), 1)).toEqual([[1, "half-logits"]]);
  expect(told(ends("Softplus"), loss("BCEWithLogitsLoss"), 1)).toEqual([[1, "half-logits"]]);
  expect(told(ends("Sigmoid"), loss("BCEWithLogitsLoss"), 1)).toEqual([[1, "sigmoid-twice"]]);
  expect(told(ends("Softmax"), loss("BCEWithLogitsLoss"), 1)).toEqual([[1, "softmax-of-one"]]);
  expect(told(ends("Softmax"), loss("BCELoss"), 1)).toEqual([[1, "softmax-of-one"]]);
  expect(told(ends("Softmax"), loss("MSELoss"), 1)).toEqual([[1, "softmax-of-one"]]);
  for (const [layers, of] of [
    [ends("Softmax"), loss("CrossEntropyLoss", { input: "probabilities" })],
    [ends("LogSoftmax"), loss("NLLLoss")],
    [ends("Sigmoid"), loss("BCELoss")],
    [ends("Identity"), loss("CrossEntropyLoss")],
    [ends("ReLU"), loss("MSELoss")],
    [ends("Softplus"), loss("CrossEntropyLoss")],
    [[layer("Linear", { outFeatures: 4 }), layer("Softmax"), ...ends("Identity")], loss("CrossEntropyLoss")],
  ] as const)
    expect(told([...layers], of)).toEqual([]);
});

test("an activation that cannot give the numbers to be learned is told of, with what they are", () => {
  const data = dataFacts(makeExamples({ ...preset("curve"), validation: 0 }, null));
  const of = (type: LayerType, scale = 1) => {
    const labels = Float32Array.from(data.training.labels, (label) => scale * label);
    const facts = { ...data, training: { ...data.training, labels } };
    const network = buildNetwork(ends(type), [1], 1).layers;
    return cautionsOf({ ...preset("curve"), layers: ends(type) }, network, facts);
  };
  const least = Math.min(...data.training.labels);
  expect(least).toBeLessThan(-0.3);
  expect(of("ReLU")).toEqual([{ where: 1, code: "never-negative", values: { layer: "ReLU", least } }]);
  expect(of("Sigmoid")[0]).toMatchObject({ code: "bounded-outputs", values: { low: 0, high: 1, least } });
  expect(of("Softmax")).toMatchObject([{ code: "softmax-of-one" }]);
  expect(of("Tanh", 3)).toMatchObject([{ code: "bounded-outputs", values: { low: -1, high: 1 } }]);
  expect(of("Tanh", 0.9 / Math.max(...data.training.labels.map(Math.abs)))).toEqual([]);
  expect(of("Identity", 3)).toEqual([]);
});

test("how sure a network can get behind two softmaxes", () => {
  const layers = ends("Softmax");
  const [found] = cautionsOf({ ...preset("spirals"), layers }, buildNetwork(layers, [2], 4).layers, null);
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
