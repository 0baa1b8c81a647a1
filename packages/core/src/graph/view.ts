import { stridesOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A slice start that moves a view: the node that holds it, and the elements that one step of it skips. */
export interface Start {
  readonly node: Tensor;
  readonly stride: number;
}

/**
 * How a reader of some shape finds its elements in a buffer that is laid out row-major: element `index` lies at
 * offset + Σ index·strides (+ the starts), and is 0 where an index lies outside its mask.
 */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly starts: readonly Start[];
  /** A half-open range of valid indices for every dim. */
  readonly mask: readonly (readonly [low: number, high: number])[] | null;
}

export function identityView(shape: readonly number[]): View {
  return { shape, strides: stridesOf(shape), offset: 0, starts: [], mask: null };
}

/** Whether a view reads its whole buffer in order (then it is the buffer under another shape). */
export function isContiguous(view: View): boolean {
  if (view.offset !== 0 || view.starts.length > 0 || view.mask !== null) return false;
  let expected = 1;
  for (let dim = view.shape.length - 1; dim >= 0; dim--) {
    if (view.shape[dim] === 1) continue;
    if (view.strides[dim] !== expected) return false;
    expected *= view.shape[dim];
  }
  return true;
}

/** The view of a view node's reader, given that of its input; null where no strides can say it. */
export function applyView(node: Tensor, view: View): View | null {
  switch (node.op.kind) {
    case "permute": {
      const dims = node.attributes;
      return {
        ...view,
        shape: node.shape,
        strides: dims.map((dim) => view.strides[dim]),
        mask: view.mask && dims.map((dim) => view.mask![dim]),
      };
    }
    case "expand": {
      const { mask } = view;
      const grown = node.shape.map((extent, dim) => extent !== view.shape[dim]);
      if (mask && grown.some((grows, dim) => grows && mask[dim][0] >= mask[dim][1])) return null;
      return {
        ...view,
        shape: node.shape,
        strides: view.strides.map((stride, dim) => (grown[dim] ? 0 : stride)),
        mask: mask?.map((range, dim) => (grown[dim] ? ([0, node.shape[dim]] as const) : range)) ?? null,
      };
    }
    case "slice": {
      const [dim, step] = node.attributes;
      const stride = view.strides[dim];
      if (view.mask && (view.mask[dim][0] !== 0 || view.mask[dim][1] !== view.shape[dim])) return null;
      return {
        shape: node.shape,
        strides: view.strides.map((old, which) => (which === dim ? old * step : old)),
        offset: view.offset,
        starts: stride === 0 ? view.starts : [...view.starts, { node, stride }],
        mask: view.mask?.map((range, which) => (which === dim ? ([0, node.shape[dim]] as const) : range)) ?? null,
      };
    }
    case "pad": {
      const pads = node.attributes;
      let offset = view.offset;
      const mask = view.shape.map((extent, dim) => {
        const [low, high] = view.mask ? view.mask[dim] : [0, extent];
        offset -= pads[2 * dim] * view.strides[dim];
        return [low + pads[2 * dim], high + pads[2 * dim]] as const;
      });
      return { shape: node.shape, strides: view.strides, offset, starts: view.starts, mask };
    }
    case "reshape":
      return reshapeView(view, node.shape);
    default:
      throw new Error(`${node.op.name} is not a view`);
  }
}

/** Follows runs of dims that a reshape merges or splits; null where merged dims do not lie evenly in memory. */
function reshapeView(view: View, shape: readonly number[]): View | null {
  const oldDims: number[] = [];
  view.shape.forEach((extent, dim) => {
    if (extent !== 1) oldDims.push(dim);
    else if (view.mask && view.mask[dim][0] >= view.mask[dim][1]) oldDims.push(dim);
  });
  const strides = new Array<number>(shape.length).fill(0);
  const mask: (readonly [number, number])[] | null = view.mask ? shape.map((extent) => [0, extent] as const) : null;
  let old = 0;
  let dim = 0;
  while (dim < shape.length && old <= oldDims.length) {
    if (shape[dim] === 1) {
      dim++;
      continue;
    }
    if (old === oldDims.length) return null;
    const firstOld = old;
    const firstNew = dim;
    let oldSize = view.shape[oldDims[old++]];
    let newSize = shape[dim++];
    while (oldSize !== newSize) {
      if (oldSize < newSize) {
        if (old === oldDims.length) return null;
        oldSize *= view.shape[oldDims[old++]];
      } else {
        if (dim === shape.length) return null;
        newSize *= shape[dim++];
      }
    }
    const olds = oldDims.slice(firstOld, old);
    const whole = olds.every(
      (which) => !view.mask || (view.mask[which][0] === 0 && view.mask[which][1] === view.shape[which]),
    );
    if (!whole) {
      if (olds.length !== 1 || dim - firstNew !== 1) return null;
      mask![firstNew] = view.mask![olds[0]];
    }
    for (let which = 0; which + 1 < olds.length; which++) {
      if (view.strides[olds[which]] !== view.strides[olds[which + 1]] * view.shape[olds[which + 1]]) return null;
    }
    let stride = view.strides[olds[olds.length - 1]];
    for (let which = dim - 1; which >= firstNew; which--) {
      strides[which] = stride;
      stride *= shape[which];
    }
  }
  if (old < oldDims.length) return null;
  return { shape, strides, offset: view.offset, starts: view.starts, mask };
}
