import type { Local } from "../assembler.ts";
import type { VectorBuilder } from "../vector.ts";
import { HIGH_HALF } from "./lanes.ts";

/** Low words of the 64-bit lanes of two vectors. */
const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];

/** The quotient of int32 through float64, truncated, which is exact; −2³¹ / −1 wraps round, and 0 divides to anything. */
function quotient(v: VectorBuilder, x: Local, y: Local): Local {
  const half = (shift: (a: Local) => Local): Local => {
    const a = v.op("f64x2.convert_low_i32x4_s", shift(x));
    const b = v.op("f64x2.convert_low_i32x4_s", shift(y));
    // Adding 1.5 · 2^52 leaves the integer in the low bits.
    return v.op("f64x2.add", v.op("f64x2.trunc", v.op("f64x2.div", a, b)), v.f64(1.5 * 2 ** 52));
  };
  return v.shuffle(
    half((a) => a),
    half((a) => v.shuffle(a, a, HIGH_HALF)),
    LOW_WORDS,
  );
}

/** Integer division towards zero; a zero divisor gives 0. */
export function idiv(v: VectorBuilder, x: Local, y: Local): Local {
  return v.op("v128.and", quotient(v, x, y), v.op("i32x4.ne", y, v.i32(0)));
}

/** The remainder with the sign of the dividend; a zero divisor gives 0. */
export function irem(v: VectorBuilder, x: Local, y: Local): Local {
  const remainder = v.op("i32x4.sub", x, v.op("i32x4.mul", quotient(v, x, y), y));
  return v.op("v128.and", remainder, v.op("i32x4.ne", y, v.i32(0)));
}
