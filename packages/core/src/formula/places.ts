import { type Shape, sizeOf } from "../tensor/shape.ts";
import type { Elements } from "./explanation.ts";

/** A place [outer, along, inner] around one dimension: flat = (outer · extent + along) · size + inner. */
export interface Around {
  readonly outer: number;
  readonly along: number;
  readonly inner: number;
}

/** Where a flat place lies before, in and behind a dimension. */
export function around(shape: Shape, dim: number, place: number): Around {
  const size = sizeOf(shape.slice(dim + 1));
  const rest = Math.floor(place / size);
  return { outer: Math.floor(rest / shape[dim]), along: rest % shape[dim], inner: place % size };
}

/** The flat place of another element of the same line along a dimension. */
export function placeAt(shape: Shape, dim: number, { outer, along, inner }: Around): number {
  return (outer * shape[dim] + along) * sizeOf(shape.slice(dim + 1)) + inner;
}

/** The flat places along a dimension that a place belongs to. */
export function lineThrough(shape: Shape, dim: number, place: number): number[] {
  const here = around(shape, dim, place);
  return Array.from({ length: shape[dim] }, (_, along) => placeAt(shape, dim, { ...here, along }));
}

/** The place in a tensor that is broadcast to a shape. */
export function broadcastPlace(from: Shape, to: Shape, place: number): number {
  let flat = 0;
  let size = 1;
  for (let dim = to.length - 1, rest = place; dim >= 0; dim--) {
    const index = rest % to[dim];
    rest = Math.floor(rest / to[dim]);
    const own = dim - (to.length - from.length);
    if (own < 0) break;
    if (from[own] !== 1) flat += index * size;
    size *= from[own];
  }
  return flat;
}

/** Elements at places, each as the only factor of a term. */
export function termsAt(elements: Elements, places: readonly number[]): number[][] {
  return places.map((place) => [elements.values[place]]);
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
