/** 64 bits of hash over texts: two FNV-1a hashes with different starts, each stirred once more, as FNV alone leaves the upper bits alike. */
export class TextHash {
  high = 0;
  low = 0;
  #first = 0;
  #second = 0;

  /** That of one text. */
  of(text: string): this {
    this.start();
    this.#add(text);
    return this.end();
  }

  /** Begins one of several texts. */
  start(): void {
    this.#first = 0x811c9dc5;
    this.#second = 0x050c5d1f;
  }

  /** The next of several; where one ends counts. */
  next(text: string): void {
    this.#add(text);
    this.#mix(0x10000);
  }

  end(): this {
    this.high = stir(this.#first);
    this.low = stir(this.#second ^ this.high);
    return this;
  }

  #add(text: string): void {
    for (let index = 0; index < text.length; index++) this.#mix(text.charCodeAt(index));
  }

  #mix(unit: number): void {
    this.#first = Math.imul(this.#first ^ unit, 0x01000193);
    this.#second = Math.imul(this.#second ^ unit, 0x85ebca6b);
  }
}

/** The last step of MurmurHash3. */
function stir(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
