import type { ScanKernel, ScatterKernel } from "../../kernel/kernel.ts";
import { elementBytes } from "../../tensor/dtype.ts";
import { type FunctionBuilder, I32, type ModuleBuilder } from "./assembler.ts";
import type { ScalarInstruction } from "./opcodes.ts";

function scalarInstructions(dtype: ScatterKernel["dtype"]): [ScalarInstruction, ScalarInstruction, ScalarInstruction] {
  if (dtype === "float64") return ["f64.load", "f64.store", "f64.add"];
  if (dtype === "float32") return ["f32.load", "f32.store", "f32.add"];
  return ["i32.load", "i32.store", "i32.add"];
}

/** (begin, end, scalars, index, values, out): clears `out`, then adds every value at its index; outside ones are left out. */
export function emitScatter(module: ModuleBuilder, kernel: ScatterKernel): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32]);
  const [index, values, out] = [3, 4, 5];
  const bytes = elementBytes(kernel.dtype);
  const [load, store, add] = scalarInstructions(kernel.dtype);
  const end = fn.local(I32);
  const at = fn.local(I32);
  const total = kernel.length * bytes;
  fn.get(out).set(at);
  fn.get(out).i32(total).op("i32.add").set(end);
  fn.block();
  fn.get(at).get(end).op("i32.ge_u").branchIf(0);
  fn.loop();
  fn.get(at).i32(0).memory("i32.store");
  fn.get(at).i32(4).op("i32.add").tee(at).get(end).op("i32.lt_u").branchIf(0);
  fn.end();
  fn.end();
  if (kernel.count === 0) return fn;
  fn.get(index)
    .i32(kernel.count * 4)
    .op("i32.add")
    .set(end);
  fn.loop();
  fn.get(index).memory("i32.load").tee(at).i32(kernel.length).op("i32.lt_u").if();
  fn.get(at).i32(bytes).op("i32.mul").get(out).op("i32.add").tee(at);
  fn.get(at).memory(load).get(values).memory(load).op(add).memory(store);
  fn.end();
  fn.get(values).i32(bytes).op("i32.add").set(values);
  fn.get(index).i32(4).op("i32.add").tee(index).get(end).op("i32.lt_u").branchIf(0);
  fn.end();
  return fn;
}

/**
 * (begin, end, scalars, source, out): running sums along the middle dim of [outer, extent, inner]. Tasks are places of the
 * outer dim, or of the inner one where there is one outer place alone.
 */
export function emitScan(module: ModuleBuilder, kernel: ScanKernel): { fn: FunctionBuilder; tasks: number } {
  const fn = module.function([I32, I32, I32, I32, I32]);
  const [source, out] = [3, 4];
  const bytes = elementBytes(kernel.dtype);
  const [load, store, add] = scalarInstructions(kernel.dtype);
  const { outer, extent, inner } = kernel;
  if (outer * extent * inner === 0) return { fn, tasks: 1 };
  const step = inner * bytes;
  const direction = kernel.reverse ? -step : step;
  const [o, i, k, from, to] = [fn.local(I32), fn.local(I32), fn.local(I32), fn.local(I32), fn.local(I32)];
  const loop = (counter: number, count: number, isTasks: boolean, body: () => void): void => {
    if (isTasks) fn.get(0);
    else fn.i32(0);
    fn.set(counter);
    fn.loop();
    body();
    fn.get(counter).i32(1).op("i32.add").tee(counter);
    if (isTasks) fn.get(1);
    else fn.i32(count);
    fn.op("i32.lt_s").branchIf(0);
    fn.end();
  };
  const byOuter = outer > 1;
  if (byOuter) {
    for (const base of [source, out])
      fn.get(base)
        .get(0)
        .i32(extent * step)
        .op("i32.mul")
        .op("i32.add")
        .set(base);
  }
  loop(o, outer, byOuter, () => {
    loop(i, inner, !byOuter, () => {
      for (const [base, local] of [
        [source, from],
        [out, to],
      ]) {
        fn.get(base).get(i).i32(bytes).op("i32.mul").op("i32.add");
        if (kernel.reverse) fn.i32((extent - 1) * step).op("i32.add");
        fn.set(local);
      }
      fn.get(to).get(from).memory(load).memory(store);
      fn.i32(1).set(k);
      fn.block();
      fn.get(k).i32(extent).op("i32.ge_s").branchIf(0);
      fn.loop();
      fn.get(from).i32(direction).op("i32.add").set(from);
      fn.get(to).i32(direction).op("i32.add");
      fn.get(to).memory(load).get(from).memory(load).op(add).memory(store);
      fn.get(to).i32(direction).op("i32.add").set(to);
      fn.get(k).i32(1).op("i32.add").tee(k).i32(extent).op("i32.lt_s").branchIf(0);
      fn.end();
      fn.end();
    });
    for (const base of [source, out])
      fn.get(base)
        .i32(extent * step)
        .op("i32.add")
        .set(base);
  });
  return { fn, tasks: byOuter ? outer : inner };
}
