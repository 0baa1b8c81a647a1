import { type FunctionBuilder, type Local, V128 } from "./assembler.ts";
import type { SimdInstruction } from "./opcodes.ts";

/**
 * Writes SIMD expressions: every method emits its instruction and returns the local that holds the result, so that
 * numeric code reads as assignments. Constants are hoisted to the start of the function.
 */
export class VectorBuilder {
  constructor(readonly fn: FunctionBuilder) {}

  /** Applies an instruction that takes only vectors and gives one. */
  op(instruction: SimdInstruction, ...operands: Local[]): Local {
    for (const operand of operands) this.fn.get(operand);
    this.fn.simd(instruction);
    return this.result();
  }

  /** The vector on top of the stack, in a new local. */
  result(): Local {
    const local = this.fn.local(V128);
    this.fn.set(local);
    return local;
  }

  /** A shift of each lane by the same constant distance: i32x4.shl, i64x2.shr_u and so on. */
  shift(instruction: SimdInstruction, operand: Local, distance: number): Local {
    this.fn.get(operand).i32(distance).simd(instruction);
    return this.result();
  }

  /** Bytes 0–15 of the first operand and 16–31 of the second, chosen by sixteen indices. */
  shuffle(first: Local, second: Local, lanes: readonly number[]): Local {
    this.fn.get(first).get(second).shuffle(lanes);
    return this.result();
  }

  /** Bits of `whenSet` where `mask` has ones, of `whenClear` elsewhere. */
  select(mask: Local, whenSet: Local, whenClear: Local): Local {
    this.fn.get(whenSet).get(whenClear).get(mask).simd("v128.bitselect");
    return this.result();
  }

  /** Four copies of a float32. */
  f32(value: number): Local {
    return this.fn.constant(new Uint8Array(new Float32Array(4).fill(value).buffer));
  }

  /** Two copies of a float64. */
  f64(value: number): Local {
    return this.fn.constant(new Uint8Array(new Float64Array(2).fill(value).buffer));
  }

  /** Four copies of a 32-bit integer. */
  i32(value: number): Local {
    return this.fn.constant(new Uint8Array(new Int32Array(4).fill(value).buffer));
  }

  /** Two copies of a 64-bit integer. */
  i64(value: bigint): Local {
    return this.fn.constant(new Uint8Array(new BigInt64Array(2).fill(value).buffer));
  }
}
