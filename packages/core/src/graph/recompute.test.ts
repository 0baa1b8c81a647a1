import { afterEach, describe, expect, it } from "vitest";
import { nn, type Tensor, tensor } from "../index.ts";
import type { LoopKernel } from "../kernel/kernel.ts";
import type { Call } from "./call.ts";
import { pending } from "./node.ts";
import { schedule } from "./schedule.ts";
import { topological } from "./topological.ts";

afterEach(() => {
  pending.created = [];
  pending.slots.clear();
});

function callsFor(...roots: Tensor[]): Call[] {
  return schedule(topological(roots), roots, []).calls;
}

/** Words that the loops of the calls store, products left out. */
function wordsStored(calls: readonly Call[]): number {
  const loops = calls.map((call): LoopKernel | null =>
    call.kind === "loop" ? call.loop.kernel : call.kind === "matmul" ? call.kernel.epilogue : null,
  );
  let words = 0;
  for (const loop of loops)
    for (const { access } of loop?.stores ?? [])
      words += access.strides.reduce((size, stride, dim) => (stride === 0 ? size : size * loop!.extents[dim]), 1);
  return words;
}

function ramp(...shape: number[]): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, index) => (index % 17) / 17 - 0.5),
    { shape },
  );
}

describe("computing again instead of storing", () => {
  it("stores no mask for the gradient of relu", () => {
    const w = new nn.Parameter(ramp(64, 32));
    const hidden = ramp(128, 64).matmul(w).relu();
    const total = hidden.mul(hidden).sum();
    total.backward();
    const calls = callsFor(total, w.grad as Tensor);
    // What relu gives, and the gradient in front of it; beside these only scalars.
    expect(wordsStored(calls)).toBeLessThan(2.1 * 128 * 32);
  });

  it("normalizes backward from x and the gradient alone", () => {
    const norm = new nn.BatchNorm1d(32);
    const w = new nn.Parameter(ramp(64, 32));
    const x = ramp(128, 64).matmul(w);
    const y = norm.forward(x as Tensor<[number, 32]>);
    const total = y.mul(ramp(128, 32)).sum();
    total.backward();
    const calls = callsFor(total, w.grad as Tensor);
    expect(wordsStored(calls)).toBeLessThan(2.5 * 128 * 32);
  });

  it("still stores what costs more than a few instructions", () => {
    const x = ramp(64, 64);
    const e = x.exp();
    const calls = callsFor(e.sum(0).matmul(ramp(64, 64)), e.add(1).sum(1).matmul(ramp(64, 64)));
    const exps = calls.filter(
      (call) =>
        call.kind === "loop" &&
        call.loop.kernel.expressions.some((expression) => expression.kind === "map" && expression.fn === "exp"),
    );
    expect(exps).toHaveLength(1);
  });

  it("computes equal operations once", () => {
    const x = ramp(64, 64);
    const [a, b] = [x.neg().exp(), x.neg().exp()];
    const calls = callsFor(a.matmul(ramp(64, 64)), b.add(1));
    const exps = calls.flatMap((call) =>
      call.kind === "loop" ? call.loop.kernel.expressions.filter((e) => e.kind === "map" && e.fn === "exp") : [],
    );
    expect(exps).toHaveLength(1);
  });

  it("writes a transposed product where it belongs, without an epilogue", () => {
    const [a, b] = [ramp(24, 40), ramp(40, 56)];
    const calls = callsFor(a.matmul(b).transpose(0, 1));
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ kind: "matmul", epilogue: null, kernel: { rows: 56, columns: 24 } });
  });
});
