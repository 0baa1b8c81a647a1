import type { MatmulKernel } from "../../kernel/kernel.ts";
import { elementBytes } from "../../tensor/dtype.ts";
import { type Cut, cutForBlas } from "../blas/cut.ts";
import { blasLayout } from "../blas/layout.ts";
import { type FunctionBuilder, I32, type Local, type ModuleBuilder, type ValueType } from "./assembler.ts";
import { emitLoop } from "./loop/loop.ts";
import { blockColumns, blockRows, leftScratch, ROW_BLOCK, rightScratch } from "./matmul.ts";
import { dotTasks, emitDotProduct, isDot } from "./matmul-dot.ts";
import { emitSmallProduct, isSmall, smallScratch, smallTasks } from "./matmul-small.ts";
import { loopCost, type Part, productCost } from "./parts.ts";
import type { MathFunctions } from "./scalars.ts";

/** Rows of a product that are the least that a thread does; of few rows, the half. */
const TASK_ROWS = 4;
const FEW_ROWS = 20;
/** More packed columns than this are done in turns. */
const RIGHT_LIMIT = 32 * 2 ** 20;
/** Batches fewer than this are done one after the other, by all threads together. */
const FEW_BATCHES = 8;

/** The functions that a product calls, by their numbers in the module. */
export interface ProductFunctions {
  readonly packRight: number;
  readonly rows: number;
  /** The machine's BLAS. */
  readonly gemm: number | null;
}

export const PACK_PARAMETERS: ValueType[] = new Array(8).fill(I32);
export const GEMM_PARAMETERS: ValueType[] = new Array(11).fill(I32);
export const ROWS_PARAMETERS: ValueType[] = new Array(10).fill(I32);

/** How a product is done, which follows from its shape and strides. */
interface Shape {
  /** Batches that share the right factor are rows of one product. */
  readonly rows: number;
  readonly batch: number;
  /** Columns of the right factor that are packed at a time. */
  readonly block: number;
  /** Whether each thread does whole batches, packing for itself. */
  readonly byBatch: boolean;
}

function shapeOf(kernel: MatmulKernel): Shape {
  const joined = kernel.right[0] === 0 && kernel.left[0] === kernel.left[1] * kernel.rows;
  const rows = joined ? kernel.rows * kernel.batch : kernel.rows;
  const batch = joined ? 1 : kernel.batch;
  const { dtype, inner, columns } = kernel;
  let block = columns;
  if (rightScratch(dtype, inner, columns) > RIGHT_LIMIT) {
    const width = blockColumns(dtype);
    block = Math.max(width, Math.floor(RIGHT_LIMIT / (inner * elementBytes(dtype) * width)) * width);
  }
  return { rows, batch, block, byBatch: batch >= FEW_BATCHES && block === columns };
}

/** Bytes of scratch that a product needs: of each thread, and once, for all threads. */
export function productScratch(kernel: MatmulKernel): { own: number; common: number } {
  if (isDot(kernel)) return { own: 0, common: 64 };
  if (isSmall(kernel)) return { own: smallScratch(kernel), common: 64 };
  const { block, byBatch } = shapeOf(kernel);
  const left = leftScratch(kernel.dtype) + 256;
  const right = rightScratch(kernel.dtype, kernel.inner, block);
  return byBatch ? { own: left + right, common: 64 } : { own: left, common: right };
}

const [BEGIN, END, LEFT, RIGHT, PRODUCT, SCRATCH, PACKED] = [0, 1, 2, 3, 4, 5, 6];
const ARGUMENTS = 7;

/**
 * The parts of a matrix product, each a function
 * (begin, end, left, right, product, the thread's scratch, the common scratch, epilogue's scalars and buffers…).
 */
export function emitProduct(
  module: ModuleBuilder,
  math: MathFunctions,
  kernel: MatmulKernel,
  functions: ProductFunctions,
): Part[] {
  return new ProductEmitter(module, math, kernel, functions).emit();
}

class ProductEmitter {
  private readonly shape: Shape;
  private readonly bytes: number;
  private readonly parameters: ValueType[];
  private readonly epilogue: { fn: FunctionBuilder; tasks: number } | null;
  /** Whether the epilogue runs over each block of rows while that is in the cache. */
  private readonly splitsEpilogue: boolean;
  private readonly parts: Part[] = [];
  /** How the machine's BLAS is told of the product, where it does it. */
  private readonly layout: ReturnType<typeof blasLayout>;
  /** The pieces that it is called for: the same for any number of threads. */
  private readonly cut: Cut;

  constructor(
    private readonly module: ModuleBuilder,
    math: MathFunctions,
    private readonly kernel: MatmulKernel,
    private readonly functions: ProductFunctions,
  ) {
    const { epilogue } = kernel;
    this.shape = shapeOf(kernel);
    this.bytes = elementBytes(kernel.dtype);
    this.layout = functions.gemm === null || this.readsInPlace ? null : blasLayout(kernel, this.shape.rows);
    this.cut = cutForBlas(this.shape.rows, kernel.columns, kernel.inner, epilogue !== null);
    this.splitsEpilogue =
      epilogue !== null &&
      (this.layout === null || this.cut.across === 1) &&
      kernel.inner > 0 &&
      kernel.batch === 1 &&
      kernel.rows > 1 &&
      kernel.columns > 1 &&
      this.shape.block === kernel.columns &&
      !this.readsInPlace;
    this.epilogue = epilogue === null ? null : emitLoop(module, math, epilogue, this.splitsEpilogue);
    this.parameters = new Array(ARGUMENTS + (epilogue === null ? 0 : 1 + epilogue.buffers)).fill(I32);
  }

  /** Whether the factors are read where they lie, without packing. */
  private get readsInPlace(): boolean {
    return isDot(this.kernel) || isSmall(this.kernel);
  }

  private get work(): number {
    const { kernel } = this;
    return kernel.batch * kernel.rows * kernel.columns * kernel.inner;
  }

  emit(): Part[] {
    const { kernel, shape } = this;
    if (this.work === 0) this.clear();
    else if (isDot(kernel)) this.dot();
    else if (isSmall(kernel)) this.small();
    else if (this.layout !== null) this.blas(this.layout);
    else if (shape.byBatch) this.batches();
    else for (let batch = 0; batch < shape.batch; batch++) this.packed(batch);
    if (this.epilogue !== null && !this.splitsEpilogue) this.after();
    return this.parts;
  }

  private part(tasks: number, cost: number, write: (fn: FunctionBuilder) => void): void {
    const fn = this.module.function(this.parameters);
    write(fn);
    this.parts.push({ fn, tasks, cost });
  }

  private clear(): void {
    const { kernel, bytes } = this;
    const size = kernel.batch * kernel.rows * kernel.columns * bytes;
    if (size === 0) return;
    this.part(1, 0, (fn) => {
      fn.get(PRODUCT).i32(0).i32(size);
      fn.code.byte(0xfc).byte(0x0b).byte(0);
    });
  }

  private dot(): void {
    const { kernel } = this;
    this.part(dotTasks(kernel), productCost(this.work), (fn) =>
      emitDotProduct(fn, kernel, { begin: BEGIN, end: END, left: LEFT, right: RIGHT, product: PRODUCT }),
    );
  }

  private small(): void {
    const { rows, batch } = this.shape;
    const kernel = { ...this.kernel, rows, batch };
    this.part(smallTasks(kernel), productCost(this.work), (fn) =>
      emitSmallProduct(fn, kernel, {
        begin: BEGIN,
        end: END,
        left: LEFT,
        right: RIGHT,
        product: PRODUCT,
        scratch: SCRATCH,
      }),
    );
  }

  /** All of the batches, packed by the thread that does them. */
  private batches(): void {
    const { kernel, bytes, shape } = this;
    const { inner, columns } = kernel;
    this.part(shape.batch, productCost(this.work), (fn) => {
      const [packed, row, end] = [fn.local(I32), fn.local(I32), fn.local(I32)];
      fn.get(SCRATCH)
        .i32(leftScratch(kernel.dtype) + 256)
        .op("i32.add")
        .set(packed);
      fn.eachOf(BEGIN, END, (batch) => {
        fn.get(packed);
        place(fn, RIGHT, [batch, kernel.right[0] * bytes]);
        fn.i32(kernel.right[1] * bytes)
          .i32(kernel.right[2] * bytes)
          .i32(inner)
          .i32(columns)
          .i32(0)
          .i32(columns)
          .call(this.functions.packRight);
        fn.i32(0).set(row).i32(shape.rows).set(end);
        this.rows(fn, row, end, packed, batch, 0);
      });
    });
  }

  /** One batch, for which all threads pack the right factor together and then do the rows. */
  private packed(batch: number): void {
    const { kernel, bytes, shape } = this;
    const width = blockColumns(kernel.dtype);
    for (let column = 0; column < kernel.columns; column += shape.block) {
      const columns = Math.min(shape.block, kernel.columns - column);
      this.part(Math.ceil(columns / width), kernel.inner * columns * 0.4, (fn) => {
        const end = fn.local(I32);
        fn.get(END).i32(width).op("i32.mul").setAtMost(end, columns);
        fn.get(PACKED);
        fn.get(RIGHT)
          .i32((batch * kernel.right[0] + column * kernel.right[2]) * bytes)
          .op("i32.add");
        fn.i32(kernel.right[1] * bytes)
          .i32(kernel.right[2] * bytes)
          .i32(kernel.inner)
          .i32(columns)
          .get(BEGIN)
          .i32(width)
          .op("i32.mul")
          .get(end)
          .call(this.functions.packRight);
      });
      const cost = productCost(shape.rows * columns * kernel.inner) + (this.splitsEpilogue ? this.epilogueCost() : 0);
      const unit = shape.rows < FEW_ROWS ? Math.ceil(shape.rows / 2) : TASK_ROWS;
      this.part(Math.ceil(shape.rows / unit), cost, (fn) => {
        const row = fn.local(I32);
        const end = fn.local(I32);
        const which = fn.local(I32);
        fn.i32(batch).set(which);
        fn.get(BEGIN).i32(unit).op("i32.mul").set(row);
        fn.get(END).i32(unit).op("i32.mul").setAtMost(end, shape.rows);
        this.rows(fn, row, end, PACKED, which, column, columns);
      });
    }
  }

  /** The rows from one to another, block by block, each with its epilogue. */
  private rows(
    fn: FunctionBuilder,
    row: Local,
    end: Local,
    packed: Local,
    batch: Local,
    column: number,
    columns = this.kernel.columns,
  ): void {
    const { kernel, bytes, shape } = this;
    const [size, count] = [fn.local(I32), fn.local(I32)];
    // Blocks of nearly one size, since a last one of few rows would read all packed columns for little, and of whole
    // register blocks.
    const whole = blockRows(kernel.dtype);
    const rows = (): FunctionBuilder => fn.get(end).get(row).op("i32.sub");
    rows();
    rows()
      .i32(ROW_BLOCK - 1)
      .op("i32.add")
      .i32(ROW_BLOCK)
      .op("i32.div_u")
      .tee(count)
      .op("i32.add")
      .i32(1)
      .op("i32.sub")
      .get(count)
      .op("i32.div_u")
      .i32(whole - 1)
      .op("i32.add")
      .i32(whole)
      .op("i32.div_u")
      .i32(whole)
      .op("i32.mul")
      .set(size);
    fn.loop();
    rows().set(count);
    fn.get(count).get(size).op("i32.gt_s").if().get(size).set(count).end();
    place(fn, LEFT, [batch, kernel.left[0] * bytes], [row, kernel.left[1] * bytes]);
    fn.get(packed);
    place(fn, PRODUCT, [batch, shape.rows * kernel.columns * bytes], [row, kernel.columns * bytes]);
    fn.i32(column * bytes)
      .op("i32.add")
      .get(SCRATCH)
      .i32(kernel.left[1] * bytes)
      .i32(kernel.left[2] * bytes)
      .get(count)
      .i32(columns)
      .i32(kernel.inner)
      .i32(kernel.columns * bytes)
      .call(this.functions.rows);
    if (this.splitsEpilogue)
      this.callEpilogue(
        fn,
        () => fn.get(row),
        () => fn.get(row).get(count).op("i32.add"),
      );
    fn.get(row).get(count).op("i32.add").tee(row).get(end).op("i32.lt_s").branchIf(0).end();
  }

  /** By the machine's BLAS, piece by piece. */
  private blas(layout: NonNullable<ReturnType<typeof blasLayout>>): void {
    const { kernel, bytes, shape, cut } = this;
    const cost = productCost(this.work) / 2 + (this.splitsEpilogue ? this.epilogueCost() : 0);
    this.part(shape.batch * cut.down * cut.across, cost, (fn) => {
      const [batch, row, column, rows, columns, rest] = Array.from({ length: 6 }, () => fn.local(I32));
      const split = (whole: Local, parts: number, out: Local): void => {
        fn.get(whole).i32(parts).op("i32.div_u").set(rest);
        fn.get(whole).i32(parts).op("i32.rem_u").set(out);
        fn.get(rest).set(whole);
      };
      const extent = (start: Local, size: number, whole: number, out: Local): void => {
        fn.get(start).i32(size).op("i32.mul").set(start);
        fn.i32(whole).get(start).op("i32.sub").setAtMost(out, size);
      };
      fn.eachOf(BEGIN, END, (task) => {
        fn.get(task).set(batch);
        split(batch, cut.across, column);
        split(batch, cut.down, row);
        extent(row, cut.rows, shape.rows, rows);
        extent(column, cut.columns, kernel.columns, columns);
        fn.i32(layout.left.transposed).i32(layout.right.transposed);
        fn.get(rows).get(columns).i32(kernel.inner);
        place(fn, LEFT, [batch, kernel.left[0] * bytes], [row, kernel.left[1] * bytes]);
        fn.i32(layout.left.leading);
        place(fn, RIGHT, [batch, kernel.right[0] * bytes], [column, kernel.right[2] * bytes]);
        fn.i32(layout.right.leading);
        const [down, across] = [kernel.columns * bytes, bytes];
        place(fn, PRODUCT, [batch, shape.rows * down], [row, down], [column, across]);
        fn.i32(kernel.columns).call(this.functions.gemm!);
        if (this.splitsEpilogue)
          this.callEpilogue(
            fn,
            () => fn.get(row),
            () => fn.get(row).get(rows).op("i32.add"),
          );
      });
    });
  }

  /** An epilogue that needs the whole product first. */
  private after(): void {
    this.part(this.epilogue!.tasks, this.epilogueCost(), (fn) =>
      this.callEpilogue(
        fn,
        () => fn.get(BEGIN),
        () => fn.get(END),
      ),
    );
  }

  private epilogueCost(): number {
    return loopCost(this.kernel.epilogue!);
  }

  private callEpilogue(fn: FunctionBuilder, begin: () => void, end: () => void): void {
    begin();
    end();
    for (let argument = ARGUMENTS; argument < this.parameters.length; argument++) fn.get(argument);
    fn.call(this.epilogue!.fn.index);
  }
}

/** An address on the stack: a pointer moved by some indices. */
function place(fn: FunctionBuilder, base: Local, ...terms: [Local, number][]): void {
  fn.get(base);
  for (const [index, stride] of terms) fn.get(index).i32(stride).op("i32.mul").op("i32.add");
}
