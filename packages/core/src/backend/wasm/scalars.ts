import type { ScalarName } from "../../kernel/scalar.ts";
import { PARITY, ROTATIONS } from "../../random/threefry.ts";
import type { DType } from "../../tensor/dtype.ts";
import { type FunctionBuilder, type Local, type ModuleBuilder, V128 } from "./assembler.ts";
import { MATH } from "./math/index.ts";
import type { SimdInstruction } from "./opcodes.ts";
import { VectorBuilder } from "./vector.ts";

/** Lanes 0 and 1 of 64 bits, cut to 32 bits each at the low end. */
const NARROW = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];

/** Functions of a module that hold long mathematical code, made once when first called. */
export class MathFunctions {
  private readonly functions = new Map<string, FunctionBuilder>();

  constructor(private readonly module: ModuleBuilder) {}

  get(name: string, type: "f32" | "f64", arity: number): FunctionBuilder {
    const key = `${name}.${type}`;
    let fn = this.functions.get(key);
    if (fn === undefined) {
      const parameters = new Array<typeof V128>(arity).fill(V128);
      fn = this.module.function(parameters, [V128]);
      this.functions.set(key, fn);
      fn.get(MATH[name][type](new VectorBuilder(fn), ...parameters.map((_, index) => index)));
    }
    return fn;
  }
}

/**
 * The scalar table in SIMD. A vector holds `lanes` elements: 4, or 2 in kernels with float64, where 32-bit values lie in
 * the two low lanes. A bool is a mask, all ones or zeros, as wide as a lane of the kernel (32 or 64 bits).
 */
export class ScalarEmitter {
  constructor(
    private readonly v: VectorBuilder,
    private readonly lanes: number,
    private readonly math: MathFunctions,
  ) {}

  constant(value: number, dtype: DType): Local {
    if (dtype === "float32") return this.v.f32(value);
    if (dtype === "float64") return this.v.f64(value);
    if (dtype === "int32") return this.v.i32(value);
    return this.v.i32(value ? -1 : 0);
  }

  /** A mask of 32-bit lanes as a bool of this kernel. */
  widen(mask: Local): Local {
    return this.lanes === 2 ? this.v.op("i64x2.extend_low_i32x4_s", mask) : mask;
  }

  /** A bool of this kernel as a mask of 32-bit lanes. */
  narrow(mask: Local): Local {
    return this.lanes === 2 ? this.v.shuffle(mask, mask, NARROW) : mask;
  }

  select(condition: Local, whenTrue: Local, whenFalse: Local, dtype: DType): Local {
    const mask = dtype === "float64" || dtype === "bool" ? condition : this.narrow(condition);
    return this.v.select(mask, whenTrue, whenFalse);
  }

  map(fn: ScalarName, operands: Local[], from: DType, to: DType): Local {
    const [x, y, z] = operands;
    const type = from === "float64" ? "f64x2" : from === "float32" ? "f32x4" : "i32x4";
    const float = from === "float32" || from === "float64";
    const op = (name: string, ...args: Local[]): Local => this.v.op(`${type}.${name}` as SimdInstruction, ...args);
    switch (fn) {
      case "cast":
        return this.cast(x, from, to);
      case "where":
        return this.select(x, y, z, to);
      case "unit":
        return this.unit(x, to);
      case "threefry":
        return this.threefry(operands);
      case "not":
        return from === "bool" ? this.v.op("v128.not", x) : this.compare("eq", x, this.constant(0, from), from);
      case "eq":
      case "ne":
      case "lt":
      case "le":
      case "gt":
      case "ge":
        return this.compare(fn, x, y, from);
      case "and":
      case "or":
      case "xor":
        return this.v.op(`v128.${fn}`, x, y);
      case "min":
      case "max":
        if (from === "bool") return this.v.op(fn === "min" ? "v128.and" : "v128.or", x, y);
        return op(float ? fn : `${fn}_s`, x, y);
      case "add":
      case "sub":
      case "mul":
        return op(fn, ...operands);
      case "neg":
      case "abs":
        if (!float) return op(fn, x);
        // One instruction, where V8 makes the constant anew each time.
        return this.v.op(fn === "neg" ? "v128.xor" : "v128.andnot", x, this.constant(-0, from));
      case "div":
        return float ? op("div", x, y) : this.call("idiv", operands, from);
      case "rem":
        return this.call("irem", operands, from);
      case "ceil":
      case "floor":
      case "trunc":
        return float ? op(fn, x) : x;
      case "round":
        return float ? op("nearest", x) : x;
      case "sqrt":
        return op("sqrt", x);
      case "rsqrt":
        return op("div", this.constant(1, from), op("sqrt", x));
      case "sign": {
        if (!float) {
          const positive = this.v.op("i32x4.gt_s", x, this.v.i32(0));
          const negative = this.v.op("i32x4.lt_s", x, this.v.i32(0));
          return this.v.op("i32x4.sub", negative, positive);
        }
        // ±1 with the sign of x where x ≠ 0; ±0 and NaN stay.
        const minus = this.constant(-0, from);
        const unit = this.v.op("v128.or", this.v.op("v128.and", x, minus), this.constant(1, from));
        const nonzero = this.v.op("v128.or", op("lt", x, this.constant(0, from)), op("gt", x, this.constant(0, from)));
        return this.v.select(nonzero, unit, x);
      }
      default:
        return this.call(fn, operands, from);
    }
  }

  /**
   * max or min of x and a number: one or two instructions, where the general one, which must see to NaN and signed zeros in
   * either operand, takes eight on x86; null where it takes that one.
   */
  extremeOf(fn: "max" | "min", x: Local, bound: number, dtype: DType): Local | null {
    if ((dtype !== "float32" && dtype !== "float64") || Number.isNaN(bound)) return null;
    if (fn === "min" && Object.is(bound, -0)) return null;
    const type = dtype === "float64" ? "f64x2" : "f32x4";
    // x < bound ? bound : x, so that NaN stays.
    const result = this.v.op(`${type}.p${fn}`, x, this.constant(bound, dtype));
    // max(−0, 0) is 0.
    return fn === "max" && Object.is(bound, 0) ? this.v.op(`${type}.add`, result, this.constant(0, dtype)) : result;
  }

  private call(name: string, operands: Local[], dtype: DType): Local {
    const type = dtype === "float64" ? "f64" : "f32";
    const entry = MATH[name];
    if (entry === undefined) throw new Error(`the wasm backend has no ${name}`);
    if (entry.inline) return entry[type](this.v, ...operands);
    for (const operand of operands) this.v.fn.get(operand);
    this.v.fn.call(this.math.get(name, type, operands.length).index);
    return this.v.result();
  }

  private compare(fn: "eq" | "ne" | "lt" | "le" | "gt" | "ge", x: Local, y: Local, dtype: DType): Local {
    if (dtype === "float64") return this.v.op(`f64x2.${fn}`, x, y);
    if (dtype === "float32") return this.widen(this.v.op(`f32x4.${fn}`, x, y));
    if (dtype === "int32") {
      const name = fn === "eq" || fn === "ne" ? fn : (`${fn}_s` as const);
      return this.widen(this.v.op(`i32x4.${name}`, x, y));
    }
    if (fn === "ne") return this.v.op("v128.xor", x, y);
    if (fn === "eq") return this.v.op("v128.not", this.v.op("v128.xor", x, y));
    if (fn === "lt") return this.v.op("v128.andnot", y, x);
    if (fn === "gt") return this.v.op("v128.andnot", x, y);
    if (fn === "le") return this.v.op("v128.not", this.v.op("v128.andnot", x, y));
    return this.v.op("v128.not", this.v.op("v128.andnot", y, x));
  }

  private cast(x: Local, from: DType, to: DType): Local {
    if (from === to) return x;
    if (from === "bool") {
      if (to === "float64") return this.v.op("v128.and", x, this.v.f64(1));
      return this.v.op("v128.and", this.narrow(x), this.constant(1, to));
    }
    if (to === "bool") return this.compare("ne", x, this.constant(0, from), from);
    if (from === "float32")
      return this.v.op(to === "float64" ? "f64x2.promote_low_f32x4" : "i32x4.trunc_sat_f32x4_s", x);
    if (from === "float64")
      return this.v.op(to === "float32" ? "f32x4.demote_f64x2_zero" : "i32x4.trunc_sat_f64x2_s_zero", x);
    return this.v.op(to === "float32" ? "f32x4.convert_i32x4_s" : "f64x2.convert_low_i32x4_s", x);
  }

  private unit(x: Local, to: DType): Local {
    if (to === "float64")
      return this.v.op("f64x2.mul", this.v.op("f64x2.convert_low_i32x4_u", x), this.v.f64(2 ** -32));
    const high = this.v.shift("i32x4.shr_u", x, 8);
    return this.v.op("f32x4.mul", this.v.op("f32x4.convert_i32x4_s", high), this.v.f32(2 ** -24));
  }

  private threefry([index, key0, key1, counter0, counter1]: Local[]): Local {
    const { v } = this;
    const key = [key0, key1, v.op("v128.xor", v.op("v128.xor", key0, key1), v.i32(PARITY))];
    let x0 = v.op("i32x4.add", v.op("i32x4.add", counter0, index), key[0]);
    let x1 = v.op("i32x4.add", counter1, key[1]);
    for (let round = 0; round < 20; round++) {
      const distance = ROTATIONS[round % 8];
      x0 = v.op("i32x4.add", x0, x1);
      x1 = v.op("v128.or", v.shift("i32x4.shl", x1, distance), v.shift("i32x4.shr_u", x1, 32 - distance));
      x1 = v.op("v128.xor", x1, x0);
      if (round % 4 === 3) {
        const step = (round + 1) / 4;
        x0 = v.op("i32x4.add", x0, key[step % 3]);
        x1 = v.op("i32x4.add", v.op("i32x4.add", x1, key[(step + 1) % 3]), v.i32(step));
      }
    }
    return x0;
  }
}
