import { schemeObservable10 } from "d3-scale-chromatic";

const ORDER = [0, 1, 4, 6, 2, 3, 5, 7, 8, 9];

/** The colour of a class: blue and orange first, which everybody tells apart. */
export function classColor(index: number): string {
  return schemeObservable10[ORDER[index % ORDER.length]];
}

/** Red, green and blue of "#rrggbb", 0 to 255. */
export function rgbOf(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
