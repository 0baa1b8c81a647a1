import type { MatmulKernel } from "../../kernel/kernel.ts";
import { elementBytes } from "../../tensor/dtype.ts";
import { type FunctionBuilder, I32, type Local, V128 } from "./assembler.ts";
import { productInstructions } from "./matmul-micro.ts";
import type { SimdInstruction } from "./opcodes.ts";

/** More rows than this use what is packed of the right factor often enough to pay for packing. */
const FEW_ROWS = 4;

/** Columns of a register block by rows: 8 or 9 sums, or as many streams of the right factor as one row is read fastest with. */
const COLUMNS = [0, 6, 4, 3, 2];

/**
 * Whether a product is best made of dot products: few rows (a batch of one through a linear layer), and both factors
 * contiguous along the inner dim. The right factor is read once, where it lies.
 */
export function isDot(kernel: MatmulKernel): boolean {
  const { rows, batch, inner, columns } = kernel;
  const lanes = 16 / elementBytes(kernel.dtype);
  if (batch > 1 || rows > FEW_ROWS || inner < 2 * lanes || columns < 2) return false;
  // Places in a block are offsets of instructions, which count upwards only.
  return kernel.left[2] === 1 && kernel.right[1] === 1 && kernel.left[1] >= 0 && kernel.right[2] > 1;
}

/** Blocks of columns that threads share. */
export function dotTasks(kernel: MatmulKernel): number {
  return Math.ceil(kernel.columns / COLUMNS[kernel.rows]);
}

/** Writes the tasks [begin, end) of the product into a function whose locals hold the pointers. */
export function emitDotProduct(
  fn: FunctionBuilder,
  kernel: MatmulKernel,
  pointers: { begin: Local; end: Local; left: Local; right: Local; product: Local },
): void {
  const bytes = elementBytes(kernel.dtype);
  const width = COLUMNS[kernel.rows];
  const whole = Math.floor(kernel.columns / width);
  const rest = kernel.columns % width;
  const [right, out] = [fn.local(I32), fn.local(I32)];
  fn.eachOf(pointers.begin, pointers.end, (task) => {
    const place = (base: Local, stride: number, local: Local): void => {
      fn.get(task)
        .i32(stride * width * bytes)
        .op("i32.mul")
        .get(base)
        .op("i32.add")
        .set(local);
    };
    place(pointers.right, kernel.right[2], right);
    place(pointers.product, 1, out);
    const block = (columns: number): void => emitBlock(fn, kernel, pointers.left, right, out, columns);
    if (rest === 0) block(width);
    else {
      fn.get(task).i32(whole).op("i32.lt_s").if();
      if (whole > 0) block(width);
      fn.else();
      block(rest);
      fn.end();
    }
  });
}

/** The dot products of all rows with a few columns. */
function emitBlock(
  fn: FunctionBuilder,
  kernel: MatmulKernel,
  left: Local,
  right: Local,
  out: Local,
  columns: number,
): void {
  const { dtype, rows, inner } = kernel;
  const bytes = elementBytes(dtype);
  const lanes = 16 / bytes;
  const { multiply, add, fused } = productInstructions(dtype);
  const zero = fn.constant(new Uint8Array(16));
  const sums = Array.from({ length: rows }, () => Array.from({ length: columns }, () => fn.local(V128)));
  for (const row of sums) for (const sum of row) fn.get(zero).set(sum);
  const [a, b, stop, value] = [fn.local(I32), fn.local(I32), fn.local(I32), fn.local(V128)];
  const values = Array.from({ length: rows }, () => fn.local(V128));
  fn.get(left).set(a).get(right).set(b);
  const step = (load: SimdInstruction, size: number): void => {
    values.forEach((local, row) => {
      fn.get(a)
        .vectorMemory(load, row * kernel.left[1] * bytes)
        .set(local);
    });
    for (let column = 0; column < columns; column++) {
      fn.get(b)
        .vectorMemory(load, column * kernel.right[2] * bytes)
        .set(value);
      sums.forEach((row, which) => {
        const sum = row[column];
        if (fused) fn.get(values[which]).get(value).get(sum).simd(fused).set(sum);
        else fn.get(values[which]).get(value).simd(multiply).get(sum).simd(add).set(sum);
      });
    }
    fn.get(a).i32(size).op("i32.add").set(a);
    fn.get(b).i32(size).op("i32.add").set(b);
  };
  const upTo = (bound: number, load: SimdInstruction, size: number): void => {
    fn.get(left)
      .i32(bound * bytes)
      .op("i32.add")
      .set(stop)
      .loop();
    step(load, size);
    fn.get(a).get(stop).op("i32.lt_u").branchIf(0).end();
  };
  upTo(inner - (inner % lanes), "v128.load", 16);
  if (inner % lanes > 0) upTo(inner, bytes === 8 ? "v128.load64_zero" : "v128.load32_zero", bytes);
  const store: SimdInstruction = bytes === 8 ? "v128.store64_lane" : "v128.store32_lane";
  sums.forEach((row, which) => {
    row.forEach((sum, column) => {
      fn.get(out);
      for (let half = 8; half >= bytes; half /= 2) {
        const rotated = Array.from({ length: 16 }, (_, byte) => (byte + half) % 16);
        fn.get(sum).get(sum).get(sum).shuffle(rotated).simd(add).set(sum);
      }
      fn.get(sum).vectorMemory(store, (which * kernel.columns + column) * bytes, 0);
    });
  });
}
