/**
 * Threefry-2x32 with 20 rounds: a counter-based generator made of additions, rotations and exclusive ors only, so that
 * every backend gives the same bits (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */

/** Rotation distances of the eight rounds that repeat. */
export const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** The constant that the key's words are combined with to give the third key word (Skein's parity constant). */
export const PARITY = 0x1bd11bda;

/** The first word of Threefry-2x32 for one counter, as an unsigned 32-bit integer. */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): number {
  const key = [key0 | 0, key1 | 0, PARITY ^ key0 ^ key1];
  let x0 = (counter0 + key[0]) | 0;
  let x1 = (counter1 + key[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const distance = ROTATIONS[round % 8];
    x0 = (x0 + x1) | 0;
    x1 = (x1 << distance) | (x1 >>> (32 - distance));
    x1 ^= x0;
    if (round % 4 === 3) {
      const step = (round + 1) / 4;
      x0 = (x0 + key[step % 3]) | 0;
      x1 = (x1 + key[(step + 1) % 3] + step) | 0;
    }
  }
  return x0 >>> 0;
}
