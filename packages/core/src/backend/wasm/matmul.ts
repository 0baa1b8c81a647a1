import type { DType } from "../../tensor/dtype.ts";
import { elementBytes } from "../../tensor/dtype.ts";
import { engineMemory } from "../memory.ts";
import { type FunctionBuilder, I32, type Local, ModuleBuilder } from "./assembler.ts";
import { emitEdge, emitMicro, productInstructions } from "./matmul-micro.ts";
import { emitPack } from "./matmul-pack.ts";

/** About so many rows of the left factor are packed at a time; with INNER_BLOCK, what stays in the second-level cache. */
export const ROW_BLOCK = 128;
/** At most so many steps of the inner dim are packed at a time: a panel of each factor stays in the first-level cache. */
const INNER_BLOCK = 400;

/** Columns of a register block: two vectors. */
export function blockColumns(dtype: DType): number {
  return 32 / elementBytes(dtype);
}

/** Rows of most register blocks. Without a fused instruction the sums do not wait for each other, and a register more is needed. */
export function blockRows(dtype: DType): 4 | 5 {
  return productInstructions(dtype).fused === null ? 4 : 5;
}

/** Bytes that the packed left block takes, of up to ROW_BLOCK rows rounded up to whole register blocks. */
export function leftScratch(dtype: DType): number {
  return (ROW_BLOCK + 4) * INNER_BLOCK * elementBytes(dtype);
}

/** Bytes that `columns` packed columns of the right factor take. */
export function rightScratch(dtype: DType, inner: number, columns: number): number {
  const width = blockColumns(dtype);
  return Math.ceil(columns / width) * width * inner * elementBytes(dtype) + 256;
}

/**
 * The product's functions for one dtype, after Goto and van de Geijn, "Anatomy of high-performance matrix
 * multiplication" (2008): both factors are packed into zero-padded panels, so that every stride and every size runs
 * through the same register blocks of 5 or 4 rows by two vectors.
 *
 * Exports packRight(target, source, innerStride, columnStride, inner, columns, begin, end) and
 * rows(left, packedRight, product, scratch, rowStride, innerStride, rows, columns, inner, productStride), strides in bytes.
 */
export function matmulModule(dtype: DType): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(engineMemory().limits);
  const bytes = elementBytes(dtype);
  const blocks = [5, 4].map((rows): RowBlocks => {
    const micro = emitMicro(module, dtype, rows);
    return { rows, micro, edge: emitEdge(module, dtype, micro), pack: emitPack(module, bytes, rows) };
  });
  const packRight = emitPackRight(module, dtype, emitPack(module, bytes, blockColumns(dtype)));
  const rows = emitRows(module, dtype, blocks);
  module.export("packRight", packRight);
  module.export("rows", rows);
  return module.bytes();
}

/** The functions for register blocks of so many rows. */
interface RowBlocks {
  readonly rows: number;
  readonly micro: FunctionBuilder;
  readonly edge: FunctionBuilder;
  readonly pack: FunctionBuilder;
}

/** What is left of a blocked extent, at most a block: out = min(extent − done, block). */
function pushLeft(fn: FunctionBuilder, extent: Local, done: Local, block: Local, out: Local): void {
  fn.get(extent).get(done).op("i32.sub").set(out);
  fn.get(out).get(block).op("i32.gt_s").if().get(block).set(out).end();
}

/** The inner dim in blocks of nearly one length: out = ⌈inner / ⌈inner / INNER_BLOCK⌉⌉, rounded up to whole vectors. */
function setInnerBlock(fn: FunctionBuilder, inner: Local, out: Local): void {
  const blocks = fn.local(I32);
  fn.get(inner)
    .i32(INNER_BLOCK - 1)
    .op("i32.add")
    .i32(INNER_BLOCK)
    .op("i32.div_u")
    .set(blocks);
  fn.get(inner).get(blocks).op("i32.add").i32(1).op("i32.sub").get(blocks).op("i32.div_u");
  fn.i32(7).op("i32.add").i32(-8).op("i32.and").set(out);
}

/** Runs `body` for every block of the inner dim: k is its first step, `steps` how many it has. */
function innerBlocks(fn: FunctionBuilder, inner: Local, body: (k: Local, steps: Local) => void): void {
  const [k, steps, block] = [fn.local(I32), fn.local(I32), fn.local(I32)];
  setInnerBlock(fn, inner, block);
  fn.i32(0).set(k).loop();
  pushLeft(fn, inner, k, block, steps);
  body(k, steps);
  fn.get(k).get(block).op("i32.add").tee(k).get(inner).op("i32.lt_s").branchIf(0).end();
}

/** Bytes of one step of all packed columns. */
function setPadded(fn: FunctionBuilder, columns: Local, dtype: DType, out: Local): void {
  const width = blockColumns(dtype);
  fn.get(columns)
    .i32(width - 1)
    .op("i32.add")
    .i32(-width)
    .op("i32.and")
    .i32(elementBytes(dtype))
    .op("i32.mul")
    .set(out);
}

/**
 * packRight(target, source, innerStride, columnStride, inner, columns, begin, end): of all `columns`, the panels that hold
 * [begin, end); the panels of each block of the inner dim in turn.
 */
function emitPackRight(module: ModuleBuilder, dtype: DType, pack: FunctionBuilder): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32, I32, I32]);
  const [target, source, innerStride, columnStride, inner, columns, begin, end] = [0, 1, 2, 3, 4, 5, 6, 7];
  const padded = fn.local(I32);
  setPadded(fn, columns, dtype, padded);
  fn.get(source).get(begin).get(columnStride).op("i32.mul").op("i32.add").set(source);
  innerBlocks(fn, inner, (k, steps) => {
    fn.get(target).get(k).get(padded).op("i32.mul").op("i32.add");
    fn.get(begin).get(steps).op("i32.mul").i32(elementBytes(dtype)).op("i32.mul").op("i32.add");
    fn.get(source).get(k).get(innerStride).op("i32.mul").op("i32.add");
    fn.get(columnStride).get(innerStride).get(end).get(begin).op("i32.sub").get(steps).call(pack.index);
  });
  return fn;
}

/**
 * rows(…): up to ROW_BLOCK rows of the product, for all packed columns. They are cut into blocks of 5 rows and then as
 * few of 4 as leave none over; of 1, 2, 3, 6, 7 and 11 rows some are left for an edge. How they are cut changes no bits.
 */
function emitRows(module: ModuleBuilder, dtype: DType, [five, four]: RowBlocks[]): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32, I32, I32, I32, I32]);
  const [left, right, product, scratch, rowStride, innerStride, rows, columns, inner, productStride] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ];
  const bytes = elementBytes(dtype);
  const width = blockColumns(dtype);
  const [column, row, padded, packed] = [fn.local(I32), fn.local(I32), fn.local(I32), fn.local(I32)];
  const [panel, block, at, accumulate] = [fn.local(I32), fn.local(I32), fn.local(I32), fn.local(I32)];
  const [rowsLeft, columnsLeft, inFives] = [fn.local(I32), fn.local(I32), fn.local(I32)];
  // The first 256 bytes of the scratch hold an edge block.
  fn.get(scratch).i32(256).op("i32.add").set(packed);
  setPadded(fn, columns, dtype, padded);
  if (blockRows(dtype) === 4) fn.i32(0).set(inFives);
  else setInFives(fn, rows, inFives);
  innerBlocks(fn, inner, (k, steps) => {
    fn.get(k).i32(0).op("i32.gt_s").set(accumulate);
    const source = (): void => void fn.get(left).get(k).get(innerStride).op("i32.mul").op("i32.add");
    fn.get(packed);
    source();
    fn.get(rowStride).get(innerStride).get(inFives).get(steps).call(five.pack.index);
    fn.get(packed).get(inFives).get(steps).op("i32.mul").i32(bytes).op("i32.mul").op("i32.add");
    source();
    fn.get(inFives).get(rowStride).op("i32.mul").op("i32.add");
    fn.get(rowStride).get(innerStride).get(rows).get(inFives).op("i32.sub").get(steps).call(four.pack.index);
    fn.get(right).get(k).get(padded).op("i32.mul").op("i32.add").set(panel);
    fn.counted(column, columns, width, () => {
      fn.get(columns).get(column).op("i32.sub").setAtMost(columnsLeft, width);
      fn.get(packed).set(block);
      fn.get(product).get(column).i32(bytes).op("i32.mul").op("i32.add").set(at);
      const run = (blocks: RowBlocks, isWhole: () => void): void => {
        const pushArguments = (): void =>
          void fn.get(block).get(panel).get(at).get(steps).get(productStride).get(accumulate);
        isWhole();
        fn.get(columnsLeft).i32(width).op("i32.eq").op("i32.and").if();
        pushArguments();
        fn.call(blocks.micro.index);
        fn.else();
        pushArguments();
        fn.get(rowsLeft).get(columnsLeft).get(scratch).call(blocks.edge.index);
        fn.end();
        fn.get(block)
          .get(steps)
          .i32(blocks.rows * bytes)
          .op("i32.mul")
          .op("i32.add")
          .set(block);
        fn.get(at).get(productStride).i32(blocks.rows).op("i32.mul").op("i32.add").set(at);
      };
      fn.i32(five.rows).set(rowsLeft);
      fn.counted(row, inFives, five.rows, () => run(five, () => fn.i32(1)));
      fn.countedOn(row, rows, four.rows, () => {
        fn.get(rows).get(row).op("i32.sub").setAtMost(rowsLeft, four.rows);
        run(four, () => fn.get(rowsLeft).i32(four.rows).op("i32.eq"));
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

/** out = how many of the rows are in blocks of 5: all but what makes the rest a multiple of 4, where there are so many. */
function setInFives(fn: FunctionBuilder, rows: Local, out: Local): void {
  const rest = fn.local(I32);
  fn.get(rows).i32(5).op("i32.rem_u").tee(rest);
  fn.if();
  fn.get(rows).get(rest).op("i32.sub").i32(20).op("i32.sub").get(rest).i32(5).op("i32.mul").op("i32.add").tee(out);
  fn.i32(0).op("i32.lt_s").if();
  fn.get(rows).get(rest).op("i32.sub").set(out);
  fn.end();
  fn.else();
  fn.get(rows).set(out);
  fn.end();
}
