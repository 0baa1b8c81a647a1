import { describe, expectTypeOf, it } from "vitest";
import { arange, eye, grad, matmul, noGrad, rand, type Shape, type Tensor, tensor, zeros } from "../index.ts";

/** Shapes in the types, where they are literal. */

describe("shapes in the types", () => {
  it("come from what is made", () => {
    expectTypeOf(tensor(1)).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(tensor([[1, 2]])).toEqualTypeOf<Tensor<[number, number]>>();
    expectTypeOf(tensor([[[true]]])).toEqualTypeOf<Tensor<[number, number, number]>>();
    expectTypeOf(tensor(new Float32Array(2))).toEqualTypeOf<Tensor<[number]>>();
    expectTypeOf(tensor(new Float32Array(6), { shape: [2, 3] })).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(zeros([2, 3])).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(rand([2, 3]).relu()).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(arange(3)).toEqualTypeOf<Tensor<[number]>>();
    expectTypeOf(zeros([2] as number[])).toEqualTypeOf<Tensor<number[]>>();
  });

  it("stay through elementwise functions, and become general where they may change", () => {
    const x = zeros([2, 3]);
    expectTypeOf(x.add(1).mul(x).exp().softmax(1)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(x.add(zeros([3]))).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(x.sum()).toEqualTypeOf<Tensor<[]>>();
    expectTypeOf(x.sum(1)).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(x.reshape([3, -1])).toEqualTypeOf<Tensor<[3, number]>>();
    expectTypeOf(x.matmul(zeros([3, 5]))).toEqualTypeOf<Tensor<[2, 5]>>();
    expectTypeOf(x.matmul(zeros([4, 3, 5]))).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(matmul(x, eye(3))).toEqualTypeOf<Tensor<Shape>>();
    expectTypeOf(x.grad).toEqualTypeOf<Tensor<[2, 3]> | null>();
    expectTypeOf(grad((y: Tensor<[2, 3]>) => y.sum())(x)).toEqualTypeOf<Tensor<[2, 3]>>();
    expectTypeOf(noGrad(() => x.neg())).toEqualTypeOf<Tensor<[2, 3]>>();
  });

  it("fit where less is known, and not where other numbers are", () => {
    expectTypeOf<Tensor<[2, 3]>>().toExtend<Tensor<[number, 3]>>();
    expectTypeOf<Tensor<[2, 3]>>().toExtend<Tensor>();
    expectTypeOf<Tensor<[2, 3]>>().not.toExtend<Tensor<[number, 4]>>();
    expectTypeOf<Tensor<[2, 3]>>().not.toExtend<Tensor<[number]>>();
  });
});
