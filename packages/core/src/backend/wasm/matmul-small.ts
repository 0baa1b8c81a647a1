import type { MatmulKernel } from "../../kernel/kernel.ts";
import { elementBytes } from "../../tensor/dtype.ts";
import { type FunctionBuilder, I32, type Local, V128 } from "./assembler.ts";
import { productInstructions } from "./matmul-micro.ts";
import type { SimdInstruction } from "./opcodes.ts";

/** Vectors that V8 keeps in registers on x86. */
const REGISTERS = 15;
/** The right factor of a small product stays in the first-level cache. */
const RIGHT_BYTES = 32 * 1024;
const COLUMNS = 64;

function paddedColumns(kernel: MatmulKernel): number {
  const lanes = 16 / elementBytes(kernel.dtype);
  return Math.ceil(kernel.columns / lanes) * lanes;
}

/** Rows and vectors of a register block: at least 8 sums, and no vector of columns that is left for a block of its own. */
function blockOf(kernel: MatmulKernel): { rows: number; vectors: number } {
  const vectors = (paddedColumns(kernel) * elementBytes(kernel.dtype)) / 16;
  if (vectors === 1) return { rows: 8, vectors: 1 };
  return vectors === 3 ? { rows: 3, vectors: 3 } : { rows: 4, vectors: 2 };
}

/** Whether packing would cost more than it saves: the right factor is small, and the left is read where it lies. */
export function isSmall(kernel: MatmulKernel): boolean {
  const bytes = paddedColumns(kernel) * kernel.inner * elementBytes(kernel.dtype);
  // Places in a row block, and in a row of the right factor, are offsets of instructions, which count upwards only.
  if (kernel.left[1] < 0 || kernel.right[2] < 0) return false;
  return kernel.inner > 0 && kernel.columns <= COLUMNS && bytes <= RIGHT_BYTES;
}

/** Bytes of scratch for the right factor, where it does not lie as vectors already. */
export function smallScratch(kernel: MatmulKernel): number {
  return paddedColumns(kernel) * kernel.inner * elementBytes(kernel.dtype);
}

/** Rows of a batch are shared by blocks, or batches whole where there are several. */
export function smallTasks(kernel: MatmulKernel): number {
  return kernel.batch > 1 ? kernel.batch : Math.ceil(kernel.rows / blockOf(kernel).rows);
}

/**
 * Writes the tasks [begin, end) of the product into a function whose locals hold the pointers: all extents and strides
 * are known. Each thread lays out the right factor in scratch of its own.
 */
export function emitSmallProduct(
  fn: FunctionBuilder,
  kernel: MatmulKernel,
  pointers: { begin: Local; end: Local; left: Local; right: Local; product: Local; scratch: Local },
): void {
  const { dtype, batch, rows, columns } = kernel;
  const bytes = elementBytes(dtype);
  const lanes = 16 / bytes;
  const padded = paddedColumns(kernel);
  const shape = blockOf(kernel);
  const direct = kernel.right[2] === 1 && columns % lanes === 0;
  const packOnce = !direct && kernel.right[0] === 0;
  const moved = (base: Local, stride: number): Local => {
    const local = fn.local(I32);
    fn.get(pointers.begin)
      .i32(stride * bytes)
      .op("i32.mul")
      .get(base)
      .op("i32.add")
      .set(local);
    return local;
  };
  const step = (local: Local, elements: number): void => {
    fn.get(local)
      .i32(elements * bytes)
      .op("i32.add")
      .set(local);
  };
  if (packOnce) emitPackSmall(fn, kernel, pointers.right, pointers.scratch, padded);
  const source = direct ? pointers.right : pointers.scratch;
  const blocks = (row: Local, out: Local, from: Local, count: number): void => {
    for (let first = 0; first < padded; first += shape.vectors * lanes) {
      const vectors = Math.min(shape.vectors, (padded - first) / lanes);
      const bytesAStep = direct ? kernel.right[1] * bytes : padded * bytes;
      emitBlock(fn, kernel, { row, out, source: from, step: bytesAStep, first, vectors, count });
    }
  };
  const whole = Math.floor(rows / shape.rows);
  if (batch === 1) {
    const row = moved(pointers.left, shape.rows * kernel.left[1]);
    const out = moved(pointers.product, shape.rows * columns);
    fn.eachOf(pointers.begin, pointers.end, (task) => {
      if (whole > 0) {
        fn.get(task).i32(whole).op("i32.lt_s").if();
        blocks(row, out, source, shape.rows);
        step(row, shape.rows * kernel.left[1]);
        step(out, shape.rows * columns);
        fn.end();
      }
      if (rows % shape.rows > 0) {
        fn.get(task).i32(whole).op("i32.eq").if();
        blocks(row, out, source, rows % shape.rows);
        fn.end();
      }
    });
    return;
  }
  const left = moved(pointers.left, kernel.left[0]);
  const right = moved(pointers.right, kernel.right[0]);
  const product = moved(pointers.product, rows * columns);
  fn.eachOf(pointers.begin, pointers.end, () => {
    if (!direct && !packOnce) emitPackSmall(fn, kernel, right, pointers.scratch, padded);
    const [row, out] = [fn.local(I32), fn.local(I32)];
    fn.get(left).set(row).get(product).set(out);
    const from = direct ? right : pointers.scratch;
    if (whole > 0)
      countedDown(fn, whole, () => {
        blocks(row, out, from, shape.rows);
        step(row, shape.rows * kernel.left[1]);
        step(out, shape.rows * columns);
      });
    if (rows % shape.rows > 0) blocks(row, out, from, rows % shape.rows);
    step(left, kernel.left[0]);
    step(right, kernel.right[0]);
    step(product, rows * columns);
  });
}

function countedDown(fn: FunctionBuilder, count: number, body: () => void): void {
  if (count === 1) {
    body();
    return;
  }
  const left = fn.local(I32);
  fn.i32(count).set(left).loop();
  body();
  fn.get(left).i32(1).op("i32.sub").tee(left).branchIf(0).end();
}

/** Lays the right factor out as rows of whole vectors, zero beyond its columns. */
function emitPackSmall(fn: FunctionBuilder, kernel: MatmulKernel, right: Local, scratch: Local, padded: number): void {
  const bytes = elementBytes(kernel.dtype);
  const lanes = 16 / bytes;
  const single: SimdInstruction = bytes === 8 ? "v128.load64_zero" : "v128.load32_zero";
  const lane: SimdInstruction = bytes === 8 ? "v128.load64_lane" : "v128.load32_lane";
  const from = fn.local(I32);
  const to = fn.local(I32);
  const value = fn.local(V128);
  fn.get(right).set(from).get(scratch).set(to);
  countedDown(fn, kernel.inner, () => {
    for (let first = 0; first < padded; first += lanes) {
      const count = Math.min(lanes, kernel.columns - first);
      for (let which = 0; which < count; which++) {
        const offset = (first + which) * kernel.right[2] * bytes;
        if (which === 0) fn.get(from).vectorMemory(single, offset).set(value);
        else fn.get(from).get(value).vectorMemory(lane, offset, which).set(value);
      }
      fn.get(to)
        .get(value)
        .vectorMemory("v128.store", first * bytes);
    }
    fn.get(from)
      .i32(kernel.right[1] * bytes)
      .op("i32.add")
      .set(from);
    fn.get(to)
      .i32(padded * bytes)
      .op("i32.add")
      .set(to);
  });
}

interface Block {
  readonly row: Local;
  readonly out: Local;
  readonly source: Local;
  /** Bytes from one step of the inner dim to the next in the right factor. */
  readonly step: number;
  readonly first: number;
  readonly vectors: number;
  readonly count: number;
}

/** A few rows by one or two vectors of columns, over the whole inner dim. */
function emitBlock(fn: FunctionBuilder, kernel: MatmulKernel, block: Block): void {
  const { dtype, columns, inner } = kernel;
  const bytes = elementBytes(dtype);
  const lanes = 16 / bytes;
  const { multiply, add, fused } = productInstructions(dtype);
  const sums = Array.from({ length: block.count }, () => Array.from({ length: block.vectors }, () => fn.local(V128)));
  const [element, a, b] = [fn.local(V128), fn.local(I32), fn.local(I32)];
  const values = Array.from({ length: block.vectors }, () => fn.local(V128));
  const zero = fn.constant(new Uint8Array(16));
  for (const row of sums) for (const sum of row) fn.get(zero).set(sum);
  fn.get(block.row).set(a);
  fn.get(block.source)
    .i32(block.first * bytes)
    .op("i32.add")
    .set(b);
  const left = fn.local(I32);
  // As in emitMicro: what must be computed before an exit, V8 does not put off until after the next loads.
  const pause = (): void => void fn.get(left).i32(0).op("i32.lt_s").branchIf(1);
  const spare = REGISTERS - block.count * block.vectors - block.vectors - (fused ? 0 : 1);
  const step = (at: number, pauses: boolean): void => {
    values.forEach((value, which) => {
      fn.get(b)
        .vectorMemory("v128.load", at * block.step + which * 16)
        .set(value);
    });
    sums.forEach((row, which) => {
      fn.get(a)
        .vectorMemory(
          bytes === 8 ? "v128.load64_splat" : "v128.load32_splat",
          (which * kernel.left[1] + at * kernel.left[2]) * bytes,
        )
        .set(element);
      row.forEach((sum, half) => {
        if (fused) fn.get(element).get(values[half]).get(sum).simd(fused).set(sum);
        else fn.get(element).get(values[half]).simd(multiply).get(sum).simd(add).set(sum);
      });
      if (pauses && which % spare === spare - 1 && which + 1 < block.count) pause();
    });
  };
  const pairs = kernel.left[2] < 0 || kernel.right[1] < 0 ? 0 : Math.floor(inner / 2);
  const advance = (steps: number): void => {
    fn.get(a)
      .i32(steps * kernel.left[2] * bytes)
      .op("i32.add")
      .set(a);
    fn.get(b)
      .i32(steps * block.step)
      .op("i32.add")
      .set(b);
  };
  if (pairs > 0) {
    fn.i32(pairs).set(left).block().loop();
    step(0, true);
    pause();
    step(1, true);
    advance(2);
    fn.get(left).i32(1).op("i32.sub").tee(left).branchIf(0).end().end();
    if (inner % 2 === 1) step(0, false);
  } else
    countedDown(fn, inner, () => {
      step(0, false);
      advance(1);
    });
  sums.forEach((row, which) => {
    row.forEach((sum, half) => {
      const column = block.first + half * lanes;
      const offset = (which * columns + column) * bytes;
      const valid = Math.min(lanes, columns - column);
      if (valid === lanes) fn.get(block.out).get(sum).vectorMemory("v128.store", offset);
      else
        for (let at = 0; at < valid; at++)
          fn.get(block.out)
            .get(sum)
            .vectorMemory(bytes === 8 ? "v128.store64_lane" : "v128.store32_lane", offset + at * bytes, at);
    });
  });
}
