import type { Access, LoopKernel } from "../kernel/kernel.ts";
import { elementBytes } from "../tensor/dtype.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Call } from "./call.ts";
import type { BoundLoop } from "./lower.ts";
import type { Schedule } from "./schedule.ts";
import { Unit } from "./unit.ts";

/**
 * The bytes that a schedule's kernels read and write: each element once a kernel that touches it, as if a kernel's own
 * second look came from a cache.
 */
export function bytesMoved({ calls, copies, placements }: Schedule): number {
  let bytes = 0;
  calls.forEach((call, index) => {
    bytes += callBytes(call);
    if (call.kind !== "matmul" || !(call.product.source instanceof Unit)) return;
    // The product of one that has an epilogue goes through a cache to it, unless others want it as well.
    const { buffer } = placements.get(call.product.source)!;
    const written = call.epilogue?.places.some(
      ({ source }) =>
        source !== call.product.source && source instanceof Unit && placements.get(source)?.buffer === buffer,
    );
    if (call.epilogue === null || (buffer.last > index && !written))
      bytes += call.kernel.batch * call.kernel.rows * call.kernel.columns * elementBytes(call.kernel.dtype);
  });
  for (const { unit } of copies) bytes += 2 * sizeOf(unit.node.shape) * elementBytes(unit.node.dtype);
  return bytes;
}

function callBytes(call: Call): number {
  if (call.kind === "loop") return loopBytes(call.loop.kernel, null);
  const size = elementBytes(call.kernel.dtype);
  if (call.kind === "scan") return 2 * call.kernel.outer * call.kernel.extent * call.kernel.inner * size;
  if (call.kind === "scatter") return call.kernel.count * (size + 4) + call.kernel.length * size;
  const { batch, rows, columns, inner, left, right } = call.kernel;
  const factors = elements(left, [batch, rows, inner]) + elements(right, [batch, inner, columns]);
  return (
    factors * size + (call.epilogue === null ? 0 : loopBytes(call.epilogue.kernel, productBuffer(call.epilogue, call)))
  );
}

function productBuffer({ places }: BoundLoop, { product }: Extract<Call, { kind: "matmul" }>): number {
  return places.findIndex(({ source }) => source === product.source);
}

/** @param cached the number of a buffer that lies in a cache */
function loopBytes({ extents, expressions, stores }: LoopKernel, cached: number | null): number {
  let bytes = 0;
  const seen = new Set<string>();
  const touch = ({ buffer, strides, dtype }: Access, what: string): void => {
    const key = `${what} ${buffer}: ${strides}`;
    if (buffer === cached || seen.has(key)) return;
    seen.add(key);
    bytes += elements(strides, extents) * elementBytes(dtype);
  };
  for (const expression of expressions) {
    if (expression.kind === "load") touch(expression.access, "read");
    else if (expression.kind === "gather")
      bytes += Math.min(expression.length, sizeOf(extents)) * elementBytes(expression.dtype);
  }
  for (const { access } of stores) touch(access, "write");
  return bytes;
}

/** How many elements an access comes to: along a dim without a stride it stays where it is. */
function elements(strides: readonly number[], extents: readonly number[]): number {
  return extents.reduce((size, extent, dim) => (strides[dim] === 0 ? size : size * extent), 1);
}
