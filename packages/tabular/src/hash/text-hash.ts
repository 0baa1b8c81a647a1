/** 64 bits of hash of a text: two FNV-1a hashes with different starts, each stirred once more, as FNV alone leaves the upper bits alike. */
export class TextHash {
  high = 0;
  low = 0;

  of(text: string): this {
    let first = 0x811c9dc5;
    let second = 0x050c5d1f;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      first = Math.imul(first ^ unit, 0x01000193);
      second = Math.imul(second ^ unit, 0x85ebca6b);
    }
    this.high = stir(first);
    this.low = stir(second ^ this.high);
    return this;
  }
}

/** The last step of MurmurHash3. */
function stir(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
