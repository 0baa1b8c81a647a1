/** Whole characters that there are for each damaged one in a text that is UTF-8 all the same. */
const wholeForDamaged = 20;

/**
 * Tells UTF-8 with some damaged characters from text in another encoding, in which bytes hardly ever happen to make
 * characters of UTF-8. Takes the text as a decoder gives it that puts "\ufffd" for what it cannot read.
 */
export class DamagedUtf8 {
  /** Characters that could not be read. */
  damaged = 0;
  #whole = 0;

  add(text: string): void {
    for (const [character] of text.matchAll(/[^\0-\x7f]/gu)) {
      if (character === "\ufffd") this.damaged++;
      else this.#whole++;
    }
  }

  get isUtf8(): boolean {
    return this.#whole >= wholeForDamaged * this.damaged;
  }
}
