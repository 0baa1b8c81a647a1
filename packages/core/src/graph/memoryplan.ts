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
  // By address; of one shape, whatever the intervals are.
  const placed: { first: number; last: number; address: number; end: number }[] = [];
  let total = 0;
  for (const interval of [...intervals].sort((a, b) => b.bytes - a.bytes)) {
    const { bytes, first, last } = interval;
    let address = 0;
    for (const other of placed) {
      if (other.first > last || first > other.last) continue;
      if (address + bytes <= other.address) break;
      address = Math.max(address, Math.ceil(other.end / ALIGNMENT) * ALIGNMENT);
    }
    interval.address = address;
    total = Math.max(total, address + bytes);
    let place = placed.length;
    while (place > 0 && placed[place - 1].address > address) place--;
    placed.splice(place, 0, { first, last, address, end: address + bytes });
  }
  return Math.ceil(total / ALIGNMENT) * ALIGNMENT;
}
