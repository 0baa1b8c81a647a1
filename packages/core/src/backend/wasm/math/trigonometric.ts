import type { Local } from "../assembler.ts";
import { HALF_PI_PARTS, TWO_OVER_PI_26, TWO_OVER_PI_29 } from "./coefficients.ts";
import type { Lanes } from "./lanes.ts";

/**
 * x = (4 k + quadrant) π / 2 + r + rest, |r| ≤ π / 4: `quadrant` holds the multiple in its low bits. For results in
 * float32 there is no rest.
 */
interface Reduced {
  readonly quadrant: Local;
  readonly r: Local;
  readonly rest?: Local;
}

/** How many pieces of 26 bits a lane takes. */
const PIECES = 8;

/** Up to here multiples of π / 2 have at most 20 bits, and their products with 33 bits of π / 2 are exact. */
const NEAR = 2 ** 20;

/**
 * Cody and Waite's reduction in float64. Two parts of π / 2 are enough for float32 arguments; float64 takes
 * four, because the nearest of them to a multiple of π / 2 leaves only about 2^-62.
 */
function reduceNear(l: Lanes, x: Local): Reduced {
  const { shifted, whole } = l.nearest(l.mul(x, l.c(2 / Math.PI)));
  const part = (k: number): Local => l.mul(whole, l.c(HALF_PI_PARTS[k]));
  const first = l.sub(x, part(0));
  if (l.short) {
    const r = l.sub(first, l.mul(whole, l.c(HALF_PI_PARTS[1] + HALF_PI_PARTS[2])));
    return { quadrant: shifted, r };
  }
  const [second, secondError] = l.twoSum(first, l.op("neg", part(1)));
  const [third, thirdError] = l.twoSum(second, l.op("neg", part(2)));
  const low = l.sub(l.add(secondError, thirdError), part(3));
  const [r, rest] = l.twoSum(third, low);
  return { quadrant: shifted, r, rest };
}

/** What is left of p after multiples of 4; exact. */
function modFour(l: Lanes, p: Local): Local {
  return l.sub(p, l.mul(l.op("nearest", l.mul(p, l.c(0.25))), l.c(4)));
}

/**
 * Payne and Hanek's reduction for large float64 that came from float32: all exact products of the argument with 29-bit
 * pieces of 2 / π, without the multiples of 4 that are full turns.
 */
function reduceFarSingle(l: Lanes, x: Local): Reduced {
  let high = l.c(0);
  let low = l.c(0);
  for (const piece of TWO_OVER_PI_29) {
    const term = modFour(l, l.mul(x, l.once(piece)));
    const [sum, error] = l.twoSum(high, term);
    high = sum;
    low = l.add(low, error);
  }
  const { shifted, whole } = l.nearest(high);
  const r = l.mul(l.add(l.sub(high, whole), low), l.c(Math.PI / 2));
  return { quadrant: shifted, r };
}

/**
 * Payne and Hanek's reduction for large float64: of 2 / π in pieces of 26 bits, each lane takes the eight that its
 * exponent calls for, by a shifter of selects; the products with both halves of the argument are exact.
 */
function reduceFarDouble(l: Lanes, x: Local): Reduced {
  // Pieces whose products with the last bit of x are multiples of 4 are skipped.
  const field = l.or(l.right(l.abs(x), 52), l.c(2 ** 52));
  const exponent = l.add(l.sub(field, l.c(2 ** 52 + 1023 + 54)), l.c(0.5));
  const skipped = l.op("pmax", l.c(0), l.op("floor", l.mul(exponent, l.c(1 / 26))));
  const index = l.add(skipped, l.c(2 ** 52));
  const factor = l.left(l.add(l.mul(skipped, l.c(-26)), l.c(1.5 * 2 ** 52 + 1023)), 52);
  let window: Local[] = TWO_OVER_PI_26.map((piece) => l.once(piece));
  for (let bit = 32; bit >= 1; bit >>= 1) {
    const flag = l.bits(BigInt(bit));
    const set = l.same(l.and(index, flag), flag);
    const zero = l.c(0);
    const before = window;
    window = Array.from({ length: Math.min(PIECES - 1 + bit, before.length) }, (_, k) =>
      l.select(set, before[k + bit] ?? zero, before[k]),
    );
  }
  let [upper, lower] = l.halves(l.mul(x, factor));
  let high = l.c(0);
  let low = l.c(0);
  let quadrant = l.c(0);
  for (let k = 0; k < PIECES; k++) {
    upper = l.mul(upper, l.c(2 ** -26));
    lower = l.mul(lower, l.c(2 ** -26));
    for (const half of [upper, lower]) {
      const product = l.mul(half, window[k]);
      const [sum, error] = l.twoSum(high, k < 4 ? modFour(l, product) : product);
      high = sum;
      low = l.add(low, error);
    }
    // So far all is exact. Once the whole part is gone, what cancels has gone too, and the rest may be rounded.
    if (k === 3) {
      const { shifted, whole } = l.nearest(high);
      quadrant = shifted;
      [high, low] = l.twoSum(l.sub(high, whole), low);
    }
  }
  const [part0, part1] = l.coefficients.halfPi;
  const [turn, low0] = l.fastTwoSum(high, low);
  const [product, error] = l.twoProduct(turn, l.c(part0));
  const small = l.add(error, l.add(l.mul(turn, l.c(part1)), l.mul(low0, l.c(part0))));
  const [r, rest] = l.fastTwoSum(product, small);
  return { quadrant, r, rest };
}

/** The reduction of any argument; the far one runs only when a lane needs it. */
function reduce(l: Lanes, x: Local): Reduced {
  const result = reduceNear(l, x);
  const far = l.op("gt", l.abs(x), l.c(NEAR));
  l.ifAny(far, () => {
    const other = l.short ? reduceFarSingle(l, x) : reduceFarDouble(l, x);
    const replace = (local: Local, by: Local): void => {
      l.v.fn.get(l.select(far, by, local)).set(local);
    };
    replace(result.quadrant, other.quadrant);
    replace(result.r, other.r);
    if (result.rest !== undefined && other.rest !== undefined) replace(result.rest, other.rest);
  });
  return result;
}

/** sin and cos of r + rest for |r| ≤ π / 4; `rest` is left out where r is all there is. */
function kernels(l: Lanes, r: Local, rest?: Local): { sine: Local; cosine: Local } {
  const z = l.mul(r, r);
  const half = l.mul(z, l.c(0.5));
  const near = l.sub(l.c(1), half);
  let sineTail = l.mul(l.mul(r, z), l.polynomial(z, l.coefficients.sin));
  let cosineTail = l.mul(l.mul(z, z), l.polynomial(z, l.coefficients.cos));
  if (rest !== undefined) {
    sineTail = l.add(sineTail, l.mul(rest, near));
    cosineTail = l.sub(cosineTail, l.mul(r, rest));
  }
  const lost = l.sub(l.sub(l.c(1), near), half);
  return { sine: l.add(r, sineTail), cosine: l.add(near, l.add(lost, cosineTail)) };
}

/** The lanes whose quadrant has the bit, as a mask. */
function quadrantMask(l: Lanes, quadrant: Local, bit: bigint): Local {
  return l.same(l.and(quadrant, l.bits(bit)), l.bits(bit));
}

/** The sign of the second half turn. */
function halfTurn(l: Lanes, quadrant: Local): Local {
  return l.left(l.and(quadrant, l.bits(2n)), 62);
}

/** sin, at any argument. Worst errors: 0.57 ulp in float32, 0.78 in float64. */
export function sin(l: Lanes, x: Local): Local {
  const { quadrant, r, rest } = reduce(l, x);
  const { sine, cosine } = kernels(l, r, rest);
  const size = l.select(quadrantMask(l, quadrant, 1n), cosine, sine);
  return l.select(l.op("eq", x, l.c(0)), x, l.xor(size, halfTurn(l, quadrant)));
}

/** cos, at any argument. Worst errors: 0.57 ulp in float32, 0.76 in float64. */
export function cos(l: Lanes, x: Local): Local {
  const { quadrant, r, rest } = reduce(l, x);
  const { sine, cosine } = kernels(l, r, rest);
  const size = l.select(quadrantMask(l, quadrant, 1n), sine, cosine);
  // The sign turns in the quadrants 1 and 2.
  return l.xor(size, halfTurn(l, l.plus(quadrant, l.bits(1n))));
}

/** tan = sin / cos, and −cos / sin in the odd quadrants. Worst errors: 0.57 ulp in float32, 1.96 in float64. */
export function tan(l: Lanes, x: Local): Local {
  const { quadrant, r, rest } = reduce(l, x);
  const { sine, cosine } = kernels(l, r, rest);
  const odd = quadrantMask(l, quadrant, 1n);
  const quotient = l.div(l.select(odd, cosine, sine), l.select(odd, sine, cosine));
  return l.select(l.op("eq", x, l.c(0)), x, l.xor(quotient, l.and(odd, l.signBit)));
}
