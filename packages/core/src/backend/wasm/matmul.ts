import type { DType } from "../../tensor/dtype.ts";
import { elementBytes } from "../../tensor/dtype.ts";
import { engineMemory } from "../memory.ts";
import { type FunctionBuilder, I32, type Local, ModuleBuilder, V128 } from "./assembler.ts";
import { hasRelaxedSimd } from "./features.ts";
import type { SimdInstruction } from "./opcodes.ts";

/** Rows of a register block. */
export const BLOCK_ROWS = 4;
/** Rows of the left factor that are packed at a time; with INNER_BLOCK, what stays in the second-level cache. */
export const ROW_BLOCK = 128;
/** Steps of the inner dim that are packed at a time: a panel of each factor stays in the first-level cache. */
const INNER_BLOCK = 256;

/** Columns of a register block: two vectors. */
export function blockColumns(dtype: DType): number {
  return 32 / elementBytes(dtype);
}

/** Bytes that the packed left block takes. */
export function leftScratch(dtype: DType): number {
  return ROW_BLOCK * INNER_BLOCK * elementBytes(dtype);
}

/** Bytes that `columns` packed columns of the right factor take. */
export function rightScratch(dtype: DType, inner: number, columns: number): number {
  const width = blockColumns(dtype);
  return Math.ceil(columns / width) * width * inner * elementBytes(dtype) + 256;
}

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
 * The product's functions for one dtype, after Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication" (2008): both factors are packed into zero-padded panels, so that every stride and every size runs
 * through the same register block of 4 rows by two vectors.
 *
 * Exports packRight(target, source, innerStride, columnStride, inner, columns, begin, end) and
 * rows(left, packedRight, product, scratch, rowStride, innerStride, rows, columns, inner, productStride), strides in bytes.
 */
export function matmulModule(dtype: DType): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(engineMemory().limits);
  const bytes = elementBytes(dtype);
  const micro = emitMicro(module, dtype);
  const edge = emitEdge(module, dtype, micro);
  const packLeft = emitPack(module, bytes, BLOCK_ROWS);
  const packPanel = emitPack(module, bytes, blockColumns(dtype));
  const packRight = emitPackRight(module, dtype, packPanel);
  const rows = emitRows(module, dtype, packLeft, micro, edge);
  module.export("packRight", packRight);
  module.export("rows", rows);
  return module.bytes();
}

/** A counted loop: `body` for counter = 0, step, … while below the limit (nothing where it is 0). */
function countedLoop(fn: FunctionBuilder, counter: Local, limit: Local, step: number, body: () => void): void {
  fn.i32(0).set(counter);
  fn.block();
  fn.get(counter).get(limit).op("i32.ge_s").branchIf(0);
  fn.loop();
  body();
  fn.get(counter).i32(step).op("i32.add").tee(counter).get(limit).op("i32.lt_s").branchIf(0);
  fn.end();
  fn.end();
}

/** out = min(extent − done, limit): what is left of a blocked extent. */
function pushLeft(fn: FunctionBuilder, extent: Local, done: Local, limit: number, out: Local): void {
  fn.get(extent).get(done).op("i32.sub").setAtMost(out, limit);
}

/**
 * micro(left, right, product, steps, productStride, accumulate): one register block, product = left panel × right panel
 * over `steps`, added to what is there if `accumulate`.
 */
function emitMicro(module: ModuleBuilder, dtype: DType): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32]);
  const [left, right, product, steps, stride, accumulate] = [0, 1, 2, 3, 4, 5];
  const bytes = elementBytes(dtype);
  const { multiply, add, fused } = productInstructions(dtype);
  const sums = Array.from({ length: BLOCK_ROWS }, () => [fn.local(V128), fn.local(V128)]);
  const columns = [fn.local(V128), fn.local(V128)];
  const element = fn.local(V128);
  fn.loop();
  fn.get(right).vectorMemory("v128.load", 0).set(columns[0]);
  fn.get(right).vectorMemory("v128.load", 16).set(columns[1]);
  for (let row = 0; row < BLOCK_ROWS; row++) {
    fn.get(left)
      .vectorMemory(bytes === 8 ? "v128.load64_splat" : "v128.load32_splat", row * bytes)
      .set(element);
    for (let half = 0; half < 2; half++) {
      const sum = sums[row][half];
      if (fused) fn.get(element).get(columns[half]).get(sum).simd(fused).set(sum);
      else fn.get(element).get(columns[half]).simd(multiply).get(sum).simd(add).set(sum);
    }
  }
  fn.get(left)
    .i32(BLOCK_ROWS * bytes)
    .op("i32.add")
    .set(left);
  fn.get(right).i32(32).op("i32.add").set(right);
  fn.get(steps).i32(1).op("i32.sub").tee(steps).branchIf(0);
  fn.end();
  const store = (accumulating: boolean): void => {
    const place = fn.local(I32);
    fn.get(product).set(place);
    for (let row = 0; row < BLOCK_ROWS; row++) {
      for (let half = 0; half < 2; half++) {
        fn.get(place).get(sums[row][half]);
        if (accumulating)
          fn.get(place)
            .vectorMemory("v128.load", half * 16)
            .simd(add);
        fn.vectorMemory("v128.store", half * 16);
      }
      if (row + 1 < BLOCK_ROWS) fn.get(place).get(stride).op("i32.add").set(place);
    }
  };
  fn.get(accumulate).if();
  store(true);
  fn.else();
  store(false);
  fn.end();
  return fn;
}

/**
 * edge(left, right, product, steps, productStride, accumulate, rows, columns, scratch): a block of which only some rows and
 * columns belong to the product; it is computed whole in the scratch.
 */
function emitEdge(module: ModuleBuilder, dtype: DType, micro: FunctionBuilder): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32, I32, I32, I32]);
  const [left, right, product, steps, stride, accumulate, rows, columns, scratch] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const bytes = elementBytes(dtype);
  fn.get(left).get(right).get(scratch).get(steps).i32(32).i32(0).call(micro.index);
  const row = fn.local(I32);
  const column = fn.local(I32);
  const from = fn.local(I32);
  const to = fn.local(I32);
  const load = dtype === "float64" ? "f64.load" : dtype === "float32" ? "f32.load" : "i32.load";
  const save = dtype === "float64" ? "f64.store" : dtype === "float32" ? "f32.store" : "i32.store";
  const sum = dtype === "float64" ? "f64.add" : dtype === "float32" ? "f32.add" : "i32.add";
  countedLoop(fn, row, rows, 1, () => {
    fn.get(scratch).get(row).i32(32).op("i32.mul").op("i32.add").set(from);
    fn.get(product).get(row).get(stride).op("i32.mul").op("i32.add").set(to);
    const copy = (accumulating: boolean): void =>
      countedLoop(fn, column, columns, 1, () => {
        fn.get(to).get(from).memory(load);
        if (accumulating) fn.get(to).memory(load).op(sum);
        fn.memory(save);
        fn.get(from).i32(bytes).op("i32.add").set(from);
        fn.get(to).i32(bytes).op("i32.add").set(to);
      });
    fn.get(accumulate).if();
    copy(true);
    fn.else();
    copy(false);
    fn.end();
  });
  return fn;
}

/**
 * pack(target, source, lineStride, innerStride, lines, inner): lines of the source side by side, `width` a panel, so that
 * target[panel][k][line] = source[line·lineStride + k·innerStride]; the lines that fill up the last panel are zero.
 */
function emitPack(module: ModuleBuilder, bytes: number, width: number): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32]);
  const [target, source, lineStride, innerStride, lines, inner] = [0, 1, 2, 3, 4, 5];
  const line = fn.local(I32);
  const k = fn.local(I32);
  const from = fn.local(I32);
  const left = fn.local(I32);
  const perVector = 16 / bytes;
  const vectors = width / perVector;
  const single: SimdInstruction = bytes === 8 ? "v128.load64_zero" : "v128.load32_zero";
  const lane: SimdInstruction = bytes === 8 ? "v128.load64_lane" : "v128.load32_lane";
  countedLoop(fn, line, lines, width, () => {
    fn.get(source).get(line).get(lineStride).op("i32.mul").op("i32.add").set(from);
    pushLeft(fn, lines, line, width, left);
    fn.get(left).i32(width).op("i32.eq").if();
    fn.get(lineStride).i32(bytes).op("i32.eq").if();
    // Lines lie side by side: whole vectors.
    countedLoop(fn, k, inner, 1, () => {
      for (let vector = 0; vector < vectors; vector++) {
        fn.get(target)
          .get(from)
          .vectorMemory("v128.load", vector * 16)
          .vectorMemory("v128.store", vector * 16);
      }
      fn.get(target)
        .i32(width * bytes)
        .op("i32.add")
        .set(target);
      fn.get(from).get(innerStride).op("i32.add").set(from);
    });
    fn.else();
    emitTransposed(fn, { target, from, k, lineStride, innerStride, inner }, bytes, width);
    fn.end();
    fn.else();
    const at = fn.local(I32);
    const value = fn.local(V128);
    countedLoop(fn, k, inner, 1, () => {
      fn.get(from).set(at);
      for (let which = 0; which < width; which++) {
        const inVector = which % perVector;
        if (inVector === 0) fn.get(fn.constant(new Uint8Array(16))).set(value);
        fn.i32(which).get(left).op("i32.lt_s").if();
        if (inVector === 0) fn.get(at).vectorMemory(single).set(value);
        else fn.get(at).get(value).vectorMemory(lane, 0, inVector).set(value);
        fn.get(at).get(lineStride).op("i32.add").set(at);
        fn.end();
        if (inVector === perVector - 1)
          fn.get(target)
            .get(value)
            .vectorMemory("v128.store", ((which - inVector) / perVector) * 16);
      }
      fn.get(target)
        .i32(width * bytes)
        .op("i32.add")
        .set(target);
      fn.get(from).get(innerStride).op("i32.add").set(from);
    });
    fn.end();
  });
  return fn;
}

interface PackLocals {
  readonly target: Local;
  readonly from: Local;
  readonly k: Local;
  readonly lineStride: Local;
  readonly innerStride: Local;
  readonly inner: Local;
}

/** Packs one whole panel whose lines lie apart; where each line is contiguous, square blocks are transposed in registers. */
function emitTransposed(fn: FunctionBuilder, locals: PackLocals, bytes: number, width: number): void {
  const { target, from, k, lineStride, innerStride, inner } = locals;
  const perVector = 16 / bytes;
  const at = fn.local(I32);
  const value = fn.local(V128);
  const whole = fn.local(I32);
  fn.i32(0).set(k);
  fn.get(innerStride).i32(bytes).op("i32.eq").if();
  fn.get(inner).i32(-perVector).op("i32.and").set(whole);
  fn.block();
  fn.get(k).get(whole).op("i32.ge_s").branchIf(0);
  fn.loop();
  fn.get(from).set(at);
  for (let block = 0; block < width / perVector; block++) {
    let lines: Local[] = [];
    for (let which = 0; which < perVector; which++) {
      const loaded = fn.local(V128);
      fn.get(at).vectorMemory("v128.load").set(loaded);
      fn.get(at).get(lineStride).op("i32.add").set(at);
      lines.push(loaded);
    }
    lines = transpose(fn, lines, bytes);
    lines.forEach((line, step) => {
      fn.get(target)
        .get(line)
        .vectorMemory("v128.store", step * width * bytes + block * 16);
    });
  }
  fn.get(target)
    .i32(width * bytes * perVector)
    .op("i32.add")
    .set(target);
  fn.get(from).i32(16).op("i32.add").set(from);
  fn.get(k).i32(perVector).op("i32.add").tee(k).get(whole).op("i32.lt_s").branchIf(0);
  fn.end();
  fn.end();
  fn.end();
  fn.block();
  fn.get(k).get(inner).op("i32.ge_s").branchIf(0);
  fn.loop();
  fn.get(from).set(at);
  for (let which = 0; which < width; which++) {
    const inVector = which % perVector;
    if (inVector === 0)
      fn.get(at)
        .vectorMemory(bytes === 8 ? "v128.load64_zero" : "v128.load32_zero")
        .set(value);
    else
      fn.get(at)
        .get(value)
        .vectorMemory(bytes === 8 ? "v128.load64_lane" : "v128.load32_lane", 0, inVector)
        .set(value);
    fn.get(at).get(lineStride).op("i32.add").set(at);
    if (inVector === perVector - 1)
      fn.get(target)
        .get(value)
        .vectorMemory("v128.store", ((which - inVector) / perVector) * 16);
  }
  fn.get(target)
    .i32(width * bytes)
    .op("i32.add")
    .set(target);
  fn.get(from).get(innerStride).op("i32.add").set(from);
  fn.get(k).i32(1).op("i32.add").tee(k).get(inner).op("i32.lt_s").branchIf(0);
  fn.end();
  fn.end();
}

/** A square block of vectors, rows to columns. */
function transpose(fn: FunctionBuilder, rows: Local[], bytes: number): Local[] {
  const shuffle = (a: Local, b: Local, lanes: number[]): Local => {
    const out = fn.local(V128);
    const size = 16 / lanes.length;
    fn.get(a)
      .get(b)
      .shuffle(lanes.flatMap((lane) => Array.from({ length: size }, (_, byte) => lane * size + byte)))
      .set(out);
    return out;
  };
  if (bytes === 8) return [shuffle(rows[0], rows[1], [0, 2]), shuffle(rows[0], rows[1], [1, 3])];
  const low01 = shuffle(rows[0], rows[1], [0, 4, 1, 5]);
  const high01 = shuffle(rows[0], rows[1], [2, 6, 3, 7]);
  const low23 = shuffle(rows[2], rows[3], [0, 4, 1, 5]);
  const high23 = shuffle(rows[2], rows[3], [2, 6, 3, 7]);
  return [
    shuffle(low01, low23, [0, 1, 4, 5]),
    shuffle(low01, low23, [2, 3, 6, 7]),
    shuffle(high01, high23, [0, 1, 4, 5]),
    shuffle(high01, high23, [2, 3, 6, 7]),
  ];
}

/**
 * packRight(target, source, innerStride, columnStride, inner, columns, begin, end): of all `columns`, the panels that hold
 * [begin, end); the panels of each stretch of INNER_BLOCK steps in turn.
 */
function emitPackRight(module: ModuleBuilder, dtype: DType, pack: FunctionBuilder): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32, I32, I32]);
  const [target, source, innerStride, columnStride, inner, columns, begin, end] = [0, 1, 2, 3, 4, 5, 6, 7];
  const bytes = elementBytes(dtype);
  const width = blockColumns(dtype);
  const padded = fn.local(I32);
  const k = fn.local(I32);
  const left = fn.local(I32);
  fn.get(columns)
    .i32(width - 1)
    .op("i32.add")
    .i32(-width)
    .op("i32.and")
    .i32(bytes)
    .op("i32.mul")
    .set(padded);
  fn.get(source).get(begin).get(columnStride).op("i32.mul").op("i32.add").set(source);
  countedLoop(fn, k, inner, INNER_BLOCK, () => {
    pushLeft(fn, inner, k, INNER_BLOCK, left);
    fn.get(target).get(k).get(padded).op("i32.mul").op("i32.add");
    fn.get(begin).get(left).op("i32.mul").i32(bytes).op("i32.mul").op("i32.add");
    fn.get(source).get(k).get(innerStride).op("i32.mul").op("i32.add");
    fn.get(columnStride).get(innerStride).get(end).get(begin).op("i32.sub").get(left).call(pack.index);
  });
  return fn;
}

/** rows(…): up to ROW_BLOCK rows of the product, for all packed columns. */
function emitRows(
  module: ModuleBuilder,
  dtype: DType,
  packLeft: FunctionBuilder,
  micro: FunctionBuilder,
  edge: FunctionBuilder,
): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32, I32, I32, I32, I32]);
  const [left, right, product, scratch, rowStride, innerStride, rows, columns, inner, productStride] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ];
  const bytes = elementBytes(dtype);
  const width = blockColumns(dtype);
  const k = fn.local(I32);
  const steps = fn.local(I32);
  const column = fn.local(I32);
  const row = fn.local(I32);
  const padded = fn.local(I32);
  const panel = fn.local(I32);
  const block = fn.local(I32);
  const at = fn.local(I32);
  const rowsLeft = fn.local(I32);
  const columnsLeft = fn.local(I32);
  const accumulate = fn.local(I32);
  const packed = fn.local(I32);
  // The first 256 bytes of the scratch hold an edge block.
  fn.get(scratch).i32(256).op("i32.add").set(packed);
  fn.get(columns)
    .i32(width - 1)
    .op("i32.add")
    .i32(-width)
    .op("i32.and")
    .i32(bytes)
    .op("i32.mul")
    .set(padded);
  countedLoop(fn, k, inner, INNER_BLOCK, () => {
    pushLeft(fn, inner, k, INNER_BLOCK, steps);
    fn.get(k).i32(0).op("i32.gt_s").set(accumulate);
    fn.get(packed);
    fn.get(left).get(k).get(innerStride).op("i32.mul").op("i32.add");
    fn.get(rowStride).get(innerStride).get(rows).get(steps).call(packLeft.index);
    fn.get(right).get(k).get(padded).op("i32.mul").op("i32.add").set(panel);
    countedLoop(fn, column, columns, width, () => {
      pushLeft(fn, columns, column, width, columnsLeft);
      fn.get(packed).set(block);
      fn.get(product).get(column).i32(bytes).op("i32.mul").op("i32.add").set(at);
      countedLoop(fn, row, rows, BLOCK_ROWS, () => {
        pushLeft(fn, rows, row, BLOCK_ROWS, rowsLeft);
        fn.get(rowsLeft).i32(BLOCK_ROWS).op("i32.eq").get(columnsLeft).i32(width).op("i32.eq").op("i32.and").if();
        fn.get(block).get(panel).get(at).get(steps).get(productStride).get(accumulate).call(micro.index);
        fn.else();
        fn.get(block).get(panel).get(at).get(steps).get(productStride).get(accumulate);
        fn.get(rowsLeft).get(columnsLeft).get(scratch).call(edge.index);
        fn.end();
        fn.get(block)
          .get(steps)
          .i32(BLOCK_ROWS * bytes)
          .op("i32.mul")
          .op("i32.add")
          .set(block);
        fn.get(at).get(productStride).i32(BLOCK_ROWS).op("i32.mul").op("i32.add").set(at);
      });
      fn.get(panel)
        .get(steps)
        .i32(width * bytes)
        .op("i32.mul")
        .op("i32.add")
        .set(panel);
    });
  });
  return fn;
}
