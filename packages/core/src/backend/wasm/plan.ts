import type { Call } from "../../graph/call.ts";
import type { Place } from "../../graph/lower.ts";
import { planMemory } from "../../graph/memoryplan.ts";
import { type Schedule, schedule } from "../../graph/schedule.ts";
import type { Slot } from "../../graph/slot.ts";
import { bytesMoved } from "../../graph/traffic.ts";
import { Unit } from "../../graph/unit.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { type DType, elementBytes } from "../../tensor/dtype.ts";
import { sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Effect } from "../backend.ts";
import type { Blas } from "../blas/blas.ts";
import { engineMemory } from "../memory.ts";
import { readElements, writeElements } from "../storage.ts";
import type { Arena } from "./arena.ts";
import { type FunctionBuilder, ModuleBuilder } from "./assembler.ts";
import { DriverBuilder, type WorthSharing } from "./driver.ts";
import { KernelSet } from "./kernels.ts";
import { EngineModule } from "./modules.ts";
import { productScratch } from "./product.ts";
import { LEAST_RESIDENT, residentAddress } from "./resident.ts";
import { Pace } from "./threads/pace.ts";
import { getThreads, runShared } from "./threads/threads.ts";

/** A pointer that a run must fill in: of a slot, or moved by slice starts. */
interface TableEntry {
  /** Where it counts from: the arena, this data input, or the slot of the state node with this number or of this effect. */
  readonly base: "arena" | "data" | "state" | "effect";
  readonly which: number;
  readonly offset: number;
  readonly starts: readonly { readonly local: number; readonly stride: number }[];
}

/** An argument of a call: a fixed place in the arena, or an entry of the table. */
type Argument = { readonly arena: number } | { readonly entry: number };

interface DataInput {
  readonly local: number;
  readonly dtype: DType;
  /** Its place in the arena, if it must be copied there. */
  readonly address: number;
  /** Whether it may lie in engine memory already. */
  readonly isLarge: boolean;
}

interface ScalarInput {
  readonly local: number;
  readonly dtype: DType;
  readonly address: number;
}

/** Where an output is found after a run. */
interface OutputPlace {
  readonly argument: Argument;
  readonly dtype: DType;
  readonly length: number;
}

/**
 * A schedule made ready to run again and again: buffers placed, kernels compiled, and a driver that calls them in order.
 * It holds no tensor: nodes are known by their number in the order.
 */
export class Plan {
  lastUsed = 0;
  /** Roughly what it costs to keep. */
  readonly bytes: number;
  readonly kernels: number;
  /** Bytes that its kernels read and write. */
  readonly bytesMoved: number;
  private readonly arenaBytes: number;
  private readonly tableAddress: number;
  private readonly table: TableEntry[] = [];
  private readonly data: DataInput[] = [];
  /** Where each of them lies in the present run. */
  private readonly dataPlaces: number[] = [];
  private readonly scalars: ScalarInput[] = [];
  private readonly roots: OutputPlace[];
  private readonly copies: { source: Argument; effect: number; bytes: number }[];
  private readonly module: EngineModule;
  private readonly kernelSet: KernelSet;
  /** Bytes of scratch that each thread needs. */
  private readonly scratchBytes: number;
  /** Nanoseconds of work that threads can share, 0 where one does it all. */
  private readonly sharedCost: number;
  private readonly pace = new Pace();
  private readonly dataAddress = new Map<Tensor, number>();
  private readonly slotNumbers = new Map<Slot, number>();

  constructor(
    readonly key: Int32Array,
    order: readonly Tensor[],
    roots: readonly Tensor[],
    effects: readonly Effect[],
    fuse: boolean,
    blas: Blas | null,
    worth: WorthSharing,
  ) {
    const made = schedule(order, roots, effects, fuse);
    effects.forEach(({ slot }, which) => {
      this.slotNumbers.set(slot, which);
    });
    const { calls } = made;
    this.kernels = calls.length;
    const scratch = calls.map((call, index) => ({ ...scratchOf(call), first: index, last: index, address: 0 }));
    this.scratchBytes = scratch.reduce((most, { own }) => Math.max(most, own), 0);
    const scalarBytes = calls.map((call) => 8 * scalarsOf(call).length);
    const intervals = [
      ...made.buffers.filter((buffer) => buffer.slot === null && buffer.last >= 0),
      ...scratch.filter(({ bytes }) => bytes > 0),
    ];
    const leaves = [...made.leaves].filter(([leaf]) => leaf.value !== null);
    const leafIntervals = leaves.map(([leaf, use]) => ({
      bytes: sizeOf(leaf.shape) * elementBytes(leaf.dtype),
      first: -1,
      last: use.last,
      address: 0,
    }));
    const planned = planMemory([...intervals, ...leafIntervals]);
    leaves.forEach(([leaf], which) => {
      const { address } = leafIntervals[which];
      this.dataAddress.set(leaf, address);
      const isLarge = leafIntervals[which].bytes >= LEAST_RESIDENT;
      this.data.push({ local: leaf.local, dtype: leaf.dtype, address, isLarge });
    });
    let address = planned;
    const scalarAddresses = calls.map((call, index) => {
      const start = address;
      scalarsOf(call).forEach((node, which) => {
        this.scalars.push({ local: node.local, dtype: node.dtype, address: start + 8 * which });
      });
      address += scalarBytes[index];
      return start;
    });
    this.tableAddress = address;

    const module = new ModuleBuilder();
    module.importMemory(engineMemory().limits);
    const driver = new DriverBuilder(module, worth);
    this.kernelSet = new KernelSet(
      module,
      calls.map((call): Kernel => (call.kind === "loop" ? call.loop.kernel : call.kernel)),
      blas,
    );
    driver.begin();
    const push = (fn: FunctionBuilder, argument: Argument): void => {
      fn.get(DriverBuilder.ARENA);
      if ("arena" in argument) fn.i32(argument.arena).op("i32.add");
      else fn.memory("i32.load", this.tableAddress + 4 * argument.entry);
    };
    calls.forEach((call, index) => {
      const resolved = (places: readonly Place[]): Argument[] => places.map((place) => this.argument(place, made));
      const factors = call.kind === "matmul" ? resolved([call.left, call.right, call.product]) : null;
      const looped = loopedPlaces(call);
      const loop = looped && [{ arena: scalarAddresses[index] }, ...resolved(looped)];
      driver.call(this.kernelSet.partsOf(index), (fn) => {
        if (factors !== null) {
          for (const argument of factors) push(fn, argument);
          fn.get(DriverBuilder.SCRATCH);
          push(fn, { arena: scratch[index].address });
        }
        for (const argument of loop ?? []) push(fn, argument);
      });
    });
    this.bytesMoved = bytesMoved(made);
    this.sharedCost = driver.end();
    this.roots = made.roots.map((root): OutputPlace => {
      const node = root instanceof Unit ? root.node : root;
      return {
        argument: this.argument({ source: root, offset: 0, starts: [], dtype: node.dtype }, made),
        dtype: node.dtype,
        length: sizeOf(node.shape),
      };
    });
    this.copies = made.copies.map(({ unit, slot }) => ({
      source: this.argument({ source: unit, offset: 0, starts: [], dtype: unit.node.dtype }, made),
      effect: this.slotNumbers.get(slot)!,
      bytes: sizeOf(unit.node.shape) * elementBytes(unit.node.dtype),
    }));
    this.arenaBytes = this.tableAddress + 4 * this.table.length + 16;
    const code = module.bytes();
    this.module = new EngineModule(code, { ...driver.sources, ...this.kernelSet.sources });
    this.kernelSet.adopt(this.module);
    this.bytes = code.length * 8 + key.length * 4 + 4096;
    this.dataAddress.clear();
    this.slotNumbers.clear();
  }

  private argument(place: Place, made: Schedule): Argument {
    const bytes = elementBytes(place.dtype);
    const starts = place.starts.map((start) => ({ local: start.node.local, stride: start.stride * bytes }));
    const entry = (base: TableEntry["base"], which: number, offset: number): Argument => {
      const found = this.table.findIndex(
        (other) =>
          other.base === base &&
          other.which === which &&
          other.offset === offset &&
          JSON.stringify(other.starts) === JSON.stringify(starts),
      );
      return { entry: found >= 0 ? found : this.table.push({ base, which, offset, starts }) - 1 };
    };
    if (place.source instanceof Unit) {
      const { buffer, offset } = made.placements.get(place.source)!;
      const at = offset + place.offset * bytes;
      if (buffer.slot !== null) return entry("effect", this.slotNumbers.get(buffer.slot)!, at);
      if (starts.length > 0) return entry("arena", 0, buffer.address + at);
      return { arena: buffer.address + at };
    }
    const leaf = place.source;
    if (leaf.value === null) return entry("state", leaf.local, place.offset * bytes);
    const which = this.data.findIndex(({ local }) => local === leaf.local);
    if (this.data[which].isLarge) return entry("data", which, place.offset * bytes);
    const at = this.dataAddress.get(leaf)! + place.offset * bytes;
    return starts.length > 0 ? entry("arena", 0, at) : { arena: at };
  }

  run(
    order: readonly Tensor[],
    roots: readonly Tensor[],
    effects: readonly Effect[],
    arena: Arena,
    scratch: Arena,
  ): void {
    const base = arena.reserve(this.arenaBytes);
    const threads = this.sharedCost > 0 ? getThreads() : 1;
    const own = scratch.reserve(this.scratchBytes * threads);
    for (let index = 0; index < this.data.length; index++) {
      const { local, dtype, address, isLarge } = this.data[index];
      const value = order[local].value!;
      const place = isLarge ? residentAddress(value, dtype) : null;
      if (place === null) writeElements(dtype, base + address, value);
      this.dataPlaces[index] = place ?? base + address;
    }
    const { buffer } = engineMemory();
    if (this.scalars.length > 0) {
      const view = new DataView(buffer, base);
      for (const { local, dtype, address } of this.scalars) {
        const value = order[local].parameters[0];
        if (dtype === "float32") view.setFloat32(address, value, true);
        else if (dtype === "float64") view.setFloat64(address, value, true);
        else view.setInt32(address, value, true);
      }
    }
    const table = new Int32Array(buffer, base + this.tableAddress, this.table.length);
    for (let index = 0; index < table.length; index++) {
      const entry = this.table[index];
      let pointer = entry.offset;
      if (entry.base === "arena") pointer += base;
      else if (entry.base === "data") pointer += this.dataPlaces[entry.which];
      else {
        const slot = entry.base === "state" ? order[entry.which].source!.slot! : effects[entry.which].slot;
        pointer += slot.block.storage.address + slot.offset * elementBytes(slot.dtype);
      }
      for (const start of entry.starts) pointer += order[start.local].parameters[0] * start.stride;
      table[index] = pointer;
    }
    if (threads === 1) this.module.exports.run(base, own, 0, 1);
    else
      runShared(
        {
          module: this.module,
          arena: base,
          scratch: own,
          scratchBytes: this.scratchBytes,
          pace: this.pace,
        },
        this.sharedCost,
        threads,
      );
    const resolve = (argument: Argument): number =>
      "arena" in argument ? base + argument.arena : table[argument.entry] >>> 0;
    roots.forEach((root, which) => {
      const { argument, dtype, length } = this.roots[which];
      root.value = readElements(dtype, resolve(argument), length);
    });
    for (const { source, effect, bytes } of this.copies) {
      const { slot } = effects[effect];
      const target = slot.block.storage.address + slot.offset * elementBytes(slot.dtype);
      const from = resolve(source);
      new Uint8Array(buffer).copyWithin(target, from, from + bytes);
    }
  }

  /** Gives its kernels back. */
  dispose(): void {
    this.kernelSet.release();
    this.module.release();
  }
}

function scalarsOf(call: Call): Tensor[] {
  if (call.kind === "loop") return call.loop.scalars;
  return call.kind === "matmul" && call.epilogue !== null ? call.epilogue.scalars : [];
}

/** The buffers that a call's function takes after its scalars; null for a product without epilogue. */
function loopedPlaces(call: Call): readonly Place[] | null {
  if (call.kind === "loop") return call.loop.places;
  return call.kind === "matmul" ? (call.epilogue?.places ?? null) : call.places;
}

function scratchOf(call: Call): { own: number; bytes: number } {
  if (call.kind !== "matmul") return { own: 0, bytes: 0 };
  const { own, common } = productScratch(call.kernel);
  return { own: Math.ceil(own / 64) * 64, bytes: common };
}
