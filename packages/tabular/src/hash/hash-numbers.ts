/** Numbers hashes in the order in which they are first met, in some 20 bytes each. Of texts with the same hash, of which there is hardly one in 2⁶⁴ pairs, one number is made. */
export class HashNumbers {
  /** How many numbers there are. */
  size = 0;
  #highs = new Uint32Array(64);
  #lows = new Uint32Array(64);
  /** The number and one; 0 for a place that is free. */
  #numbers = new Int32Array(64);

  /** @param hash 64 bits in two halves */
  numberOf({ high, low }: { high: number; low: number }): number {
    const place = this.#find(high, low);
    if (this.#numbers[place] > 0) return this.#numbers[place] - 1;
    this.#put(place, high, low, ++this.size);
    if (3 * this.size > 2 * this.#numbers.length) this.#grow();
    return this.size - 1;
  }

  /** Where a hash is, or would be. */
  #find(high: number, low: number): number {
    const mask = this.#numbers.length - 1;
    let place = low & mask;
    while (this.#numbers[place] > 0 && (this.#highs[place] !== high || this.#lows[place] !== low))
      place = (place + 1) & mask;
    return place;
  }

  #put(place: number, high: number, low: number, number: number): void {
    this.#highs[place] = high;
    this.#lows[place] = low;
    this.#numbers[place] = number;
  }

  #grow(): void {
    const [highs, lows, numbers] = [this.#highs, this.#lows, this.#numbers];
    const places = 2 * numbers.length;
    this.#highs = new Uint32Array(places);
    this.#lows = new Uint32Array(places);
    this.#numbers = new Int32Array(places);
    for (let place = 0; place < numbers.length; place++)
      if (numbers[place] > 0)
        this.#put(this.#find(highs[place], lows[place]), highs[place], lows[place], numbers[place]);
  }
}
