import { describe, expect, it } from "vitest";
import { apply, dataNode, scalarNode } from "../../graph/node.ts";
import { defineMap, defineOp, defineReduction } from "../../graph/op.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { reference } from "../reference/reference.ts";
import { WasmBackend } from "./wasm.ts";

const add = defineMap("add"),
  mul = defineMap("mul"),
  max = defineMap("max"),
  sum = defineReduction("sum", 0);
const reshape = defineOp("reshape", "reshape"),
  expand = defineOp("expand", "expand"),
  permute = defineOp("permute", "permute"),
  matmul = defineOp("matmul", "matmul");
const rand = (shape: number[]) =>
  dataNode(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.random() - 0.5),
    shape,
    "float32",
  );
const f = (op: any, ins: Tensor[], shape: number[], attrs: number[] = []) => apply(op, ins, shape, "float32", attrs);

function check(make: () => Tensor[], kernels?: number) {
  const b = new WasmBackend();
  const roots = make();
  reference.run(roots, []);
  const want = roots.map((r) => r.value!);
  for (const r of roots) r.value = null;
  b.run(roots, []);
  roots.forEach((r, i) => {
    let worst = 0;
    const scale = want[i].reduce((m: number, x: number) => Math.max(m, Math.abs(x)), 1e-3);
    r.value!.forEach((x, j) => {
      const d = Math.abs(x - want[i][j]) / scale;
      if (!(d <= worst)) worst = d;
    });
    expect(worst).toBeLessThan(2e-6);
  });
  if (kernels !== undefined) expect(b.lastKernels).toBe(kernels);
}

describe("wasm", () => {
  it("elementwise", () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 100])
      check(() => {
        const x = rand([n]),
          y = rand([n]);
        return [f(mul, [f(add, [x, y], [n]), scalarNode(3, [n], "float32")], [n])];
      }, 1);
  });
  it("reduce", () => {
    for (const [a, b] of [
      [1, 1],
      [3, 5],
      [7, 64],
      [64, 10],
      [100, 130],
      [5, 3000],
      [3000, 5],
    ]) {
      check(() => [f(sum, [rand([a, b])], [a, 1], [1])], 1);
      check(() => [f(sum, [rand([a, b])], [1, b], [0])], 1);
      check(() => [f(sum, [rand([a, b])], [1, 1], [0, 1])], 1);
      check(() => {
        const x = rand([a, b]);
        const s = f(sum, [x], [a, 1], [1]);
        const d = f(add, [x, f(expand, [s], [a, b])], [a, b]);
        const t = f(sum, [f(mul, [d, d], [a, b])], [a, 1], [1]);
        return [f(mul, [d, f(expand, [t], [a, b])], [a, b]), s];
      }, 1);
      check(() => {
        const x = rand([a, b]);
        const s = f(sum, [x], [1, b], [0]);
        const d = f(add, [x, f(expand, [s], [a, b])], [a, b]);
        const t = f(sum, [f(mul, [d, d], [a, b])], [1, b], [0]);
        return [f(mul, [d, f(expand, [t], [a, b])], [a, b]), s];
      }, 1);
    }
  });
  it("views", () => {
    check(() => {
      const x = rand([5, 7]);
      return [f(add, [f(permute, [x], [7, 5], [1, 0]), rand([7, 5])], [7, 5])];
    }, 1);
  });
  it("matmul", () => {
    for (const [m, k, n] of [
      [1, 1, 1],
      [4, 8, 8],
      [5, 3, 7],
      [64, 784, 128],
      [130, 300, 10],
      [127, 33, 65],
      [3, 520, 1],
    ]) {
      check(() => [f(matmul, [rand([1, m, k]), rand([1, k, n])], [1, m, n])], 1);
      check(() => [f(matmul, [rand([1, m, k]), f(permute, [rand([1, n, k])], [1, k, n], [0, 2, 1])], [1, m, n])], 1);
      check(() => [f(matmul, [f(permute, [rand([1, k, m])], [1, m, k], [0, 2, 1]), rand([1, k, n])], [1, m, n])], 1);
      check(() => {
        const y = f(matmul, [rand([3, m, k]), rand([3, k, n])], [3, m, n]);
        return [
          f(
            max,
            [f(add, [y, f(expand, [rand([1, 1, n])], [3, m, n])], [3, m, n]), scalarNode(0, [3, m, n], "float32")],
            [3, m, n],
          ),
        ];
      }, 1);
      check(() => {
        const y = f(matmul, [rand([1, m, k]), rand([1, k, n])], [1, m, n]);
        return [
          f(
            max,
            [f(add, [y, f(expand, [rand([1, 1, n])], [1, m, n])], [1, m, n]), scalarNode(0, [1, m, n], "float32")],
            [1, m, n],
          ),
        ];
      }, 1);
    }
  });
});
