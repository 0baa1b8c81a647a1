/** 2^12 registers: the standard error of the estimate is 1.04/√4096, 1.6 %. */
const registerBits = 12;
const registerCount = 2 ** registerBits;

/** Estimates in 4 KiB how many different texts there are: HyperLogLog (Flajolet and others, 2007) over 64 bits of hash. */
export class DistinctCount {
  readonly #registers = new Uint8Array(registerCount);

  add(text: string): void {
    // Two FNV-1a hashes with different starts, each stirred once more: FNV alone leaves the upper bits alike.
    let first = 0x811c9dc5;
    let second = 0x050c5d1f;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      first = Math.imul(first ^ unit, 0x01000193);
      second = Math.imul(second ^ unit, 0x85ebca6b);
    }
    const high = stir(first);
    const low = stir(second ^ high);
    const register = high >>> (32 - registerBits);
    const zeros = Math.clz32((high << registerBits) | (1 << (registerBits - 1)));
    const rank = zeros < 32 - registerBits ? zeros + 1 : 32 - registerBits + Math.clz32(low) + 1;
    if (rank > this.#registers[register]) this.#registers[register] = rank;
  }

  estimate(): number {
    let sum = 0;
    let empty = 0;
    for (const rank of this.#registers) {
      sum += 2 ** -rank;
      if (rank === 0) empty++;
    }
    const raw = ((0.7213 / (1 + 1.079 / registerCount)) * registerCount * registerCount) / sum;
    const few = raw <= 2.5 * registerCount && empty > 0;
    return Math.round(few ? registerCount * Math.log(registerCount / empty) : raw);
  }
}

/** The last step of MurmurHash3. */
function stir(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
