import { OutOfMemoryError } from "../tensor/errors.ts";

const PAGE = 65536;
const LIMIT = 2 ** 32 - PAGE;
const ALIGNMENT = 64;

function rounded(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
}

/** Where the words lie by which threads agree, and how many bytes are kept for them. */
export const CONTROL = { address: ALIGNMENT, bytes: 8192 };

/** What a module must say of the memory that it imports. */
export interface MemoryLimits {
  readonly minimum: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}

/** Shared memory, of as much as the engine will promise: pages that nobody touches cost nothing but addresses. */
function makeMemory(): { memory: WebAssembly.Memory; limits: MemoryLimits } {
  const { SharedArrayBuffer, crossOriginIsolated } = globalThis as {
    SharedArrayBuffer?: unknown;
    crossOriginIsolated?: boolean;
  };
  if (SharedArrayBuffer !== undefined && crossOriginIsolated !== false) {
    for (const maximum of [LIMIT / PAGE, 32768, 16384]) {
      try {
        const memory = new WebAssembly.Memory({ initial: 16, maximum, shared: true });
        return { memory, limits: { minimum: 1, maximum, shared: true } };
      } catch {
        // Not so many addresses, or no shared memory at all.
      }
    }
  }
  return { memory: new WebAssembly.Memory({ initial: 16 }), limits: { minimum: 1 } };
}

/**
 * The one WebAssembly memory and its allocator: best fit over a list of free ranges, sorted by address. It holds slots,
 * the arena that plans share and the words by which threads agree; nothing else lives here.
 */
export class Memory {
  readonly memory: WebAssembly.Memory;
  readonly limits: MemoryLimits;
  private readonly free: { address: number; bytes: number }[] = [];
  private end = CONTROL.address + CONTROL.bytes;
  /** Beyond it nothing was ever written. */
  private highest = this.end;
  private bytesInUse = 0;

  constructor() {
    ({ memory: this.memory, limits: this.limits } = makeMemory());
  }

  /** A view of it is good until the memory grows. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Whether other threads can work on it. */
  get isShared(): boolean {
    return this.limits.shared === true;
  }

  /** Bytes allocated now. */
  get used(): number {
    return this.bytesInUse;
  }

  /** Whether so many bytes can be spared: as many again would be left. */
  hasRoom(bytes: number): boolean {
    return this.end + 2 * bytes <= Math.min(LIMIT, (this.limits.maximum ?? Infinity) * PAGE);
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
    this.highest = Math.max(this.highest, this.end);
    return address;
  }

  /** As allocate, with zeros there. Pages that nobody has touched hold them already, and cost nothing as long as they do. */
  allocateZeros(bytes: number): number {
    const { highest } = this;
    const address = this.allocate(bytes);
    if (address < highest) new Uint8Array(this.buffer, address, Math.min(bytes, highest - address)).fill(0);
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
    const limit = Math.min(LIMIT, (this.limits.maximum ?? Infinity) * PAGE);
    if (end > limit) throw explain(`WebAssembly memory ends at ${+(limit / 2 ** 30).toFixed(1)} GiB`);
    const pages = Math.ceil((Math.min(Math.max(end, present * 1.25), limit) - present) / PAGE);
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
