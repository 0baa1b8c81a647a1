/** A tensor's extents; literal where they are known to the type checker. */
export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    strides[dim] = stride;
    stride *= shape[dim];
  }
  return strides;
}

export function sameShape(first: Shape, second: Shape): boolean {
  if (first.length !== second.length) return false;
  for (let dim = 0; dim < first.length; dim++) if (first[dim] !== second[dim]) return false;
  return true;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** A dimension counted from the front; negative ones count from the end. Throws a RangeError outside the rank. */
export function normalizeDim(dim: number, rank: number, what = "dim"): number {
  if (!Number.isInteger(dim) || dim < -Math.max(rank, 1) || dim >= Math.max(rank, 1)) {
    throw new RangeError(`${what} ${dim} is out of range for a tensor of ${rank} dimensions`);
  }
  return dim < 0 ? dim + Math.max(rank, 1) : dim;
}

/** NumPy's broadcasting rule: right-aligned, extents equal or one of them 1. Null where it does not hold. */
export function broadcastShapes(first: Shape, second: Shape): number[] | null {
  const rank = Math.max(first.length, second.length);
  const shape = new Array<number>(rank);
  for (let back = 1; back <= rank; back++) {
    const a = back <= first.length ? first[first.length - back] : 1;
    const b = back <= second.length ? second[second.length - back] : 1;
    if (a !== b && a !== 1 && b !== 1) return null;
    shape[rank - back] = a === 1 ? b : a;
  }
  return shape;
}
