import type { MatmulKernel, ScanKernel, ScatterKernel } from "../kernel/kernel.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { BoundLoop, Place } from "./lower.ts";
import type { Operand, Unit } from "./unit.ts";

/** One kernel call of a plan. */
export type Call =
  | { readonly kind: "loop"; readonly loop: BoundLoop }
  | {
      readonly kind: "matmul";
      readonly kernel: MatmulKernel;
      readonly left: Place;
      readonly right: Place;
      readonly product: Place;
      readonly epilogue: BoundLoop | null;
    }
  | { readonly kind: "scatter"; readonly kernel: ScatterKernel; readonly places: readonly [Place, Place, Place] }
  | { readonly kind: "scan"; readonly kernel: ScanKernel; readonly places: readonly [Place, Place] };

/** Every place that a call reads or writes. */
export function placesOf(call: Call): Place[] {
  if (call.kind === "loop") return call.loop.places;
  if (call.kind === "matmul") return [call.left, call.right, call.product, ...(call.epilogue?.places ?? [])];
  return [...call.places];
}

export function scatterCall(unit: Unit): Call {
  const kernel: ScatterKernel = {
    kind: "scatter",
    dtype: unit.node.dtype,
    count: sizeOf(unit.node.inputs[0].shape),
    length: sizeOf(unit.node.shape),
  };
  return { kind: "scatter", kernel, places: [input(unit, 0), input(unit, 1), output(unit)] };
}

export function scanCall(unit: Unit): Call {
  const [dim, reverse] = unit.node.attributes;
  const kernel: ScanKernel = {
    kind: "scan",
    dtype: unit.node.dtype,
    outer: sizeOf(unit.node.shape.slice(0, dim)),
    extent: unit.node.shape[dim],
    inner: sizeOf(unit.node.shape.slice(dim + 1)),
    reverse: reverse === 1,
  };
  return { kind: "scan", kernel, places: [input(unit, 0), output(unit)] };
}

/** A product, and what is made of its elements while they are at hand. */
export function matmulCall(unit: Unit, epilogue: BoundLoop | null): Call {
  const [left, right] = unit.operands;
  const [batch, rows, columns] = unit.node.shape;
  const kernel: MatmulKernel = {
    kind: "matmul",
    dtype: unit.node.dtype,
    batch,
    rows,
    columns,
    inner: left.view.shape[2],
    left: strides3(left),
    right: strides3(right),
    epilogue: epilogue?.kernel ?? null,
  };
  return { kind: "matmul", kernel, left: input(unit, 0), right: input(unit, 1), product: output(unit), epilogue };
}

/** The product of the factors changed round, (A B)ᵀ = Bᵀ Aᵀ, if to transpose is all that the epilogue does. */
export function transposedCall(unit: Unit, epilogue: BoundLoop): Call | null {
  const [left, right] = unit.operands;
  const [batch, rows, columns] = unit.node.shape;
  const product = transposedCopy(epilogue, rows, columns);
  if (product === null || batch !== 1) return null;
  const [a, b] = [strides3(left), strides3(right)];
  const kernel: MatmulKernel = {
    kind: "matmul",
    dtype: unit.node.dtype,
    batch,
    rows: columns,
    columns: rows,
    inner: left.view.shape[2],
    left: [0, b[2], b[1]],
    right: [0, a[2], a[1]],
    epilogue: null,
  };
  return { kind: "matmul", kernel, left: input(unit, 1), right: input(unit, 0), product, epilogue: null };
}

/** Where an epilogue puts the product if all it does is to transpose it. */
function transposedCopy({ kernel, places }: BoundLoop, rows: number, columns: number): Place | null {
  const { expressions, stores } = kernel;
  if (expressions.length !== 1 || stores.length !== 1 || rows === 1 || columns === 1) return null;
  const [across, along] = stores[0].access.strides;
  return expressions[0].kind === "load" && across === 1 && along === rows ? places[stores[0].access.buffer] : null;
}

function input(unit: Unit, which: number): Place {
  const { unit: producer, leaf, view } = unit.operands[which];
  return {
    source: (producer ?? leaf)!,
    offset: view.offset,
    starts: view.starts,
    dtype: unit.node.inputs[which].dtype,
  };
}

function output(unit: Unit): Place {
  return { source: unit, offset: 0, starts: [], dtype: unit.node.dtype };
}

function strides3(operand: Operand): [number, number, number] {
  const { strides, shape } = operand.view;
  return [0, 1, 2].map((dim) => (shape[dim] === 1 ? 0 : strides[dim])) as [number, number, number];
}
