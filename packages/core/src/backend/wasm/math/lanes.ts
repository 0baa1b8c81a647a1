import type { Local } from "../assembler.ts";
import type { SimdInstruction } from "../opcodes.ts";
import type { VectorBuilder } from "../vector.ts";
import { type Coefficients, F32, F64 } from "./coefficients.ts";

export type MathEmitter = (v: VectorBuilder, ...operands: Local[]) => Local;

type Binary = "add" | "sub" | "mul" | "div" | "pmin" | "pmax" | "eq" | "ne" | "lt" | "le" | "gt" | "ge";
type Unary = "sqrt" | "abs" | "neg" | "nearest" | "trunc" | "floor";

/** What of a floating-point format the algorithms need. */
interface Format {
  /** Bits of the significand after the leading one. */
  readonly fraction: number;
  /** The bias of the exponent. */
  readonly bias: number;
  /** The smallest normal number. */
  readonly tiny: number;
}

const SINGLE: Format = { fraction: 23, bias: 127, tiny: 2 ** -126 };
const DOUBLE: Format = { fraction: 52, bias: 1023, tiny: 2 ** -1022 };

/** Arithmetic on all lanes of one floating-point format, so that one text serves float32 and float64. */
export class Lanes {
  private readonly format: Format;

  constructor(
    readonly v: VectorBuilder,
    readonly wide: boolean,
    /** Float64 arithmetic for float32 results: the short polynomials are enough. */
    readonly short = !wide,
  ) {
    this.format = wide ? DOUBLE : SINGLE;
  }

  get coefficients(): Coefficients {
    return this.short ? F32 : F64;
  }

  get fraction(): number {
    return this.format.fraction;
  }

  get bias(): number {
    return this.format.bias;
  }

  get tiny(): number {
    return this.format.tiny;
  }

  op(name: Binary | Unary, ...operands: Local[]): Local {
    return this.v.op(`${this.wide ? "f64x2" : "f32x4"}.${name}` as SimdInstruction, ...operands);
  }

  add = (a: Local, b: Local): Local => this.op("add", a, b);
  sub = (a: Local, b: Local): Local => this.op("sub", a, b);
  mul = (a: Local, b: Local): Local => this.op("mul", a, b);
  div = (a: Local, b: Local): Local => this.op("div", a, b);
  abs = (a: Local): Local => this.op("abs", a);
  and = (a: Local, b: Local): Local => this.v.op("v128.and", a, b);
  or = (a: Local, b: Local): Local => this.v.op("v128.or", a, b);
  xor = (a: Local, b: Local): Local => this.v.op("v128.xor", a, b);
  /** Bits of a that are not in b. */
  andNot = (a: Local, b: Local): Local => this.v.op("v128.andnot", a, b);
  lt = (a: Local, b: Local): Local => this.op("lt", a, b);
  select = (mask: Local, whenSet: Local, whenClear: Local): Local => this.v.select(mask, whenSet, whenClear);

  /** Not above `bound`; NaN stays. */
  atMost = (a: Local, bound: number): Local => this.op("pmin", a, this.c(bound));
  /** Not below `bound`; NaN stays. */
  atLeast = (a: Local, bound: number): Local => this.op("pmax", a, this.c(bound));

  /** All lanes of one number. */
  c(value: number): Local {
    return this.wide ? this.v.f64(value) : this.v.f32(value);
  }

  /** All lanes of one number that is used once in a rare path, and so not worth setting up at the start. */
  once(value: number): Local {
    const values = this.wide ? new Float64Array(2).fill(value) : new Float32Array(4).fill(value);
    this.v.fn.code.byte(0xfd).unsigned(0x0c).append(new Uint8Array(values.buffer));
    return this.v.result();
  }

  /** All lanes of one bit pattern. */
  bits(value: bigint): Local {
    return this.wide ? this.v.i64(BigInt.asIntN(64, value)) : this.v.i32(Number(BigInt.asIntN(32, value)));
  }

  /** Integer addition and subtraction of the bit patterns. */
  plus(a: Local, b: Local): Local {
    return this.v.op(this.wide ? "i64x2.add" : "i32x4.add", a, b);
  }

  minus(a: Local, b: Local): Local {
    return this.v.op(this.wide ? "i64x2.sub" : "i32x4.sub", a, b);
  }

  /** Whether the bit patterns are equal, as a mask. */
  same(a: Local, b: Local): Local {
    return this.v.op(this.wide ? "i64x2.eq" : "i32x4.eq", a, b);
  }

  left(a: Local, distance: number): Local {
    return this.v.shift(this.wide ? "i64x2.shl" : "i32x4.shl", a, distance);
  }

  right(a: Local, distance: number): Local {
    return this.v.shift(this.wide ? "i64x2.shr_u" : "i32x4.shr_u", a, distance);
  }

  get signBit(): Local {
    return this.c(-0);
  }

  /** The size of a with the sign of b; a must not be negative. */
  withSign(a: Local, b: Local): Local {
    return this.or(a, this.and(b, this.signBit));
  }

  /** coefficients[0] + coefficients[1] x + …, by Horner's rule. */
  polynomial(x: Local, coefficients: readonly number[]): Local {
    let sum = this.c(coefficients.at(-1) as number);
    for (let k = coefficients.length - 2; k >= 0; k--) sum = this.add(this.mul(sum, x), this.c(coefficients[k]));
    return sum;
  }

  /**
   * x as a number whose low bits are the integer nearest to x plus `offset`, and that integer as a float: adding
   * 1.5 · 2^fraction leaves no bits for a fraction (|x| below 2^(fraction − 2)).
   */
  nearest(x: Local, offset = 0): { shifted: Local; whole: Local } {
    const shift = this.c(1.5 * 2 ** this.fraction + offset);
    const shifted = this.add(x, shift);
    return { shifted, whole: this.sub(shifted, shift) };
  }

  /** a + b and its rounding error, where |a| ≥ |b| or a = 0 (Dekker). */
  fastTwoSum(a: Local, b: Local): [Local, Local] {
    const sum = this.add(a, b);
    return [sum, this.sub(b, this.sub(sum, a))];
  }

  /** a + b and its rounding error (Knuth). */
  twoSum(a: Local, b: Local): [Local, Local] {
    const sum = this.add(a, b);
    const part = this.sub(sum, a);
    return [sum, this.add(this.sub(a, this.sub(sum, part)), this.sub(b, part))];
  }

  /** a in two halves whose products with other halves are exact: the high one by masking the low bits (float64). */
  halves(a: Local): [Local, Local] {
    const high = this.and(a, this.bits(this.wide ? ~0x7ffffffn : ~0xfffn));
    return [high, this.sub(a, high)];
  }

  /** a · b and its rounding error (Dekker), without fused multiply-add; barring overflow and underflow. */
  twoProduct(a: Local, b: Local, [ah, al] = this.halves(a), [bh, bl] = this.halves(b)): [Local, Local] {
    const product = this.mul(a, b);
    const error = this.add(
      this.add(this.add(this.sub(this.mul(ah, bh), product), this.mul(ah, bl)), this.mul(al, bh)),
      this.mul(al, bl),
    );
    return [product, error];
  }

  /** Runs `then` only when any lane of the mask is set, for paths that are rare. */
  ifAny(mask: Local, then: () => void): void {
    this.v.fn.get(mask).simd("v128.any_true").if();
    then();
    this.v.fn.end();
  }
}

/** An emitter for each format from one text. */
export function both(emit: (l: Lanes, ...operands: Local[]) => Local): { f32: MathEmitter; f64: MathEmitter } {
  return {
    f32: (v, ...operands) => emit(new Lanes(v, false), ...operands),
    f64: (v, ...operands) => emit(new Lanes(v, true), ...operands),
  };
}

/**
 * A float64 emitter on float32 vectors: each half is widened, computed and rounded once, so that the result is within a
 * hair of half an ulp.
 */
export function throughDouble(emit: (l: Lanes, ...operands: Local[]) => Local): MathEmitter {
  return (v, ...operands) => {
    const l = new Lanes(v, true, true);
    const low = emit(l, ...operands.map((x) => v.op("f64x2.promote_low_f32x4", x)));
    const high = emit(l, ...operands.map((x) => v.op("f64x2.promote_low_f32x4", v.shuffle(x, x, HIGH_HALF))));
    return v.shuffle(v.op("f32x4.demote_f64x2_zero", low), v.op("f32x4.demote_f64x2_zero", high), LOW_HALVES);
  };
}

/** Shuffle patterns: the high half into the low place, and the low halves of two vectors. */
export const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];
export const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
