/** Flat places, row by row, and what they are called. */

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** A tensor as a table: its first dimension down, all others across. A vector is one row. */
export function tableShape(shape: readonly number[]): { rows: number; columns: number } {
  if (shape.length < 2) return { rows: 1, columns: sizeOf(shape) };
  return { rows: shape[0], columns: sizeOf(shape.slice(1)) };
}

/** The index in every dimension, from 1, as people count. */
export function indexOf(shape: readonly number[], place: number): number[] {
  const index: number[] = [];
  let rest = place;
  for (const extent of shape.toReversed()) {
    index.unshift((rest % extent) + 1);
    rest = Math.floor(rest / extent);
  }
  return index;
}

/** The same element of another row. */
export function inRow(shape: readonly number[], place: number, row: number): number {
  const { columns } = tableShape(shape);
  return row * columns + (place % columns);
}

export function rowOf(shape: readonly number[], place: number): number {
  return Math.floor(place / tableShape(shape).columns);
}
