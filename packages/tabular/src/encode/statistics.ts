/** Numbers in blocks of any size, which can be gone through again and again: a column that need not fit into memory. */
export type NumberBlocks = Iterable<Float64Array>;

/** The blocks with every number changed, as they are gone through. */
export function mapBlocks(blocks: NumberBlocks, change: (value: number) => number): NumberBlocks {
  return {
    *[Symbol.iterator]() {
      for (const block of blocks) yield block.map(change);
    },
  };
}

/** The blocks without what is NaN. */
export function presentBlocks(blocks: NumberBlocks): NumberBlocks {
  return {
    *[Symbol.iterator]() {
      for (const block of blocks) yield block.filter((value) => !Number.isNaN(value));
    },
  };
}

/** How many numbers there are. */
export function countBlocks(blocks: NumberBlocks): number {
  let count = 0;
  for (const block of blocks) count += block.length;
  return count;
}

/** Mean and (population) standard deviation, right for values of any size that a float64 holds. */
export function meanAndDeviation(blocks: NumberBlocks): { mean: number; standardDeviation: number } {
  let scale = 0;
  let count = 0;
  for (const block of blocks) {
    count += block.length;
    for (const value of block) scale = Math.max(scale, Math.abs(value));
  }
  if (scale === 0) return { mean: 0, standardDeviation: 0 };
  let sum = 0;
  for (const block of blocks) for (const value of block) sum += value / scale;
  const mean = sum / count;
  let squares = 0;
  for (const block of blocks) for (const value of block) squares += (value / scale - mean) ** 2;
  const standardDeviation = Math.sqrt(squares / count);
  // What is left of equal numbers after rounding is no spread.
  return { mean: mean * scale, standardDeviation: standardDeviation < 1e-14 ? 0 : standardDeviation * scale };
}

/** Third standardised moment: 0 for symmetric values, positive with a long tail upwards. */
export function skewness(blocks: NumberBlocks): number {
  const { mean, standardDeviation } = meanAndDeviation(blocks);
  if (standardDeviation === 0) return 0;
  let cubes = 0;
  for (const block of blocks) for (const value of block) cubes += ((value - mean) / standardDeviation) ** 3;
  return cubes / countBlocks(blocks);
}

/** More numbers than this are not sorted in memory. */
const sortedAtMost = 2 ** 20;

/** The middle value, or the mean of the two in the middle. */
export function median(blocks: NumberBlocks): number {
  const count = countBlocks(blocks);
  const middle = count >> 1;
  if (count > sortedAtMost) {
    const upper = selectNumber(blocks, middle);
    return count % 2 === 1 ? upper : selectNumber(blocks, middle - 1) / 2 + upper / 2;
  }
  const sorted = new Float64Array(count);
  let offset = 0;
  for (const block of blocks) {
    sorted.set(block, offset);
    offset += block.length;
  }
  sorted.sort();
  return count % 2 === 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2;
}

/**
 * The number that has `rank` others before it in ascending order, in half a megabyte: its bits are found 16 at a time, by
 * counting how many of the numbers that share those before have which.
 */
export function selectNumber(blocks: NumberBlocks, rank: number): number {
  const number = new Float64Array(1);
  const halves = new Uint32Array(number.buffer);
  // Little endian or not, found once.
  number[0] = 1;
  const high = halves[1] === 0 ? 0 : 1;
  const digits: number[] = [];
  for (let place = 0; place < 4; place++) {
    const times = new Float64Array(2 ** 16);
    for (const block of blocks) {
      for (const value of block) {
        number[0] = value;
        if (matches(halves, high, digits)) times[digitOf(halves, high, place)]++;
      }
    }
    let digit = 0;
    while (rank >= times[digit]) rank -= times[digit++];
    digits.push(digit);
  }
  let top = ((digits[0] << 16) | digits[1]) >>> 0;
  let low = ((digits[2] << 16) | digits[3]) >>> 0;
  if (top >>> 31 === 1) top = (top ^ 0x80000000) >>> 0;
  else {
    top = ~top >>> 0;
    low = ~low >>> 0;
  }
  halves[high] = top;
  halves[1 - high] = low;
  return number[0];
}

/** Sixteen bits of a float64 whose bits are changed so that they order as the numbers do. */
function digitOf(halves: Uint32Array, high: number, place: number): number {
  const negative = halves[high] >>> 31 === 1;
  const half = halves[place < 2 ? high : 1 - high];
  const ordered = negative ? ~half : place < 2 ? half ^ 0x80000000 : half;
  return place % 2 === 0 ? ordered >>> 16 : ordered & 0xffff;
}

function matches(halves: Uint32Array, high: number, digits: readonly number[]): boolean {
  for (let place = 0; place < digits.length; place++) if (digitOf(halves, high, place) !== digits[place]) return false;
  return true;
}
