import { shortNumber } from "@noron/core/formula";

declare const brand: unique symbol;

/**
 * A number of a network as noron computed it. The page shows such numbers and never computes with them: they are no
 * numbers to TypeScript, and this file alone may look at them. `test/numbers-are-shown.test.ts` holds this.
 */
export interface LayerNumber {
  readonly [brand]: "a number of a network";
}

const plain = (value: LayerNumber): number => value as unknown as number;

/** How it is written: 0.4127, −3, 1.2e−7. */
export function written(value: LayerNumber, digits: number): string {
  return shortNumber(plain(value), digits);
}

/** Where a scale puts it: a place on the screen, a colour. */
export function scaled<T>(value: LayerNumber, scale: (value: number) => T): T {
  return scale(plain(value));
}

export function isNegative(value: LayerNumber): boolean {
  return plain(value) < 0;
}

/** Whether it is exactly zero: dropped, dead, without influence. */
export function isZero(value: LayerNumber): boolean {
  return plain(value) === 0;
}

/** The largest without its sign of what is finite, for scales around zero; 1 where all are zero. */
export function largestSize(values: ArrayLike<LayerNumber>): number {
  let most = 0;
  for (let place = 0; place < values.length; place++) {
    const size = Math.abs(plain(values[place]));
    if (Number.isFinite(size)) most = Math.max(most, size);
  }
  return most || 1;
}

/** The smallest and the largest of what is finite, for scales; null where nothing is. */
export function rangeOf(values: Iterable<LayerNumber>): [least: number, most: number] | null {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(plain(value))) continue;
    least = Math.min(least, plain(value));
    most = Math.max(most, plain(value));
  }
  return least <= most ? [least, most] : null;
}
