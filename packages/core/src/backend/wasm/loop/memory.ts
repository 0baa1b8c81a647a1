import type { Access, Expression } from "../../../kernel/kernel.ts";
import { elementBytes } from "../../../tensor/dtype.ts";
import { type FunctionBuilder, I32, type Local, V128 } from "../assembler.ts";
import type { ScalarEmitter } from "../scalars.ts";
import type { VectorBuilder } from "../vector.ts";
import type { Cursor, LoopNest } from "./nest.ts";

/** Where in the vector dim a body stands: the unrolled copy, and how many lanes hold elements. */
export interface Position {
  readonly copy: number;
  readonly valid: number;
}

/** Elements from memory to vectors and back, and indices as vectors, at a place of the loops. */
export class MemoryEmitter {
  private readonly fn: FunctionBuilder;

  /** @param vector the dim that lanes run along, −1 where there is none */
  constructor(
    private readonly v: VectorBuilder,
    private readonly scalar: ScalarEmitter,
    private readonly nest: LoopNest,
    private readonly lanes: number,
    private readonly vector: number,
  ) {
    this.fn = v.fn;
  }

  private vectorStride(cursor: Cursor): number {
    return this.vector < 0 ? 0 : cursor.strides[this.vector];
  }

  load(cursor: Cursor, access: Access, position: Position): Local {
    const mask = access.mask?.map((range) => (range[1] === Number.MAX_SAFE_INTEGER ? null : range));
    const raw = mask?.some((range) => range !== null)
      ? this.maskedLoad(cursor, access, position, mask)
      : this.rawLoad(cursor, access, position);
    if (access.dtype !== "bool") return raw;
    return this.scalar.widen(this.v.op("i32x4.ne", raw, this.v.i32(0)));
  }

  /** Elements as they lie in memory: bools as words. */
  private rawLoad(cursor: Cursor, access: Access, position: Position): Local {
    const { fn, v, lanes } = this;
    const bytes = elementBytes(access.dtype);
    const stride = this.vectorStride(cursor);
    const wide = bytes === 8;
    const single = wide ? "v128.load64_zero" : "v128.load32_zero";
    const lane = wide ? "v128.load64_lane" : "v128.load32_lane";
    const offset = position.copy * lanes * stride;
    if (stride === 0) {
      fn.get(cursor.local).vectorMemory(wide ? "v128.load64_splat" : "v128.load32_splat");
      return v.result();
    }
    if (stride === bytes) {
      if (position.valid === 1) fn.get(cursor.local).vectorMemory(single, offset);
      else if (position.valid * bytes === 16) fn.get(cursor.local).vectorMemory("v128.load", offset);
      else {
        fn.get(cursor.local).vectorMemory("v128.load64_zero", offset);
        if (position.valid === 3) {
          const low = v.result();
          fn.get(cursor.local)
            .get(low)
            .vectorMemory("v128.load32_lane", offset + 8, 2);
        }
      }
      return v.result();
    }
    let loaded = -1;
    for (let which = 0; which < position.valid; which++) {
      const place = offset + which * stride;
      fn.get(cursor.local);
      if (place < 0) fn.i32(place).op("i32.add");
      if (which === 0) fn.vectorMemory(single, Math.max(place, 0));
      else fn.get(loaded).vectorMemory(lane, Math.max(place, 0), which);
      loaded = v.result();
    }
    return loaded;
  }

  /** Pushes 1 where the indices along the masked dims other than the vector dim are inside. */
  private pushInside(mask: (readonly [number, number] | null)[]): void {
    const { fn } = this;
    fn.i32(1);
    mask.forEach((range, dim) => {
      if (range === null || dim === this.vector) return;
      fn.get(this.nest.indices[dim]!)
        .i32(range[0])
        .op("i32.sub")
        .i32(range[1] - range[0])
        .op("i32.lt_u")
        .op("i32.and");
    });
  }

  private maskedLoad(
    cursor: Cursor,
    access: Access,
    position: Position,
    mask: (readonly [number, number] | null)[],
  ): Local {
    const { fn, lanes } = this;
    const { vector } = this;
    const result = fn.local(V128);
    fn.get(this.v.i32(0)).set(result);
    this.pushInside(mask);
    fn.if();
    const range = vector < 0 ? null : mask[vector];
    if (range === null) fn.get(this.rawLoad(cursor, access, position)).set(result);
    else {
      const bytes = elementBytes(access.dtype);
      const stride = this.vectorStride(cursor);
      const first = position.copy * lanes;
      for (let which = 0; which < position.valid; which++) {
        fn.get(this.nest.indices[vector]!)
          .i32(first + which - range[0])
          .op("i32.add")
          .i32(range[1] - range[0])
          .op("i32.lt_u")
          .if();
        fn.get(cursor.local)
          .i32((first + which) * stride)
          .op("i32.add")
          .get(result)
          .vectorMemory(bytes === 8 ? "v128.load64_lane" : "v128.load32_lane", 0, which)
          .set(result);
        fn.end();
      }
    }
    fn.end();
    return result;
  }

  index(cursor: Cursor, expression: Extract<Expression, { kind: "index" }>, position: Position): Local {
    const { fn, v } = this;
    const stride = this.vectorStride(cursor);
    const first = position.copy * this.lanes * stride;
    fn.get(cursor.local).simd("i32x4.splat");
    let result = v.result();
    if (stride !== 0) {
      const steps = Int32Array.from({ length: 4 }, (_, lane) => first + lane * stride);
      result = v.op("i32x4.add", result, fn.constant(new Uint8Array(steps.buffer)));
    }
    const mask = expression.mask?.map((range) => (range[1] === Number.MAX_SAFE_INTEGER ? null : range));
    if (!mask?.some((range) => range !== null)) return result;
    const masked = fn.local(V128);
    fn.get(v.i32(0)).set(masked);
    this.pushInside(mask);
    fn.if();
    const range = this.vector < 0 ? null : mask[this.vector];
    if (range === null) fn.get(result).set(masked);
    else {
      fn.get(this.nest.indices[this.vector]!).simd("i32x4.splat");
      const lanesAt = Int32Array.from({ length: 4 }, (_, lane) => position.copy * this.lanes + lane);
      const place = v.op("i32x4.add", v.result(), fn.constant(new Uint8Array(lanesAt.buffer)));
      const inside = v.op(
        "v128.and",
        v.op("i32x4.ge_s", place, v.i32(range[0])),
        v.op("i32x4.lt_s", place, v.i32(range[1])),
      );
      fn.get(v.op("v128.and", result, inside)).set(masked);
    }
    fn.end();
    return masked;
  }

  gather(expression: Extract<Expression, { kind: "gather" }>, index: Local, position: Position): Local {
    const { fn, v } = this;
    const bytes = elementBytes(expression.dtype);
    const result = fn.local(V128);
    const outside = expression.dtype === "float32" || expression.dtype === "float64" ? Number.NaN : 0;
    fn.get(expression.dtype === "bool" ? v.i32(0) : this.scalar.constant(outside, expression.dtype)).set(result);
    const place = fn.local(I32);
    for (let which = 0; which < position.valid; which++) {
      fn.get(index).lane("i32x4.extract_lane", which).tee(place).i32(expression.length).op("i32.lt_u").if();
      fn.get(place)
        .i32(bytes)
        .op("i32.mul")
        .get(3 + expression.buffer)
        .op("i32.add")
        .get(result)
        .vectorMemory(bytes === 8 ? "v128.load64_lane" : "v128.load32_lane", 0, which)
        .set(result);
      fn.end();
    }
    return expression.dtype === "bool" ? this.scalar.widen(v.op("i32x4.ne", result, v.i32(0))) : result;
  }

  store(cursor: Cursor, access: Access, value: Local, position: Position): void {
    const { fn, v, lanes } = this;
    const bytes = elementBytes(access.dtype);
    const stride = this.vectorStride(cursor);
    if (access.dtype === "bool") value = v.op("v128.and", this.scalar.narrow(value), v.i32(1));
    const lane = bytes === 8 ? "v128.store64_lane" : "v128.store32_lane";
    const offset = position.copy * lanes * stride;
    if (stride === bytes && position.valid * bytes === 16) {
      fn.get(cursor.local).get(value).vectorMemory("v128.store", offset);
      return;
    }
    if (stride === bytes && bytes === 4 && position.valid >= 2) {
      fn.get(cursor.local).get(value).vectorMemory("v128.store64_lane", offset, 0);
      if (position.valid === 3)
        fn.get(cursor.local)
          .get(value)
          .vectorMemory("v128.store32_lane", offset + 8, 2);
      return;
    }
    const count = stride === 0 ? 1 : position.valid;
    for (let at = 0; at < count; at++) {
      fn.get(cursor.local)
        .get(value)
        .vectorMemory(lane, offset + at * stride, at);
    }
  }
}
