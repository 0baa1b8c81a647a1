import { type DType, elementBytes } from "../../tensor/dtype.ts";
import { type FunctionBuilder, I32, type Local, type ModuleBuilder, V128 } from "./assembler.ts";
import { hasRelaxedSimd } from "./features.ts";
import type { SimdInstruction } from "./opcodes.ts";

interface Instructions {
  readonly multiply: SimdInstruction;
  readonly add: SimdInstruction;
  readonly fused: SimdInstruction | null;
}

/** How a product of this dtype multiplies and adds: in one instruction where the engine has it. */
export function productInstructions(dtype: DType): Instructions {
  if (dtype === "int32") return { multiply: "i32x4.mul", add: "i32x4.add", fused: null };
  const type = dtype === "float64" ? "f64x2" : "f32x4";
  return {
    multiply: `${type}.mul`,
    add: `${type}.add`,
    fused: hasRelaxedSimd() ? `${type}.relaxed_madd` : null,
  };
}

/**
 * micro(left, right, product, steps, productStride, accumulate): one register block of `rows` by two vectors, product =
 * left panel × right panel over `steps` (at least one), added to what is there if `accumulate`.
 *
 * A fused multiply-add takes 4 cycles and 2 can start in each, so that fewer than 9 or 10 sums wait for each other: with
 * 5 rows it runs at 98 % of what the instructions allow, with 4 at 92 %. Ten sums and two columns leave V8 three of its
 * 15 registers. It puts all loads of a straight run of code before the arithmetic, and so spills; the exits in the
 * middle, of which the first is never taken, need the sums so far and hold it to the order that is written here.
 */
export function emitMicro(module: ModuleBuilder, dtype: DType, rows: number): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32]);
  const [left, right, product, steps, stride, accumulate] = [0, 1, 2, 3, 4, 5];
  const bytes = elementBytes(dtype);
  const { multiply, add, fused } = productInstructions(dtype);
  const sums = Array.from({ length: rows }, () => [fn.local(V128), fn.local(V128)]);
  const columns = [fn.local(V128), fn.local(V128)];
  const element = fn.local(V128);
  const pauses = rows <= 4 ? [] : fused ? [2] : [1, 3];
  const step = (which: number): void => {
    columns.forEach((column, half) => {
      fn.get(right)
        .vectorMemory("v128.load", which * 32 + half * 16)
        .set(column);
    });
    sums.forEach((row, at) => {
      fn.get(left)
        .vectorMemory(bytes === 8 ? "v128.load64_splat" : "v128.load32_splat", (which * rows + at) * bytes)
        .set(element);
      row.forEach((sum, half) => {
        if (fused) fn.get(element).get(columns[half]).get(sum).simd(fused).set(sum);
        else fn.get(element).get(columns[half]).simd(multiply).get(sum).simd(add).set(sum);
      });
      if (pauses.includes(at)) fn.get(steps).i32(0).op("i32.lt_s").branchIf(1);
    });
  };
  fn.block().loop();
  step(0);
  fn.get(steps).i32(1).op("i32.sub").tee(steps).op("i32.eqz").branchIf(1);
  step(1);
  fn.get(left)
    .i32(2 * rows * bytes)
    .op("i32.add")
    .set(left);
  fn.get(right).i32(64).op("i32.add").set(right);
  fn.get(steps).i32(1).op("i32.sub").tee(steps).branchIf(0);
  fn.end().end();
  const place = fn.local(I32);
  const store = (accumulating: boolean): void => {
    fn.get(product).set(place);
    sums.forEach((row, at) => {
      row.forEach((sum, half) => {
        fn.get(place).get(sum);
        if (accumulating)
          fn.get(place)
            .vectorMemory("v128.load", half * 16)
            .simd(add);
        fn.vectorMemory("v128.store", half * 16);
      });
      if (at + 1 < rows) fn.get(place).get(stride).op("i32.add").set(place);
    });
  };
  fn.get(accumulate).if();
  store(true);
  fn.else();
  store(false);
  fn.end();
  return fn;
}

/**
 * edge(left, right, product, steps, productStride, accumulate, rows, columns, scratch): a register block of which only
 * some rows and columns belong to the product; it is computed whole in the scratch.
 */
export function emitEdge(module: ModuleBuilder, dtype: DType, micro: FunctionBuilder): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32, I32, I32, I32]);
  const [left, right, product, steps, stride, accumulate, rows, columns, scratch] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const bytes = elementBytes(dtype);
  fn.get(left).get(right).get(scratch).get(steps).i32(32).i32(0).call(micro.index);
  const [row, column, from, to]: Local[] = [fn.local(I32), fn.local(I32), fn.local(I32), fn.local(I32)];
  const load = dtype === "float64" ? "f64.load" : dtype === "float32" ? "f32.load" : "i32.load";
  const save = dtype === "float64" ? "f64.store" : dtype === "float32" ? "f32.store" : "i32.store";
  const sum = dtype === "float64" ? "f64.add" : dtype === "float32" ? "f32.add" : "i32.add";
  fn.counted(row, rows, 1, () => {
    fn.get(scratch).get(row).i32(32).op("i32.mul").op("i32.add").set(from);
    fn.get(product).get(row).get(stride).op("i32.mul").op("i32.add").set(to);
    const copy = (accumulating: boolean): void => {
      fn.counted(column, columns, 1, () => {
        fn.get(to).get(from).memory(load);
        if (accumulating) fn.get(to).memory(load).op(sum);
        fn.memory(save);
        fn.get(from).i32(bytes).op("i32.add").set(from);
        fn.get(to).i32(bytes).op("i32.add").set(to);
      });
    };
    fn.get(accumulate).if();
    copy(true);
    fn.else();
    copy(false);
    fn.end();
  });
  return fn;
}
