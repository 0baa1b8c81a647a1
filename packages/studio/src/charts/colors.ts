import { schemeObservable10 } from "d3-scale-chromatic";
import { themeColor } from "../theme/theme.svelte.ts";

type Color = [red: number, green: number, blue: number];

/** Orange and blue first, as what is negative and positive, which everybody tells apart. */
const CLASSES = ["#e07b2c", "#2f7fc1", ...[4, 6, 2, 3, 5, 8, 9, 1].map((index) => schemeObservable10[index])];

/** The colour of a class. */
export function classColor(index: number): string {
  return CLASSES[index % CLASSES.length];
}

/** "#rrggbb" or "#rgb" as numbers from 0 to 255. */
export function rgbOf(color: string): Color {
  const digits = color.length === 4 ? color.replace(/[\da-f]/gi, "$&$&") : color;
  const value = Number.parseInt(digits.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** A pixel as ImageData has it, of a colour laid over another with a share of 0 to 1. */
export function pixel(color: Color, ground: Color, share: number): number {
  const [red, green, blue] = color.map((part, index) => Math.round(part * share + ground[index] * (1 - share)));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

const STEPS = 64;

/** Pixels from the colour of what is negative over the ground to that of what is positive. */
export function divergingPixels(): Uint32Array {
  const ground = rgbOf(themeColor("surface"));
  const [negative, positive] = [rgbOf(themeColor("negative")), rgbOf(themeColor("positive"))];
  return Uint32Array.from({ length: 2 * STEPS + 1 }, (_, index) => {
    const place = index / STEPS - 1;
    return pixel(place < 0 ? negative : positive, ground, Math.abs(place));
  });
}

/** The place in divergingPixels() of a value, by the largest that is shown in full colour. */
export function divergingPlace(value: number, largest: number): number {
  const place = Math.round(STEPS * (1 + value / (largest || 1)));
  return place < 0 ? 0 : place > 2 * STEPS ? 2 * STEPS : place || 0;
}

/** The largest magnitude among some of the values. */
export function largestOf(values: ArrayLike<number>, start = 0, end = values.length): number {
  let largest = 0;
  for (let place = start; place < end; place++) {
    const size = Math.abs(values[place]);
    if (size > largest && size < Number.POSITIVE_INFINITY) largest = size;
  }
  return largest;
}
