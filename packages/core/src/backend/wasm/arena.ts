import { engineMemory } from "../memory.ts";

/** A stretch of memory that all plans use in turn; nothing in it outlives a run. */
export class Arena {
  private address = 0;
  private bytes = 0;

  /** The address of at least this many bytes. */
  reserve(bytes: number): number {
    if (bytes > this.bytes) {
      const wanted = Math.ceil(bytes * 1.25);
      if (this.bytes > 0) engineMemory().release(this.address, this.bytes);
      this.bytes = 0;
      this.address = engineMemory().allocate(wanted);
      this.bytes = wanted;
    }
    return this.address;
  }
}
