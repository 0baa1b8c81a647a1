/** A stretch of memory that is needed from one call to another. */
export interface Interval {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  address: number;
}

const ALIGNMENT = 64;

/** Gives every interval an address so that those alive together never overlap; returns the bytes needed. Largest first. */
export function planMemory(intervals: readonly Interval[]): number {
  const placed: Interval[] = [];
  let total = 0;
  for (const interval of [...intervals].sort((a, b) => b.bytes - a.bytes)) {
    const neighbours = placed
      .filter((other) => other.first <= interval.last && interval.first <= other.last)
      .sort((a, b) => a.address - b.address);
    let address = 0;
    for (const other of neighbours) {
      if (address + interval.bytes <= other.address) break;
      address = Math.max(address, Math.ceil((other.address + other.bytes) / ALIGNMENT) * ALIGNMENT);
    }
    interval.address = address;
    total = Math.max(total, address + interval.bytes);
    placed.push(interval);
  }
  return Math.ceil(total / ALIGNMENT) * ALIGNMENT;
}
