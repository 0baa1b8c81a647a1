import { describe, expect, test } from "vitest";
import { nn, type Tensor } from "../src/index.ts";
import {
  expectClose,
  expectGradient,
  type FixtureTensor,
  type Floors,
  loadFixture,
  toTensor,
  toTensors,
} from "./fixtures.ts";

/**
 * Every layer's output, gradients and running statistics against PyTorch's, in float32, in train and in eval mode. The
 * steps of a case run one after the other on one layer, without zeroing gradients between them: those of its
 * parameters add up.
 */

interface LayerSpecification {
  layer: string;
  /** Positional arguments; of a Sequential, its layers. */
  args: unknown[];
  options: Record<string, unknown>;
}

interface Step {
  mode: "train" | "eval";
  input: FixtureTensor;
  upstream: FixtureTensor;
  output: FixtureTensor;
  inputGradient: FixtureTensor;
  parameterGradients: Record<string, FixtureTensor>;
  stateAfter: Record<string, FixtureTensor>;
}

interface Case extends LayerSpecification {
  name: string;
  /** The state to load; of a fresh layer, the state that its constructor gives it. */
  state: Record<string, FixtureTensor>;
  fresh?: boolean;
  steps: Step[];
  floors?: Floors;
}

/** What the cases use of a layer, whatever its types. */
interface Layer {
  forward(input: Tensor): Tensor;
  namedParameters(): Iterable<readonly [string, Tensor]>;
  stateDict(): Record<string, Tensor>;
  loadStateDict(state: Record<string, Tensor>): unknown;
  train(): unknown;
  eval(): unknown;
}

const constructors = nn as unknown as Record<string, new (...args: unknown[]) => Layer>;

function build({ layer, args, options }: LayerSpecification): Layer {
  const Constructor = constructors[layer];
  expect(Constructor, `nn.${layer}`).toBeTypeOf("function");
  if (layer === "Sequential") return new Constructor(...args.map((inner) => build(inner as LayerSpecification)));
  return Object.keys(options).length > 0 ? new Constructor(...args, options) : new Constructor(...args);
}

function expectState(layer: Layer, expected: Record<string, FixtureTensor>, path: string, floors?: Floors): void {
  const state = layer.stateDict();
  expect(Object.keys(state).sort(), `${path}: keys`).toEqual(Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) {
    expectClose(state[key], value, { label: `${path}.${key}`, floor: floors?.[`${path}.${key}`] });
  }
}

function run({ name, state, fresh, steps, floors, ...specification }: Case): void {
  const layer = build(specification);
  if (fresh) expectState(layer, state, `${name}: as constructed`);
  else layer.loadStateDict(toTensors(state));
  steps.forEach((step, index) => {
    if (step.mode === "train") layer.train();
    else layer.eval();
    const input = toTensor(step.input, true);
    const output = layer.forward(input);
    output.backward(toTensor(step.upstream));

    const at = (path: string) => {
      const full = `steps.${index}.${path}`;
      return { label: `${name} (${step.mode}): ${full}`, floor: floors?.[full] };
    };
    expectClose(output, step.output, at("output"));
    expectGradient(input, step.inputGradient, at("inputGradient"));
    const parameters = new Map(layer.namedParameters());
    expect([...parameters.keys()].sort()).toEqual(Object.keys(step.parameterGradients).sort());
    for (const [key, gradient] of Object.entries(step.parameterGradients)) {
      expectGradient(parameters.get(key)!, gradient, at(`parameterGradients.${key}`));
    }
    expectState(layer, step.stateAfter, `steps.${index}.stateAfter`, floors);
  });
}

const cases = loadFixture<Case[]>("layers.json");

for (const name of new Set(cases.map((found) => found.layer))) {
  describe(name, () => {
    for (const found of cases.filter((c) => c.layer === name)) test(found.name, () => run(found));
  });
}
