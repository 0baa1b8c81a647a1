import { OutOfMemoryError } from "../tensor/errors.ts";

const PAGE = 65536;
const LIMIT = 2 ** 32 - PAGE;
const ALIGNMENT = 64;

function rounded(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
}

/**
 * The one WebAssembly memory and its allocator: best fit over a list of free ranges, sorted by address. It holds slots
 * and the arena that plans share; nothing else lives here.
 */
export class Memory {
  readonly memory = new WebAssembly.Memory({ initial: 16 });
  private readonly free: { address: number; bytes: number }[] = [];
  private end = ALIGNMENT;
  private bytesInUse = 0;

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Bytes allocated now. */
  get used(): number {
    return this.bytesInUse;
  }

  allocate(bytes: number): number {
    bytes = rounded(bytes);
    let best = -1;
    for (let index = 0; index < this.free.length; index++) {
      const range = this.free[index];
      if (range.bytes >= bytes && (best < 0 || range.bytes < this.free[best].bytes)) best = index;
    }
    if (best >= 0) {
      this.bytesInUse += bytes;
      const range = this.free[best];
      const address = range.address;
      range.address += bytes;
      range.bytes -= bytes;
      if (range.bytes === 0) this.free.splice(best, 1);
      return address;
    }
    const address = this.end;
    this.growTo(address + bytes, bytes);
    this.bytesInUse += bytes;
    this.end = address + bytes;
    return address;
  }

  release(address: number, bytes: number): void {
    bytes = rounded(bytes);
    this.bytesInUse -= bytes;
    let index = this.free.findIndex((range) => range.address > address);
    if (index < 0) index = this.free.length;
    this.free.splice(index, 0, { address, bytes });
    const next = this.free[index + 1];
    if (next && address + bytes === next.address) {
      this.free[index].bytes += next.bytes;
      this.free.splice(index + 1, 1);
    }
    const before = this.free[index - 1];
    if (before && before.address + before.bytes === address) {
      before.bytes += this.free[index].bytes;
      this.free.splice(index, 1);
    }
    const last = this.free.at(-1);
    if (last && last.address + last.bytes === this.end) {
      this.end = last.address;
      this.free.pop();
    }
  }

  private growTo(end: number, asked: number): void {
    const present = this.memory.buffer.byteLength;
    if (end <= present) return;
    const explain = (why: string): OutOfMemoryError =>
      new OutOfMemoryError(
        `${(asked / 2 ** 20).toFixed(1)} MiB more are needed beside the ${(this.bytesInUse / 2 ** 20).toFixed(1)} MiB in use, ` +
          `but ${why}; use a smaller batch or model`,
      );
    if (end > LIMIT) throw explain("WebAssembly memory ends at 4 GiB");
    const pages = Math.ceil((Math.min(Math.max(end, present * 1.25), LIMIT) - present) / PAGE);
    try {
      this.memory.grow(pages);
    } catch {
      try {
        this.memory.grow(Math.ceil((end - present) / PAGE));
      } catch {
        throw explain("this machine gives no more");
      }
    }
  }
}

let shared: Memory | null = null;

/** The process's memory, made when first needed. */
export function engineMemory(): Memory {
  shared ??= new Memory();
  return shared;
}
