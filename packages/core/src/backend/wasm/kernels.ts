import { type Kernel, kernelKey, type MatmulKernel } from "../../kernel/kernel.ts";
import { type DType, elementBytes } from "../../tensor/dtype.ts";
import type { Blas } from "../blas/blas.ts";
import { blasLayout } from "../blas/layout.ts";
import { engineMemory } from "../memory.ts";
import { type FunctionBuilder, I32, type Local, type ModuleBuilder, type ValueType } from "./assembler.ts";
import { emitLoop, splitExtent } from "./loop.ts";
import { blockColumns, matmulModule, ROW_BLOCK, rightScratch } from "./matmul.ts";
import { emitSmallProduct, isSmall } from "./matmul-small.ts";
import { MathFunctions } from "./scalars.ts";
import { emitScan, emitScatter } from "./small.ts";

/** More packed columns than this are done in turns. */
const RIGHT_LIMIT = 32 * 2 ** 20;

type Compiled = (...pointers: number[]) => void;

interface CachedKernel {
  readonly call: Compiled;
  readonly parameters: number;
  users: number;
}

/** Compiled kernels by what they do: a kernel that several plans call is compiled once. */
const compiled = new Map<string, CachedKernel>();
const products = new Map<DType, { packRight: Compiled; rows: Compiled }>();

function productFunctions(dtype: DType): { packRight: Compiled; rows: Compiled } {
  let functions = products.get(dtype);
  if (functions === undefined) {
    const module = new WebAssembly.Module(matmulModule(dtype));
    const instance = new WebAssembly.Instance(module, { env: { memory: engineMemory().memory } });
    functions = instance.exports as unknown as { packRight: Compiled; rows: Compiled };
    products.set(dtype, functions);
  }
  return functions;
}

/** Columns of the right factor that are packed at a time. */
export function columnBlock(kernel: MatmulKernel): number {
  if (rightScratch(kernel.dtype, kernel.inner, kernel.columns) <= RIGHT_LIMIT) return kernel.columns;
  const width = blockColumns(kernel.dtype);
  return Math.max(width, Math.floor(RIGHT_LIMIT / (kernel.inner * elementBytes(kernel.dtype) * width)) * width);
}

const PACK_PARAMETERS: ValueType[] = new Array(6).fill(I32);
const GEMM_PARAMETERS: ValueType[] = new Array(11).fill(I32);
const ROWS_PARAMETERS: ValueType[] = new Array(10).fill(I32);

/** The functions that a product calls, by their numbers in the module. */
interface ProductFunctions {
  readonly packRight: number;
  readonly rows: number;
  /** The machine's BLAS. */
  readonly gemm: number | null;
}

/** The kernels of one plan: those that are compiled already are imported, the others written into its module. */
export class KernelSet {
  readonly keys: string[];
  private readonly fresh = new Map<string, FunctionBuilder>();
  private readonly indices = new Map<string, number>();
  readonly imports: Record<string, WebAssembly.ImportValue> = { memory: engineMemory().memory };

  constructor(
    private readonly module: ModuleBuilder,
    kernels: readonly Kernel[],
    private readonly blas: Blas | null,
  ) {
    this.keys = kernels.map((kernel) => (blas === null ? kernelKey(kernel) : `blas:${kernelKey(kernel)}`));
    const unique = new Map<string, Kernel>();
    kernels.forEach((kernel, index) => {
      unique.set(this.keys[index], kernel);
    });
    module.importMemory(1);
    const productIndices = new Map<DType, ProductFunctions>();
    let number = 0;
    for (const [key, kernel] of unique) {
      const known = compiled.get(key);
      if (known !== undefined) {
        const name = `k${number++}`;
        this.indices.set(key, module.importFunction(name, new Array(known.parameters).fill(I32), []));
        this.imports[name] = known.call as unknown as WebAssembly.ImportValue;
      } else if (kernel.kind === "matmul" && !productIndices.has(kernel.dtype)) {
        const functions = productFunctions(kernel.dtype);
        const [pack, rows] = [`pack_${kernel.dtype}`, `rows_${kernel.dtype}`];
        const gemm = this.blas?.gemm(kernel.dtype) ?? null;
        productIndices.set(kernel.dtype, {
          packRight: module.importFunction(pack, PACK_PARAMETERS, []),
          rows: module.importFunction(rows, ROWS_PARAMETERS, []),
          gemm: gemm === null ? null : module.importFunction(`gemm_${kernel.dtype}`, GEMM_PARAMETERS, []),
        });
        if (gemm !== null) this.imports[`gemm_${kernel.dtype}`] = gemm;
        this.imports[pack] = functions.packRight as unknown as WebAssembly.ImportValue;
        this.imports[rows] = functions.rows as unknown as WebAssembly.ImportValue;
      }
    }
    const math = new MathFunctions(module);
    for (const [key, kernel] of unique) {
      if (this.indices.has(key)) continue;
      const fn = this.emit(kernel, math, productIndices);
      module.export(`f${this.fresh.size}`, fn);
      this.fresh.set(key, fn);
      this.indices.set(key, fn.index);
    }
  }

  /** The function of the kernel at a place in the list. */
  index(place: number): number {
    return this.indices.get(this.keys[place])!;
  }

  private emit(kernel: Kernel, math: MathFunctions, products: Map<DType, ProductFunctions>): FunctionBuilder {
    if (kernel.kind === "loop") return emitLoop(this.module, math, kernel);
    if (kernel.kind === "scatter") return emitScatter(this.module, kernel);
    if (kernel.kind === "scan") return emitScan(this.module, kernel);
    return emitMatmul(this.module, math, kernel, products.get(kernel.dtype)!);
  }

  /** Takes the new kernels of an instance into the cache and counts this plan as a user of all. */
  adopt(instance: WebAssembly.Instance): void {
    let which = 0;
    for (const [key, fn] of this.fresh)
      compiled.set(key, {
        call: instance.exports[`f${which++}`] as Compiled,
        parameters: fn.parameters.length,
        users: 0,
      });
    for (const key of new Set(this.keys)) compiled.get(key)!.users++;
  }

  /** Forgets what no plan uses any more. */
  release(): void {
    for (const key of new Set(this.keys)) {
      const kernel = compiled.get(key)!;
      if (--kernel.users === 0) compiled.delete(key);
    }
  }
}

/** Arguments of a matmul kernel's function before its epilogue's scalars and buffers. */
export const MATMUL_ARGUMENTS = 5;

/**
 * (left, right, product, leftScratch, rightScratch, epilogue's scalars and buffers…): packs the right factor, then row
 * block by row block the product and, while it is in the cache, the epilogue.
 */
function emitMatmul(
  module: ModuleBuilder,
  math: MathFunctions,
  kernel: MatmulKernel,
  product: ProductFunctions,
): FunctionBuilder {
  const { epilogue, dtype, inner } = kernel;
  const bytes = elementBytes(dtype);
  const extra = epilogue === null ? 0 : 1 + epilogue.buffers;
  // Batches that share the right factor are rows of one product.
  const joined = kernel.right[0] === 0 && kernel.left[0] === kernel.left[1] * kernel.rows;
  const rows = joined ? kernel.rows * kernel.batch : kernel.rows;
  const batch = joined ? 1 : kernel.batch;
  const block = columnBlock(kernel);
  const layout = product.gemm === null ? null : blasLayout(kernel, rows);
  const split =
    layout === null &&
    !isSmall(kernel) &&
    epilogue !== null &&
    kernel.batch === 1 &&
    kernel.rows > 1 &&
    kernel.columns > 1 &&
    block === kernel.columns;
  const run = epilogue === null ? null : emitLoop(module, math, epilogue, split);
  const fn = module.function(new Array(MATMUL_ARGUMENTS + extra).fill(I32));
  const [left, right, out, leftScratch, packed] = [0, 1, 2, 3, 4];
  const row = fn.local(I32);
  const count = fn.local(I32);
  const callEpilogue = (begin: () => void, end: () => void): void => {
    begin();
    end();
    for (let which = 0; which < extra; which++) fn.get(MATMUL_ARGUMENTS + which);
    fn.call(run!.index);
  };
  const each = (counter: Local, limit: number, step: number, body: () => void): void => {
    fn.i32(0).set(counter);
    fn.loop();
    body();
    fn.get(counter).i32(step).op("i32.add").tee(counter).i32(limit).op("i32.lt_s").branchIf(0);
    fn.end();
  };
  const place = (base: Local, ...terms: [Local, number][]): void => {
    fn.get(base);
    for (const [index, stride] of terms) fn.get(index).i32(stride).op("i32.mul").op("i32.add");
  };
  const b = fn.local(I32);
  const column = fn.local(I32);
  const columns = fn.local(I32);
  if (inner === 0 && rows * batch * kernel.columns > 0) {
    fn.get(out)
      .i32(0)
      .i32(rows * batch * kernel.columns * bytes);
    fn.code.byte(0xfc).byte(0x0b).byte(0);
  }
  if (layout !== null) {
    each(b, batch, 1, () => {
      fn.i32(layout.left.transposed).i32(layout.right.transposed).i32(rows).i32(kernel.columns).i32(inner);
      place(left, [b, kernel.left[0] * bytes]);
      fn.i32(layout.left.leading);
      place(right, [b, kernel.right[0] * bytes]);
      fn.i32(layout.right.leading);
      place(out, [b, rows * kernel.columns * bytes]);
      fn.i32(kernel.columns).call(product.gemm!);
    });
  } else if (isSmall(kernel) && rows * batch * kernel.columns > 0) {
    emitSmallProduct(fn, { ...kernel, rows, batch }, { left, right, product: out, scratch: packed });
  } else if (inner > 0 && rows * batch * kernel.columns > 0) {
    each(b, batch, 1, () => {
      each(column, kernel.columns, block, () => {
        fn.i32(kernel.columns).get(column).op("i32.sub").tee(columns).i32(block).op("i32.gt_s").if();
        fn.i32(block).set(columns);
        fn.end();
        fn.get(packed);
        place(right, [b, kernel.right[0] * bytes], [column, kernel.right[2] * bytes]);
        fn.i32(kernel.right[1] * bytes)
          .i32(kernel.right[2] * bytes)
          .i32(inner)
          .get(columns)
          .call(product.packRight);
        each(row, rows, ROW_BLOCK, () => {
          fn.i32(rows).get(row).op("i32.sub").tee(count).i32(ROW_BLOCK).op("i32.gt_s").if();
          fn.i32(ROW_BLOCK).set(count);
          fn.end();
          place(left, [b, kernel.left[0] * bytes], [row, kernel.left[1] * bytes]);
          fn.get(packed);
          place(out, [b, kernel.rows * kernel.columns * bytes], [row, kernel.columns * bytes], [column, bytes]);
          fn.get(leftScratch)
            .i32(kernel.left[1] * bytes)
            .i32(kernel.left[2] * bytes)
            .get(count)
            .get(columns)
            .i32(inner)
            .i32(kernel.columns * bytes)
            .call(product.rows);
          if (split)
            callEpilogue(
              () => fn.get(row),
              () => fn.get(row).get(count).op("i32.add"),
            );
        });
      });
    });
  }
  if (epilogue !== null && !(split && inner > 0)) {
    callEpilogue(
      () => fn.i32(0),
      () => fn.i32(splitExtent(epilogue, split)),
    );
  }
  return fn;
}
