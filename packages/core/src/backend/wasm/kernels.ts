import { type Kernel, kernelKey } from "../../kernel/kernel.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Blas } from "../blas/blas.ts";
import { I32, type ModuleBuilder } from "./assembler.ts";
import { emitLoop } from "./loop/loop.ts";
import { matmulModule } from "./matmul.ts";
import { EngineModule, type Source } from "./modules.ts";
import { loopCost, type Part, scanCost } from "./parts.ts";
import { emitProduct, GEMM_PARAMETERS, PACK_PARAMETERS, type ProductFunctions, ROWS_PARAMETERS } from "./product.ts";
import { MathFunctions } from "./scalars.ts";
import { emitScan, emitScatter } from "./small.ts";

/** A part as a plan calls it: the function's number in the plan's module. */
export interface CallablePart {
  readonly index: number;
  readonly tasks: number;
  readonly cost: number;
}

interface CachedPart {
  readonly name: string;
  readonly parameters: number;
  readonly tasks: number;
  readonly cost: number;
}

interface CachedKernel {
  readonly module: EngineModule;
  readonly parts: readonly CachedPart[];
  users: number;
}

/** Compiled kernels by what they do: a kernel that several plans call is compiled once. */
const compiled = new Map<string, CachedKernel>();
const products = new Map<DType, EngineModule>();

function productModule(dtype: DType): EngineModule {
  let module = products.get(dtype);
  if (module === undefined) {
    module = new EngineModule(matmulModule(dtype), {});
    products.set(dtype, module);
  }
  return module;
}

/** The kernels of one plan: those that are compiled already are imported, the others written into its module. */
export class KernelSet {
  readonly sources: Record<string, Source> = {};
  private readonly keys: string[];
  private readonly fresh = new Map<string, Part[]>();
  private readonly parts = new Map<string, CallablePart[]>();

  /** Imports of the plan's own must be declared before. */
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
    const productFunctions = new Map<DType, ProductFunctions>();
    let number = 0;
    for (const [key, kernel] of unique) {
      const known = compiled.get(key);
      if (known !== undefined) {
        const parts = known.parts.map(({ name, parameters, tasks, cost }): CallablePart => {
          const index = this.import(`k${number++}`, parameters, { module: known.module, name });
          return { index, tasks, cost };
        });
        this.parts.set(key, parts);
      } else if (kernel.kind === "matmul" && !productFunctions.has(kernel.dtype))
        productFunctions.set(kernel.dtype, this.importProduct(kernel.dtype));
    }
    const math = new MathFunctions(module);
    let exported = 0;
    for (const [key, kernel] of unique) {
      if (this.parts.has(key)) continue;
      const parts = this.emit(kernel, math, productFunctions);
      for (const { fn } of parts) module.export(`f${exported++}`, fn);
      this.fresh.set(key, parts);
      this.parts.set(
        key,
        parts.map(({ fn, tasks, cost }) => ({ index: fn.index, tasks, cost })),
      );
    }
  }

  /** The parts of the kernel at a place in the list, to be called one after the other. */
  partsOf(place: number): readonly CallablePart[] {
    return this.parts.get(this.keys[place])!;
  }

  private import(name: string, parameters: number, source: Source): number {
    this.sources[name] = source;
    return this.module.importFunction(name, new Array(parameters).fill(I32), []);
  }

  private importProduct(dtype: DType): ProductFunctions {
    const module = productModule(dtype);
    const { blas } = this;
    return {
      packRight: this.import(`pack_${dtype}`, PACK_PARAMETERS.length, { module, name: "packRight" }),
      rows: this.import(`rows_${dtype}`, ROWS_PARAMETERS.length, { module, name: "rows" }),
      gemm:
        blas === null || blas.gemm(dtype) === null
          ? null
          : this.import(`gemm_${dtype}`, GEMM_PARAMETERS.length, { gemm: dtype, blas }),
    };
  }

  private emit(kernel: Kernel, math: MathFunctions, products: Map<DType, ProductFunctions>): Part[] {
    if (kernel.kind === "loop") return [{ ...emitLoop(this.module, math, kernel), cost: loopCost(kernel) }];
    if (kernel.kind === "scatter") return [{ fn: emitScatter(this.module, kernel), tasks: 1, cost: 0 }];
    if (kernel.kind === "scan") return [{ ...emitScan(this.module, kernel), cost: scanCost(kernel) }];
    return emitProduct(this.module, math, kernel, products.get(kernel.dtype)!);
  }

  /** Takes the new kernels of the plan's module into the cache and counts this plan as a user of all. */
  adopt(module: EngineModule): void {
    let exported = 0;
    for (const [key, parts] of this.fresh) {
      module.retain();
      compiled.set(key, {
        module,
        parts: parts.map(({ fn, tasks, cost }) => ({
          name: `f${exported++}`,
          parameters: fn.parameters.length,
          tasks,
          cost,
        })),
        users: 0,
      });
    }
    for (const key of new Set(this.keys)) compiled.get(key)!.users++;
  }

  /** Forgets what no plan uses any more. */
  release(): void {
    for (const key of new Set(this.keys)) {
      const kernel = compiled.get(key)!;
      if (--kernel.users > 0) continue;
      compiled.delete(key);
      kernel.module.release();
    }
  }
}
