import { Storage } from "../backend/storage.ts";
import type { DType } from "../tensor/dtype.ts";
import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Dependencies } from "./dependencies.ts";

let blocks = 0;

/**
 * A contiguous piece of memory that slots lie in. Its version moves whenever something in it is assigned: a graph that
 * read an older version is out of date.
 */
export class Block {
  version = 0;
  /** Blocks in the order in which they were made. */
  readonly number = blocks++;
  /** What has been computed from it. */
  readonly dependents: Dependencies[] = [];
  readonly storage: Storage;

  constructor(
    readonly dtype: DType,
    readonly length: number,
  ) {
    this.storage = new Storage(dtype, length);
  }

  /** Its contents have changed, in this evaluation: what was computed from them is out of date. */
  moved(evaluation: number): void {
    this.version++;
    for (const dependents of this.dependents) dependents.dropAll(evaluation);
  }
}

/** Storage that a program can assign to: a parameter, a gradient, a buffer, an optimizer's state. */
export class Slot {
  /** The value that will be written here by the next evaluation. */
  pending: Tensor | null = null;
  /** The node that stands for the present version, shared by all its readers. */
  reader: Tensor | null = null;

  constructor(
    public block: Block,
    public offset: number,
    readonly shape: Shape,
  ) {}

  static allocate(shape: Shape, dtype: DType): Slot {
    return new Slot(new Block(dtype, sizeOf(shape)), 0, shape);
  }

  get length(): number {
    return sizeOf(this.shape);
  }

  get dtype(): DType {
    return this.block.dtype;
  }
}
