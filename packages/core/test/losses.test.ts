import { describe, expect, test } from "vitest";
import { nn, type Tensor } from "../src/index.ts";
import {
  expectClose,
  expectGradient,
  type FixtureTensor,
  type Floors,
  loadFixture,
  toOptions,
  toTensor,
} from "./fixtures.ts";

/** Every loss and the gradient of its input against PyTorch's, in float32, with each reduction. */

interface Case {
  name: string;
  loss: string;
  options: Record<string, unknown>;
  input: FixtureTensor;
  target: FixtureTensor;
  /** The gradient of the output, where it is not a scalar. */
  upstream?: FixtureTensor;
  output: FixtureTensor;
  inputGradient: FixtureTensor;
  floors?: Floors;
}

interface Loss {
  forward(input: Tensor, target: Tensor): Tensor;
}

const constructors = nn as unknown as Record<string, new (options?: Record<string, unknown>) => Loss>;

const cases = loadFixture<Case[]>("losses.json");

for (const loss of new Set(cases.map((found) => found.loss))) {
  describe(loss, () => {
    for (const { name, options, input, target, upstream, output, inputGradient, floors } of cases.filter(
      (c) => c.loss === loss,
    )) {
      test(name, () => {
        const Constructor = constructors[loss];
        expect(Constructor, `nn.${loss}`).toBeTypeOf("function");
        const made = Object.keys(options).length > 0 ? new Constructor(toOptions(options)) : new Constructor();
        const x = toTensor(input, true);
        const value = made.forward(x, toTensor(target));
        if (upstream === undefined) value.backward();
        else value.backward(toTensor(upstream));
        expectClose(value, output, { label: `${name}: output`, floor: floors?.output });
        expectGradient(x, inputGradient, { label: `${name}: input gradient`, floor: floors?.inputGradient });
      });
    }
  });
}
