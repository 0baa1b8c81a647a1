import type { MemoryLimits } from "../memory.ts";
import { Bytes } from "./bytes.ts";
import {
  ATOMIC,
  type AtomicInstruction,
  SCALAR,
  type ScalarInstruction,
  SIMD,
  type SimdInstruction,
} from "./opcodes.ts";

/** Value types by their encodings. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128;

/** The index of a local variable of the function being written. */
export type Local = number;

const EMPTY_BLOCK = 0x40;

/** One function of a module: its code as it is written, its locals, and constants that are set before the body. */
export class FunctionBuilder {
  readonly code = new Bytes();
  private readonly prologue = new Bytes();
  private readonly localTypes: ValueType[] = [];
  private readonly constants = new Map<string, Local>();

  constructor(
    readonly module: ModuleBuilder,
    readonly index: number,
    readonly parameters: readonly ValueType[],
    readonly results: readonly ValueType[],
  ) {}

  local(type: ValueType): Local {
    this.localTypes.push(type);
    return this.parameters.length + this.localTypes.length - 1;
  }

  get(local: Local): this {
    this.code.byte(0x20).unsigned(local);
    return this;
  }

  set(local: Local): this {
    this.code.byte(0x21).unsigned(local);
    return this;
  }

  tee(local: Local): this {
    this.code.byte(0x22).unsigned(local);
    return this;
  }

  /** Sets a local to the number on the stack, or to the limit if that is less (both signed). */
  setAtMost(local: Local, limit: number): this {
    return this.tee(local).i32(limit).op("i32.gt_s").if().i32(limit).set(local).end();
  }

  /** A loop whose body runs for every number of a range that is not empty: from one local up to another. */
  eachOf(begin: Local, end: Local, body: (at: Local) => void): this {
    const at = this.local(I32);
    this.get(begin).set(at).loop();
    body(at);
    return this.get(at).i32(1).op("i32.add").tee(at).get(end).op("i32.lt_s").branchIf(0).end();
  }

  /** A loop whose body runs for counter = 0, step, … while that is below the limit (not at all where it is 0). */
  counted(counter: Local, limit: Local, step: number, body: () => void): this {
    return this.i32(0).set(counter).countedOn(counter, limit, step, body);
  }

  /** As counted, from where the counter stands. */
  countedOn(counter: Local, limit: Local, step: number, body: () => void): this {
    this.block().get(counter).get(limit).op("i32.ge_s").branchIf(0).loop();
    body();
    return this.get(counter).i32(step).op("i32.add").tee(counter).get(limit).op("i32.lt_s").branchIf(0).end().end();
  }

  i32(value: number): this {
    this.code.byte(0x41).signed(value);
    return this;
  }

  op(instruction: ScalarInstruction): this {
    this.code.byte(SCALAR[instruction]);
    return this;
  }

  /** A scalar load or store: its address, and for stores its value, are on the stack. */
  memory(instruction: ScalarInstruction, offset = 0): this {
    this.code.byte(SCALAR[instruction]).unsigned(0).unsigned(offset);
    return this;
  }

  /** An atomic access to 32 bits; its address and operands are on the stack. */
  atomic(instruction: AtomicInstruction, offset = 0): this {
    this.code.byte(0xfe).unsigned(ATOMIC[instruction]).unsigned(2).unsigned(offset);
    return this;
  }

  i64(value: bigint): this {
    this.code.byte(0x42).signed64(value);
    return this;
  }

  drop(): this {
    this.code.byte(0x1a);
    return this;
  }

  unreachable(): this {
    this.code.byte(0x00);
    return this;
  }

  simd(instruction: SimdInstruction): this {
    this.code.byte(0xfd).unsigned(SIMD[instruction]);
    return this;
  }

  /** An instruction with a lane number: extract_lane and replace_lane. */
  lane(instruction: SimdInstruction, lane: number): this {
    this.simd(instruction).code.byte(lane);
    return this;
  }

  /** A SIMD load or store; lane loads and stores take the lane too. */
  vectorMemory(instruction: SimdInstruction, offset = 0, lane?: number): this {
    this.simd(instruction).code.unsigned(0).unsigned(offset);
    if (lane !== undefined) this.code.byte(lane);
    return this;
  }

  shuffle(lanes: readonly number[]): this {
    this.simd("i8x16.shuffle");
    for (const lane of lanes) this.code.byte(lane);
    return this;
  }

  block(): this {
    this.code.byte(0x02).byte(EMPTY_BLOCK);
    return this;
  }

  loop(): this {
    this.code.byte(0x03).byte(EMPTY_BLOCK);
    return this;
  }

  if(): this {
    this.code.byte(0x04).byte(EMPTY_BLOCK);
    return this;
  }

  else(): this {
    this.code.byte(0x05);
    return this;
  }

  end(): this {
    this.code.byte(0x0b);
    return this;
  }

  branch(depth: number): this {
    this.code.byte(0x0c).unsigned(depth);
    return this;
  }

  branchIf(depth: number): this {
    this.code.byte(0x0d).unsigned(depth);
    return this;
  }

  return(): this {
    this.code.byte(0x0f);
    return this;
  }

  call(functionIndex: number): this {
    this.code.byte(0x10).unsigned(functionIndex);
    return this;
  }

  /** A local that holds 16 constant bytes, set once before the body, so that loops keep it in a register or on the stack. */
  constant(bytes: Uint8Array): Local {
    const key = bytes.join();
    let local = this.constants.get(key);
    if (local === undefined) {
      local = this.local(V128);
      this.prologue.byte(0xfd).unsigned(0x0c).append(bytes).byte(0x21).unsigned(local);
      this.constants.set(key, local);
    }
    return local;
  }

  writeTo(out: Bytes): void {
    const body = new Bytes();
    const runs: [number, ValueType][] = [];
    for (const type of this.localTypes) {
      const last = runs.at(-1);
      if (last && last[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    body.unsigned(runs.length);
    for (const [count, type] of runs) body.unsigned(count).byte(type);
    body.append(this.prologue.view()).append(this.code.view()).byte(0x0b);
    out.unsigned(body.length).append(body.view());
  }
}

/** A WebAssembly module as it is written. Imports must be declared before functions. */
export class ModuleBuilder {
  private readonly types = new Bytes();
  private readonly typeIndex = new Map<string, number>();
  private readonly imports = new Bytes();
  private importCount = 0;
  private importedFunctions = 0;
  private readonly functions: FunctionBuilder[] = [];
  private readonly functionTypes: number[] = [];
  private readonly exports = new Bytes();
  private exportCount = 0;

  private type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters.join()}:${results.join()}`;
    let index = this.typeIndex.get(key);
    if (index === undefined) {
      index = this.typeIndex.size;
      this.typeIndex.set(key, index);
      this.types.byte(0x60).unsigned(parameters.length);
      for (const type of parameters) this.types.byte(type);
      this.types.unsigned(results.length);
      for (const type of results) this.types.byte(type);
    }
    return index;
  }

  importMemory({ minimum, maximum, shared }: MemoryLimits): void {
    this.importCount++;
    this.imports.name("env").name("memory").byte(2);
    if (maximum === undefined) this.imports.byte(0).unsigned(minimum);
    else
      this.imports
        .byte(shared ? 3 : 1)
        .unsigned(minimum)
        .unsigned(maximum);
  }

  importFunction(name: string, parameters: readonly ValueType[], results: readonly ValueType[]): number {
    if (this.functions.length > 0) throw new Error("imports must be declared before functions");
    this.importCount++;
    this.imports.name("env").name(name).byte(0).unsigned(this.type(parameters, results));
    return this.importedFunctions++;
  }

  function(parameters: readonly ValueType[], results: readonly ValueType[] = []): FunctionBuilder {
    const index = this.importedFunctions + this.functions.length;
    const builder = new FunctionBuilder(this, index, parameters, results);
    this.functions.push(builder);
    this.functionTypes.push(this.type(parameters, results));
    return builder;
  }

  export(name: string, fn: FunctionBuilder): void {
    this.exportCount++;
    this.exports.name(name).byte(0).unsigned(fn.index);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes().append(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    const section = (id: number, count: number, content: Bytes): void => {
      if (count === 0) return;
      const head = new Bytes().unsigned(count);
      out
        .byte(id)
        .unsigned(head.length + content.length)
        .append(head.view())
        .append(content.view());
    };
    section(1, this.typeIndex.size, this.types);
    section(2, this.importCount, this.imports);
    const declared = new Bytes();
    for (const type of this.functionTypes) declared.unsigned(type);
    section(3, this.functions.length, declared);
    section(7, this.exportCount, this.exports);
    const code = new Bytes();
    for (const fn of this.functions) fn.writeTo(code);
    section(10, this.functions.length, code);
    return out.view();
  }
}
