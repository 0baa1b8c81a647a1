import { describe, expect, it, test } from "vitest";
import { getRandomState, inspect, manualSeed, nn, optim, randn, type Tensor, tensor } from "../src/index.ts";
import { expectBalanced } from "./explain-balance.ts";
import { randomStack, type Stack } from "./explain-stacks.ts";
import { expectNumbersClose, type FixtureTensor, loadFixture, numbersOf, toTensor, toTensors } from "./fixtures.ts";

const forward = (model: nn.Module, x: Tensor): Tensor => (model as nn.Layer).forward(x);

/** One step as anyone makes it. */
function train({ model, loss, optimizer, x, target }: Stack): number {
  optimizer.zeroGrad();
  const l = loss.forward(forward(model, x), target);
  l.backward();
  optimizer.step();
  return l.itemSync();
}

function state({ model, optimizer }: Stack): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const [name, value] of Object.entries(model.stateDict())) all[name] = [...value.dataSync()].map(Number);
  for (const [index, own] of Object.entries(optimizer.stateDict().state))
    for (const [name, value] of Object.entries(own))
      all[`optimizer.${index}.${name}`] = typeof value === "number" ? [value] : [...value.dataSync()].map(Number);
  return all;
}

/** Every line of a step that there is. */
function* allLines(step: inspect.StepExplanation): Generator<[line: inspect.Line, where: string]> {
  for (const layer of step.lossStep === null ? step.layers : [...step.layers, step.lossStep]) {
    const where = `${layer.path} ${layer.layer}`;
    const given = layer.inputs[0].value.values.length;
    const made = layer === step.lossStep ? given : layer.output.value.values.length;
    for (let place = 0; place < made; place++)
      for (const line of inspect.elementLines(layer, place)) yield [line, `${where} forward ${place}`];
    for (let place = 0; place < given; place++)
      for (const line of inspect.gradientLines(layer, place)) yield [line, `${where} backward ${place}`];
    for (const [name, { value }] of Object.entries(layer.parameters))
      for (let place = 0; place < value.values.length; place++)
        for (const line of inspect.parameterLines(layer, name, place)) yield [line, `${where} ${name} ${place}`];
  }
  for (let index = 0; index < step.layers.length; index++)
    for (let place = 0; place < step.layers[index].inputs[0].value.values.length; place++)
      for (const line of inspect.chainLines(step, index, place)) yield [line, `chain ${index} ${place}`];
  for (const update of step.updates)
    for (let place = 0; place < update.before.values.length; place++)
      for (const line of inspect.updateLines(update, place)) yield [line, `${update.name} update ${place}`];
}

describe("a step of a random network", () => {
  const seen = new Set<string>();

  test.each(Array.from({ length: 24 }, (_, seed) => seed))("%i is the step that the library makes", (seed) => {
    manualSeed(seed);
    const stack = randomStack(seed);
    // From the second step on there are moments and running statistics.
    for (let step = 0; step < seed % 3; step++) train(stack);
    const { model, loss, optimizer, x, target } = stack;
    const random = getRandomState();
    const before = state(stack);
    const explained = inspect.explainStep(model, x, { loss, target, optimizer });
    expect(state(stack), "nothing has changed").toEqual(before);
    expect(getRandomState()).toEqual(random);

    for (const [line, where] of allLines(explained)) {
      expectBalanced(line, `${stack.name}: ${where}`);
      seen.add(line.formula);
    }

    // The same by the library alone: layer by layer, back again, and the step.
    const leaves: Tensor[] = [];
    const outputs: Tensor[] = [];
    let value = x.detach();
    for (const layer of model.layers) {
      leaves.push(value.detach().requiresGrad_());
      outputs.push(forward(layer, leaves.at(-1)!));
      value = outputs.at(-1)!;
    }
    const prediction = value.detach().requiresGrad_();
    const l = loss.forward(prediction, target);
    optimizer.zeroGrad();
    l.backward();
    let gradient = prediction.grad!;
    for (let index = outputs.length - 1; index >= 0; index--) {
      outputs[index].backward(gradient);
      gradient = leaves[index].grad!;
    }
    const close = (actual: inspect.Elements | null, expected: Tensor, label: string): void => {
      expect(actual, label).not.toBeNull();
      expect(actual!.shape, label).toEqual(expected.shape);
      expectNumbersClose(actual!.values, expected.dataSync(), { label: `${stack.name}: ${label}`, floor: 2e-6 });
    };
    expect(explained.layers.map(({ layer }) => layer)).toEqual(model.layers.map((layer) => layer.constructor.name));
    expect(explained.loss).toBeCloseTo(l.itemSync(), 4);
    close(explained.lossStep!.inputs[0].gradient, prediction.grad!, "gradient of the prediction");
    explained.layers.forEach((step, index) => {
      close(step.inputs[0].value, leaves[index], `input of ${index}`);
      close(step.output.value, outputs[index], `output of ${index}`);
      close(step.inputs[0].gradient, leaves[index].grad!, `gradient of the input of ${index}`);
      for (const [name, parameter] of model.layers[index].ownParameters()) {
        close(step.parameters[name].value, parameter, `${index}.${name}`);
        close(step.parameters[name].gradient, parameter.grad!, `gradient of ${index}.${name}`);
      }
    });
    optimizer.step();
    const parameters = model.parameters();
    const { state: memory } = optimizer.stateDict();
    const named = new Map(model.namedParameters());
    expect(explained.updates.map(({ name }) => name)).toEqual([...named.keys()]);
    for (const update of explained.updates) {
      close(update.after, named.get(update.name)!, `${update.name} after the step`);
      const own = memory[parameters.indexOf(named.get(update.name)!)];
      expect(own.step).toBe(update.step);
      expect(["step", ...Object.keys(update.memory)].sort()).toEqual(Object.keys(own).sort());
      for (const [name, { after }] of Object.entries(update.memory)) close(after, own[name] as Tensor, name);
    }
    explained.layers.forEach((step, index) => {
      for (const [name, buffer] of model.layers[index].ownBuffers())
        close(step.buffers[name].next, buffer, `${index}.${name} after the step`);
    });

    // It makes the step itself if it is told to.
    manualSeed(seed);
    const twin = randomStack(seed);
    for (let step = 0; step < seed % 3; step++) train(twin);
    const same = inspect.explainStep(twin.model, twin.x, { ...twin, perform: true });
    const third = state(twin);
    expect(same.updates).toEqual(explained.updates);
    manualSeed(seed);
    const fourth = randomStack(seed);
    for (let step = 0; step <= seed % 3; step++) train(fourth);
    expect(third).toEqual(state(fourth));
  });

  const classes = tensor([2, 0, 1], { dtype: "int32" });
  const binary = tensor([0, 1, 1, 0, 1, 0, 0, 1, 1], { shape: [3, 3], dtype: "float32" });
  const logits = (): nn.Layer => new nn.Linear(4, 3) as nn.Layer;
  const rare: Record<string, () => [layers: nn.Layer[], loss: nn.Loss, target: Tensor, input?: Tensor]> = {
    "all dropped": () => [[new nn.Dropout(1), logits()], new nn.CrossEntropyLoss(), classes],
    "a softplus above its threshold": () => [
      [new nn.Softplus({ beta: 3, threshold: 1 }), logits()],
      new nn.CrossEntropyLoss({ labelSmoothing: 0.3 }),
      classes,
    ],
    "running statistics": () => [
      [new nn.BatchNorm1d(4).eval() as nn.Layer, logits().eval(), new nn.Sigmoid()],
      new nn.BCELoss(),
      binary,
    ],
    "weights of positives": () => [[logits()], new nn.BCEWithLogitsLoss({ posWeight: tensor([1, 2, 3]) }), binary],
    "weights of elements": () => [[logits()], new nn.BCEWithLogitsLoss({ weight: tensor([1, 2, 3]) }), binary],
    "batch norm of images": () => [
      [new nn.BatchNorm2d(2) as nn.Layer, new nn.GroupNorm(2, 2) as nn.Layer, new nn.Flatten(), logits()],
      new nn.CrossEntropyLoss(),
      classes,
      randn([3, 2, 2, 1]),
    ],
    "instance norm": () => [
      [
        new nn.InstanceNorm2d(2, { affine: true, trackRunningStats: true }) as nn.Layer,
        new nn.Flatten(),
        new nn.Linear(8, 3) as nn.Layer,
      ],
      new nn.CrossEntropyLoss(),
      classes,
      randn([3, 2, 2, 2]),
    ],
    "instance norm of features": () => [
      [new nn.Unflatten(1, [2, 2]), new nn.InstanceNorm1d(2, { affine: true }) as nn.Layer, new nn.Flatten(), logits()],
      new nn.CrossEntropyLoss(),
      classes,
    ],
    "instance norm of one example": () => [
      [new nn.InstanceNorm1d(3, { affine: true }) as nn.Layer],
      new nn.MSELoss(),
      randn([3, 4]),
    ],
    "cross entropy of places": () => [
      [new nn.ReLU()],
      new nn.CrossEntropyLoss({ weight: tensor([1, 2, 3, 4]) }),
      tensor([0, 3, 2, 1, 2, 2], { shape: [3, 2], dtype: "int32" }),
      randn([3, 4, 2]),
    ],
    "log probabilities without weights": () => [[logits(), new nn.LogSoftmax()], new nn.NLLLoss(), classes],
    "smoothed probabilities without weights": () => [
      [logits(), new nn.Softmax()],
      new nn.CrossEntropyLoss({ input: "probabilities", labelSmoothing: 0.1 }),
      classes,
    ],
    "weighted probabilities": () => [
      [logits(), new nn.Softmax()],
      new nn.CrossEntropyLoss({ input: "probabilities", weight: tensor([1, 2, 3]) }),
      classes,
    ],
    "one example": () => [[logits()], new nn.CrossEntropyLoss(), tensor(1, { dtype: "int32" }), randn([4])],
  };
  const options: ((parameters: Tensor[]) => optim.Optimizer<never>)[] = [
    (parameters) => new optim.SGD(parameters, { momentum: 0.9, maximize: true, weightDecay: 0.1 }) as never,
    (parameters) => new optim.Adagrad(parameters) as never,
    (parameters) => new optim.AdamW(parameters) as never,
  ];

  test.each(Object.keys(rare))("%s is explained too", (name) => {
    manualSeed(3);
    const [layers, loss, target, input] = rare[name]();
    const model = new nn.Sequential(...(layers as nn.Module[])) as unknown as nn.Layer;
    const parameters = model.parameters();
    const make = options[Object.keys(rare).indexOf(name) % options.length];
    const optimizer = parameters.length === 0 ? undefined : make(parameters);
    const x = input ?? randn([3, 4]);
    const step = inspect.explainStep(model, x.keep(), { loss, target, optimizer });
    let lines = 0;
    for (const [line, where] of allLines(step)) {
      expectBalanced(line, `${name}: ${where}`);
      seen.add(line.formula);
      lines++;
    }
    expect(lines).toBeGreaterThan(20);
    for (const layer of step.layers)
      for (const place of [0, layer.inputs[0].value.values.length - 1])
        expect(inspect.gradientLines(layer, place), layer.layer).not.toEqual([]);
  });

  it("has used every formula", () => {
    const missing = [...inspect.formulas().keys()].filter((id) => !seen.has(id));
    expect(missing).toEqual([]);
  });
});

interface StepCase {
  name: string;
  layers: nn.LayerConfig[];
  loss: string;
  optimizer: string;
  options: Record<string, unknown>;
  state: Record<string, FixtureTensor>;
  input: FixtureTensor;
  target: FixtureTensor;
  found: Record<string, FixtureTensor>;
  floors?: Record<string, number>;
}

describe("a step that PyTorch made too", () => {
  test.each(loadFixture<StepCase[]>("steps.json"))("$name", ({ found, floors, ...given }) => {
    const model = new nn.Sequential(...given.layers.map((layer) => nn.fromConfig(layer) as nn.Module));
    model.loadStateDict(toTensors(given.state));
    type Make<T> = Record<string, new (...args: unknown[]) => T>;
    const loss = new (nn as unknown as Make<nn.Loss>)[given.loss]();
    const optimizer = new (optim as unknown as Make<optim.Optimizer>)[given.optimizer](
      model.parameters(),
      given.options,
    );
    const [x, target] = [toTensor(given.input), toTensor(given.target)];
    inspect.explainStep(model, x, { loss, target, optimizer, perform: true });
    const step = inspect.explainStep(model, x, { loss, target, optimizer });
    const compared = new Set<string>();
    const close = (path: string, values: ArrayLike<number>): void => {
      compared.add(path);
      expectNumbersClose(values, numbersOf(found[path]), { label: `${given.name}: ${path}`, floor: floors?.[path] });
    };
    close("loss", [step.loss!]);
    step.layers.forEach(({ path, inputs: [input], output, parameters, buffers }, index) => {
      close(`values.${index}`, input.value.values);
      close(`gradients.${index}`, input.gradient!.values);
      close(`values.${index + 1}`, output.value.values);
      close(`gradients.${index + 1}`, output.gradient!.values);
      for (const [name, { value, gradient }] of Object.entries(parameters)) {
        close(`before.${path}.${name}`, value.values);
        close(`parameterGradients.${path}.${name}`, gradient!.values);
      }
      for (const [name, { next }] of Object.entries(buffers)) close(`after.${path}.${name}`, next!.values);
    });
    for (const { name, after } of step.updates) close(`after.${name}`, after.values);
    expect([...compared].sort()).toEqual(Object.keys(found).sort());
  });
});

describe("explanations", () => {
  it("are there for every layer, loss and optimizer", () => {
    const known = inspect.explained();
    const isModule = (made: unknown): boolean => typeof made === "function" && made.prototype instanceof nn.Module;
    const containers = ["Sequential", "ModuleList", "Loss"];
    const layers = Object.entries(nn).filter(([name, made]) => isModule(made) && !containers.includes(name));
    expect(layers.length).toBeGreaterThan(25);
    for (const [, layer] of layers)
      expect(known.layers, (layer as { name: string }).name).toContain((layer as { name: string }).name);
    const optimizers = Object.entries(optim).filter(
      ([name, made]) => typeof made === "function" && made.prototype instanceof optim.Optimizer && name !== "Optimizer",
    );
    expect(optimizers.length).toBeGreaterThan(4);
    for (const [name] of optimizers) expect(known.optimizers).toContain(name);
  });
});
